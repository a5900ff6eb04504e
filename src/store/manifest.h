/* SPDX-License-Identifier: MIT */
/*
 * manifest.h - what an entry of the store holds
 *
 * One line for each file, sorted by path, so that files of a directory stand together;
 * written last: an entry that has a whole one is whole.
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

/* SHA-256 as RECORD has it: base64, URL-safe, without padding. */
#define RECORD_DIGEST_SIZE 44

struct item {
	const char *path; /* below its place */
	enum place place;
	bool executable;
	bool byte_code; /* compiled here: no digest */
	int64_t size, mtime;
	char digest[RECORD_DIGEST_SIZE];
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
};

/* Append an item, zeroed; NULL when memory ran out.  *Borrows* until the next one. */
struct item *manifest_add(struct manifest *m);
bool manifest_add_point(struct manifest *m, const char *name, const char *module,
			const char *attribute);

/* By place, then by path. */
void manifest_sort(struct manifest *m);

/* The name of a place's directory in an entry: "site". */
const char *place_name(enum place place);

void manifest_write(const struct manifest *m, struct str *out);

/* Parse what manifest_write wrote; M has its arena.  False if it is not whole. */
bool manifest_parse(struct manifest *m, const char *text);
