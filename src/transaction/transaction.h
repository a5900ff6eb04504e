/* SPDX-License-Identifier: MIT */
/*
 * transaction.h - all of an environment, or what was there before
 *
 * The new tree is built out of sight and published at the end, by the first way
 * that fits:
 *
 *   NEW       beside the target, as ".venvctl-<hash of its name>"; one rename
 *   EXCHANGE  the same, exchanged with what is there; the old tree is kept under
 *             the other name until the commit.  Where names cannot be exchanged:
 *   RENAMES   two renames, with a journal in the new tree
 *   MERGE     in a box ".venvctl-<hash>.box" inside the target; entry by entry with a
 *             journal, pyvenv.cfg last.  For a directory that has to stay: one that
 *             holds other things, a mount point, the caller's current directory, one
 *             whose parent cannot be written or whose owner, mode, ACL or attributes
 *             a new directory cannot be given.
 *
 * If steps are to run after publication, the published tree has INCOMPLETE_FILE,
 * the journal, until the commit unlinks it.
 */
#pragma once

#include "util/util.h"
#include "journal.h"
#include "target.h"

struct transaction {
	struct arena *arena;
	const struct log *log;
	struct target *t;
	bool wait;		       /* for another venvctl to be done */
	bool (*cancelled)(void *data); /* asked while waiting */
	void *cancel_data;
	bool waited;  /* that has happened */
	bool durable; /* have it on disk before it is visible */

	enum way way;
	char stage[32]; /* name of the staging directory */
	/* Of the box: not STAGE, which X/X has in X just as X would. */
	char box_name[40];
	int parent; /* directory that holds the target; -1 in MERGE */
	int box;    /* MERGE: in the target; else -1 */
	int root;   /* the environment's tree: staged, after publication the target */
	struct strlist made;	 /* parents that had to be made, outermost first */
	struct strlist removals; /* of older files, for MERGE */
	struct journal journal;
	bool journal_written;
	bool published;
	bool recovering;    /* what another process began, and did not end */
	unsigned mode_left; /* what is left of mode 0777 in ROOT; 0 if not known */
};

/* Choose the way and the names, and write nothing. */
void transaction_prepare(struct transaction *tx);

/*
 * Begin: lock, repair what a killed process left, choose the way, make the staging
 * directory.  TRANSACTION_AGAIN if the target is not what it was when it was looked
 * at: roll back and begin with that.  CONFLICT if another process is at work.
 */
#define TRANSACTION_AGAIN 2
int transaction_begin(struct transaction *tx, struct venv_error *err) _must_check_;

/* MERGE: a file of the target that is to go (relative).  Elsewhere nothing to do. */
int transaction_remove(struct transaction *tx, const char *path, struct venv_error *err);

/* Make it visible; STEPS_LEFT says that it is not done yet. */
int transaction_publish(struct transaction *tx, bool steps_left, struct venv_error *err)
	_must_check_;

/* It is done; what was replaced goes. */
int transaction_commit(struct transaction *tx, struct venv_error *err) _must_check_;

/* Put everything back; what cannot be put back is told the log. */
void transaction_rollback(struct transaction *tx);

/* Leave a published, unfinished environment as it is (--on-failure keep). */
void transaction_leave(struct transaction *tx);

/*
 * Repair what a killed process left of the target, which is there: 1 if there was
 * anything, 0 if not, TRANSACTION_AGAIN if its owner was alive and was waited for.
 * CONFLICT if its owner is alive.
 */
int transaction_recover(struct transaction *tx, struct venv_error *err) _must_check_;

/* For transaction.c: the two halves of MERGE. */
int merge_publish(struct transaction *tx, bool steps_left, struct venv_error *err);
int merge_undo(struct transaction *tx, struct venv_error *err);

/* recover.c, for transaction.c.  What is replaced keeps this name until the commit. */
#define OLD_SUFFIX ".old"
const char *transaction_old_name(const struct transaction *tx, char *buf, size_t size);
void transaction_name_stage(struct transaction *tx);

/* DURABLE: bring what was written so far to disk, before more depends on it. */
int transaction_sync(struct transaction *tx, struct venv_error *err) _must_check_;

/* Take the lock of a directory: 0, or CONFLICT.  Without locks one goes on. */
int transaction_lock(struct transaction *tx, int fd, struct venv_error *err) _must_check_;

/* Does NAME still stand for the file that ST is of? */
bool transaction_is_still(int dirfd, const char *name, const struct stat *st);

/*
 * A staging directory that is there already: 0 and locked, if its owner is gone;
 * CONFLICT if not.  Opened in *FD; -1 if it went away meanwhile.
 */
int transaction_open_leftover(struct transaction *tx, int *fd, struct venv_error *err)
	_must_check_;
int transaction_repair_beside(struct transaction *tx, struct venv_error *err)
	_must_check_;

/* Remove it; what does not go is told the log: 0 or -errno. */
int transaction_remove_at(struct transaction *tx, int dirfd, const char *name);

/* For the two halves of MERGE: a path's directory below FD, without following links. */
int merge_open_at(int fd, const char *path, const char **name);
/* Is NAME a file of the transaction itself, or a dot? */
bool merge_is_own(const struct transaction *tx, const char *name);
