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
	bool files_given;	  /* FILES are looked at, not what a create would read */
	const struct step *steps; /* what a create without options would run */
	struct venv_error order;  /* why that cannot be told, or no error */
};

/* An ERROR would stop a create; what is none is a surprise. */
void check_tell(struct checking *x, bool error, const char *file, unsigned line,
		const char *message, const char *hint);

/* A fault of the value V; NULL: the message says where.  ERR is cleared. */
void check_fault(struct checking *x, const struct value *v, struct venv_error *err);

/* What holds, but not as who wrote it would expect. */
void check_warn(struct checking *x, const struct origin *o, const char *hint,
		const char *fmt, ...) _printf_(4, 5);

/* A file or directory that V names can be read here; false if not, which was told. */
bool check_is_there(struct checking *x, const struct value *v, const char *path);

/* One item of text: nothing in it is expanded. */
void check_text(struct checking *x, const struct value *v, const char *text);

/* config_values.c: every value of the options of venvctl. */
void check_values(struct checking *x);

/* config_network.c: one value each. */
void check_proxy(struct checking *x, const struct value *v, const char *proxy);
void check_ca_file(struct checking *x, const struct value *v, const char *path);

/*
 * config_access.c, of what the site names (O says where) and root looks at: can everybody read
 * PATH, the value of KEY?  An ERROR would end a create of theirs.  False if not, which was told.
 */
bool check_access(struct checking *x, const struct origin *o, bool error, const char *key,
		  const char *path);

/* The same for a directory of which all is read. */
void check_tree_access(struct checking *x, const struct origin *o, bool error,
		       const char *key, const char *path);

/* For a program that everybody is to run, a log that everybody is to write, and a plugin. */
void check_program_access(struct checking *x, const struct origin *o, const char *key,
			  const char *path);
void check_log_access(struct checking *x, const struct origin *o, const char *file,
		      const char *dir);
void check_plugin_access(struct checking *x, const struct origin *o, bool error,
			 const char *name, const char *path);

/* For the files of the configuration themselves. */
void check_config_access(struct checking *x);

/* config_plugins.c: what a create without options would run, for those that follow. */
void check_order(struct checking *x);

/* The files of a directory in which plugins are looked for. */
void check_plugin_files(struct checking *x, const struct origin *o, const char *dir);

/* config_plugins.c: the sections of plugins, the lists of plugins, what a create selects. */
void check_plugins(struct checking *x);
