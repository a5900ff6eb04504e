/* SPDX-License-Identifier: MIT */
/*
 * merge_plan.c - what a merge will change, as changes of the journal
 *
 * The plan is made while nothing was touched yet, and finds every conflict.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "private.h"

struct plan {
	struct transaction *tx;
	struct venv_error *err;
	struct index planned; /* paths that a staged file takes over */
};

/* Is NAME, at the top of the target, a file of the transaction itself? */
static bool is_own(const struct transaction *tx, const char *name)
{
	return !strcmp(name, tx->journal.stage) || !strcmp(name, INCOMPLETE_FILE);
}

static struct change *add(struct plan *p, enum change_kind kind, const char *path,
			  const struct stat *was, const struct stat *now)
{
	struct change *c = journal_add(&p->tx->journal, p->tx->arena, kind, path, p->err);

	if (c && was)
		c->was = mark_of(was);
	if (c && now)
		c->now = mark_of(now);
	return c;
}

static int add_new(struct plan *p, const char *path, int from, const char *name)
{
	struct change *c = journal_add(&p->tx->journal, p->tx->arena, CHANGE_ADD, path,
				       p->err);
	int r = c ? mark_at(from, name, &c->now) : 0;

	if (!c)
		return VENV_ERR_NOMEM;
	return r ? error_errno(p->err, -r, "cannot look at '%s'", path) : 0;
}

static int conflict(struct plan *p, const char *path, const char *what)
{
	return error_set(p->err, VENV_ERR_CONFLICT, "'%s/%s' is %s: not touching it",
			 p->tx->target.given, path, what);
}

/* Both are links to the same: nothing to do. */
static bool same_link(int fd1, int fd2, const char *name)
{
	_cleanup_free_ char *a = file_readlink_at(fd1, name);
	_cleanup_free_ char *b = a ? file_readlink_at(fd2, name) : NULL;

	return b && !strcmp(a, b);
}

/* Did an earlier part of this transaction put it there? */
static bool is_ours(const struct transaction *tx, const char *path, const struct stat *st)
{
	struct mark mark = mark_of(st);

	for (const struct change *c = tx->journal.changes; c; c = c->next) {
		if (c->kind == CHANGE_SWAP && !strcmp(path, c->path) &&
		    mark_equal(&c->now, &mark))
			return true;
		/* In a directory that is new nothing is anybody else's. */
		if (c->kind == CHANGE_ADD && path_is_below(path, c->path) &&
		    (strcmp(path, c->path) != 0 || mark_equal(&c->now, &mark)))
			return true;
	}
	return false;
}

static int plan_dir(struct plan *p, int from, int to, const char *prefix);

static int plan_entry(struct plan *p, int from, int to, const char *name,
		      const char *path)
{
	struct transaction *tx = p->tx;
	struct stat ours, theirs;
	void **slot;

	if (fstatat(from, name, &ours, AT_SYMLINK_NOFOLLOW))
		return error_errno(p->err, errno, "cannot look at '%s'", path);
	if (fstatat(to, name, &theirs, AT_SYMLINK_NOFOLLOW)) {
		if (errno != ENOENT)
			return error_errno(p->err, errno, "cannot look at '%s/%s'",
					   tx->target.given, path);
		return add_new(p, path, from, name);
	}
	if (S_ISDIR(ours.st_mode)) {
		_cleanup_close_ int in = -1, out = -1;

		if (!S_ISDIR(theirs.st_mode))
			return conflict(p, path,
					S_ISLNK(theirs.st_mode)
						? "a link, where a directory has to be"
						: "no directory");
		in = tree_open_dir(from, name);
		out = tree_open_dir(to, name);
		if (in < 0 || out < 0)
			return error_errno(p->err, errno, "cannot open '%s/%s'",
					   tx->target.given, path);
		return plan_dir(p, in, out, path);
	}
	if (S_ISDIR(theirs.st_mode))
		return conflict(p, path, "a directory");
	if (S_ISLNK(ours.st_mode) && S_ISLNK(theirs.st_mode) && same_link(from, to, name))
		return 0;
	if (tx->target.kind == TARGET_BESIDE && !is_ours(tx, path, &theirs))
		return conflict(p, path, "there already");
	slot = index_slot(tx->arena, &p->planned, path, "");
	if (!slot || !add(p, CHANGE_SWAP, path, &theirs, &ours))
		return error_nomem(p->err);
	*slot = tx;
	return 0;
}

