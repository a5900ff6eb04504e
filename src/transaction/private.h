/* SPDX-License-Identifier: MIT */
/* private.h - what the files of this room share */
#pragma once

#include "transaction.h"

/* CONFLICT if EXISTING, UPGRADE or FORCE forbid it; decides TARGET.kind. */
int target_decide(struct transaction *tx, struct venv_error *err) _must_check_;

/* CONFLICT if something is mounted below the target, whose whole content is to go. */
int target_check_mounts(const struct target *t, struct venv_error *err) _must_check_;

/* ---- stage.c: staging directories, and what is left of them ---- */

enum leftover {
	LEFTOVER_NONE,	  /* nothing is there any more */
	LEFTOVER_BUSY,	  /* its owner is at work */
	LEFTOVER_FOREIGN, /* not known to be ours: left alone */
	LEFTOVER_STUCK	  /* ours, and it cannot be removed */
};

/*
 * What lies at NAME of DIRFD (whose path is DIR), a name for staging directories: remove it
 * if it was made by a process that is gone.
 */
enum leftover stage_clean(struct transaction *tx, int dirfd, const char *dir,
			  const char *name);

/* The I-th name for a staging directory beside (INSIDE: in) the target; in the arena. */
const char *stage_name(struct transaction *tx, bool inside, unsigned i);

/*
 * Make, open and lock a staging directory in DIRFD (whose path is DIR), with its journal.
 * 0 with the descriptor in *FD; STAGE_BUSY if another process is at work on the target, or
 * was in the way: look again.
 */
#define STAGE_BUSY 1
int stage_make(struct transaction *tx, int dirfd, const char *dir, bool inside, int *fd,
	       struct venv_error *err) _must_check_;

/* Remove a staging directory of ours, the journal last; what stays is told the log. */
int stage_remove(struct transaction *tx, int dirfd, const char *dir, const char *name);

/* The lock of FD: 0, -EWOULDBLOCK; without locks 0 and NO_LOCKS. */
int stage_lock(struct transaction *tx, int fd);

/* ---- undo.c: back to what the journal says ---- */

/* Undo what was published, by TX->journal; 0, or what could not be put back is told. */
int undo_published(struct transaction *tx);

/* CONFLICT: another process is at work on it. */
int transaction_busy(const struct transaction *tx, struct venv_error *err);

/* CONFLICT: the target is not what it was when it was opened. */
int transaction_moved(const struct transaction *tx, struct venv_error *err);

/* DURABLE: bring what was written so far to disk, before more depends on it. */
int transaction_sync(struct transaction *tx, struct venv_error *err) _must_check_;

/* ---- merge.c ---- */

/* Publish what is staged in box/env; STEPS_LEFT as in transaction_publish(). */
int merge_publish(struct transaction *tx, bool steps_left, struct venv_error *err)
	_must_check_;
/* The name in the box of what change C takes out of the target. */
void merge_old_name(char buf[32], const struct change *c);

/* ---- merge_plan.c: what a merge will change, and what stands in its way ---- */

/* Add to the journal what publishing box/env changes; STEPS_LEFT as above. */
int merge_plan(struct transaction *tx, bool steps_left, struct venv_error *err)
	_must_check_;
/* ... what publishing one more staged tree adds to that (transaction_part_publish()). */
int merge_plan_part(struct transaction *tx, struct venv_error *err) _must_check_;

/* ---- merge_undo.c ---- */

/* Undo the journal's changes in the target, newest first; what stays is told the log. */
int merge_undo(struct transaction *tx);

/* ---- save.c: directories that child processes may change ---- */

/* Save the directory PATH of the target in the box, as changes of the journal. */
int save_directory(struct transaction *tx, const char *path, struct venv_error *err)
	_must_check_;
/* Make the directory of C (CHANGE_SAVED) what it was: 0; 1 if it cannot be; or -errno. */
int save_restore(struct transaction *tx, const struct change *c);
