/* SPDX-License-Identifier: MIT */
/* entry.h - the entry of a wheel: found, or made */
#pragma once

#include "manifest.h"
#include "modules/digest.h"
#include "store.h"

#define MANIFEST_FILE "manifest"

struct entry {
	int fd; /* its directory; -1 if there is only the manifest, for who tries */
	struct manifest manifest;
	bool site;	  /* it is the site's, not the user's own */
	const char *path; /* of its directory; NULL if it is of no store */
	char *temporary; /* path, if it is nobody's but this create's; removed by entry_close */
};

/* 0; STORE_NEEDS_PIP; or an error. */
int entry_open(struct store *s, const struct store_wheel *w, struct entry *e,
	       struct venv_error *err) _must_check_;
void entry_close(struct entry *e);

/* store.c: with -v, and once: who tries first, and then does it, comes twice. */
void store_tell(struct store *s, const char *text);

/* A digest as RECORD has it. */
void record_digest(const unsigned char hash[SHA256_SIZE], char out[RECORD_DIGEST_SIZE]);
