/* SPDX-License-Identifier: MIT */
/* index.c - the index of a store's entry: nothing in it leads out of it */
#include <config.h>

#include "fuzz.h"
#include "store/manifest.h"

#define SUM_AT	8
#define BODY_AT 16

static uint64_t word(const uint8_t *p)
{
	uint64_t value = 0;

	for (int i = 7; i >= 0; i--)
		value = value << 8 | p[i];
	return value;
}

/* With what no fuzzer guesses: the name of the format and the checksum, as index.c says it. */
static void seal(uint8_t *data, size_t size)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i = BODY_AT;

	if (size < BODY_AT)
		return;
	for (; size - i >= 8; i += 8) {
		h = (h ^ word(data + i)) * UINT64_C(0x100000001b3);
		h ^= h >> 32;
	}
	for (; i < size; i++)
		h = (h ^ data[i]) * UINT64_C(0x100000001b3);
	memcpy(data, "vctlidx\1", 8);
	for (int j = 0; j < 8; j++)
		data[SUM_AT + j] = (uint8_t)(h >> 8 * j);
}

/* What the store relies on. */
static void check(const struct manifest *m, const char *data, size_t size)
{
	size_t end = 0;

	MUST(path_is_inside(m->dist_info) && !strchr(m->dist_info, '/'));
	MUST(m->project + strlen(m->project) < data + size &&
	     m->version + strlen(m->version) < data + size);
	for (size_t i = 0; i < m->n_items; i++) {
		const struct item *t = &m->items[i];

		MUST(path_is_inside(t->path) && t->place < PLACES && t->size >= 0);
		MUST(t->path >= data && t->path + strlen(t->path) < data + size);
		MUST(!t->digest || t->digest + strlen(t->digest) < data + size);
	}
	for (size_t i = 0; i < m->n_points; i++) {
		const struct entry_point *p = &m->points[i];

		MUST(path_is_inside(p->name) && !strchr(p->name, '/'));
		MUST(p->module + strlen(p->module) < data + size &&
		     p->attribute + strlen(p->attribute) < data + size);
	}
	MUST(m->record >= data && m->record + m->record_len <= data + size);
	for (size_t i = 0; i < m->n_rows; i++) {
		MUST(m->items[m->rows[i].item].place == PLACE_SITE);
		MUST(m->rows[i].start >= end && m->rows[i].start <= m->record_len);
		end = m->rows[i].start;
	}
}

FUZZ(index)
{
	bool sealed = fuzz_byte(&data, &size) & 1;
	struct arena a = ARENA_INIT;
	struct manifest m = { .arena = &a }, again = { .arena = &a };
	struct str first = STR_INIT, second = STR_INIT;
	uint8_t *copy = malloc(size ? size : 1);

	MUST(copy);
	if (size)
		memcpy(copy, data, size);
	if (sealed)
		seal(copy, size);
	if (index_parse(&m, (char *)copy, size)) {
		check(&m, (char *)copy, size);
		index_write(&m, &first);
		MUST(index_parse(&again, str_text(&first), first.len));
		index_write(&again, &second);
		MUST(first.len == second.len &&
		     !memcmp(str_text(&first), str_text(&second), first.len));
		/* What was written has its checksum. */
		first.s[BODY_AT + size % (first.len - BODY_AT)] ^= 1;
		MUST(!index_parse(&again, first.s, first.len));
	}
	free(copy);
	str_release(&first);
	str_release(&second);
	arena_release(&a);
	return 0;
}
