/* SPDX-License-Identifier: MIT */
/*
 * merge.c - publication into a directory that stays, and back
 *
 * First the whole plan, which finds every conflict while nothing was touched; then the
 * journal, which is moved into the target; then one rename for each entry, pyvenv.cfg last.
 * A whole new directory is one rename.  What is replaced goes to old/NUMBER of the staging
 * directory, which has the staged tree as "env".
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

struct plan {
	struct transaction *tx;
	struct venv_error *err;
	struct index planned; /* paths that a staged file takes over */
};

static void old_name(char buf[32], unsigned number)
{
	snprintf(buf, 32, "old/%u", number);
}

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

/* ---- the plan ---- */

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

static int make_plan(struct plan *p, bool steps_left)
{
	struct transaction *tx = p->tx;
	int r = leave_out_shy(p);

	if (r)
		return r;
	if (tx->target.kind == TARGET_REPLACE) {
		_cleanup_close_ int nothing = tree_open_dir(tx->box, "old");

		/* Once that is done nothing is in the way of the new entries. */
		r = nothing < 0 ? error_errno(p->err, errno, "cannot open a directory")
				: plan_top(p);
		return r ? r : plan_dir(p, tx->root, nothing, "");
	}
	/* Child processes will change what is in there. */
	for (size_t i = 0;
	     !r && steps_left && tx->target.kind == TARGET_IN_PLACE && i < tx->save.n;
	     i++)
		r = save_directory(tx, tx->save.v[i], p->err);
	if (!r)
		r = plan_dir(p, tx->root, tx->target.fd, "");
	return r ? r : plan_removals(p);
}

/* ---- publication ---- */

/* There is no moment at which nothing has the name, where the file system has links. */
static int swap(struct transaction *tx, const struct change *c, int from, int to,
		const char *name)
{
	char old[32];

	old_name(old, c->number);
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

		old_name(old, c->number);
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
	struct plan p = { .tx = tx, .err = err };
	struct target *t = &tx->target;
	int r = check_place(tx, err);

	if (!r && tx->no_locks)
		r = place_journal(tx, err);
	if (!r)
		r = make_plan(&p, steps_left);
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
	struct plan p = { .tx = tx, .err = err };
	struct change **first;
	int r, again;

	if (tx->way != WAY_MERGE || !tx->published)
		return 0;
	first = tx->journal.tail;
	r = tx->root < 0 ? VENV_ERR_FAILED : check_place(tx, err);
	if (!r)
		r = plan_dir(&p, tx->root, tx->target.fd, "");
	if (!r)
		r = plan_removals(&p);
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

/* ---- back ---- */

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
	old_name(old, c->number);
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
	old_name(old, c->number);
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
	old_name(old, c->number);
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
