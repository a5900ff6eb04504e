/* SPDX-License-Identifier: MIT */
/* python.c - venvctl python list|find */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "python/python.h"

static void print_one(struct json *j, void *array, const struct python_env *pe,
		      const struct python *p)
{
	const char *source = python_source(pe, p);
	struct arena *a = pe->arena;
	void *o;

	if (!j) {
		ui_print("%-10s %-10s %-8s %s\n", p->implementation,
			 python_version_text(a, p), source, p->executable);
		return;
	}
	o = json_new_object(j);
	json_text(j, o, "executable", p->executable);
	json_text(j, o, "implementation", p->implementation);
	json_text(j, o, "version", python_version_text(a, p));
	json_text(j, o, "source", source);
	json_text(j, o, "prefix", p->prefix);
	json_text(j, o, "stdlib", p->stdlib);
	json_append(j, array, o);
}

static int list(const struct python_env *pe, struct json *j, void *array)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct strlist found = STRLIST_INIT, shown = STRLIST_INIT;
	int r = python_list(pe, &found, &err);

	for (size_t i = 0; !r && i < found.n; i++) {
		struct python p;

		r = python_identify(pe, found.v[i], &p, &err);
		/* One that is too old, or broken, is not there. */
		if (r == VENV_ERR_NO_PYTHON) {
			venv_error_clear(&err);
			r = 0;
		} else if (!r && strlist_find(&shown, p.real) < 0) {
			if (!strlist_add(pe->arena, &shown, p.real))
				r = error_nomem(&err);
			else
				print_one(j, array, pe, &p);
		}
	}
	if (r)
		r = ui_error(&err);
	venv_error_clear(&err);
	return r;
}

static int find(const struct python_env *pe, const char *spec, struct json *j,
		void *array)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct python p;
	int r = python_find(pe, spec, &p, &err);

	if (r)
		r = ui_error(&err);
	else
		print_one(j, array, pe, &p);
	venv_error_clear(&err);
	return r;
}

static int run(const struct python_env *pe, const struct strlist *rest, bool as_json)
{
	const char *what = rest->n ? rest->v[0] : "";
	struct json *j = NULL;
	void *all, *array = NULL;
	int r;

	if (as_json) {
		j = json_begin(&r);
		if (!j)
			return r;
		array = json_new_array(j);
	}
	if (!strcmp(what, "list") && rest->n == 1)
		r = list(pe, j, array);
	else if (!strcmp(what, "find") && rest->n <= 2)
		r = find(pe, rest->n > 1 ? rest->v[1] : NULL, j, array);
	else
		r = ui_usage("venvctl python list",
			     "'python' needs one of: list, find [SPEC]");
	ui_check_arena(pe->arena);
	if (j && r) {
		json_release(j, array);
	} else if (j) {
		all = json_new_object(j);
		json_int(j, all, "schema", 1);
		json_put(j, all, "interpreters", array);
		json_print(j, all);
	}
	json_close(j);
	return r;
}

int cmd_python(int argc, char **argv)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_builder *b = venv_builder_new(&err);
	struct strlist rest = STRLIST_INIT;
	struct arena a = ARENA_INIT;
	struct python_env pe;
	bool json = false;
	const struct flag flags[] = { { "json", &json, NULL }, { NULL, NULL, NULL } };
	int r;

	if (!b)
		return ui_error(&err);
	ui_init(NULL);
	venv_builder_set_log(b, ui_log_level(), ui_log, NULL);
	r = args_simple(commands_find("python"), argc, argv, flags, &a, &rest);
	builder_python_env(b, &pe);
	if (!r)
		r = run(&pe, &rest, json);
	ui_check_builder(b);
	ui_check_arena(&a);
	venv_builder_free(b);
	arena_release(&a);
	return ui_finish(r);
}
