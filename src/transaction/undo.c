/* SPDX-License-Identifier: MIT */
/*
 * undo.c - what was published taken back, by this process or by the next one
 *
 * Both have the lock of the target and its journal.  A name is only touched while it is
 * what the journal says; what somebody else put there stays, and is told.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

/* True if NAME of the parent is the directory ID. */
static bool is_dir(const struct transaction *tx, const char *name,
		   const struct tree_id *id)
{
	_cleanup_close_ int fd = tree_open_dir(tx->parent, name);
	struct tree_id found;

	return fd >= 0 && !tree_id(fd, &found, NULL) && tree_same(&found, id);
}

static void tell_moved(const struct transaction *tx)
{
	log_warn(tx->log,
		 "'%s' is not what venvctl made there: what it made was moved or "
		 "replaced, and "
		 "stays as it is",
		 tx->target.given);
}

/* The published tree under a staging name again; NULL if it is not there. */
static const char *withdraw(struct transaction *tx, int *r)
{
	const char *target = tx->target.name;

	*r = 0;
	for (unsigned i = 0;; i++) {
		const char *name = stage_name(tx, false, i);

		*r = name ? file_rename_new(tx->parent, target, tx->parent, name)
			  : -ENOMEM;
		if (*r == -EEXIST || *r == -ENOTEMPTY)
			continue;
		if (*r)
			return NULL;
		if (is_dir(tx, name, &tx->journal.stage_id))
			return name;
		/* Exchanged for another one just now: not ours to remove. */
		(void)!file_rename_new(tx->parent, name, tx->parent, target);
		return NULL;
	}
}

static int undo_new(struct transaction *tx)
{
	const char *name = NULL;
	int r = 0;

	if (is_dir(tx, tx->target.name, &tx->journal.stage_id))
		name = withdraw(tx, &r);
	if (r && r != -ENOENT)
		return r;
	if (name)
		stage_remove(tx, tx->parent, tx->target.parent, name);
	else
		tell_moved(tx);
	return 0;
}

static int undo_exchange(struct transaction *tx)
{
	const char *old = tx->journal.stage, *target = tx->target.name;
	int r;

	if (!is_dir(tx, old, &tx->journal.target_id)) {
		/* What there was is gone: what is there now is all there is. */
		log_warn(tx->log, "cannot restore '%s': its old content is gone",
			 tx->target.given);
		return is_dir(tx, target, &tx->journal.stage_id) &&
				       unlinkat(tx->root >= 0 ? tx->root : tx->target.fd,
						INCOMPLETE_FILE, 0)
			       ? -errno
			       : 0;
	}
	if (!file_exists_at(tx->parent, target))
		return file_rename_new(tx->parent, old, tx->parent, target);
	if (!is_dir(tx, target, &tx->journal.stage_id)) {
		tell_moved(tx);
		log_warn(tx->log, "what was there before is '%s/%s'", tx->target.parent,
			 old);
		return 0;
	}
	r = file_exchange(tx->parent, old, tx->parent, target);
	if (r)
		return r;
	if (!is_dir(tx, old, &tx->journal.stage_id)) {
		(void)!file_exchange(tx->parent, old, tx->parent, target);
		tell_moved(tx);
		return 0;
	}
	stage_remove(tx, tx->parent, tx->target.parent, old);
	return 0;
}

/* The staging directory in the target; one that is not the journal's is not touched. */
static void open_box(struct transaction *tx)
{
	struct tree_id id;

	if (tx->box >= 0)
		return;
	tx->box = tree_open_dir(tx->target.fd, tx->journal.stage);
	if (tx->box >= 0 &&
	    (tree_id(tx->box, &id, NULL) || !tree_same(&id, &tx->journal.stage_id)))
		close(steal_fd(&tx->box));
}

static int undo_merge(struct transaction *tx)
{
	int fd = tx->target.fd, left;

	open_box(tx);
	left = merge_undo(tx);
	if (left < 0)
		return left;
	if (left || tx->box < 0) {
		/* What could not be put back has no other copy. */
		if (tx->box >= 0)
			log_warn(tx->log,
				 "what could not be put back is in '%s/%s/old': delete "
				 "'%s' when you have what you need of it",
				 tx->target.given, tx->journal.stage, tx->journal.stage);
		return unlinkat(fd, INCOMPLETE_FILE, 0) && errno != ENOENT ? -errno : 0;
	}
	if (renameat(fd, INCOMPLETE_FILE, tx->box, INCOMPLETE_FILE))
		return -errno;
	lock_close(&tx->box);
	stage_remove(tx, fd, tx->target.given, tx->journal.stage);
	return 0;
}

int undo_published(struct transaction *tx)
{
	if (tx->way == WAY_MERGE)
		return undo_merge(tx);
	return tx->way == WAY_NEW ? undo_new(tx) : undo_exchange(tx);
}
