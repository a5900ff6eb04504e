/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "memory.h"

#include <string.h>

#include "fs/fs.h"

struct known_index {
	struct known_index *next;
	struct stamp stamp;
	struct manifest manifest;
};

struct known_digest {
	struct known_digest *next;
	struct stamp stamp;
	const char *path;
	char hex[HEX_SIZE];
};

struct store_memory {
	struct arena *arena;
	struct known_index *indexes;
	struct known_digest *digests;
	struct strlist lasting;
};

struct store_memory *store_memory_new(struct arena *a)
{
	struct store_memory *m = arena_alloc(a, sizeof(*m));

	if (m)
		m->arena = a;
	return m;
}

struct arena *memory_arena(struct store *s)
{
	return s->memory ? s->memory->arena : s->arena;
}

bool memory_find_index(const struct store *s, const struct stat *st, struct manifest *m)
{
	const struct known_index *k = s->memory ? s->memory->indexes : NULL;
	struct stamp now = stamp_of(st);

	while (k && !stamp_equal(&k->stamp, &now))
		k = k->next;
	if (k)
		*m = k->manifest;
	return k != NULL;
}

void memory_keep_index(struct store *s, const struct stat *st, const struct manifest *m)
{
	struct known_index *k = s->memory ? arena_alloc(s->memory->arena, sizeof(*k))
					  : NULL;

	/* If there is no room to remember it, it is read again. */
	if (!k)
		return;
	*k = (struct known_index){ s->memory->indexes, stamp_of(st), *m };
	s->memory->indexes = k;
}

bool memory_find_digest(const struct store *s, const char *path, const struct stat *st,
			char hex[HEX_SIZE])
{
	const struct known_digest *k = s->memory ? s->memory->digests : NULL;
	struct stamp now = stamp_of(st);

	while (k && (!stamp_equal(&k->stamp, &now) || strcmp(k->path, path) != 0))
		k = k->next;
	if (k)
		memcpy(hex, k->hex, HEX_SIZE);
	return k != NULL;
}

void memory_keep_digest(struct store *s, const char *path, const struct stat *st,
			const char hex[HEX_SIZE])
{
	struct known_digest *k = s->memory ? arena_alloc(s->memory->arena, sizeof(*k))
					   : NULL;

	if (!k)
		return;
	*k = (struct known_digest){ .next = s->memory->digests,
				    .stamp = stamp_of(st),
				    .path = arena_strdup(s->memory->arena, path) };
	memcpy(k->hex, hex, HEX_SIZE);
	if (k->path)
		s->memory->digests = k;
}

bool memory_is_lasting(const struct store *s, const char *path)
{
	return s->memory && strlist_find(&s->memory->lasting, path) >= 0;
}

void memory_keep_lasting(struct store *s, const char *path)
{
	const char *copy = s->memory ? arena_strdup(s->memory->arena, path) : NULL;

	if (copy)
		(void)!strlist_add(s->memory->arena, &s->memory->lasting, copy);
}
