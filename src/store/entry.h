/* SPDX-License-Identifier: MIT */
/* entry.h - the entry of a wheel: found, or made */
#pragma once

#include "manifest.h"
#include "modules/digest.h"
#include "store.h"

struct entry {
	int fd; /* its directory; -1 if there is only the manifest, for who tries */
	struct manifest manifest;
	bool brief;	/* MANIFEST has no more than an environment gets that shares it */
	bool site;	/* it is the site's, not the user's own */
	uid_t owner;	/* whose its files are */
	bool made;	/* just now, for this environment */
	bool looked_at; /* each file is as it was made; else place_files() looks */
	const char *path; /* of its directory; NULL if it is of no store */
	char *temporary; /* path, if it is nobody's but this create's; removed by entry_close */
};

/* 0; STORE_NEEDS_PIP; or an error. */
int entry_open(struct store *s, const struct store_wheel *w, struct entry *e,
	       struct venv_error *err) _must_check_;
void entry_close(struct entry *e);

/*
 * The file NAME in the directory DIR of E is T as it was made?  A wrong mode is put right.  The
 * owner of a file may change it: he is another one where an environment with links to it was
 * given away.
 */
bool entry_file_is_whole(const struct entry *e, int dir, const char *name,
			 const struct item *t);

/* store.c: with -v, and once: who tries first, and then does it, comes twice. */
void store_tell(struct store *s, const char *text);

/* A digest as RECORD has it. */
void record_digest(const unsigned char hash[SHA256_SIZE], char out[RECORD_DIGEST_SIZE]);
