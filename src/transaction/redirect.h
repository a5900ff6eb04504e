/* SPDX-License-Identifier: MIT */
/*
 * redirect.h - a file `.venv` that names the environment (PEP 832)
 *
 * Its content is one path, relative to the directory of the file, and at most one
 * line end.  A path is data: nothing in it is expanded, and none is followed twice.
 */
#pragma once

#include <stdbool.h>

#include "util/util.h"

#define REDIRECT_FILE ".venv"

/*
 * True if the regular file PATH (absolute) is named `.venv` and names a place: its
 * absolute path is in *TO then, and belongs to A.  Whether anything is there is not
 * looked at.
 */
bool redirect_read(struct arena *a, const char *path, const char **to);

/* The same of a file that the user named, whatever its name is. */
bool redirect_parse(struct arena *a, const char *path, const char **to);
