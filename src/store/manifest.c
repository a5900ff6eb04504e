/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "manifest.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"

static const char *const places[PLACES] = { "site", "scripts", "data", "headers" };

const char *place_name(enum place place)
{
	return places[place];
}

/* Room is always a power of two above N, as in a strlist. */
static void *grow(struct arena *a, void *items, size_t n, size_t size)
{
	void *more;

	if (items && (n & (n - 1)))
		return items;
	more = arena_alloc(a, (n ? 2 * n : 1) * size);
	if (more && items)
		memcpy(more, items, n * size);
	return more;
}

struct item *manifest_add(struct manifest *m)
{
	struct item *items = grow(m->arena, m->items, m->n_items, sizeof(*items));

	if (!items)
		return NULL;
	m->items = items;
	items[m->n_items] = (struct item){ 0 };
	return &items[m->n_items++];
}

bool manifest_add_point(struct manifest *m, const char *name, const char *module,
			const char *attribute)
{
	struct entry_point *points = grow(m->arena, m->points, m->n_points,
					  sizeof(*points));

	if (!points || !name || !module || !attribute)
		return false;
	m->points = points;
	points[m->n_points++] = (struct entry_point){ name, module, attribute };
	return true;
}

/* A directory's files before those of the directories in it. */
static int compare_paths(const char *a, const char *b)
{
	const char *x = strrchr(a, '/'), *y = strrchr(b, '/');
	size_t m = x ? (size_t)(x - a) : 0, n = y ? (size_t)(y - b) : 0;
	int r = memcmp(a, b, m < n ? m : n);

	if (!r && m != n)
		r = m < n ? -1 : 1;
	return r ? r : strcmp(a, b);
}

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return compare_paths(x->path, y->path);
}

void record_add(struct str *out, const char *path, const char *digest, int64_t size)
{
	csv_add(out, path);
	if (digest)
		str_addf(out, ",sha256=%s,%" PRId64 "\r\n", digest, size);
	else
		str_add(out, ",,\r\n");
}

static int compare_whole_paths(const void *a, const void *b)
{
	const struct item *const *x = a, *const *y = b;

	return strcmp((*x)->path, (*y)->path);
}

/* RECORD has them as pip sorts them: by the whole path. */
static bool make_rows(struct manifest *m, const struct item **sorted)
{
	_cleanup_str_ struct str text = STR_INIT;
	size_t n = 0;

	for (size_t i = 0; i < m->n_items; i++) {
		if (m->items[i].place == PLACE_SITE)
			sorted[n++] = &m->items[i];
	}
	if (n > 1)
		qsort(sorted, n, sizeof(const struct item *), compare_whole_paths);
	for (size_t i = 0; i < n; i++) {
		m->rows[i] = (struct record_row){ (size_t)(sorted[i] - m->items),
						  text.len };
		record_add(&text, sorted[i]->path, sorted[i]->digest, sorted[i]->size);
	}
	m->n_rows = n;
	m->record_len = text.len;
	m->record = arena_strndup(m->arena, str_text(&text), text.len);
	return !str_failed(&text) && m->record;
}

bool manifest_finish(struct manifest *m)
{
	const struct item **sorted;

	if (m->n_items > 1)
		qsort(m->items, m->n_items, sizeof(*m->items), compare_items);
	sorted = arena_alloc(m->arena, (m->n_items + 1) * sizeof(const struct item *));
	m->rows = arena_alloc(m->arena, (m->n_items + 1) * sizeof(*m->rows));
	return sorted && m->rows && make_rows(m, sorted);
}
