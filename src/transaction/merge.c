/* SPDX-License-Identifier: MIT */
/*
 * merge.c - publication into a directory that has to stay
 *
 * First the whole plan, which finds every conflict while nothing was touched; then
 * the journal; then one rename or exchange for each entry, pyvenv.cfg last.  A
 * whole new directory is one rename.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fs/fs.h"
#include "transaction.h"

struct plan {
	struct transaction *tx;
	struct venv_error *err;
	struct strlist planned; /* paths that a staged file takes over */
};

bool merge_is_own(const struct transaction *tx, const char *name)
{
	return !strcmp(name, tx->box_name) || !strcmp(name, INCOMPLETE_FILE);
}

/* A path's directory below FD without following links; its last component in *NAME. */
int merge_open_at(int fd, const char *path, const char **name)
{
	char part[256];
	int dir = dup(fd);

	while (dir >= 0 && strchr(path, '/')) {
		size_t n = strcspn(path, "/");
		int next;

		if (n >= sizeof(part)) {
			close(dir);
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(part, path, n);
		part[n] = '\0';
		next = tree_open_dir(dir, part);
		n = (size_t)errno;
		close(dir);
		errno = (int)n;
		dir = next;
		path = strchr(path, '/') + 1;
	}
	*name = path;
	return dir;
}

static int conflict(struct plan *p, const char *path, const char *what)
{
	error_set(p->err, VENV_ERR_CONFLICT, "'%s/%s' is %s: not touching it",
		  p->tx->t->given, path, what);
	return VENV_ERR_CONFLICT;
}

/* Both are links to the same: nothing to do. */
static bool same_link(int fd1, int fd2, const char *name)
{
	_cleanup_free_ char *a = file_readlink_at(fd1, name);
	_cleanup_free_ char *b = a ? file_readlink_at(fd2, name) : NULL;

	return b && !strcmp(a, b);
}

static int plan_dir(struct plan *p, int from, int to, const char *prefix);

static int plan_entry(struct plan *p, int from, int to, const char *name,
		      const char *path)
{
	struct transaction *tx = p->tx;
	struct stat ours, theirs;
	struct change *c;

	if (fstatat(from, name, &ours, AT_SYMLINK_NOFOLLOW))
		return error_errno(p->err, errno, "cannot look at '%s'", path);
	if (fstatat(to, name, &theirs, AT_SYMLINK_NOFOLLOW)) {
		if (errno != ENOENT)
			return error_errno(p->err, errno, "cannot look at '%s/%s'",
					   tx->t->given, path);
		return journal_add(&tx->journal, tx->arena, CHANGE_ADD, path, p->err)
			       ? 0
			       : VENV_ERR_NOMEM;
	}
	if (S_ISDIR(ours.st_mode)) {
		_cleanup_close_ int in = -1, out = -1;

		if (!S_ISDIR(theirs.st_mode))
			return conflict(p, path,
					S_ISLNK(theirs.st_mode)
						? "a link, where a directory "
						  "has to be"
						: "no directory");
		in = tree_open_dir(from, name);
		out = tree_open_dir(to, name);
		if (in < 0 || out < 0)
			return error_errno(p->err, errno, "cannot open '%s/%s'",
					   tx->t->given, path);
		return plan_dir(p, in, out, path);
	}
	if (S_ISDIR(theirs.st_mode))
		return conflict(p, path, "a directory");
	if (S_ISLNK(ours.st_mode) && S_ISLNK(theirs.st_mode) && same_link(from, to, name))
		return 0;
	if (tx->t->kind == TARGET_BESIDE)
		return conflict(p, path, "there already");
	c = journal_add(&tx->journal, tx->arena, CHANGE_SWAP, path, p->err);
	if (!c || !strlist_add(tx->arena, &p->planned, path))
		return error_nomem(p->err);
	c->dev = (uint64_t)theirs.st_dev;
	c->ino = (uint64_t)theirs.st_ino;
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
	if (failed)
		r = error_errno(p->err, -failed, "cannot read '%s/%s'", p->tx->t->given,
				prefix);
	if (!r && has_cfg)
		r = plan_entry(p, from, to, CFG_FILE, CFG_FILE);
	return r;
}

/* Older files that nothing takes the place of. */
static int plan_removals(struct plan *p)
{
	struct transaction *tx = p->tx;

	for (size_t i = 0; i < tx->removals.n; i++) {
		const char *path = tx->removals.v[i], *name;
		_cleanup_close_ int dir = merge_open_at(tx->t->fd, path, &name);

		if (dir < 0 || !file_exists_at(dir, name) ||
		    strlist_find(&p->planned, path) >= 0)
			continue;
		if (!journal_add(&tx->journal, tx->arena, CHANGE_REMOVE, path, p->err))
			return VENV_ERR_NOMEM;
	}
	return 0;
}

/* Every entry at the top of the target but our own, as changes of KIND. */
static int plan_top(struct plan *p, enum change_kind kind)
{
	struct transaction *tx = p->tx;
	_cleanup_dir_ DIR *d = tree_walk(tx->t->fd);
	struct dirent *e;
	int r = 0;

	if (!d)
		return error_errno(p->err, errno, "cannot read '%s'", tx->t->given);
	while ((e = tree_next(d, &r))) {
		char *name;

		if (merge_is_own(tx, e->d_name))
			continue;
		name = arena_strdup(tx->arena, e->d_name);
		if (!name || !journal_add(&tx->journal, tx->arena, kind, name, p->err))
			return error_nomem(p->err);
	}
	return r ? error_errno(p->err, -r, "cannot read '%s'", tx->t->given) : 0;
}

/* A copy of all that is there, for steps that may change any of it. */
static int make_backup(struct plan *p)
{
	struct transaction *tx = p->tx;
	struct str where = STR_INIT;
	_cleanup_close_ int dir = -1;
	int r = plan_top(p, CHANGE_KEPT);

	if (r)
		return r;
	if (mkdirat(tx->box, "backup", 0700) ||
	    (dir = tree_open_dir(tx->box, "backup")) < 0)
		return error_errno(p->err, errno, "cannot make a copy of '%s'",
				   tx->t->given);
	for (const struct change *c = tx->journal.changes; c && !r; c = c->next) {
		if (c->kind == CHANGE_KEPT)
			r = tree_copy_at(tx->t->fd, c->path, dir, c->path, &where);
	}
	if (r)
		r = error_errno(p->err, -r, "cannot make a copy of '%s/%s'", tx->t->given,
				str_text(&where));
	str_release(&where);
	tx->journal.backup = !r;
	return r;
}

static int make_plan(struct plan *p, bool steps_left)
{
	struct transaction *tx = p->tx;
	int r;

	/* Others may have put something there since; that has to be spared. */
	if (tx->t->kind == TARGET_EMPTY && tree_is_empty(tx->t->fd, tx->box_name) != 1)
		tx->t->kind = TARGET_BESIDE;
	tx->journal.alone = tx->t->kind == TARGET_EMPTY || tx->t->kind == TARGET_REPLACE;
	if (tx->t->kind == TARGET_REPLACE) {
		/* Once that is done nothing is in the way of the new entries. */
		r = plan_top(p, CHANGE_REMOVE);
		if (!r) {
			_cleanup_close_ int nothing = tree_open_dir(tx->box, "old");

			r = nothing < 0 ? error_errno(p->err, errno,
						      "cannot open a directory")
					: plan_dir(p, tx->root, nothing, "");
		}
		return r;
	}
	r = plan_dir(p, tx->root, tx->t->fd, "");
	if (!r)
		r = plan_removals(p);
	if (!r && steps_left && !tx->journal.alone)
		r = make_backup(p);
	return r;
}

static int swap(struct transaction *tx, const struct change *c, int from, int to,
		const char *name)
{
	int r = file_exchange(from, name, to, name);
	char old[32];

	if (r != -EINVAL && r != -ENOSYS && r != -EXDEV)
		return r;
	snprintf(old, sizeof(old), "old/%u", c->number);
	if (renameat(to, name, tx->box, old))
		return -errno;
	return file_rename_new(from, name, to, name);
}

static int apply(struct transaction *tx, const struct change *c)
{
	_cleanup_close_ int from = -1, to = -1;
	const char *name;
	char old[32];

	if (c->kind == CHANGE_KEPT)
		return 0;
	to = merge_open_at(tx->t->fd, c->path, &name);
	if (to < 0)
		return -errno;
	if (c->kind == CHANGE_REMOVE) {
		snprintf(old, sizeof(old), "old/%u", c->number);
		return renameat(to, name, tx->box, old) && errno != ENOENT ? -errno : 0;
	}
	from = merge_open_at(tx->root, c->path, &name);
	if (from < 0)
		return -errno;
	return c->kind == CHANGE_ADD ? file_rename_new(from, name, to, name)
				     : swap(tx, c, from, to, name);
}

/* Directories that lost their last file. */
static void drop_empty_dirs(struct transaction *tx)
{
	for (const struct change *c = tx->journal.changes; c; c = c->next) {
		const char *path = c->path;

		if (c->kind != CHANGE_REMOVE)
			continue;
		while (strchr(path, '/')) {
			path = path_dir(tx->arena, path);
			/* site-packages itself stays, and so does what holds it. */
			if (!path || !strcmp(path_base(path), "site-packages") ||
			    !strchr(path, '/') || unlinkat(tx->t->fd, path, AT_REMOVEDIR))
				break;
		}
	}
}

int merge_publish(struct transaction *tx, bool steps_left, struct venv_error *err)
{
	struct plan p = { .tx = tx, .err = err };
	struct target *t = tx->t;
	int r;

	if (mkdirat(tx->box, "old", 0700))
		return error_errno(err, errno, "cannot create a directory in '%s'",
				   t->given);
	r = make_plan(&p, steps_left);
	if (r)
		return r;
	/* Whole or not at all; one that is not about this directory said nothing. */
	r = journal_write(&tx->journal, tx->box);
	if (!r) {
		int failed = transaction_sync(tx, err);

		if (failed)
			return failed;
	}
	if (!r && renameat(tx->box, INCOMPLETE_FILE, t->fd, INCOMPLETE_FILE))
		r = -errno;
	if (r)
		return error_errno(err, -r, "cannot write '%s/%s'", t->given,
				   INCOMPLETE_FILE);
	tx->journal_written = true;
	for (int pass = 0; pass < 2; pass++) {
		/* What goes makes room for what comes. */
		for (const struct change *c = tx->journal.changes; c; c = c->next) {
			if ((c->kind == CHANGE_REMOVE) != (pass == 0))
				continue;
			r = apply(tx, c);
			if (r)
				return error_errno(err, -r, "cannot put '%s/%s' in place",
						   t->given, c->path);
		}
	}
	drop_empty_dirs(tx);
	/* What follows works on the published environment. */
	close(tx->root);
	tx->root = openat(t->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tx->root < 0)
		return error_errno(err, errno, "cannot open '%s'", t->given);
	tx->published = true;
	return 0;
}
