/* SPDX-License-Identifier: MIT */
/*
 * journal.h - how to undo what was done to a directory
 *
 * The file INCOMPLETE_FILE of an environment that is not finished.  It names the
 * directory that it is about by device and inode, so that one that came from
 * elsewhere (an archive, a checkout) is never acted upon.  A journal is written
 * whole before the first of its changes; each entry can tell from the file system
 * whether it happened.
 */
#pragma once

#include <sys/stat.h>

#include "util/util.h"

enum way {
	WAY_NEW,      /* one rename to a name that was free */
	WAY_EXCHANGE, /* one exchange with what was there */
	WAY_RENAMES,  /* the same in two renames */
	WAY_MERGE     /* entry by entry */
};

enum change_kind {
	CHANGE_ADD,    /* PATH was not there */
	CHANGE_SWAP,   /* PATH was the file DEV:INO, which goes to old/NUMBER */
	CHANGE_REMOVE, /* PATH goes to old/NUMBER */
	CHANGE_KEPT    /* with a backup: a name that was there at the top */
};

struct change {
	struct change *next;
	enum change_kind kind;
	unsigned number;
	uint64_t dev, ino; /* CHANGE_SWAP */
	const char *path;  /* relative to the environment */
};

struct journal {
	enum way way;
	uint64_t dev, ino; /* of the environment's directory */
	bool alone;	   /* whatever is in the directory came with this transaction */
	bool backup;	   /* backup/ has a copy of all that was there */
	struct change *changes, **tail;
	unsigned numbers; /* used so far */
};

void journal_init(struct journal *j, enum way way, const struct stat *root);

/* Append a change; PATH is kept, not copied. */
struct change *journal_add(struct journal *j, struct arena *a, enum change_kind kind,
			   const char *path, struct venv_error *err);

/* Write it to DIRFD/INCOMPLETE_FILE, which must not be there: 0 or -errno. */
int journal_write(const struct journal *j, int dirfd) _must_check_;

/*
 * Read it from DIRFD/INCOMPLETE_FILE: 1; 0 if there is none, or none that is about
 * the directory ROOT (NULL: about any); -EBADMSG if it is not whole; -errno.
 */
int journal_read(struct journal *j, struct arena *a, int dirfd, const struct stat *root);

/* "rename", "exchange", ... for reports. */
const char *way_name(enum way way);
