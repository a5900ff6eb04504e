/* SPDX-License-Identifier: MIT */
/* expand.h - the placeholders of scripts */
#pragma once

#include "layout.h"

/*
 * Append TEXT with the placeholders of our own templates replaced.  These are the
 * five of the specification and some that only our templates need: what they stand
 * for may change with the templates.  FILE is the script's name.
 */
void expand_own(struct str *out, const char *text, size_t len, enum language language,
		const char *file, const struct script_values *v);

/* How a placeholder begins; the next one in TEXT, which goes up to END, or NULL. */
#define EXPAND_BEGIN "__VENV_"
const char *expand_find(const char *text, const char *end);
