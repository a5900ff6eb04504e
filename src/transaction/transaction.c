/* SPDX-License-Identifier: MIT */
/* transaction.c - begun, published, committed or rolled back */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "private.h"

const char *way_name(enum way way)
{
	static const char *const names[] = { "rename", "exchange", "entry by entry" };

	return names[way];
}

static void close_fds(struct transaction *tx)
{
	/* Where nobody forks, the lock goes with the descriptor. */
	if (tx->others)
		lock_close(&tx->root);
	else if (tx->root >= 0)
		close(steal_fd(&tx->root));
	lock_close(&tx->box);
	if (tx->parent >= 0)
		close(steal_fd(&tx->parent));
}

void transaction_close(struct transaction *tx)
{
	close_fds(tx);
	lock_close(&tx->target.fd);
	target_close(&tx->target);
}

static void remove_made(struct transaction *tx)
{
	for (size_t i = tx->journal.made.n; i--;)
		rmdir(tx->journal.made.v[i]);
}

/* ---- begin ---- */

/* Some directories cannot be replaced by a new one without loss. */
static bool has_attributes(int fd)
{
	char names[4096], *p = names;
	ssize_t n = flistxattr(fd, names, sizeof(names));

	if (n < 0)
		return errno == ERANGE;
	for (; p < names + n; p += strlen(p) + 1) {
		if (strncmp(p, "security.", 9) != 0)
			return true;
	}
	return false;
}

static enum way choose_way(const struct transaction *tx)
{
	const struct target *t = &tx->target;

	if (t->kind != TARGET_REPLACE || tx->parent < 0 || t->is_mount || t->is_cwd ||
	    has_attributes(t->fd) || (t->st.st_uid != geteuid() && geteuid() != 0) ||
	    faccessat(AT_FDCWD, t->parent, W_OK | X_OK, AT_EACCESS))
		return WAY_MERGE;
	return WAY_EXCHANGE;
}

/* A staging directory inside the target: what is staged, and what was replaced. */
static int make_box(struct transaction *tx, struct venv_error *err)
{
	struct target *t = &tx->target;
	int r;

	tx->way = tx->journal.way = WAY_MERGE;
	r = stage_make(tx, t->fd, t->given, true, &tx->box, err);
	tx->mode_left = 0;
	if (r == STAGE_BUSY)
		return transaction_busy(tx, err);
	if (!r && mkdirat(tx->box, "old", 0700)) {
		r = error_errno(err, errno, "cannot create a directory in '%s'",
				t->given);
		lock_close(&tx->box);
		stage_remove(tx, t->fd, t->given, tx->journal.stage);
	}
	return r;
}

int transaction_begin(struct transaction *tx, struct venv_error *err)
{
	struct target *t = &tx->target;
	int r;

	if (t->fd < 0)
		return 0;
	r = tree_id(t->fd, &tx->journal.target_id, NULL);
	if (r)
		return error_errno(err, -r, "cannot look at '%s'", t->given);
	tx->way = tx->journal.way = choose_way(tx);
	tx->journal.was_empty = t->kind == TARGET_EMPTY ||
				(t->kind == TARGET_BESIDE && t->is_ours);
	if (tx->way == WAY_EXCHANGE) {
		r = stage_make(tx, tx->parent, t->parent, false, &tx->root, err);
		if (r)
			return r == STAGE_BUSY ? transaction_busy(tx, err) : r;
		tx->dir = path_join(tx->arena, t->parent, tx->journal.stage);
		return tx->dir ? 0 : error_nomem(err);
	}
	r = make_box(tx, err);
	if (r)
		return r;
	if (mkdirat(tx->box, "env", 0777) ||
	    (tx->root = tree_open_dir(tx->box, "env")) < 0)
		return error_errno(err, errno, "cannot create a directory in '%s'",
				   t->given);
	tx->dir = arena_printf(tx->arena, "%s/%s/env", t->real, tx->journal.stage);
	return tx->dir ? 0 : error_nomem(err);
}

