/* SPDX-License-Identifier: MIT */
/*
 * pyvenv_cfg.h - pyvenv.cfg (PEP 405): read what anybody wrote, write what every
 * reader understands
 *
 * UTF-8, "key = value" with one blank on each side, `home` first, no blank lines or
 * comments, no empty values, no line breaks in a value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

struct cfg_entry {
	const char *key;
	const char *value;
};

struct cfg {
	struct arena *arena;
	struct cfg_entry *entries;
	size_t n, size;
};

#define CFG_FILE "pyvenv.cfg"

/* Read TEXT as getpath.py and site.py do; lines without '=' and comments are nothing. */
int cfg_parse(struct cfg *c, const char *text, size_t len, struct venv_error *err);

/* Read DIRFD/pyvenv.cfg: 0, or -errno. */
int cfg_read(struct cfg *c, int dirfd) _must_check_;

/* The value of KEY (without regard to case), the first one; NULL if there is none. */
const char *cfg_get(const struct cfg *c, const char *key);

/* Set KEY, in place or at the end; a NULL or empty VALUE is left out. */
int cfg_set(struct cfg *c, const char *key, const char *value, struct venv_error *err);

/* Append the file's text to OUT. */
void cfg_add_text(const struct cfg *c, struct str *out);

/* True if VALUE can stand in a line: UTF-8, no control characters, no line breaks. */
bool cfg_is_value(const char *value);

/*
 * Append repr(TEXT) as CPython writes the prompt: 'my env', "it's", 'a\nb'.  Bytes
 * that are not UTF-8 become \udcNN, as os.fsdecode() makes them.
 */
void cfg_add_repr(struct str *out, const char *text);

/* Undo cfg_add_repr, or take off the quotes of another writer; in the arena. */
const char *cfg_unrepr(struct arena *a, const char *text);
