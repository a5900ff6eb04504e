/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "util.h"

#include <string.h>

/* A tree with a branch for each two bits of the hash, from the highest on. */
struct index_node {
	struct index_node *child[4];
	uint64_t hash;
	const char *name, *part;
	void *value;
};

static struct index_node **place(struct index *x, const char *name, const char *part,
				 uint64_t *hash)
{
	struct index_node **at = &x->root;
	uint64_t bits;

	*hash = bits = hash_add_str(hash_add_str(HASH_INIT, name), part);
	while (*at && ((*at)->hash != *hash || strcmp((*at)->name, name) != 0 ||
		       strcmp((*at)->part, part) != 0)) {
		at = &(*at)->child[bits >> 62];
		bits <<= 2;
	}
	return at;
}

void **index_slot(struct arena *a, struct index *x, const char *name, const char *part)
{
	uint64_t hash;
	struct index_node **at = place(x, name, part, &hash);

	if (!*at) {
		*at = arena_alloc(a, sizeof(**at));
		if (!*at)
			return NULL;
		**at = (struct index_node){ .hash = hash, .name = name, .part = part };
	}
	return &(*at)->value;
}

void *index_find(const struct index *x, const char *name, const char *part)
{
	struct index copy = *x;
	uint64_t hash;
	struct index_node *found = *place(&copy, name, part, &hash);

	return found ? found->value : NULL;
}
