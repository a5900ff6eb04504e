/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fs/fs.h"

#define HEAD "venvctl-store 1"

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

void manifest_sort(struct manifest *m)
{
	if (m->n_items > 1)
		qsort(m->items, m->n_items, sizeof(*m->items), compare_items);
}

void manifest_write(const struct manifest *m, struct str *out)
{
	str_addf(out, HEAD "\nproject %s\nversion %s\ndist-info %s\npurelib %d\n",
		 m->project, m->version, m->dist_info, m->purelib);
	for (size_t i = 0; i < m->n_points; i++)
		str_addf(out, "point %s %s %s\n", m->points[i].name, m->points[i].module,
			 m->points[i].attribute);
	for (size_t i = 0; i < m->n_items; i++) {
		const struct item *t = &m->items[i];

		str_addf(out, "file %d %d %" PRId64 " %" PRId64 " %s %s\n", t->place,
			 t->executable, t->size, t->mtime, t->byte_code ? "-" : t->digest,
			 t->path);
	}
	str_add(out, "end\n");
}

static bool parse_file(struct manifest *m, const char *line)
{
	struct item *t = manifest_add(m);
	char digest[RECORD_DIGEST_SIZE];
	int place, executable, n = 0;

	if (!t ||
	    sscanf(line, "%d %d %" SCNd64 " %" SCNd64 " %43s%n", &place, &executable,
		   &t->size, &t->mtime, digest, &n) != 5 ||
	    !n || line[n] != ' ' || place < 0 || place >= PLACES)
		return false;
	/* One blank, no more: a name may start with others. */
	line += n + 1;
	if (!path_is_inside(line))
		return false;
	t->place = (enum place)place;
	t->executable = executable;
	t->byte_code = !strcmp(digest, "-");
	memcpy(t->digest, digest, sizeof(digest));
	t->path = arena_strdup(m->arena, line);
	return t->path != NULL;
}

static bool parse_point(struct manifest *m, char *line)
{
	char *rest, *name = strtok_r(line, " ", &rest),
		    *module = strtok_r(NULL, " ", &rest);

	return module && manifest_add_point(m, name, module, rest);
}

static bool parse_line(struct manifest *m, char *line)
{
	char *value = strchr(line, ' ');

	if (!value)
		return false;
	*value++ = '\0';
	if (!strcmp(line, "file"))
		return parse_file(m, value);
	if (!strcmp(line, "point"))
		return parse_point(m, value);
	if (!strcmp(line, "project"))
		m->project = value;
	else if (!strcmp(line, "version"))
		m->version = value;
	else if (!strcmp(line, "dist-info"))
		m->dist_info = value;
	else if (!strcmp(line, "purelib"))
		m->purelib = *value == '1';
	else
		return false;
	return true;
}

bool manifest_parse(struct manifest *m, const char *text)
{
	char *copy = arena_strdup(m->arena, text), *rest, *line;

	line = copy ? strtok_r(copy, "\n", &rest) : NULL;
	if (!line || strcmp(line, HEAD) != 0)
		return false;
	while ((line = strtok_r(NULL, "\n", &rest))) {
		if (!strcmp(line, "end"))
			return m->project && m->version && m->dist_info;
		if (!parse_line(m, line))
			return false;
	}
	return false;
}
