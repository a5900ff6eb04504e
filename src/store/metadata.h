/* SPDX-License-Identifier: MIT */
/* metadata.h - what a wheel says of itself */
#pragma once

#include "archive.h"
#include "manifest.h"

/*
 * Read the directory .dist-info into M: its name, the project and version, the entry
 * points.  ERR is not NULL.  0; STORE_NEEDS_PIP; INTEGRITY or another error.
 */
int metadata_read(struct store *s, const struct store_wheel *w, const struct archive *ar,
		  struct manifest *m, struct venv_error *err) _must_check_;

/* A file of .dist-info; *returns new*; NULL, with no error, if it is not there. */
char *metadata_file(struct store *s, const struct archive *ar, const struct manifest *m,
		    const char *name, struct venv_error *err) _must_check_;

/* Say in the log that only pip can do this, and WHY: STORE_NEEDS_PIP. */
int store_needs_pip(struct store *s, const struct store_wheel *w, const char *why);
