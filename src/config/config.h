/* SPDX-License-Identifier: MIT */
/*
 * config.h - what was configured, and where
 *
 * Every value that was given anywhere is kept with its origin; the strongest
 * layer wins.  Values were checked against the option table when they came in,
 * those of plugin sections when the plugin is known (config_check_plugin).
 */
#pragma once

#include "base/environ.h"
#include "base/log.h"
#include "base/trust.h"
#include "options.h"

/* From weak to strong. */
enum layer {
	LAYER_DEFAULT, /* built in */
	LAYER_VENDOR,  /* LIBDIR/venvctl/conf.d */
	LAYER_SITE,    /* SYSCONFDIR/venvctl/venvctl.ini, then its conf.d */
	LAYER_USER,    /* the user's file */
	LAYER_ENV,     /* VENVCTL_* */
	LAYER_ARG      /* command line, or the setters of the library */
};

struct origin {
	enum layer layer;
	const char *name; /* file, variable or option; NULL for built in */
	unsigned line;	  /* of a file, from 1; else 0 */
	const char *dir;  /* what relative paths are relative to */
};

struct value {
	struct value *next;
	const char *section;
	const char *key;
	struct strlist items; /* of a list; else the one value */
	const char *text;     /* as it was given, when on one line */
	struct origin origin;
};

struct policy;

struct config {
	struct arena arena;
	const char *const *env; /* the process environment */
	const char *cwd;
	const struct log *log;
	struct trust trust;
	struct value *values; /* in the order in which they came */
	struct value **tail;
	struct policy *policy; /* NULL until one was read */
	struct strlist files;  /* those that were read, in that order */
	const char *program;   /* the running program, if it is the tool; else NULL */
	const char *libdir;    /* of config_libdir */
	bool loaded;
};

/* ENV and CWD (absolute) are kept, not copied. */
void config_init(struct config *c, const char *const *env, const char *cwd);
void config_release(struct config *c);

/*
 * Read all layers below LAYER_ARG.  CONFIG with file and line, NOMEM.  Files that
 * are not there are no error.
 */
int config_load(struct config *c, struct venv_error *err) _must_check_;

/*
 * Check one file as if it were the site's, telling REPORT of each fault.  The number
 * of faults, or a negative result when it could not be read.
 */
typedef void config_report_fn(void *data, const char *file, unsigned line,
			      const char *message, const char *hint);
int config_check_file(struct config *c, const char *path, config_report_fn *report,
		      void *data, struct venv_error *err) _must_check_;

/* Read the policy of the site alone: what the library always does. */
int config_load_policy(struct config *c, struct venv_error *err) _must_check_;

/*
 * Give an option on the command line.  ORIGIN is how to name it in messages
 * ("--prompt").  A list grows, anything else replaces.  USAGE, NOMEM.
 */
int config_set_arg(struct config *c, const char *section, const char *key,
		   const char *text, const char *origin, struct venv_error *err)
	_must_check_;

/* The strongest value of a key; NULL if it was not given at all. */
const struct value *config_find(const struct config *c, const char *section,
				const char *key);

/* The same from the layers below LAYER_ARG. */
const struct value *config_find_below(const struct config *c, const char *section,
				      const char *key, enum layer below);

/* Text of the strongest value, else the built-in default, else NULL. */
const char *config_text(const struct config *c, const char *section, const char *key);
bool config_bool(const struct config *c, const char *section, const char *key);

/* Items of plugin-path, the strongest layer first: the one list that adds up. */
int config_plugin_path(struct config *c, struct strlist *out, struct venv_error *err);

/*
 * Check the values of [plugin:INSTANCE] against what the plugin declares and put
 * them into their normal form.  OPTIONS ends with a NULL name.  USAGE if the fault
 * was on the command line, else CONFIG; with origin.
 */
int config_check_plugin(struct config *c, const char *instance,
			const struct venv_option *options, struct venv_error *err);

/*
 * What a plugin declares as default, in its normal form; a list's default is one line of
 * items.  CONFIG if it is no value of its type, saying what is expected.
 */
int config_plugin_default(struct config *c, const struct venv_option *def,
			  struct strlist *out, struct venv_error *err) _must_check_;

/* "/etc/venvctl/venvctl.ini:12", "--prompt", "VENVCTL_PROMPT", "built in"; in the arena. */
const char *origin_text(struct arena *a, const struct origin *o);

/* USAGE for what was given on the command line, else CONFIG. */
int origin_error(const struct origin *o);

/* The names of all [plugin:NAME] sections that set anything; borrowed. */
int config_instances(struct config *c, struct strlist *out, struct venv_error *err);

/* "plugin:NAME"; NULL when memory ran out. */
const char *config_plugin_section(struct config *c, const char *name);

/* Where the user's configuration file is, or would be; NULL if that cannot be known. */
const char *config_user_file(struct config *c);
const char *config_site_file(struct config *c);

/* paths_libdir(), looked for once. */
const char *config_libdir(struct config *c);
