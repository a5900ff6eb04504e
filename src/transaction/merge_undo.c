/* SPDX-License-Identifier: MIT */
/*
 * merge_undo.c - the changes of a merge taken back, newest first
 *
 * By the process that made them or by the next one.  A name is only touched while it is what
 * the journal says; what somebody else put there stays, and is told.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "private.h"

/* Is the new file of C still where it was staged? */
static bool is_staged(struct transaction *tx, const struct change *c)
{
	_cleanup_close_ int env = tx->box < 0 ? -1 : tree_open_dir(tx->box, "env");
	_cleanup_close_ int dir = env < 0 ? -1 : tree_open_parent(env, c->path);
	struct mark mark;

	return dir >= 0 && !mark_at(dir, path_base(c->path), &mark) &&
	       mark_equal(&mark, &c->now);
}

/* Remove NAME if it is what was recorded: it is moved away first, and looked at there. */
static int take_away(struct transaction *tx, const struct change *c, int dir,
		     const char *name)
{
	char away[32];
	struct mark mark;
	struct stat st;
	int r = mark_at(dir, name, &mark);

	if (r)
		return r == -ENOENT ? 0 : r;
	if (!mark_equal(&mark, &c->now)) {
		/* It did not come to that. */
		if (is_staged(tx, c))
			return 0;
		log_warn(tx->log,
			 "'%s/%s' was changed by somebody else: leaving it there",
			 tx->target.given, c->path);
		return 0;
	}
	if (tx->box < 0) {
		r = tree_remove_at(dir, name, NULL);
		return r == -ENOENT ? 0 : r;
	}
	/* An undo that was interrupted may have used some of these names. */
	do
		snprintf(away, sizeof(away), "away-%u", tx->journal.numbers++);
	while (file_exists_at(tx->box, away));
	r = tree_move(dir, name, tx->box, away);
	if (r)
		return r == -ENOENT ? 0 : r;
	if (fstatat(tx->box, away, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (S_ISDIR(st.st_mode) || st.st_ino == c->now.ino)
		/* It goes with the staging directory if it does not go now. */
		(void)tree_remove_at(tx->box, away, NULL);
	else
		r = tree_move(tx->box, away, dir, name);
	return r;
}

/* Is old/NUMBER there?  1, 0, or -errno: what cannot be seen is not gone. */
static int has_old(const struct transaction *tx, const struct change *c)
{
	struct stat st;
	char old[32];

	if (tx->box < 0)
		return 0;
	merge_old_name(old, c);
	if (!fstatat(tx->box, old, &st, AT_SYMLINK_NOFOLLOW))
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

/* What was there before cannot be put back: it stays in the box. */
static int tell_kept(const struct transaction *tx, const struct change *c)
{
	log_warn(tx->log, "'%s/%s' is somebody else's now: leaving it there",
		 tx->target.given, c->path);
	return 1;
}

/* DIR is the one that holds PATH, or why there is none. */
static int undo_swap(struct transaction *tx, const struct change *c, int dir)
{
	const char *name = path_base(c->path);
	struct mark mark;
	char old[32];
	int r = has_old(tx, c), there;

	/* It did not come to that, or was undone before. */
	if (r <= 0)
		return r;
	if (dir == -ENOENT || dir == -ENOTDIR || dir == -ELOOP)
		return tell_kept(tx, c);
	if (dir < 0)
		return dir;
	merge_old_name(old, c);
	there = mark_at(dir, name, &mark);
	if (there == -ENOENT)
		return file_rename_new(tx->box, old, dir, name);
	if (there)
		return there;
	/* The other name of the same file goes with the box. */
	if (mark_equal(&mark, &c->was))
		return unlinkat(tx->box, old, 0) ? -errno : 0;
	if (!mark_equal(&mark, &c->now))
		return tell_kept(tx, c);
	return renameat(tx->box, old, dir, name) ? -errno : 0;
}

static int undo_remove(struct transaction *tx, const struct change *c)
{
	_cleanup_close_ int dir = -1;
	char old[32];
	int r = has_old(tx, c);

	if (r <= 0)
		return r;
	merge_old_name(old, c);
	dir = tree_make_parent(tx->target.fd, c->path);
	if (dir == -ENOTDIR || dir == -ELOOP)
		return tell_kept(tx, c);
	if (dir < 0)
		return dir;
	r = tree_move(tx->box, old, dir, path_base(c->path));
	return r == -EEXIST ? tell_kept(tx, c) : r;
}

static bool is_saved(const struct strlist *saved, const char *path)
{
	for (size_t i = 0; i < saved->n; i++) {
		if (path_is_below(path, saved->v[i]))
			return true;
	}
	return false;
}

static int undo(struct transaction *tx, const struct strlist *saved,
		const struct change *c)
{
	_cleanup_close_ int dir = -1;

	if (c->kind == CHANGE_LINKED)
		return 0;
	if (c->kind == CHANGE_SAVED)
		return save_restore(tx, c);
	/* Whatever happened in a saved directory, it is restored as a whole. */
	if (is_saved(saved, c->path))
		return 0;
	if (c->kind == CHANGE_REMOVE)
		return undo_remove(tx, c);
	dir = tree_open_parent(tx->target.fd, c->path);
	if (c->kind == CHANGE_SWAP)
		return undo_swap(tx, c, dir);
	if (dir < 0)
		return dir == -ENOENT || dir == -ELOOP || dir == -ENOTDIR ? 0 : dir;
	return take_away(tx, c, dir, path_base(c->path));
}

int merge_undo(struct transaction *tx)
{
	struct strlist saved = STRLIST_INIT;
	const struct change **all;
	int left = 0;
	size_t n = 0;

	for (const struct change *c = tx->journal.changes; c; c = c->next)
		n++;
	all = arena_alloc(tx->arena, (n + 1) * sizeof(*all));
	if (!all)
		return -ENOMEM;
	n = 0;
	for (const struct change *c = tx->journal.changes; c; c = c->next) {
		all[n++] = c;
		if (c->kind == CHANGE_SAVED && !strlist_add(tx->arena, &saved, c->path))
			return -ENOMEM;
	}
	while (n--) {
		int r = undo(tx, &saved, all[n]);

		if (r < 0)
			return r;
		left += r;
	}
	return left;
}
