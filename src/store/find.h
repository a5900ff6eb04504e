/* SPDX-License-Identifier: MIT */
/* find.h - the wheel of a project that an interpreter can use */
#pragma once

#include "store.h"
#include "tags.h"

struct wheel_query {
	const char *project;	   /* compared as PEP 503 says; NULL: whatever is there */
	const char *version;	   /* exactly that (PEP 440); NULL: the newest release */
	const char *const *places; /* directories and wheels, absolute; ends with NULL */
	struct tag_target target;
	const char *python_version; /* "3.12.1", for Requires-Python */
};

/*
 * The best: newest version, then tags; *PATH is in the store's arena.  UNSUPPORTED,
 * with the version that would fit in the hint, if there are only wheels for other
 * Pythons or platforms; FAILED if there is none at all,
 * CONFIG if a place is not there.
 */
int store_find(struct store *s, const struct wheel_query *q, const char **path,
	       struct venv_error *err) _must_check_;
