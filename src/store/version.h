/* SPDX-License-Identifier: MIT */
/* version.h - versions of packages (PEP 440) and names (PEP 503), compared */
#pragma once

#include <stdbool.h>

/* Below, at or above 0 as A is older than, the same as or newer than B. */
int version_compare(const char *a, const char *b);

/* "Foo.Bar" and "foo_bar" are the same project. */
bool project_equal(const char *a, const char *b);
