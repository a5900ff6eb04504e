/* SPDX-License-Identifier: MIT */
/*
 * complete.c - venvctl completions plugins|keys WORD: what the scripts of the shells ask
 *
 * Names of plugins and instances, one a line; or, for -o, "NAME." and behind a dot
 * "NAME.KEY=".  Nothing else is ever said: whoever types reads no error.
 */
#include <config.h>

#include <string.h>

#include "plugins.h"

/* Nobody is to hear what is wrong with a configuration. */
static void nobody(void *data, int level, const char *message)
{
	(void)data;
	(void)level;
	(void)message;
}

static bool list_names(const struct plugins_args *a, struct strlist *names)
{
	struct config *c = builder_config(a->b);
	struct registry *registry;
	struct strlist sections = STRLIST_INIT;
	struct listed *l = NULL;

	if (builder_registry(a->b, &registry, NULL) ||
	    registry_list(registry, &l, NULL) || config_instances(c, &sections, NULL))
		return false;
	for (; l; l = l->next) {
		if (!l->refused && !l->shadowed && option_is_name(l->name) &&
		    !strlist_add(a->arena, names, l->name))
			return false;
	}
	for (size_t i = 0; i < sections.n; i++) {
		const char *section = config_plugin_section(c, sections.v[i]);

		if (section && config_find(c, section, "use") &&
		    strlist_find(names, sections.v[i]) < 0 &&
		    !strlist_add(a->arena, names, sections.v[i]))
			return false;
	}
	return true;
}

/* "NAME.KEY=" of one plugin, which is asked for them in a process of its own. */
static void print_keys(const struct plugins_args *a, const char *name)
{
	size_t n;
	const struct venv_option *own = options_of_instances(&n);
	struct inspected p = { 0 };
	struct candidate file;
	const char *instance;

	if (!name || !option_is_name(name) ||
	    plugins_find(a, name, &instance, &file, NULL) ||
	    plugin_inspect(a->arena, &file, &p, NULL))
		return;
	for (size_t i = 0; i < p.n_options; i++)
		ui_print("%s.%s=\n", name, p.options[i].name);
	for (size_t i = 0; i < n; i++)
		ui_print("%s.%s=\n", name, own[i].name);
}

/* What -p takes, without an interpreter being run: their paths and names. */
static void print_pythons(const struct plugins_args *a)
{
	struct strlist found = STRLIST_INIT;
	struct python_env pe;

	builder_python_env(a->b, &pe);
	if (python_list(&pe, &found, NULL))
		return;
	for (size_t i = 0; i < found.n; i++)
		ui_print("%s\n%s\n", path_base(found.v[i]), found.v[i]);
}

int complete(const char *what, const char *word)
{
	struct arena arena = ARENA_INIT;
	struct plugins_args a = { .arena = &arena, .b = venv_builder_new(NULL) };
	bool keys = !strcmp(what, "keys");
	const char *dot = keys ? strchr(word, '.') : NULL;
	struct strlist names = STRLIST_INIT;

	ui.level = UI_QUIET;
	venv_builder_set_log(a.b, VENV_LOG_ERROR, nobody, NULL);
	if (a.b && !strcmp(what, "pythons")) {
		print_pythons(&a);
	} else if (a.b && !venv_builder_load_config(a.b, NULL)) {
		if (dot)
			print_keys(&a, arena_strndup(&arena, word, (size_t)(dot - word)));
		else if (list_names(&a, &names)) {
			for (size_t i = 0; i < names.n; i++)
				ui_print("%s%s\n", names.v[i], keys ? "." : "");
		}
	}
	venv_builder_free(a.b);
	arena_release(&arena);
	return ui_finish(EXIT_OK);
}
