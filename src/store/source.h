/* SPDX-License-Identifier: MIT */
/* source.h - a wheel as it came, and its digest */
#pragma once

#include <sys/stat.h>

#include "modules/digest.h"
#include "store.h"

#define HEX_SIZE (2 * SHA256_SIZE + 1)

struct source {
	int fd;
	struct stat st;
	char hex[HEX_SIZE]; /* its SHA-256 */
};

/* Open the wheel of W.  INTEGRITY if it has not the digest that it must have. */
int source_open(struct source *src, struct store *s, const struct store_wheel *w,
		struct venv_error *err) _must_check_;

/*
 * Once it was unpacked: INTEGRITY if somebody wrote to it since its digest was computed,
 * so that the one need not be that of the other.
 */
int source_check(const struct source *src, const char *path, struct venv_error *err)
	_must_check_;
void source_close(struct source *src);
