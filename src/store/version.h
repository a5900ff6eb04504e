/* SPDX-License-Identifier: MIT */
/* version.h - versions of packages (PEP 440) and names (PEP 503), compared */
#pragma once

#include <stdbool.h>

/* Below, at or above 0 as A is older than, the same as or newer than B. */
int version_compare(const char *a, const char *b);

/* An alpha, beta, candidate or development version. */
bool version_is_pre(const char *version);

/*
 * True if VERSION is one of a list of specifiers ">=3.8,!=3.9.*,<4" (PEP 440).  What is
 * not understood does not match.
 */
bool version_matches(const char *version, const char *specifiers);

/* "Foo.Bar" and "foo_bar" are the same project. */
bool project_equal(const char *a, const char *b);
