/* SPDX-License-Identifier: MIT */
/*
 * plugins_info.c - venvctl plugins info: what a plugin says of itself
 *
 * The option table is read in a child process; a plugin that crashes while it is
 * loaded is a line of the answer.
 */
#include <config.h>

#include <string.h>

#include "plugin/plugin.h"
#include "plugins.h"

struct info {
	const struct plugins_args *args;
	struct json *json;
	void *array; /* of all answers */
	const char *name;
	const char *instance;
	struct candidate file;
	struct inspected plugin;
};

static const char *const type_names[] = {
	[VENV_OPTION_BOOL] = "yes or no", [VENV_OPTION_INT] = "number",
	[VENV_OPTION_STRING] = "text",	  [VENV_OPTION_PATH] = "path",
	[VENV_OPTION_URL] = "URL",	  [VENV_OPTION_LOCATION] = "path or URL",
	[VENV_OPTION_SHA256] = "SHA-256", [VENV_OPTION_CHOICE] = "one of",
};

/* "list of paths", "one of native run" */
static const char *type_text(struct info *i, const struct venv_option *o)
{
	struct strlist choices = STRLIST_INIT;

	for (size_t k = 0; o->choices && o->choices[k]; k++) {
		if (!strlist_add(i->args->arena, &choices, o->choices[k]))
			return "";
	}
	return arena_printf(i->args->arena, "%s%s%s%s",
			    o->flags & VENV_OPTION_LIST ? "list: " : "",
			    type_names[o->type], choices.n ? " " : "",
			    plugins_words(i->args->arena, &choices));
}

static const struct value *value_of(struct info *i, const struct venv_option *o)
{
	struct config *c = builder_config(i->args->b);
	const char *section = config_plugin_section(c, i->instance);

	return section ? config_find(c, section, o->name) : NULL;
}

/* What it has now, as one would write it; NULL for nothing. */
static const char *value_text(struct info *i, const struct venv_option *o,
			      const struct value *v)
{
	struct strlist shown = STRLIST_INIT;

	if (!v)
		return o->default_value;
	for (size_t k = 0; k < v->items.n; k++) {
		if (!strlist_add(i->args->arena, &shown,
				 option_shown(i->args->arena, o, v->items.v[k])))
			return "(not shown)";
	}
	return plugins_words(i->args->arena, &shown);
}

static void print_option(struct info *i, const struct venv_option *o)
{
	const struct value *v = value_of(i, o);
	const char *text = value_text(i, o, v);

	ui_print("  %s = %s\n", o->name, text ? text : "");
	ui_print("      %s\n", o->help ? o->help : "");
	ui_print("      %s%s%s; %s\n", type_text(i, o),
		 o->flags & VENV_OPTION_REQUIRED ? "; has to be set" : "",
		 o->flags & VENV_OPTION_SYSTEM_ONLY ? "; by the site only" : "",
		 v	? origin_text(i->args->arena, &v->origin)
		 : text ? "the default"
			: "not set");
}

static void print_text(struct info *i)
{
	const struct plugin_note *n = &i->file.note;
	struct arena *a = i->args->arena;

	ui_print("%s %s: %s\n", i->instance, n->version,
		 i->plugin.summary ? i->plugin.summary : "");
	if (strcmp(i->instance, i->file.name) != 0)
		ui_print("uses      %s\n", i->file.name);
	ui_print("file      %s\nABI       %u.%u\n", i->file.path, n->abi_version >> 16,
		 n->abi_version & 0xffff);
	if (n->provides.n)
		ui_print("provides  %s\n", plugins_words(a, &n->provides));
	if (n->after.n)
		ui_print("after     %s\n", plugins_words(a, &n->after));
	if (n->requires.n)
		ui_print("requires  %s\n", plugins_words(a, &n->requires));
	if (i->plugin.flags & (VENV_PLUGIN_NETWORK | VENV_PLUGIN_RUNS_CODE))
		ui_print("does      %s%s%s\n",
			 i->plugin.flags & VENV_PLUGIN_NETWORK ? "use the network" : "",
			 i->plugin.flags & VENV_PLUGIN_NETWORK &&
					 i->plugin.flags & VENV_PLUGIN_RUNS_CODE
				 ? ", "
				 : "",
			 i->plugin.flags & VENV_PLUGIN_RUNS_CODE
				 ? "run code that it is given"
				 : "");
	if (i->plugin.help)
		ui_print("\n%s\n", i->plugin.help);
	if (i->plugin.n_options)
		ui_print("options\n");
	for (size_t k = 0; k < i->plugin.n_options; k++)
		print_option(i, &i->plugin.options[k]);
}

