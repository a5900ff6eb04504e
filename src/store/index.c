/* SPDX-License-Identifier: MIT */
/*
 * index.c - the manifest of an entry as a file that is read in one go
 *
 * All numbers are little-endian:
 *
 *   "vctlidx" and the version of the format, 8 bytes
 *   checksum of all that follows, 8 bytes
 *   how many items, points and rows there are; bytes of the strings and of RECORD; where the
 *     project, version and .dist-info begin in the strings; 1 for purelib: 4 bytes each
 *   items: path and digest (in the strings; none: NONE), place, 1 if executable, 4 bytes each;
 *     size, mtime, 8 each
 *   points: name, module, attribute (in the strings), 4 each
 *   rows, sorted by path: number of the item, where its row begins in RECORD, 4 each
 *   strings, with a NUL behind each
 *   RECORD
 *
 * Who can write an entry can write any index; the checksum is for what comes by accident.  Still
 * nothing in it is trusted to lie within it.
 */
#include <config.h>

#include <string.h>

#include "fs/fs.h"
#include "manifest.h"

#define MAGIC	   "vctlidx\1"
#define HEAD_SIZE  52u
#define ITEM_SIZE  32u
#define POINT_SIZE 12u
#define ROW_SIZE   8u
#define NONE	   UINT32_MAX

