/* SPDX-License-Identifier: MIT */
/*
 * quote.h - any text as one literal word of a language
 *
 * Each function appends an expression that stands alone: a template never puts a
 * placeholder inside quotes.  What comes out means exactly TEXT, executes nothing of it,
 * and expands nothing.
 *
 * What a shell reads is ASCII.  In GBK, GB18030, BIG5, SHIFT_JIS, JOHAB and others an
 * ASCII character that follows a byte of another may be the second half of a character:
 * there a quote or a backslash behind a name would be part of the name.
 */
#pragma once

#include "util/util.h"

enum language {
	LANGUAGE_NONE, /* values are put in as they are */
	LANGUAGE_SH,   /* sh, dash, bash, zsh, ksh, mksh, yash, busybox */
	LANGUAGE_CSH,
	LANGUAGE_FISH,
	LANGUAGE_POWERSHELL,
	LANGUAGE_NUSHELL,
	LANGUAGE_XONSH,
	LANGUAGE_PYTHON,
	LANGUAGE_CMD
};

/* Who reads a literal. */
enum reader {
	READER_FILE,	 /* a script, in whatever locale it is read */
	READER_TEMPLATE, /* one of ours: it has _venv_bytes (sh), $_venv_printf (csh) or
			    builtins (xonsh, Python: there the literal is of bytes) */
	READER_TERMINAL	 /* a line that the user types: as readable as can be */
};

/* The language of a script: by its suffix, else by its #! line, else LANGUAGE_SH. */
enum language language_of(const char *name, const char *text, size_t len);

/* Append TEXT as a literal of LANGUAGE. */
void quote(struct str *out, enum language language, enum reader reader, const char *text);
