/* SPDX-License-Identifier: MIT */
/*
 * journal.h - whose a directory is, and how to undo what was done to another
 *
 * INCOMPLETE_FILE is written into every staging directory right after it was made.  It
 * names that directory, and the target that is replaced or changed, by what nobody can
 * choose (struct tree_id), so that one that came from elsewhere (an archive, a checkout, a
 * copy) is never acted upon.  It grows: each group of changes is written whole, and ends
 * with a line that says so, before the first of them is made.  Each change can tell from the
 * file system whether it happened.
 */
#pragma once

#include <sys/stat.h>

#include "fs/fs.h"
#include "util/util.h"

enum way {
	WAY_NEW,      /* one rename to a name that was free */
	WAY_EXCHANGE, /* one exchange with what was there */
	WAY_MERGE     /* entry by entry, into a directory that stays */
};

enum change_kind {
	CHANGE_ADD,    /* PATH was not there; it is the file or directory NOW */
	CHANGE_SWAP,   /* PATH was the file WAS, which goes to old/NUMBER; it is NOW */
	CHANGE_REMOVE, /* PATH was WAS, which goes to old/NUMBER */
	CHANGE_SAVED,  /* the directory PATH as it was is saved as old/NUMBER */
	CHANGE_LINKED /* the file PATH of a saved directory was WAS, and is linked there */
};

/* A file as it was recorded; of a directory the time is that of its birth, the size 0. */
struct mark {
	uint64_t ino;
	int64_t size, mtime_ns;
};

struct change {
	struct change *next;
	enum change_kind kind;
	unsigned number;
	struct mark was, now;
	const char *path; /* relative to the target */
};

struct journal {
	enum way way;
	const char *name;	 /* of the target */
	const char *stage;	 /* name of the staging directory */
	struct tree_id stage_id; /* the staging directory; published, of the target */
	struct tree_id
		target_id;   /* what is replaced or changed; 0 if there was nothing */
	long pid;	     /* of the owner */
	int64_t began_ns;    /* when, since this machine was started */
	const char *host;    /* NULL unless locks do not work here */
	bool was_empty;	     /* the target: what a first create adds to it is owed */
	bool kept;	     /* it failed, and was left on purpose */
	struct strlist made; /* parents that had to be made, outermost first */
	struct change *changes, **tail;
	struct change *unwritten; /* the first that is not in the file yet */
	unsigned numbers;	  /* used so far */
	bool cut;		  /* the file ends within a group: nothing can be added */
};

/* The file in staging directories, and of a published target that is not finished. */
#define INCOMPLETE_FILE ".venvctl-incomplete"

void journal_init(struct journal *j);

/* Append a change in memory; PATH is kept, not copied.  NULL when memory ran out. */
struct change *journal_add(struct journal *j, struct arena *a, enum change_kind kind,
			   const char *path, struct venv_error *err);

struct mark mark_of(const struct stat *st);
/* What NAME of DIRFD is: 0, or -errno. */
int mark_at(int dirfd, const char *name, struct mark *m) _must_check_;
bool mark_equal(const struct mark *a, const struct mark *b);

/* Write it to DIRFD/INCOMPLETE_FILE, which must not be there: 0 or -errno. */
int journal_write(struct journal *j, int dirfd) _must_check_;

/* Add the changes that are not in DIRFD/INCOMPLETE_FILE yet, as one group. */
int journal_append(struct journal *j, int dirfd) _must_check_;

/* Say that it failed, and was left on purpose. */
int journal_keep(struct journal *j, int dirfd) _must_check_;

/*
 * Read DIRFD/INCOMPLETE_FILE: 1; 0 if there is none, or none that this user wrote;
 * -EBADMSG if it is not whole; -errno.  What stands behind the last whole group is left out.
 */
int journal_read(struct journal *j, struct arena *a, int dirfd) _must_check_;

/*
 * Does the process that wrote it run?  For file systems without locks; true where that
 * cannot be known.
 */
bool journal_owner_runs(const struct journal *j);

/* The name of this machine, for HOST; in the arena. */
const char *journal_host(struct arena *a);
