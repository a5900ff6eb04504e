/* SPDX-License-Identifier: MIT */
/*
 * config.h - options and where their values came from: command line, variables, INI files
 *
 * Knows the table of options, the layers and the site's policy; loads no plugin and looks
 * at no environment.
 */
#pragma once

#include "util/util.h"
#include "fs/fs.h"

/*
 * ---- options.c: the options of venvctl, one table ----
 *
 * Command line, INI files, VENVCTL_* and libvenvctl's setter read this table, and
 * --help, completions and the test of the manual are made from it.  Plugins
 * declare theirs in the same form (struct venv_option), checked by the same code.
 */

enum {
	OPTION_ARG = 1 << 0,	/* on the command line of create */
	OPTION_CONF = 1 << 1,	/* in INI files and the environment */
	OPTION_SIZE = 1 << 2,	/* an INT that may end in K, M or G (1024) */
	OPTION_HIDDEN = 1 << 3, /* taken for other tools' sake, not in --help */
	OPTION_COUNT = 1 << 4,	/* may be repeated, each time more */
	OPTION_SPLIT =
		1
		<< 5, /* a list whose items commas or blanks separate, as argument, too */
	OPTION_TOOL = 1 << 7,	  /* not for programs that embed the library */
	OPTION_NATURAL = 1 << 6,  /* an INT from 0 to OPTION_NATURAL_MAX */
	OPTION_HOSTS = 1 << 8,	  /* HOST or HOST:PORT */
	OPTION_PATTERNS = 1 << 9, /* of hosts, as in no_proxy */
	OPTION_UPGRADE = 1 << 10, /* on the command line of upgrade */
	/* A CHOICE that may stand alone, which means "always"; its opposite is "never". */
	OPTION_ALONE = 1 << 11
};

/* As seconds more than eleven days; in milliseconds it still fits 32 bits. */
#define OPTION_NATURAL_MAX 1000000

struct option_def {
	const char *section; /* of INI files: "create", "venvctl", "network", ... */
	struct venv_option def;
	uint32_t use;	      /* OPTION_* */
	char letter;	      /* of the command line, 0 for none */
	const char *opposite; /* of a BOOL: "copies" for "symlinks"; NULL for "no-NAME" */
};

/* The whole table, in the order of --help; its number of entries in *N. */
const struct option_def *options_table(size_t *n);

/*
 * The option NAME of SECTION; with *INVERTED set if NAME is its opposite.  NULL if
 * there is none.
 */
const struct option_def *options_find(const char *section, const char *name,
				      bool *inverted);

/* The name of a BOOL's opposite: "no-clear", "with-pip"; in BUF (64 bytes) if made. */
const char *option_opposite(const struct option_def *o, char *buf);

/* Keys that every plugin section has besides the plugin's own options. */
const struct venv_option *options_of_instances(size_t *n);

/* The one of them that is called KEY; NULL if there is none. */
const struct venv_option *option_of_instances(const char *key);

/* True for plugin and instance names: [a-z][a-z0-9-]{0,30}, and not one of our sections. */
bool option_is_name(const char *name);

/* ---- values.c: which text is a value of an option ---- */

/*
 * Check one value against its type.  *OUT (in the arena) is the value in its
 * normal form: yes/no, a number, an absolute path (relative ones are DIR's), a
 * lower-case digest.  On failure the error says what is expected, not where.
 */
int option_check(struct arena *a, const struct venv_option *def, uint32_t use,
		 const char *value, const char *dir, const char **out,
		 struct venv_error *err) _must_check_;

/* yes/no, true/false, on/off, 1/0: 1 or 0; -1 for anything else. */
int option_bool(const char *value);

/* hosts.c: CONFIG for what no host is called, or matches, with PATTERNS as in no_proxy. */
int option_check_host(const char *item, bool patterns, struct venv_error *err)
	_must_check_;

/* The same for the address of a proxy; the message has nothing of it, as it may be half a secret. */
int option_check_proxy(const char *text, struct venv_error *err) _must_check_;

/* Where HOST[:PORT] begins in the address of a proxy; its length goes to N. */
const char *proxy_host(const char *proxy, size_t *n);

/*
 * shown.c: what of a value may be shown, wrong values included: nothing of a secret, of an address
 * what shown.h leaves, else all.  A NULL DEF is an option that nobody declares: nothing.
 */
const char *option_shown(struct arena *a, const struct venv_option *def,
			 const char *value);

/*
 * ---- config.c: what was configured, and where ----
 *
 * Every value that was given anywhere is kept with its origin; the strongest
 * layer wins.  Values were checked against the option table when they came in,
 * those of plugin sections when the plugin is known (config_check_plugin).
 */

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
	struct value *before; /* the one that was given for the same key before */
	struct value *after;  /* the next of the same section */
	const char *section;
	const char *key;
	struct strlist items; /* of a list; else the one value */
	const char *text;     /* as it was given, when on one line */
	struct origin origin;
	struct origin *origins; /* of each item, where `+=` joined them; else NULL */
	/* Of `+=`: the value of lower layers, or NULL; then what is built in comes first. */
	const struct value *base;
	bool appends;
};

