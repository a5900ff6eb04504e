/* SPDX-License-Identifier: MIT */
/*
 * archive.h - a wheel as an archive, of which nothing is trusted
 *
 * Names that could lead out of a directory, or that two files would share, make the
 * whole archive unusable; sizes and ratios are limited.  INTEGRITY with what is wrong.
 */
#pragma once

#include "store.h"

struct wheel_module;

struct archive_file {
	const char *name;
	uint64_t index; /* in the archive */
	uint64_t size;
	int64_t mtime;
	bool executable;
};

struct archive {
	const char *path; /* for messages */
	const struct wheel_module *module;
	void *zip;
	struct arena *arena;
	struct archive_file *files; /* sorted by name; no directories */
	size_t n;
};

/* Why NAME is none that can be made below a directory on any system; NULL if it can. */
const char *archive_name_fault(const char *name);

int archive_open(struct archive *ar, struct store *s, int fd, const char *path,
		 struct venv_error *err) _must_check_;
void archive_close(struct archive *ar);

/* By name; NULL if there is none. */
const struct archive_file *archive_find(const struct archive *ar, const char *name);

/* All of a file, with a NUL behind it; *returns new*, NULL with the error set. */
char *archive_read(const struct archive *ar, const struct archive_file *f,
		   struct venv_error *err) _must_check_;
