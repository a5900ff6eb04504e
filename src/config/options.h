/* SPDX-License-Identifier: MIT */
/*
 * options.h - the options of venvctl, one table
 *
 * Command line, INI files, VENVCTL_* and libvenvctl's setter read this table, and
 * --help, completions and the test of the manual are made from it.  Plugins
 * declare theirs in the same form (struct venv_option), checked by the same code.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

enum {
	OPTION_ARG = 1 << 0,	/* on the command line of create */
	OPTION_CONF = 1 << 1,	/* in INI files and the environment */
	OPTION_SIZE = 1 << 2,	/* an INT that may end in K, M or G (1024) */
	OPTION_HIDDEN = 1 << 3, /* taken for other tools' sake, not in --help */
	OPTION_COUNT = 1 << 4,	/* may be repeated, each time more */
	OPTION_SPLIT =
		1
		<< 5, /* a list whose items commas or blanks separate, as argument, too */
	OPTION_NATURAL = 1 << 6 /* an INT from 0 to OPTION_NATURAL_MAX */
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

/* True for plugin and instance names: [a-z][a-z0-9-]{0,30}, and not one of our sections. */
bool option_is_name(const char *name);
