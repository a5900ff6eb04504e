/* SPDX-License-Identifier: MIT */
/*
 * merge.c - publication into a directory that stays
 *
 * First the whole plan (merge_plan.c), which finds every conflict while nothing was touched;
 * then the journal, which is moved into the target; then one rename for each entry, pyvenv.cfg
 * last.  A whole new directory is one rename.  What is replaced goes to old/NUMBER of the
 * staging directory, which has the staged tree as "env".  merge_undo.c takes all of it back.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

void merge_old_name(char buf[32], const struct change *c)
{
	snprintf(buf, 32, "old/%u", c->number);
}

/* There is no moment at which nothing has the name, where the file system has links. */
static int swap(struct transaction *tx, const struct change *c, int from, int to,
		const char *name)
{
	char old[32];

	merge_old_name(old, c);
	if (linkat(to, name, tx->box, old, 0) && renameat(to, name, tx->box, old))
		return -errno;
	return renameat(from, name, to, name) ? -errno : 0;
}

static int apply(struct transaction *tx, const struct change *c)
{
	_cleanup_close_ int from = -1, to = -1;
	const char *name = path_base(c->path);
	char old[32];

	if (c->kind == CHANGE_SAVED || c->kind == CHANGE_LINKED)
		return 0;
	to = tree_open_parent(tx->target.fd, c->path);
	if (to < 0)
		return to;
	if (c->kind == CHANGE_REMOVE) {
		int r;

		merge_old_name(old, c);
		r = tree_move(to, name, tx->box, old);
		return r == -ENOENT ? 0 : r;
	}
	from = tree_open_parent(tx->root, c->path);
	if (from < 0)
		return from;
	return c->kind == CHANGE_ADD ? file_rename_new(from, name, to, name)
				     : swap(tx, c, from, to, name);
}

/* Directories that lost their last file. */
static void drop_empty_dirs(struct transaction *tx, const struct change *first)
{
	for (const struct change *c = first; c; c = c->next) {
		const char *path = c->path;

		if (c->kind != CHANGE_REMOVE)
			continue;
		while (strchr(path, '/')) {
			_cleanup_close_ int dir = -1;

			path = path_dir(tx->arena, path);
			/* site-packages itself stays, and so does what holds it. */
			if (!path || !strcmp(path_base(path), "site-packages") ||
			    !strchr(path, '/'))
				break;
			dir = tree_open_parent(tx->target.fd, path);
			if (dir < 0 || unlinkat(dir, path_base(path), AT_REMOVEDIR))
				break;
		}
	}
}

static int apply_all(struct transaction *tx, const struct change *first,
		     struct venv_error *err)
{
	for (int pass = 0; pass < 2; pass++) {
		/* What goes makes room for what comes. */
		for (const struct change *c = first; c; c = c->next) {
			int r;

			if ((c->kind == CHANGE_REMOVE) != (pass == 0))
				continue;
			r = apply(tx, c);
			if (r)
				return error_errno(err, -r, "cannot put '%s/%s' in place",
						   tx->target.given, c->path);
		}
	}
	drop_empty_dirs(tx, first);
	return 0;
}

/* What follows works on the published environment. */
static int reopen(struct transaction *tx, struct venv_error *err)
{
	if (tx->root >= 0)
		close(tx->root);
	tx->root = openat(tx->target.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	tx->dir = tx->target.env_dir;
	return tx->root < 0
		       ? error_errno(err, errno, "cannot open '%s'", tx->target.given)
		       : 0;
}

/* Whoever moved it meanwhile did not ask for anything in the moved one. */
static int check_place(struct transaction *tx, struct venv_error *err)
{
	const struct target *t = &tx->target;
	struct stat st;

	if (stat(t->real, &st))
		return errno == ENOENT
			       ? transaction_moved(tx, err)
			       : error_errno(err, errno, "cannot look at '%s'", t->given);
	return st.st_ino == t->st.st_ino && st.st_dev == t->st.st_dev
		       ? 0
		       : transaction_moved(tx, err);
}

/*
 * The journal into the target: from then on there is something to undo.  Without locks it is
 * this rename that decides who may change the target.
 */
static int place_journal(struct transaction *tx, struct venv_error *err)
{
	int to = tx->target.fd;
	int r = file_rename_new(tx->box, INCOMPLETE_FILE, to, INCOMPLETE_FILE);

	if (r == -EEXIST && tx->no_locks) {
		struct tree_id id;
		struct journal j;

		if (journal_read(&j, tx->arena, to) == 1 && !tree_id(to, &id, NULL) &&
		    (tree_same(&j.target_id, &id) || tree_same(&j.stage_id, &id)))
			return transaction_busy(tx, err);
	}
	/* One that is not about this directory says nothing, and goes. */
	if (r == -EEXIST)
		r = renameat(tx->box, INCOMPLETE_FILE, to, INCOMPLETE_FILE) ? -errno : 0;
	if (r)
		return error_errno(err, -r, "cannot write '%s/%s'", tx->target.given,
				   INCOMPLETE_FILE);
	tx->published = true;
	return 0;
}

int merge_publish(struct transaction *tx, bool steps_left, struct venv_error *err)
{
	struct target *t = &tx->target;
	int r = check_place(tx, err);

	if (!r && tx->no_locks)
		r = place_journal(tx, err);
	if (!r)
		r = merge_plan(tx, steps_left, err);
	if (r)
		return r;
	r = journal_append(&tx->journal, tx->no_locks ? t->fd : tx->box);
	if (r)
		return error_errno(err, -r, "cannot write '%s/%s'", t->given,
				   INCOMPLETE_FILE);
	r = transaction_sync(tx, err);
	if (!r && !tx->no_locks)
		r = place_journal(tx, err);
	if (!r)
		r = apply_all(tx, tx->journal.changes, err);
	return r ? r : reopen(tx, err);
}

int transaction_part_begin(struct transaction *tx, struct venv_error *err)
{
	char name[32];

	if (tx->way != WAY_MERGE || !tx->published)
		return 0;
	snprintf(name, sizeof(name), "part-%u", tx->journal.numbers++);
	close(tx->root);
	tx->root = -1;
	if (mkdirat(tx->box, name, 0777) || (tx->root = tree_open_dir(tx->box, name)) < 0)
		return error_errno(err, errno, "cannot create a directory in '%s'",
				   tx->target.given);
	tx->dir = arena_printf(tx->arena, "%s/%s/%s", tx->target.real, tx->journal.stage,
			       name);
	return tx->dir ? 0 : error_nomem(err);
}

void transaction_part_drop(struct transaction *tx)
{
	if (tx->way == WAY_MERGE && tx->published)
		(void)!reopen(tx, NULL);
}

int transaction_part_publish(struct transaction *tx, struct venv_error *err)
{
	struct change **first;
	int r, again;

	if (tx->way != WAY_MERGE || !tx->published)
		return 0;
	first = tx->journal.tail;
	r = tx->root < 0 ? VENV_ERR_FAILED : check_place(tx, err);
	if (!r)
		r = merge_plan_part(tx, err);
	if (!r) {
		r = journal_append(&tx->journal, tx->target.fd);
		if (r)
			r = error_errno(err, -r, "cannot write '%s/%s'", tx->target.given,
					INCOMPLETE_FILE);
	}
	if (r) {
		/* A plan that was not written is none. */
		*first = NULL;
		tx->journal.tail = first;
		tx->journal.unwritten = NULL;
	} else {
		r = apply_all(tx, *first, err);
	}
	again = reopen(tx, r ? NULL : err);
	return r ? r : again;
}
