/* SPDX-License-Identifier: MIT */
/* config_cmd.h - what the parts of `venvctl config` share */
#pragma once

#include "cli.h"
#include "config/config.h"
#include "plugin/plugin.h"

/* Read all that a create would read; the exit status. */
int config_load_all(struct venv_builder *b);

/*
 * The plugin of an instance, with what it declares; NULL if that cannot be told, with *THERE
 * if there is such a plugin.  KNOWN: those that were looked at, by their names.
 */
const struct inspected *config_inspect(struct venv_builder *b, struct arena *a,
				       struct index *known, const char *instance,
				       bool *there, struct venv_error *err);

/* A plugin's file, looked for only where a create would take the instance's from. */
int config_find_plugin(struct venv_builder *b, const char *instance, const char *name,
		       struct candidate *file, struct venv_error *err) _must_check_;

/* `config check`: of the FILES behind the first word, or of what a create would read. */
int config_check(struct venv_builder *b, const struct strlist *files, bool as_json);

/* ---- between config_check.c and config_values.c, config_plugins.c ---- */

/* What is looked at, and what came of it. */
struct checking {
	struct venv_builder *b;
	struct config *c;
	struct arena arena;
	struct index known; /* plugins that were looked at */
	struct json *json;  /* NULL: text */
	void *problems;
	int status;
};

/* An ERROR would stop a create; what is none is a surprise. */
void check_tell(struct checking *x, bool error, const char *file, unsigned line,
		const char *message, const char *hint);

/* A fault of the value V; NULL: the message says where.  ERR is cleared. */
void check_fault(struct checking *x, const struct value *v, struct venv_error *err);

/* What holds, but not as who wrote it would expect. */
void check_warn(struct checking *x, const struct origin *o, const char *hint,
		const char *fmt, ...) _printf_(4, 5);

/* A file or directory that V names. */
void check_path(struct checking *x, const struct value *v, const char *path);

/* One item of text: nothing in it is expanded. */
void check_text(struct checking *x, const struct value *v, const char *text);

/* config_values.c: every value of the options of venvctl. */
void check_values(struct checking *x);

/* config_plugins.c: the sections of plugins, the lists of plugins, what a create selects. */
void check_plugins(struct checking *x);
