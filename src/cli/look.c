/* SPDX-License-Identifier: MIT */
/* look.c - what the commands share that look at environments that are there */
#include <config.h>

#include "look.h"

int look_begin(struct look_cmd *l, int argc, char **argv, const struct flag *flags)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r;

	ui_init(NULL);
	l->name = argv[0];
	l->b = venv_builder_new(&err);
	if (!l->b)
		return ui_error(&err);
	venv_builder_set_log(l->b, ui_log_level(), ui_log, NULL);
	r = args_simple(commands_find(l->name), argc, argv, flags, &l->arena, &l->rest);
	if (r)
		return r;
	l->log = (struct log){ ui_log, NULL, ui_log_level() };
	builder_python_env(l->b, &l->pe);
	l->pe.arena = &l->arena;
	if (l->as_json)
		l->json = json_begin(&r);
	return r;
}

int look_end(struct look_cmd *l, int r)
{
	ui_check_arena(&l->arena);
	if (l->b)
		ui_check_builder(l->b);
	json_close(l->json);
	venv_builder_free(l->b);
	arena_release(&l->arena);
	return ui_finish(r);
}

int look_error(struct look_cmd *l, const char *dir, int status, struct venv_error *err)
{
	int own = exit_status(err->code);

	if (l->json)
		json_print_failure(l->json, l->name, dir, status ? status : own, err);
	else
		ui_error(err);
	venv_error_clear(err);
	return status ? status : own;
}
