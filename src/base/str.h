/* SPDX-License-Identifier: MIT */
/*
 * str.h - a growing string
 *
 * Running out of memory sticks: later additions do nothing, and the one check at
 * the end (str_failed, or a NULL from str_steal) tells.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "macro.h"

struct str {
	char *s; /* NUL-terminated once anything was added; else NULL */
	size_t len;
	size_t size;
	bool failed;
};

#define STR_INIT                  \
	{                         \
		NULL, 0, 0, false \
	}
#define _cleanup_str_ __attribute__((cleanup(str_release)))

void str_release(struct str *s);
void str_clear(struct str *s);
void str_add_n(struct str *s, const void *bytes, size_t n);
void str_add(struct str *s, const char *text);
void str_add_char(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...) _printf_(2, 3);

/* Room for N more bytes at s->s + s->len; false when there is none. */
bool str_reserve(struct str *s, size_t n);

/* What is there, "" when nothing; *borrows* until the next change. */
const char *str_text(const struct str *s);

/* Give the string away; *returns new*, NULL when memory ran out. */
char *str_steal(struct str *s);

static inline bool str_failed(const struct str *s)
{
	return s->failed;
}
