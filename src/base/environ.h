/* SPDX-License-Identifier: MIT */
/*
 * environ.h - a process environment that is passed around
 *
 * The library looks at `environ` once, when a builder is made; from then on the
 * environment is a value like any other.
 */
#pragma once

#include "arena.h"

/* The value of NAME, or NULL; an empty value is NULL as well (product rule). */
const char *env_get(const char *const *env, const char *name);

/*
 * Set NAME=VALUE in a list of such strings, in place of what is there; a NULL
 * VALUE removes the name.  False when memory ran out.
 */
bool env_set(struct arena *a, struct strlist *env, const char *name, const char *value)
	_must_check_;

/* Remove every variable whose name begins with PREFIX. */
void env_drop_prefix(struct strlist *env, const char *prefix);