static uint32_t get32(const char *data)
{
	const unsigned char *p = (const unsigned char *)data;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static uint64_t get64(const char *data)
{
	return get32(data) | (uint64_t)get32(data + 4) << 32;
}

static void put32(struct str *out, uint32_t value)
{
	const char bytes[] = { (char)value, (char)(value >> 8), (char)(value >> 16),
			       (char)(value >> 24) };

	str_add_n(out, bytes, sizeof(bytes));
}

static void put64(struct str *out, uint64_t value)
{
	put32(out, (uint32_t)value);
	put32(out, (uint32_t)(value >> 32));
}

/* FNV-1a, of eight bytes at once where there are as many. */
static uint64_t checksum(const char *data, size_t len)
{
	uint64_t h = HASH_INIT;

	for (; len >= 8; data += 8, len -= 8) {
		h = (h ^ get64(data)) * UINT64_C(0x100000001b3);
		h ^= h >> 32;
	}
	return hash_add(h, data, len);
}

/* Where TEXT begins in the strings, to which it is added. */
static uint32_t add_text(struct str *strings, const char *text)
{
	size_t start = strings->len;

	if (!text)
		return NONE;
	str_add_n(strings, text, strlen(text) + 1);
	return (uint32_t)start;
}

/* The tables, with their strings: items, points, rows. */
static void write_tables(const struct manifest *m, struct str *out, struct str *strings)
{
	for (size_t i = 0; i < m->n_items; i++) {
		const struct item *t = &m->items[i];

		put32(out, add_text(strings, t->path));
		put32(out, add_text(strings, t->digest));
		put32(out, t->place);
		put32(out, t->executable);
		put64(out, (uint64_t)t->size);
		put64(out, (uint64_t)t->mtime);
	}
	for (size_t i = 0; i < m->n_points; i++) {
		put32(out, add_text(strings, m->points[i].name));
		put32(out, add_text(strings, m->points[i].module));
		put32(out, add_text(strings, m->points[i].attribute));
	}
}

void index_write(const struct manifest *m, struct str *out)
{
	_cleanup_str_ struct str strings = STR_INIT, tables = STR_INIT, body = STR_INIT;
	const uint32_t names[] = { add_text(&strings, m->project),
				   add_text(&strings, m->version),
				   add_text(&strings, m->dist_info), m->purelib };

	write_tables(m, &tables, &strings);
	for (size_t i = 0; i < m->n_rows; i++) {
		put32(&tables, (uint32_t)m->rows[i].item);
		put32(&tables, (uint32_t)m->rows[i].start);
	}
	put32(&body, (uint32_t)m->n_items);
	put32(&body, (uint32_t)m->n_points);
	put32(&body, (uint32_t)m->n_rows);
	put32(&body, (uint32_t)strings.len);
	put32(&body, (uint32_t)m->record_len);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		put32(&body, names[i]);
	str_add_n(&body, str_text(&tables), tables.len);
	str_add_n(&body, str_text(&strings), strings.len);
	str_add_n(&body, m->record, m->record_len);
	str_add_n(out, MAGIC, 8);
	put64(out, checksum(str_text(&body), body.len));
	str_add_n(out, str_text(&body), body.len);
	/* What is missing from a part is missing from the whole. */
	if (str_failed(&strings) || str_failed(&tables) || str_failed(&body))
		str_add(out, NULL);
}

struct reading {
	struct manifest *m;
	const char *strings;
	uint32_t strings_len;
};

/* The text that begins at OFFSET; NULL if that is none. */
static const char *text_at(const struct reading *r, uint32_t offset)
{
	return offset < r->strings_len ? r->strings + offset : NULL;
}

static bool read_item(const struct reading *r, const char *p, struct item *t)
{
	uint32_t digest = get32(p + 4), place = get32(p + 8), executable = get32(p + 12);

	t->path = text_at(r, get32(p));
	t->digest = digest == NONE ? NULL : text_at(r, digest);
	t->place = (enum place)place;
	t->executable = executable;
	t->size = (int64_t)get64(p + 16);
	t->mtime = (int64_t)get64(p + 24);
	return t->path && path_is_inside(t->path) && (t->digest || digest == NONE) &&
	       place < PLACES && executable <= 1 && t->size >= 0;
}

static bool read_point(const struct reading *r, const char *p, struct entry_point *point)
{
	point->name = text_at(r, get32(p));
	point->module = text_at(r, get32(p + 4));
	point->attribute = text_at(r, get32(p + 8));
	return point->name && point->module && point->attribute &&
	       path_is_inside(point->name) && !strchr(point->name, '/');
}

/* Of the files in site-packages alone, one behind the other. */
static bool read_row(const struct manifest *m, const char *p, struct record_row *row,
		     size_t previous)
{
	row->item = get32(p);
	row->start = get32(p + 4);
	return row->item < m->n_items && m->items[row->item].place == PLACE_SITE &&
	       row->start >= previous && row->start <= m->record_len;
}

static bool read_tables(const struct reading *r, const char *p)
{
	struct manifest *m = r->m;

	m->items = arena_alloc(m->arena, (m->n_items + 1) * sizeof(*m->items));
	m->points = arena_alloc(m->arena, (m->n_points + 1) * sizeof(*m->points));
	m->rows = arena_alloc(m->arena, (m->n_rows + 1) * sizeof(*m->rows));
	if (!m->items || !m->points || !m->rows)
		return false;
	for (size_t i = 0; i < m->n_items; i++, p += ITEM_SIZE) {
		if (!read_item(r, p, &m->items[i]))
			return false;
	}
	for (size_t i = 0; i < m->n_points; i++, p += POINT_SIZE) {
		if (!read_point(r, p, &m->points[i]))
			return false;
	}
	for (size_t i = 0; i < m->n_rows; i++, p += ROW_SIZE) {
		if (!read_row(m, p, &m->rows[i], i ? m->rows[i - 1].start : 0))
			return false;
	}
	return true;
}

bool index_parse(struct manifest *m, const char *data, size_t len)
{
	const char *body = data + 16, *tables = data + HEAD_SIZE;
	struct reading r = { .m = m };
	uint64_t sizes;

	if (len < HEAD_SIZE || memcmp(data, MAGIC, 8) != 0 ||
	    get64(data + 8) != checksum(body, len - 16))
		return false;
	m->n_items = get32(body);
	m->n_points = get32(body + 4);
	m->n_rows = get32(body + 8);
	r.strings_len = get32(body + 12);
	m->record_len = get32(body + 16);
	sizes = (uint64_t)m->n_items * ITEM_SIZE + (uint64_t)m->n_points * POINT_SIZE +
		(uint64_t)m->n_rows * ROW_SIZE;
	if (len - HEAD_SIZE != sizes + r.strings_len + m->record_len)
		return false;
	r.strings = tables + sizes;
	m->record = r.strings + r.strings_len;
	/* Each of the strings ends within them. */
	if (!r.strings_len || r.strings[r.strings_len - 1])
		return false;
	m->project = text_at(&r, get32(body + 20));
	m->version = text_at(&r, get32(body + 24));
	m->dist_info = text_at(&r, get32(body + 28));
	m->purelib = get32(body + 32);
	return m->project && m->version && m->dist_info && path_is_inside(m->dist_info) &&
	       !strchr(m->dist_info, '/') && read_tables(&r, tables);
}