int transaction_remove(struct transaction *tx, const char *path, struct venv_error *err)
{
	const char *copy;

	if (tx->way != WAY_MERGE || tx->target.kind == TARGET_REPLACE)
		return 0;
	if (!path_is_inside(path))
		return error_set(err, VENV_ERR_FAILED,
				 "'%s' leads out of the environment", path);
	copy = arena_strdup(tx->arena, path);
	return copy && strlist_add(tx->arena, &tx->removals, copy) ? 0 : error_nomem(err);
}

/* ---- publish ---- */

int transaction_sync(struct transaction *tx, struct venv_error *err)
{
#ifdef __linux__
	if (tx->durable && syncfs(tx->root))
		return error_errno(err, errno, "cannot bring '%s' to disk",
				   tx->target.given);
#endif
	return 0;
}

int transaction_moved(const struct transaction *tx, struct venv_error *err)
{
	return error_set(err, VENV_ERR_CONFLICT,
			 "'%s' was moved, removed or replaced while it was being made",
			 tx->target.given);
}

int transaction_explain(const struct transaction *tx, int r, struct venv_error *err)
{
	const struct target *t = &tx->target;
	struct stat named, opened;

	if (r != VENV_ERR_FAILED || tx->published || t->fd < 0 || !t->real ||
	    fstat(t->fd, &opened))
		return r;
	if (!stat(t->real, &named) && named.st_ino == opened.st_ino &&
	    named.st_dev == opened.st_dev)
		return r;
	return transaction_moved(tx, err);
}

/* NAME of the parent has to be the directory with the number INO. */
static int check_named(const struct transaction *tx, const char *name, uint64_t ino,
		       struct venv_error *err)
{
	struct stat st;

	if (fstatat(tx->parent, name, &st, AT_SYMLINK_NOFOLLOW))
		return error_errno(err, errno, "cannot look at '%s/%s'",
				   tx->target.parent, name);
	return (uint64_t)st.st_ino == ino ? 0 : transaction_moved(tx, err);
}

static int publish_new(struct transaction *tx, struct venv_error *err)
{
	const char *name = tx->target.name;
	int r = file_rename_new(tx->parent, tx->journal.stage, tx->parent, name);

	if (r == -EEXIST || r == -ENOTEMPTY)
		return error_set(err, VENV_ERR_CONFLICT,
				 "'%s' appeared while it was being made",
				 tx->target.given);
	if (r)
		return error_errno(err, -r, "cannot create '%s'", tx->target.given);
	/* Who else may rename in that directory may have put another one in our place. */
	r = check_named(tx, name, tx->journal.stage_id.ino, err);
	if (r)
		(void)!file_rename_new(tx->parent, name, tx->parent, tx->journal.stage);
	return r;
}

/* The directory itself has to stay: what is staged beside it is merged into it. */
static int merge_instead(struct transaction *tx, bool steps_left, struct venv_error *err)
{
	const char *stage = tx->journal.stage;
	struct journal beside = tx->journal;
	int r = make_box(tx, err);

	if (r) {
		/* What is beside it is still ours to remove. */
		tx->journal = beside;
		tx->way = WAY_EXCHANGE;
		return r;
	}
	r = file_rename_new(tx->parent, stage, tx->box, "env");
	if (r || unlinkat(tx->root, INCOMPLETE_FILE, 0))
		r = error_errno(err, r ? -r : errno, "cannot replace '%s'",
				tx->target.given);
	if (r)
		stage_remove(tx, tx->parent, tx->target.parent, stage);
	return r ? r : merge_publish(tx, steps_left, err);
}

static int publish_exchange(struct transaction *tx, bool steps_left,
			    struct venv_error *err)
{
	const struct target *t = &tx->target;
	const char *stage = tx->journal.stage;
	int r;

	/* Ownership is handed over last: until here nobody else could write in it. */
	if (fchown(tx->root, t->st.st_uid, t->st.st_gid) ||
	    fchmod(tx->root, t->st.st_mode & 07777))
		return merge_instead(tx, steps_left, err);
	r = file_exchange(tx->parent, stage, tx->parent, t->name);
	if (r == -EINVAL || r == -ENOSYS || r == -EXDEV)
		return merge_instead(tx, steps_left, err);
	if (r == -ENOENT)
		return transaction_moved(tx, err);
	if (r)
		return error_errno(err, -r, "cannot replace '%s'", t->given);
	r = check_named(tx, stage, (uint64_t)t->st.st_ino, err);
	if (r)
		(void)!file_exchange(tx->parent, stage, tx->parent, t->name);
	return r;
}

