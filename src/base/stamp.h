/* SPDX-License-Identifier: MIT */
/*
 * stamp.h - "is it still the same file": device, inode, size and times
 *
 * ctime cannot be set by anybody, so a file that was exchanged or changed has
 * another stamp even if its size and mtime were made to match.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "str.h"

struct stamp {
	uint64_t dev, ino;
	int64_t size, mtime_ns, ctime_ns;
};

static inline int64_t stamp_ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static inline struct stamp stamp_of(const struct stat *st)
{
	return (struct stamp){ (uint64_t)st->st_dev, (uint64_t)st->st_ino,
			       (int64_t)st->st_size, stamp_ns(&st->st_mtim),
			       stamp_ns(&st->st_ctim) };
}

static inline bool stamp_equal(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

/* As text: five hexadecimal numbers with ':' between them. */
void stamp_add(struct str *out, const struct stamp *s);
bool stamp_parse(const char *text, struct stamp *s);
