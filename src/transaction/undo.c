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

/* Is NAME of the parent the directory ID?  1, 0, or -errno: not seen is not gone. */
static int is_dir(const struct transaction *tx, const char *name,
		  const struct tree_id *id)
{
	struct tree_id found;
	int r = tree_id_at(tx->parent, name, &found);

	if (r)
		return r == -ENOENT ? 0 : r;
	return tree_same(&found, id);
}

static void tell_moved(const struct transaction *tx)
{
	log_warn(tx->log,
		 "'%s' is not what venvctl made there: what it made was moved or "
		 "replaced, and "
		 "stays as it is",
		 tx->target.given);
}

/* The published tree under a staging name again, in *NAME; NULL if it is not there. */
static int withdraw(struct transaction *tx, const char **name)
{
	const char *target = tx->target.name;
	int r = is_dir(tx, target, &tx->journal.stage_id);

	*name = NULL;
	for (unsigned i = 0; r == 1; i++) {
		const char *to = stage_name(tx, false, i);

		r = to ? file_rename_new(tx->parent, target, tx->parent, to) : -ENOMEM;
		if (r == -EEXIST || r == -ENOTEMPTY) {
			r = 1;
			continue;
		}
		if (r)
			break;
		if (is_dir(tx, to, &tx->journal.stage_id) == 1)
			*name = to;
		else
			/* Exchanged for another one just now: not ours to remove. */
			(void)!file_rename_new(tx->parent, to, tx->parent, target);
	}
	return r == -ENOENT ? 0 : r;
}

static int undo_new(struct transaction *tx)
{
	const char *name;
	int r = withdraw(tx, &name);

	if (r)
		return r;
	if (name)
		stage_remove(tx, tx->parent, tx->target.parent, name);
	else
		tell_moved(tx);
	return 0;
}

/* What there was is gone: what is there now is all there is. */
static int keep_new(struct transaction *tx)
{
	int r = is_dir(tx, tx->target.name, &tx->journal.stage_id);

	log_warn(tx->log, "cannot restore '%s': its old content is gone",
		 tx->target.given);
	if (r == 1 &&
	    unlinkat(tx->root >= 0 ? tx->root : tx->target.fd, INCOMPLETE_FILE, 0))
		r = -errno;
	return r < 0 ? r : 0;
}

static int undo_exchange(struct transaction *tx)
{
	const char *old = tx->journal.stage, *target = tx->target.name;
	int r = is_dir(tx, old, &tx->journal.target_id);

	if (r <= 0)
		return r ? r : keep_new(tx);
	r = is_dir(tx, target, &tx->journal.stage_id);
	if (r < 0)
		return r;
	if (!r) {
		r = file_rename_new(tx->parent, old, tx->parent, target);
		if (r != -EEXIST && r != -ENOTEMPTY)
			return r;
		tell_moved(tx);
		log_warn(tx->log, "what was there before is '%s/%s'", tx->target.parent,
			 old);
		return 0;
	}
	r = file_exchange(tx->parent, old, tx->parent, target);
	if (r)
		return r;
	if (is_dir(tx, old, &tx->journal.stage_id) != 1) {
		(void)!file_exchange(tx->parent, old, tx->parent, target);
		tell_moved(tx);
		return 0;
	}
	stage_remove(tx, tx->parent, tx->target.parent, old);
	return 0;
}

/* The staging directory in the target; one that is not the journal's is not touched. */
static int open_box(struct transaction *tx)
{
	struct tree_id id;
	struct stat st;
	int r;

	if (tx->box < 0) {
		tx->box = tree_open_dir(tx->target.fd, tx->journal.stage);
		if (tx->box < 0)
			return errno == ENOENT ? 0 : -errno;
	}
	r = tree_id(tx->box, &id, NULL);
	if (!r && fstat(tx->box, &st))
		r = -errno;
	/* One without a name was removed, by a step or by hand. */
	if (r || !tree_same(&id, &tx->journal.stage_id) || st.st_uid != geteuid() ||
	    !st.st_nlink)
		lock_close(&tx->box);
	return r;
}

/* What could not be put back has no other copy: it gets a name that nobody removes. */
static int keep_box(struct transaction *tx)
{
	const char *stage = tx->journal.stage;
	int fd = tx->target.fd;

	for (unsigned i = 0; tx->box >= 0 && i < 1000; i++) {
		char *kept = arena_printf(tx->arena, "%s.kept-%u", stage, i);
		int r = kept ? file_rename_new(fd, stage, fd, kept) : -ENOMEM;

		if (r == -EEXIST)
			continue;
		log_warn(tx->log,
			 "what could not be put back is in '%s/%s/old': delete it when "
			 "you "
			 "have what you need of it",
			 tx->target.given, r ? stage : kept);
		break;
	}
	return unlinkat(fd, INCOMPLETE_FILE, 0) && errno != ENOENT ? -errno : 0;
}

static bool has_replaced(const struct journal *j)
{
	for (const struct change *c = j->changes; c; c = c->next) {
		if (c->kind != CHANGE_ADD)
			return true;
	}
	return false;
}

static int undo_merge(struct transaction *tx)
{
	int fd = tx->target.fd, left, r = open_box(tx);

	if (r)
		return r;
	if (tx->box < 0 && has_replaced(&tx->journal))
		log_warn(tx->log, "cannot restore '%s': what was replaced in it is gone",
			 tx->target.given);
	left = merge_undo(tx);
	if (left < 0)
		return left;
	if (left || tx->box < 0)
		return keep_box(tx);
	/* A step may have removed the journal: then this is all that there is to do. */
	if (renameat(fd, INCOMPLETE_FILE, tx->box, INCOMPLETE_FILE) && errno != ENOENT)
		return -errno;
	if (!file_exists_at(tx->box, INCOMPLETE_FILE))
		(void)!journal_write(&tx->journal, tx->box);
	lock_close(&tx->box);
	stage_remove(tx, fd, tx->target.given, tx->journal.stage);
	return 0;
}

int undo_published(struct transaction *tx)
{
	if (tx->way == WAY_MERGE)
		return undo_merge(tx);
	if (tx->parent < 0)
		return -EACCES;
	return tx->way == WAY_NEW ? undo_new(tx) : undo_exchange(tx);
}
