/* SPDX-License-Identifier: MIT */
/* plugins_list.c - venvctl plugins list */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "plugins.h"

static void print_text(struct arena *a, const struct listed *l)
{
	for (; l; l = l->next) {
		if (l->refused) {
			ui_print("%-16s refused: %s\n", l->name, l->refused);
			continue;
		}
		ui_print("%-16s %-8s ABI %u.%u  %s%s%s\n", l->name, l->note.version,
			 l->note.abi_version >> 16, l->note.abi_version & 0xffff, l->path,
			 l->shadowed ? "  shadowed by " : "",
			 l->shadowed ? l->shadowed : "");
		if (l->note.provides.n)
			ui_print("%-16s provides %s\n", "",
				 plugins_words(a, &l->note.provides));
		if (l->note.after.n)
			ui_print("%-16s after %s\n", "",
				 plugins_words(a, &l->note.after));
	}
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
			plugins_put_list(j, o, "provides", &l->note.provides);
			plugins_put_list(j, o, "after", &l->note.after);
		}
		json_append(j, array, o);
	}
	json_int(j, all, "schema", 1);
	json_put(j, all, "plugins", array);
	json_print(j, all);
	json_close(j);
	return EXIT_OK;
}

int plugins_list(const struct plugins_args *a)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct registry *registry;
	struct listed *all;
	int r;

	if (a->words.n)
		return ui_usage("venvctl plugins list",
				"'plugins list' takes no argument");
	r = builder_registry(a->b, &registry, &err);
	if (!r)
		r = registry_list(registry, &all, &err);
	if (r) {
		r = ui_error(&err);
		venv_error_clear(&err);
		return r;
	}
	if (a->json)
		return print_json(all);
	print_text(a->arena, all);
	return EXIT_OK;
}