/* Out of the target, by which it is done; into what is to be removed. */
static int take_out_journal(struct transaction *tx)
{
	_cleanup_close_ int old = -1;
	struct tree_id id;
	int r = -EACCES;
	mode_t mode;

	if (tx->way == WAY_NEW)
		return unlinkat(tx->root, INCOMPLETE_FILE, 0) ? -errno : 0;
	if (tx->way == WAY_MERGE)
		return renameat(tx->target.fd, INCOMPLETE_FILE, tx->box, INCOMPLETE_FILE)
			       ? -errno
			       : 0;
	old = tree_open_dir(tx->parent, tx->journal.stage);
	/* Somebody else removed it, or had a use for it: then nothing is to be removed. */
	if (old < 0 || tree_id(old, &id, NULL) || !tree_same(&id, &tx->journal.target_id))
		return unlinkat(tx->root, INCOMPLETE_FILE, 0) ? -errno : 0;
	if (!renameat(tx->root, INCOMPLETE_FILE, old, INCOMPLETE_FILE))
		return 0;
	/* Something else has that name in the old tree, which goes all the same. */
	if (errno == EISDIR || errno == ENOTEMPTY)
		return unlinkat(tx->root, INCOMPLETE_FILE, 0) ? -errno : 0;
	if (errno != EACCES)
		return -errno;
	/* Neither may be written to its owner's surprise, nor for longer than this. */
	mode = tx->target.st.st_mode & 07777;
	if (!fchmod(old, mode | 0700) && !fchmod(tx->root, mode | 0700))
		r = renameat(tx->root, INCOMPLETE_FILE, old, INCOMPLETE_FILE) ? -errno
									      : 0;
	(void)!fchmod(tx->root, mode);
	if (r)
		(void)!fchmod(old, mode);
	return r;
}

int transaction_publish(struct transaction *tx, bool steps_left, struct venv_error *err)
{
	int r;

	if (tx->way == WAY_MERGE)
		return merge_publish(tx, steps_left, err);
	r = transaction_sync(tx, err);
	if (r)
		return r;
	r = tx->way == WAY_NEW ? publish_new(tx, err)
			       : publish_exchange(tx, steps_left, err);
	if (!r && tx->way != WAY_MERGE) {
		tx->published = true;
		tx->dir = tx->target.env_dir;
	}
	return r;
}

int transaction_commit(struct transaction *tx, struct venv_error *err)
{
	int r = take_out_journal(tx);

	if (r)
		return error_errno(err, -r, "cannot finish '%s'", tx->target.given);
	/* From here on it is done: what does not go away is a warning. */
	if (tx->way == WAY_EXCHANGE)
		stage_remove(tx, tx->parent, tx->target.parent, tx->journal.stage);
	else if (tx->way == WAY_MERGE)
		stage_remove(tx, tx->target.fd, tx->target.given, tx->journal.stage);
	transaction_close(tx);
	return 0;
}

void transaction_rollback(struct transaction *tx)
{
	int r = 0;

	if (tx->published) {
		r = undo_published(tx);
		if (r)
			log_warn(tx->log, "cannot restore '%s': %s", tx->target.given,
				 strerror(-r));
	} else if (tx->root >= 0 || tx->box >= 0) {
		/* Descriptors may be what is short: the removal needs some. */
		lock_close(&tx->root);
		if (tx->way == WAY_MERGE)
			close_fds(tx);
		if (tx->way == WAY_MERGE)
			stage_remove(tx, tx->target.fd, tx->target.given,
				     tx->journal.stage);
		else
			stage_remove(tx, tx->parent, tx->target.parent,
				     tx->journal.stage);
	}
	if (!r)
		remove_made(tx);
	transaction_close(tx);
	tx->published = false;
}

void transaction_leave(struct transaction *tx)
{
	int r = journal_keep(&tx->journal,
			     tx->way == WAY_MERGE ? tx->target.fd : tx->root);

	if (r)
		log_warn(tx->log, "cannot write '%s/%s': %s", tx->target.given,
			 INCOMPLETE_FILE, strerror(-r));
	transaction_close(tx);
}
