/* SPDX-License-Identifier: MIT */
/*
 * memory.h - what was found out for one environment and holds for the next
 *
 * A file that has another stamp is read again; who can write on the way to an entry is asked once,
 * as trust.c does for directories.  It is of one builder, so of one thread.
 */
#pragma once

#include <sys/stat.h>

#include "manifest.h"
#include "source.h"
#include "store.h"

/* Where what is to be remembered lies: with the store, if nothing is. */
struct arena *memory_arena(struct store *s);

/* The manifest that the index with the state ST was read into; false if it was not. */
bool memory_find_index(const struct store *s, const struct stat *st, struct manifest *m);
void memory_keep_index(struct store *s, const struct stat *st, const struct manifest *m);

/* The SHA-256 of the wheel PATH, whose state is ST. */
bool memory_find_digest(const struct store *s, const char *path, const struct stat *st,
			char hex[HEX_SIZE]);
void memory_keep_digest(struct store *s, const char *path, const struct stat *st,
			const char hex[HEX_SIZE]);

/* Nobody else can exchange what lies at PATH. */
bool memory_is_lasting(const struct store *s, const char *path);
void memory_keep_lasting(struct store *s, const char *path);
