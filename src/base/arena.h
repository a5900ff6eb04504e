/* SPDX-License-Identifier: MIT */
/*
 * arena.h - memory with one owner
 *
 * Strings and small structures that live as long as a builder, a configuration
 * or a session are taken from its arena and freed with it.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "macro.h"

struct arena {
	struct arena_chunk *chunk;
};

#define ARENA_INIT   \
	{            \
		NULL \
	}

void arena_release(struct arena *a);

/* Zeroed and aligned for anything; NULL when memory ran out.  *Borrows*. */
void *arena_alloc(struct arena *a, size_t size) _must_check_;
char *arena_strdup(struct arena *a, const char *s) _must_check_;
char *arena_strndup(struct arena *a, const char *s, size_t n) _must_check_;
char *arena_printf(struct arena *a, const char *fmt, ...) _must_check_ _printf_(2, 3);

/* A list of strings in an arena; v ends with NULL (NULL itself when empty). */
struct strlist {
	const char **v;
	size_t n;
};

#define STRLIST_INIT    \
	{               \
		NULL, 0 \
	}

/* Append S itself (not a copy of it); false when memory ran out. */
bool strlist_add(struct arena *a, struct strlist *list, const char *s) _must_check_;

/* Position of S, or -1. */
ssize_t strlist_find(const struct strlist *list, const char *s);
