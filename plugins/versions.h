/* SPDX-License-Identifier: MIT */
/* versions.h - versions of packages and which of them are meant (PEP 440) */
#pragma once

#include <stddef.h>

/*
 * Is VERSION one of SPECIFIERS (">=3.8,!=3.9.*", N bytes; none: any)?  1, 0, or -1 if
 * one of them is nothing that can be compared.
 */
int version_is_one_of(const char *version, const char *specifiers, size_t n);

/* "Foo.Bar" and "foo_bar" are the same project (PEP 503). */
int is_same_project(const char *a, size_t n, const char *b, size_t m);
