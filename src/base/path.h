/* SPDX-License-Identifier: MIT */
/* path.h - paths as text; nothing here looks at a file system */
#pragma once

#include <stdbool.h>

#include "arena.h"

/* A/B; A alone when B is empty, B when it is absolute. */
char *path_join(struct arena *a, const char *dir, const char *name) _must_check_;

/* The last component, "" for "/"; *borrows* from PATH, which has no '/' at its end. */
const char *path_base(const char *path);

/* All before the last component: "/" for "/x", "." for "x". */
char *path_dir(struct arena *a, const char *path) _must_check_;

/*
 * os.path.abspath(): PATH made absolute with CWD, then "//", "." and ".." taken
 * out by text alone.
 */
char *path_absolute(struct arena *a, const char *cwd, const char *path) _must_check_;

/* True if PATH is DIR or lies below it; both absolute and normalised. */
bool path_is_below(const char *path, const char *dir);

/* Relative, without "..", empty components or a '/' at its end: safe to join. */
bool path_is_inside(const char *path);