static void *json_option(struct info *i, const struct venv_option *o)
{
	struct json *j = i->json;
	void *object = json_new_object(j), *choices;
	const struct value *v = value_of(i, o);

	json_text(j, object, "name", o->name);
	json_text(j, object, "type", type_names[o->type]);
	json_bool(j, object, "list", o->flags & VENV_OPTION_LIST);
	json_bool(j, object, "required", o->flags & VENV_OPTION_REQUIRED);
	json_bool(j, object, "secret", o->flags & VENV_OPTION_SECRET);
	json_bool(j, object, "site_only", o->flags & VENV_OPTION_SYSTEM_ONLY);
	json_text(j, object, "help", o->help);
	json_text(j, object, "default", o->default_value);
	json_text(j, object, "value", value_text(i, o, v));
	json_text(j, object, "origin",
		  v ? origin_text(i->args->arena, &v->origin) : NULL);
	if (o->choices) {
		choices = json_new_array(j);
		for (size_t k = 0; o->choices[k]; k++)
			json_append_text(j, choices, o->choices[k]);
		json_put(j, object, "choices", choices);
	}
	return object;
}

static void put_json(struct info *i)
{
	struct json *j = i->json;
	void *o = json_new_object(j), *options = json_new_array(j);

	json_text(j, o, "name", i->instance);
	json_text(j, o, "plugin", i->file.name);
	json_text(j, o, "file", i->file.path);
	json_text(j, o, "version", i->file.note.version);
	json_int(j, o, "abi_major", i->file.note.abi_version >> 16);
	json_int(j, o, "abi_minor", i->file.note.abi_version & 0xffff);
	plugins_put_list(j, o, "provides", &i->file.note.provides);
	plugins_put_list(j, o, "after", &i->file.note.after);
	plugins_put_list(j, o, "requires", &i->file.note.requires);
	json_text(j, o, "summary", i->plugin.summary);
	json_text(j, o, "help", i->plugin.help);
	json_bool(j, o, "uses_network", i->plugin.flags & VENV_PLUGIN_NETWORK);
	json_bool(j, o, "runs_code", i->plugin.flags & VENV_PLUGIN_RUNS_CODE);
	json_bool(j, o, "looks", i->plugin.flags & VENV_PLUGIN_LOOKS);
	for (size_t k = 0; k < i->plugin.n_options; k++)
		json_append(j, options, json_option(i, &i->plugin.options[k]));
	json_put(j, o, "options", options);
	json_append(j, i->array, o);
}

static void put_error(struct info *i, const struct venv_error *err)
{
	struct json *j = i->json;
	void *o = json_new_object(j);

	json_text(j, o, "name", i->name);
	json_text(j, o, "error", ui_reason(err));
	json_text(j, o, "hint", err->hint);
	json_append(j, i->array, o);
}

static int one(struct info *i)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r = plugins_find(i->args, i->name, &i->instance, &i->file, &err);

	if (!r)
		r = plugin_inspect(i->args->arena, &i->file, &i->plugin, &err);
	if (!r)
		r = config_check_plugin(builder_config(i->args->b), i->instance,
					i->plugin.options, &err);
	if (!r && i->json)
		put_json(i);
	else if (!r)
		print_text(i);
	else if (i->json)
		put_error(i, &err);
	if (r)
		r = i->json ? exit_status(err.code) : ui_error(&err);
	venv_error_clear(&err);
	return r;
}

int plugins_info(const struct plugins_args *a)
{
	struct info i = { .args = a };
	int first = EXIT_OK;
	void *all;

	if (!a->words.n)
		return ui_usage("`venvctl plugins list` shows them",
				"'plugins info' needs the name of a plugin");
	if (a->json) {
		i.json = json_begin(&first);
		if (!i.json)
			return first;
		i.array = json_new_array(i.json);
	}
	for (size_t k = 0; k < a->words.n; k++) {
		int r;

		i.name = a->words.v[k];
		if (k && !a->json)
			ui_print("\n");
		r = one(&i);
		first = first ? first : r;
	}
	if (i.json) {
		all = json_new_object(i.json);
		json_int(i.json, all, "schema", 1);
		json_put(i.json, all, "plugins", i.array);
		ui_check_arena(a->arena);
		ui_check_builder(a->b);
		json_print(i.json, all);
		json_close(i.json);
	}
	return first;
}
