/* SPDX-License-Identifier: MIT */
/*
 * quote.h - any text as one literal word of a language
 *
 * Each function appends an expression that stands alone: a template never puts a
 * placeholder inside quotes.  What comes out means exactly TEXT, executes nothing,
 * and expands nothing.
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

/* The language of a script: by its suffix, else by its #! line, else LANGUAGE_SH. */
enum language language_of(const char *name, const char *text, size_t len);

/* Append TEXT as a literal of LANGUAGE. */
void quote(struct str *out, enum language language, const char *text);
