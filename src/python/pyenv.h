/* SPDX-License-Identifier: MIT */
/*
 * pyenv.h - interpreters that pyenv installed
 *
 * Its shims are not run: which interpreter one would start is read from the files that
 * pyenv itself reads.
 */
#pragma once

#include "python.h"

/* $PYENV_ROOT, else ~/.pyenv; NULL if there is none. */
const char *pyenv_root(const struct python_env *pe);

/* Sort names that have versions in them, "3.12.1" or "cpython-3.12.1-linux", newest first. */
void pyenv_sort(struct strlist *names);

/* Names of installed versions, newest first. */
int pyenv_versions(const struct python_env *pe, struct strlist *names,
		   struct venv_error *err) _must_check_;

/* True if DIR is where the pyenv of ROOT (or NULL) keeps its shims. */
bool pyenv_is_shims(const struct python_env *pe, const char *dir, const char *root);

/*
 * What the shim NAME would start: NULL if pyenv leaves it to the rest of PATH.  What is
 * chosen BEHIND_SYSTEM is what it starts when the rest of PATH has nothing, either.
 */
const char *pyenv_shim_target(const struct python_env *pe, const char *root,
			      const char *name, bool behind_system);
