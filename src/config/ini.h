/* SPDX-License-Identifier: MIT */
/*
 * ini.h - INI files, read strictly
 *
 * inih's builds differ in what they cut, join and comment out, and some do it
 * silently.  So our own reader decides what a line is, checks it, and shows inih
 * short lines that every build understands in the same way: a section, or a key
 * with the number of its value.
 *
 * The form (venvctl.ini(5)): a comment is a whole line that begins with '#' or
 * ';'; "[section]"; "key = value" or "key += value"; lines indented below a key continue its value
 * as a list of one item a line.  No quoting, no comments behind values.
 */
#pragma once

#include "util/util.h"

#define INI_NAME_MAX  48u
#define INI_VALUE_MAX 32768u
#define INI_FILE_MAX  (1024u * 1024u)

struct ini_value {
	const char *text;     /* of a value on one line; NULL for a list of lines */
	struct strlist lines; /* of a list with one item a line */
	unsigned line;	      /* of the key, from 1 */
	bool appends;	      /* "key += value" */
};

struct ini_reader {
	/* A section begins (known even if empty). 0, or not 0 after a problem. */
	int (*section)(void *data, const char *section, unsigned line);
	/* A key with its whole value. 0, or not 0 after a problem. */
	int (*value)(void *data, const char *section, const char *key,
		     const struct ini_value *value);
	/* Something is wrong with the text. 0 to go on, else to stop. */
	int (*problem)(void *data, unsigned line, const char *message, const char *hint);
	void *data;
};

/*
 * Read TEXT.  0, NOMEM, or the first non-zero answer of the reader; strings are in
 * the arena.
 */
int ini_read(struct arena *a, const char *text, size_t len,
	     const struct ini_reader *reader, struct venv_error *err) _must_check_;

/* True if NAME is a possible key: [a-z][a-z0-9-]*, at most INI_NAME_MAX bytes. */
bool ini_is_name(const char *name, size_t n);