static int plan_dir(struct plan *p, int from, int to, const char *prefix)
{
	_cleanup_dir_ DIR *d = tree_walk(from);
	bool has_cfg = false;
	struct dirent *e;
	int r = 0, failed = 0;

	if (!d)
		return error_errno(p->err, errno, "cannot read '%s'", prefix);
	while (!r && (e = tree_next(d, &failed))) {
		const char *path;

		/* Whoever finds an environment by its pyvenv.cfg finds a whole one. */
		if (!*prefix && !strcmp(e->d_name, CFG_FILE)) {
			has_cfg = true;
			continue;
		}
		path = path_join(p->tx->arena, prefix, e->d_name);
		r = path ? plan_entry(p, from, to, e->d_name, path) : error_nomem(p->err);
	}
	if (!r && failed)
		r = error_errno(p->err, -failed, "cannot read '%s/%s'",
				p->tx->target.given, prefix);
	if (!r && has_cfg)
		r = plan_entry(p, from, to, CFG_FILE, CFG_FILE);
	return r;
}

/* Older files that nothing takes the place of. */
static int plan_removals(struct plan *p)
{
	struct transaction *tx = p->tx;

	for (size_t i = 0; i < tx->removals.n; i++) {
		const char *path = tx->removals.v[i];
		_cleanup_close_ int dir = tree_open_parent(tx->target.fd, path);
		struct stat st;

		if (dir < 0 && dir != -ENOENT)
			return error_errno(p->err, -dir, "cannot remove '%s/%s'",
					   tx->target.given, path);
		if (dir < 0 || fstatat(dir, path_base(path), &st, AT_SYMLINK_NOFOLLOW) ||
		    index_find(&p->planned, path, ""))
			continue;
		if (!add(p, CHANGE_REMOVE, path, &st, NULL))
			return VENV_ERR_NOMEM;
	}
	tx->removals.n = 0;
	return 0;
}

/* Every entry at the top of the target but our own, to be removed. */
static int plan_top(struct plan *p)
{
	struct transaction *tx = p->tx;
	_cleanup_dir_ DIR *d = tree_walk(tx->target.fd);
	struct dirent *e;
	int r = 0;

	if (!d)
		return error_errno(p->err, errno, "cannot read '%s'", tx->target.given);
	while ((e = tree_next(d, &r))) {
		struct stat st;
		char *name;

		if (is_own(tx, e->d_name))
			continue;
		if (fstatat(tx->target.fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			return error_errno(p->err, errno, "cannot look at '%s/%s'",
					   tx->target.given, e->d_name);
		name = arena_strdup(tx->arena, e->d_name);
		if (!add(p, CHANGE_REMOVE, name, &st, NULL))
			return VENV_ERR_NOMEM;
	}
	return r ? error_errno(p->err, -r, "cannot read '%s'", tx->target.given) : 0;
}

/* 1 if nothing is in the target but what is the transaction's own; or -errno. */
static int is_empty(const struct transaction *tx)
{
	_cleanup_dir_ DIR *d = tree_walk(tx->target.fd);
	struct dirent *e;
	int r = 1;

	if (!d)
		return -errno;
	while ((e = tree_next(d, &r))) {
		if (!is_own(tx, e->d_name))
			return 0;
	}
	return r;
}

/* Others may have put something there since it was empty: that is to be spared. */
static int leave_out_shy(struct plan *p)
{
	struct transaction *tx = p->tx;
	struct target *t = &tx->target;
	int empty;

	if (t->kind != TARGET_EMPTY)
		return 0;
	empty = is_empty(tx);
	if (empty < 0)
		return error_errno(p->err, -empty, "cannot read '%s'", t->given);
	if (empty)
		return 0;
	t->kind = TARGET_BESIDE;
	for (size_t i = 0; i < tx->shy.n; i++) {
		if (unlinkat(tx->root, tx->shy.v[i], 0) && errno != ENOENT)
			return error_errno(p->err, errno, "cannot leave out '%s'",
					   tx->shy.v[i]);
	}
	return 0;
}

int merge_plan(struct transaction *tx, bool steps_left, struct venv_error *err)
{
	struct plan p = { .tx = tx, .err = err };
	int r = leave_out_shy(&p);

	if (r)
		return r;
	if (tx->target.kind == TARGET_REPLACE) {
		_cleanup_close_ int nothing = tree_open_dir(tx->box, "old");

		/* Once that is done nothing is in the way of the new entries. */
		r = nothing < 0 ? error_errno(err, errno, "cannot open a directory")
				: plan_top(&p);
		return r ? r : plan_dir(&p, tx->root, nothing, "");
	}
	/* Child processes will change what is in there. */
	for (size_t i = 0;
	     !r && steps_left && tx->target.kind == TARGET_IN_PLACE && i < tx->save.n;
	     i++)
		r = save_directory(tx, tx->save.v[i], err);
	if (!r)
		r = plan_dir(&p, tx->root, tx->target.fd, "");
	return r ? r : plan_removals(&p);
}

int merge_plan_part(struct transaction *tx, struct venv_error *err)
{
	struct plan p = { .tx = tx, .err = err };
	int r = plan_dir(&p, tx->root, tx->target.fd, "");

	return r ? r : plan_removals(&p);
}
