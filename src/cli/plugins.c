/* SPDX-License-Identifier: MIT */
/* plugins.c - venvctl plugins: the table of its commands, and what they share */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "fs/fs.h"
#include "util/util.h"
#include "plugins.h"

static const struct {
	const char *name;
	int (*run)(const struct plugins_args *a);
} commands[] = {
	{ "list", plugins_list },
	{ "info", plugins_info },
	{ "check", plugins_check },
	{ "new", plugins_new },
};

const char *plugins_words(struct arena *a, const struct strlist *list)
{
	struct str out = STR_INIT;
	const char *text;

	for (size_t i = 0; i < list->n; i++)
		str_addf(&out, "%s%s", i ? " " : "", list->v[i]);
	text = str_to_arena(&out, a);
	return text ? text : "";
}

void plugins_put_list(struct json *j, void *object, const char *key,
		      const struct strlist *list)
{
	void *array = json_new_array(j);

	for (size_t i = 0; i < list->n; i++)
		json_append_text(j, array, list->v[i]);
	json_put(j, object, key, array);
}

int plugins_find(const struct plugins_args *a, const char *name, const char **instance,
		 struct candidate *out, struct venv_error *err)
{
	struct config *c = builder_config(a->b);
	const struct value *use;
	const char *section, *path;
	struct registry *registry;
	int r = builder_registry(a->b, &registry, err);

	if (r)
		return r;
	*instance = name;
	/* What is done with it runs its constructors. */
	if (strchr(name, '/') && c->policy && c->policy->allowed_plugins.set) {
		const struct origin *rule = &c->policy->allowed_plugins.origin;

		error_set(err, VENV_ERR_CONFIG,
			  "'%s' would be loaded, which runs code of it: allowed-plugins "
			  "in %s:%u allows names only",
			  name, rule->name, rule->line);
		return VENV_ERR_CONFIG;
	}
	if (strchr(name, '/')) {
		path = path_absolute(a->arena, c->cwd, name);
		r = path ? registry_open_path(registry, path, out, err)
			 : error_nomem(err);
		*instance = out->name;
		return r;
	}
	section = config_plugin_section(c, name);
	if (!section)
		return error_nomem(err);
	use = config_find(c, section, "use");
	r = registry_find(registry, use && use->items.n ? use->items.v[0] : name, out,
			  err);
	if (r)
		return registry_hint_file(registry, c->cwd, name, r, err);
	return out->shipped ? r : policy_allows_plugin(c, name, err);
}

static int unknown(const char *word)
{
	struct suggest s = SUGGEST_INIT(word ? word : "");
	char hint[64];

	if (!word)
		return ui_usage("venvctl plugins list",
				"'plugins' needs one of: list, info, check, new");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		suggest_offer(&s, commands[i].name);
	snprintf(hint, sizeof(hint), "did you mean 'plugins %s'?",
		 s.best ? s.best : "list");
	return ui_usage(hint, "'plugins' has no command '%s'", word);
}

static int run(struct plugins_args *a, const char *word)
{
	struct venv_error err = VENV_ERROR_INIT;

	for (size_t i = 0; word && i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, word) != 0)
			continue;
		if (a->options.n && commands[i].run != plugins_check)
			return ui_usage(NULL, "'plugins %s' has no option '-o'", word);
		if (venv_builder_load_config(a->b, &err)) {
			int status = ui_error(&err);

			venv_error_clear(&err);
			return status;
		}
		return commands[i].run(a);
	}
	return unknown(word);
}

int cmd_plugins(int argc, char **argv)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct arena arena = ARENA_INIT;
	struct plugins_args a = { .arena = &arena, .b = venv_builder_new(&err) };
	const struct flag flags[] = {
		{ .name = "json", .set = &a.json },
		{ .name = "autotools", .set = &a.autotools },
		{ .name = "meson", .set = &a.meson },
		{ .name = "with", .value = &a.with },
		{ .name = "option", .values = &a.options, .letter = 'o' },
		{ .name = NULL }
	};
	const char *word = NULL;
	int r;

	if (!a.b)
		return ui_error(&err);
	ui_init(NULL);
	venv_builder_set_log(a.b, ui_log_level(), ui_log, NULL);
	r = args_simple(commands_find("plugins"), argc, argv, flags, &arena, &a.words);
	if (!r && a.words.n) {
		word = a.words.v[0];
		a.words.v++;
		a.words.n--;
	}
	if (!r)
		r = run(&a, word);
	ui_check_builder(a.b);
	ui_check_arena(&arena);
	venv_builder_free(a.b);
	arena_release(&arena);
	return ui_finish(r);
}
