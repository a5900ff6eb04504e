/* SPDX-License-Identifier: MIT */
/* plugins.c - venvctl plugins list */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli.h"
#include "plugin/registry.h"

static const char *words(struct arena *a, const struct strlist *list)
{
	struct str out = STR_INIT;
	const char *text;

	for (size_t i = 0; i < list->n; i++)
		str_addf(&out, "%s%s", i ? " " : "", list->v[i]);
	text = arena_strdup(a, str_text(&out));
	str_release(&out);
	return text ? text : "";
}

static void print_text(struct arena *a, const struct listed *l)
{
	for (; l; l = l->next) {
		if (l->refused) {
			ui_print("%-16s refused: %s\n", l->name, l->refused);
			continue;
		}
		ui_print("%-16s %-8s ABI %u.%u  %s%s%s\n", l->name, l->note.version,
			 l->note.abi_version >> 16, l->note.abi_version & 0xffff, l->path,
			 l->shadowed ? "  shadowed by " : "", l->shadowed ? l->shadowed : "");
		if (l->note.provides.n)
			ui_print("%-16s provides %s\n", "", words(a, &l->note.provides));
		if (l->note.after.n)
			ui_print("%-16s after %s\n", "", words(a, &l->note.after));
	}
}

static void put_list(struct json *j, void *o, const char *key, const struct strlist *list)
{
	void *array = json_new_array(j);

	for (size_t i = 0; i < list->n; i++)
		json_append_text(j, array, list->v[i]);
	json_put(j, o, key, array);
}

static int print_json(const struct listed *l)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct json *j = json_open(&err);
	void *all, *array;

	if (!j)
		return ui_error(&err);
	all = json_new_object(j);
	array = json_new_array(j);
	for (; l; l = l->next) {
		void *o = json_new_object(j);

		json_text(j, o, "name", l->name);
		json_text(j, o, "file", l->path);
		json_text(j, o, "directory_origin", l->dir->origin);
		json_text(j, o, "refused", l->refused);
		json_text(j, o, "shadowed_by", l->shadowed);
		if (l->note.name) {
			json_text(j, o, "version", l->note.version);
			json_int(j, o, "abi_major", l->note.abi_version >> 16);
			json_int(j, o, "abi_minor", l->note.abi_version & 0xffff);
			put_list(j, o, "provides", &l->note.provides);
			put_list(j, o, "after", &l->note.after);
		}
		json_append(j, array, o);
	}
	json_int(j, all, "schema", 1);
	json_put(j, all, "plugins", array);
	json_print(j, all);
	json_close(j);
	return EXIT_OK;
}

static int list(struct venv_builder *b, struct arena *a, bool as_json)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct registry *registry;
	struct listed *all;
	int r = venv_builder_load_config(b, &err);

	if (!r)
		r = builder_registry(b, &registry, &err);
	if (!r)
		r = registry_list(registry, &all, &err);
	if (r) {
		r = ui_error(&err);
		venv_error_clear(&err);
		return r;
	}
	if (as_json)
		return print_json(all);
	print_text(a, all);
	return EXIT_OK;
}

int cmd_plugins(int argc, char **argv)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_builder *b = venv_builder_new(&err);
	struct strlist rest = STRLIST_INIT;
	struct arena a = ARENA_INIT;
	bool json = false;
	const struct flag flags[] = { { "json", &json }, { NULL, NULL } };
	int r;

	if (!b)
		return ui_error(&err);
	ui_init(NULL);
	venv_builder_set_log(b, ui_log_level(), ui_log, NULL);
	r = args_simple(commands_find("plugins"), argc, argv, flags, &a, &rest);
	if (!r)
		r = rest.n == 1 && !strcmp(rest.v[0], "list") ?
			    list(b, &a, json) :
			    ui_usage("venvctl plugins list", "'plugins' needs: list");
	venv_builder_free(b);
	arena_release(&a);
	return r ? r : ui_finish();
}
