/* SPDX-License-Identifier: MIT */
/*
 * manifest.h - what an entry of the store holds
 *
 * In the entry it is the file "index", which is written last: an entry that has a whole one is
 * whole.  Files of a directory stand together in it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/util.h"

/* Where a file of a wheel belongs: a directory of the entry, and one of the environment. */
enum place {
	PLACE_SITE,    /* site-packages */
	PLACE_SCRIPTS, /* the directory of scripts */
	PLACE_DATA,    /* the environment's root */
	PLACE_HEADERS, /* include/site/pythonX.Y/NAME, as pip has it */
	PLACES
};

#define INDEX_FILE "index"

/* SHA-256 as RECORD has it: base64, URL-safe, without padding. */
#define RECORD_DIGEST_SIZE 44

struct item {
	const char *path; /* below its place */
	enum place place;
	bool executable;
	int64_t size, mtime;
	const char *digest; /* NULL: compiled here */
};

/* A row of RECORD that is the same in every environment: that of a file in site-packages. */
struct record_row {
	size_t item;  /* which file */
	size_t start; /* in the manifest's RECORD */
};

/* An entry point: the console script NAME calls ATTRIBUTE of MODULE. */
struct entry_point {
	const char *name, *module, *attribute;
};

struct manifest {
	struct arena *arena;
	const char *project; /* as the wheel writes it: "pip" */
	const char *version;
	const char *dist_info; /* "pip-24.2.dist-info" */
	bool purelib;
	struct item *items;
	size_t n_items;
	struct entry_point *points;
	size_t n_points;
	const char *record; /* the rows as text, sorted by path */
	size_t record_len;
	struct record_row *rows;
	size_t n_rows;
};

/* Append an item, zeroed; NULL when memory ran out.  *Borrows* until the next one. */
struct item *manifest_add(struct manifest *m);
bool manifest_add_point(struct manifest *m, const char *name, const char *module,
			const char *attribute);

/* Sort the items by place, then by path, and make the rows of RECORD.  False: no memory. */
bool manifest_finish(struct manifest *m) _must_check_;

/* The name of a place's directory in an entry: "site". */
const char *place_name(enum place place);

/* Append a row of RECORD; DIGEST may be NULL. */
void record_add(struct str *out, const char *path, const char *digest, int64_t size);

/* ---- index.c: the manifest as a file ---- */

/* Append M, which is finished. */
void index_write(const struct manifest *m, struct str *out);

/*
 * Read what index_write() wrote, DATA with LEN bytes; M has its arena, and borrows DATA.  False
 * if any of it is not as it was written.
 */
bool index_parse(struct manifest *m, const char *data, size_t len);