/* The values of one section, in the order in which they came. */
struct chain {
	struct value *first, *last;
};

struct policy;

/* A fault in LINE of FILE; 0 and NULL, if MESSAGE says itself where it is. */
typedef void config_report_fn(void *data, const char *file, unsigned line,
			      const char *message, const char *hint);

struct config {
	struct arena arena;
	const char *const *env; /* the process environment */
	const char *cwd;
	const struct log *log;
	struct trust trust;
	struct value *values; /* in the order in which they came */
	struct value **tail;
	struct index keys;     /* of a section and a key: the newest value */
	struct index sections; /* of a section: struct chain */
	struct policy *policy; /* NULL until one was read */
	struct strlist files;  /* those that were read, in that order */
	const char *program;   /* the running program, if it is the tool; else NULL */
	const char *libdir;    /* of config_libdir */
	bool loaded;	       /* or not to be */
	/* Who hears of each fault, so that config_load() goes on; NULL: it ends at the first. */
	config_report_fn *report;
	void *report_data;
};

/* ENV and CWD (absolute) are kept, not copied. */
void config_init(struct config *c, const char *const *env, const char *cwd);
void config_release(struct config *c);

/*
 * Read all layers below LAYER_ARG.  CONFIG with file and line, NOMEM: then nothing was
 * read.  Files that are not there are no error.
 */
int config_load(struct config *c, struct venv_error *err) _must_check_;

/* From now on no file is read, the site's policy neither. */
void config_read_no_more(struct config *c);

/*
 * What the values are now, to be put back when what comes next fails: then nothing of it
 * is there twice when it is tried again.  NOMEM.
 */
struct config_mark {
	struct value *values; /* copies, in their order */
	size_t n, n_files;
};
int config_mark(struct config *c, struct config_mark *mark, struct venv_error *err)
	_must_check_;
void config_reset(struct config *c, const struct config_mark *mark);

/*
 * Check one file as if it were the site's, telling REPORT of each fault.  The number
 * of faults, or a negative result when it could not be read.
 */
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

/* The values of a section, linked by `after`; NULL if there are none. */
struct value *config_section(const struct config *c, const char *section);

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

/* Where item I of a value comes from. */
const struct origin *value_origin(const struct value *v, size_t i);

/* Those of all its items, each once, separated by commas; in the arena. */
const char *value_origins_text(struct arena *a, const struct value *v);

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

/*
 * ---- policy.c: [policy]: what the site decides for everybody ----
 *
 * Honoured in SYSCONFDIR only.  Several files: required-plugins are joined in file
 * order, other lists intersect, numbers take the smallest, yes wins.  Every rule
 * knows its file and line, which a refusal names.
 */

struct rule {
	bool set;
	struct strlist items; /* of a list */
	int64_t number;	      /* of a number, or 1 for yes */
	struct origin origin; /* of a number, who decided; of a list, its last file */
};

struct policy {
	const struct value *first; /* as the files have it; others follow, not all ours */
	struct rule require_sha256;
	struct rule allowed_plugins;
	struct rule required_plugins;
	struct rule user_options;
	struct rule allowed_hosts;
	struct rule http_hosts;
	struct rule max_download;
	struct rule timeout;
	struct rule trusted_users;
	struct rule trusted_groups;
};

/* Take one key of [policy] in (its values were checked against the table). */
int policy_add(struct config *c, const struct value *v, struct venv_error *err);

/* After all files: resolve names of users and groups into C->trust. */
int policy_finish(struct config *c, struct venv_error *err);

/* 0 if a plugin or instance may run, else CONFIG naming the rule. */
int policy_allows_plugin(const struct config *c, const char *name,
			 struct venv_error *err);

/* The line of allowed-plugins that does not list what would have to be listed; NULL: it may run. */
const struct origin *policy_refuses_plugin(const struct config *c, const char *name);

/* The rule of a key of [policy]; NULL if it is none. */
struct rule *policy_rule(struct policy *p, const char *key);

/* What the next file says of a key, in file order; AFTER is NULL for the first. */
const struct value *policy_next(const struct policy *p, const char *key,
				const struct value *after);

/* True if the site requires it; with the origin of the first line that does. */
bool policy_requires_plugin(const struct config *c, const char *name,
			    const struct origin **origin);

/*
 * True if only the site says what NAME is: it defines or requires it, while
 * allowed-plugins or required-plugins is set; with the line and key of that rule.
 */
bool policy_fixes_instance(const struct config *c, const char *name,
			   const struct origin **origin, const char **key);

/*
 * 0 if nothing outside SYSCONFDIR changes an instance of the site against its
 * policy; else CONFIG naming the value's origin and the rule.
 */
int policy_check_instance(const struct config *c, const char *name,
			  struct venv_error *err);
