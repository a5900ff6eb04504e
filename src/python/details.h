/* SPDX-License-Identifier: MIT */
/* details.h - the two ways to learn what python.h wants, and what its files share */
#pragma once

#include "python.h"

/* What execvp(3) takes for "look elsewhere", rather than for a fault of the system. */
bool python_is_absence(int errnum);

/*
 * From files: the ELF symbol Py_Version, landmarks, byte code and sysconfig data of
 * the standard library.  1 if they told all that is needed, 0 if the interpreter
 * has to be asked.
 */
int python_from_files(const struct python_env *pe, const char *path, struct python *out,
		      struct venv_error *err) _must_check_;

/* By running it. */
int python_from_run(const struct python_env *pe, const char *path, struct python *out,
		    struct venv_error *err) _must_check_;

/* The cache of both.  True if it had PATH and the files are still the same. */
bool python_from_cache(const struct python_env *pe, const char *path, struct python *out);
void python_to_cache(const struct python_env *pe, const char *path, const char *cfg,
		     const struct python *p);

/*
 * The interpreter's shared library libpython*: from RUNPATH, LD_LIBRARY_PATH and
 * the usual directories.  NULL if it needs none; *UNKNOWN if it was not found.
 */
const char *python_find_libpython(const struct python_env *pe, const char *real,
				  bool *unknown);
