/* SPDX-License-Identifier: MIT */
/*
 * pep440.h - versions of packages (PEP 440) and names of projects (PEP 503), compared
 *
 * The answers are those of Python's `packaging`.  pep440.c needs nothing but the C
 * library, so plugins may compile it into themselves.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Below, at or above 0 as version A is older than, the same as or newer than B.  A text
 * that is no version is older than every version.
 */
int pep440_compare(const char *a, const char *b);

/* An alpha, beta, release candidate or development release; false for no version. */
bool pep440_is_pre(const char *version);

/*
 * Does VERSION satisfy SPECIFIERS, N bytes (">=3.8,!=3.9.*"; none: every version does)?
 * 1 or 0; -1 if VERSION is no version or one of SPECIFIERS is no specifier.  Pre-releases
 * are treated like other versions.
 */
int pep440_matches(const char *version, const char *specifiers, size_t n);

/* Are A, N bytes, and B, M bytes, one project, as "Foo.Bar" and "foo_bar" are? */
bool pep440_same_project(const char *a, size_t n, const char *b, size_t m);
