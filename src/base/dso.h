/* SPDX-License-Identifier: MIT */
/*
 * dso.h - shared objects: the only file that knows libltdl
 *
 * Files are opened by absolute path, with all symbols bound at once and kept to
 * themselves.  libltdl's state is global and not thread-safe: one mutex here.
 */
#pragma once

#include "error.h"

struct dso; /* an open shared object */

/* Open PATH (absolute); the error has the linker's own words.  NULL on failure. */
struct dso *dso_open(const char *path, struct venv_error *err) _must_check_;

/*
 * Address of SYMBOL; NULL if it has none.  Looked for as STEM_LTX_SYMBOL first,
 * STEM being the file's name with '_' for what a C name cannot have.
 */
void *dso_symbol(struct dso *d, const char *symbol);

/* Unload it; NULL is allowed. */
void dso_close(struct dso *d);
