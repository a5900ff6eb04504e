/* SPDX-License-Identifier: MIT */
/* merge_undo.c - a directory that was merged with, as it was before: by the journal */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fs/fs.h"
#include "transaction.h"

static bool is_file(int dirfd, const char *name, const struct change *c)
{
	struct stat st;

	return !fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) &&
	       (uint64_t)st.st_dev == c->dev && (uint64_t)st.st_ino == c->ino;
}

/* The swapped file is in its place, in the staged tree, or among the old ones. */
static int undo_swap(struct transaction *tx, const struct change *c, int staged, int to,
		     const char *name)
{
	char old[32];

	if (is_file(to, name, c))
		return 0;
	if (staged >= 0 && is_file(staged, name, c))
		return renameat(staged, name, to, name) ? -errno : 0;
	snprintf(old, sizeof(old), "old/%u", c->number);
	return renameat(tx->box, old, to, name) && errno != ENOENT ? -errno : 0;
}

static int undo_remove(struct transaction *tx, const struct change *c)
{
	const char *slash = strrchr(c->path, '/');
	_cleanup_close_ int dir = -1;
	char old[32];

	snprintf(old, sizeof(old), "old/%u", c->number);
	if (!file_exists_at(tx->box, old))
		return 0;
	if (slash) {
		const char *parent = arena_strndup(tx->arena, c->path,
						   (size_t)(slash - c->path));

		dir = parent ? tree_make_dirs(tx->t->fd, parent) : -ENOMEM;
	} else {
		dir = dup(tx->t->fd);
	}
	if (dir < 0)
		return dir;
	return renameat(tx->box, old, dir, path_base(c->path)) ? -errno : 0;
}

static int undo(struct transaction *tx, int staged_root, const struct change *c)
{
	_cleanup_close_ int staged = -1, to = -1;
	const char *name;
	int r;

	if (c->kind == CHANGE_KEPT)
		return 0;
	if (c->kind == CHANGE_REMOVE)
		return undo_remove(tx, c);
	to = merge_open_at(tx->t->fd, c->path, &name);
	if (to < 0)
		return errno == ENOENT ? 0 : -errno;
	staged = staged_root < 0 ? -1 : merge_open_at(staged_root, c->path, &name);
	if (c->kind == CHANGE_SWAP)
		return undo_swap(tx, c, staged, to, name);
	/* Still staged: it never came. */
	if (staged >= 0 && file_exists_at(staged, name))
		return 0;
	r = tree_remove_at(to, name, NULL);
	return r == -ENOENT ? 0 : r;
}

/* It had no pyvenv.cfg, and nothing of it was to go. */
static bool was_no_environment(const struct journal *j)
{
	bool added = false;

	for (const struct change *c = j->changes; c; c = c->next) {
		if (c->kind == CHANGE_SWAP || c->kind == CHANGE_REMOVE)
			return false;
		added |= c->kind == CHANGE_ADD && !strcmp(c->path, CFG_FILE);
	}
	return added;
}

/*
 * Some time after a process was killed, a directory of other people's work may have new
 * work in it, of which there is no copy: then nothing goes but what was published.
 */
static bool spares_new(const struct transaction *tx)
{
	return tx->recovering && was_no_environment(&tx->journal);
}

/* Put back the copy of all that was there; may be interrupted and begun again. */
static int restore_backup(struct transaction *tx)
{
	_cleanup_close_ int dir = tree_open_dir(tx->box, "backup");
	int r = 0;
	_cleanup_dir_ DIR *d = NULL;
	struct dirent *e;

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	for (const struct change *c = tx->journal.changes; c && !r; c = c->next) {
		if (c->kind != CHANGE_KEPT || !file_exists_at(dir, c->path))
			continue;
		r = tree_remove_at(tx->t->fd, c->path, NULL);
		if (!r || r == -ENOENT)
			r = renameat(dir, c->path, tx->t->fd, c->path) ? -errno : 0;
	}
	d = tree_walk(tx->t->fd);
	if (!r && !d)
		r = -errno;
	while (!r && (e = tree_next(d, &r))) {
		bool kept = spares_new(tx) || merge_is_own(tx, e->d_name);

		for (const struct change *c = tx->journal.changes; c; c = c->next) {
			if (!strcmp(c->path, e->d_name))
				kept = c->kind == CHANGE_KEPT;
		}
		if (!kept)
			r = tree_remove_at(tx->t->fd, e->d_name, NULL);
	}
	return r;
}

/* Everything in the directory but our own. */
static int clear_out(struct transaction *tx)
{
	_cleanup_dir_ DIR *d = tree_walk(tx->t->fd);
	struct dirent *e;
	int r = 0;

	if (!d)
		return -errno;
	while (!r && (e = tree_next(d, &r))) {
		bool waiting = false;

		/* In a replace that was interrupted, what was not moved yet is the old one. */
		for (const struct change *c = tx->journal.changes; c && !waiting;
		     c = c->next) {
			char old[32];

			snprintf(old, sizeof(old), "old/%u", c->number);
			waiting = c->kind == CHANGE_REMOVE &&
				  !strcmp(c->path, e->d_name) &&
				  !file_exists_at(tx->box, old);
		}
		if (!waiting && !merge_is_own(tx, e->d_name))
			r = tree_remove_at(tx->t->fd, e->d_name, NULL);
	}
	return r;
}

int merge_undo(struct transaction *tx, struct venv_error *err)
{
	_cleanup_close_ int staged = tree_open_dir(tx->box, "env");
	size_t n = 0;
	const struct change **all;
	int r = 0;

	if (tx->journal.backup)
		r = restore_backup(tx);
	else if (tx->journal.alone && !spares_new(tx))
		r = clear_out(tx);
	for (const struct change *c = tx->journal.changes; c; c = c->next)
		n++;
	all = arena_alloc(tx->arena, (n + 1) * sizeof(*all));
	if (!all)
		return error_nomem(err);
	n = 0;
	for (const struct change *c = tx->journal.changes; c; c = c->next)
		all[n++] = c;
	/* A backup is everything already. */
	while (!r && n-- && !tx->journal.backup)
		r = undo(tx, staged, all[n]);
	if (!r && unlinkat(tx->t->fd, INCOMPLETE_FILE, 0) && errno != ENOENT)
		r = -errno;
	return r ? error_errno(err, -r, "cannot undo the changes in '%s'", tx->t->given)
		 : 0;
}
