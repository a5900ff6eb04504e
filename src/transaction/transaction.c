/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "transaction.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "fs/fs.h"
#include "util/util.h"

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

static enum way choose_way(const struct target *t)
{
	if (t->kind == TARGET_NEW)
		return WAY_NEW;
	if (t->kind != TARGET_REPLACE || t->is_mount || t->is_cwd ||
	    has_attributes(t->fd) || (t->st.st_uid != geteuid() && geteuid() != 0) ||
	    faccessat(AT_FDCWD, t->parent, W_OK | X_OK, AT_EACCESS))
		return WAY_MERGE;
	return WAY_EXCHANGE;
}

/* The directory that holds the target, with what is missing of it. */
static int open_parent(struct transaction *tx, struct venv_error *err)
{
	struct strlist missing = STRLIST_INIT;
	const char *dir = tx->t->parent;

	while ((tx->parent = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0) {
		if (errno != ENOENT || !strcmp(dir, "/"))
			return error_errno(err, errno, "cannot open '%s'", dir);
		if (!strlist_add(tx->arena, &missing, dir))
			return error_nomem(err);
		dir = path_dir(tx->arena, dir);
		if (!dir)
			return error_nomem(err);
	}
	while (missing.n--) {
		int fd, made;

		dir = missing.v[missing.n];
		made = !mkdirat(tx->parent, path_base(dir), 0777);
		if (!made && errno != EEXIST)
			return error_errno(err, errno, "cannot create '%s'", dir);
		if (made && !strlist_add(tx->arena, &tx->made, dir))
			return error_nomem(err);
		fd = openat(tx->parent, path_base(dir),
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return error_errno(err, errno, "cannot open '%s'", dir);
		close(tx->parent);
		tx->parent = fd;
	}
	return 0;
}

/* The staging directory beside the target, locked, with the umask's mode. */
static int begin_beside(struct transaction *tx, struct venv_error *err)
{
	const struct target *t = tx->t;
	struct stat st;
	int r;

	r = open_parent(tx, err);
	if (r)
		return r;
	if (mkdirat(tx->parent, tx->stage, 0777)) {
		_cleanup_close_ int leftover = -1;

		if (errno != EEXIST)
			return error_errno(err, errno,
					   "cannot create a directory in '%s'",
					   t->parent);
		r = transaction_open_leftover(tx, &leftover, err);
		if (!r && !tx->waited && leftover >= 0)
			r = transaction_repair_beside(tx, err);
		/* What is there now may be another case. */
		return r ? r : TRANSACTION_AGAIN;
	}
	tx->root = tree_open_dir(tx->parent, tx->stage);
	if (tx->root < 0 && errno == ENOENT)
		return TRANSACTION_AGAIN;
	if (tx->root < 0) {
		r = error_errno(err, errno, "cannot open '%s/%s'", t->parent, tx->stage);
		unlinkat(tx->parent, tx->stage, AT_REMOVEDIR);
		return r;
	}
	r = transaction_lock(tx, tx->root, err);
	if (r) {
		/* By now the name may be somebody else's: not ours to remove. */
		close(steal_fd(&tx->root));
		return r;
	}
	if (fstat(tx->root, &st))
		r = error_errno(err, errno, "cannot open '%s/%s'", t->parent, tx->stage);
	/*
	 * Between its making and its lock, others could take it for a leftover, put one of
	 * their own under the name, and even publish that.
	 */
	if (!r && !transaction_is_still(tx->parent, tx->stage, &st))
		r = TRANSACTION_AGAIN;
	if (!r)
		tx->mode_left = st.st_mode & 0777;
	/* Who waits may come when somebody else has just made what was missing. */
	if (!r && tx->wait && tx->way == WAY_NEW && file_exists_at(tx->parent, t->name)) {
		unlinkat(tx->parent, tx->stage, AT_REMOVEDIR);
		r = TRANSACTION_AGAIN;
	}
	if (r == TRANSACTION_AGAIN)
		close(steal_fd(&tx->root));
	return r;
}

/* Give the new directory what the old one has; false if that cannot be done. */
static bool carry_over(const struct transaction *tx)
{
	const struct stat *st = &tx->t->st;

	return !fchown(tx->root, st->st_uid, st->st_gid) &&
	       !fchmod(tx->root, st->st_mode & 07777);
}

static int begin_inside(struct transaction *tx, struct venv_error *err)
{
	const struct target *t = tx->t;

	tx->mode_left = 0;
	if (mkdirat(t->fd, tx->box_name, 0700))
		return error_errno(err, errno, "cannot create a directory in '%s'",
				   t->given);
	tx->box = tree_open_dir(t->fd, tx->box_name);
	if (tx->box < 0) {
		error_errno(err, errno, "cannot open a directory in '%s'", t->given);
		unlinkat(t->fd, tx->box_name, AT_REMOVEDIR);
		return VENV_ERR_FAILED;
	}
	if (mkdirat(tx->box, "env", 0777) ||
	    (tx->root = tree_open_dir(tx->box, "env")) < 0)
		return error_errno(err, errno, "cannot create a directory in '%s'",
				   t->given);
	journal_init(&tx->journal, WAY_MERGE, &t->st);
	return 0;
}

void transaction_prepare(struct transaction *tx)
{
	transaction_name_stage(tx);
	tx->way = choose_way(tx->t);
}

int transaction_begin(struct transaction *tx, struct venv_error *err)
{
	struct target *t = tx->t;
	struct stat st;
	int r;

	if (t->fd >= 0) {
		r = transaction_lock(tx, t->fd, err);
		if (r)
			return r;
		/* Another one may have been at work since the target was looked at. */
		if (tx->waited || stat(t->real, &st) || st.st_ino != t->st.st_ino ||
		    st.st_dev != t->st.st_dev)
			return TRANSACTION_AGAIN;
	}
	if (tx->way != WAY_MERGE) {
		r = begin_beside(tx, err);
		if (r || tx->way == WAY_NEW || carry_over(tx))
			return r;
		/* A group that we are not in: the directory itself has to stay. */
		transaction_rollback(tx);
		tx->way = WAY_MERGE;
	}
	return begin_inside(tx, err);
}

int transaction_remove(struct transaction *tx, const char *path, struct venv_error *err)
{
	const char *copy;

	if (tx->way != WAY_MERGE || tx->t->kind == TARGET_REPLACE)
		return 0;
	if (!path_is_inside(path))
		return error_set(err, VENV_ERR_FAILED,
				 "'%s' leads out of the environment", path);
	copy = arena_strdup(tx->arena, path);
	return copy && strlist_add(tx->arena, &tx->removals, copy) ? 0 : error_nomem(err);
}

static int write_journal(struct transaction *tx, struct venv_error *err)
{
	struct stat st;
	int r = fstat(tx->root, &st) ? -errno : 0;

	if (!r) {
		journal_init(&tx->journal, tx->way, &st);
		r = journal_write(&tx->journal, tx->root);
	}
	if (r)
		return error_errno(err, -r, "cannot write '%s/%s'", tx->t->given,
				   INCOMPLETE_FILE);
	tx->journal_written = true;
	return 0;
}

static int exchange(struct transaction *tx, struct venv_error *err)
{
	char old[sizeof(tx->stage) + sizeof(OLD_SUFFIX)];
	const char *name = tx->t->name;
	int r = file_exchange(tx->parent, tx->stage, tx->parent, name);

	if (!r)
		return 0;
	if (r != -EINVAL && r != -ENOSYS && r != -EXDEV)
		return error_errno(err, -r, "cannot replace '%s'", tx->t->given);
	/* The journal goes along whatever is left to do: it covers the gap. */
	if (tx->journal_written && unlinkat(tx->root, INCOMPLETE_FILE, 0))
		return error_errno(err, errno, "cannot replace '%s'", tx->t->given);
	tx->way = WAY_RENAMES;
	r = write_journal(tx, err);
	if (!r)
		r = transaction_sync(tx, err);
	if (r)
		return r;
	transaction_old_name(tx, old, sizeof(old));
	/* One that a killed process had no time to remove. */
	r = transaction_remove_at(tx, tx->parent, old);
	if (!r && renameat(tx->parent, name, tx->parent, old))
		r = -errno;
	if (r)
		return error_errno(err, -r, "cannot replace '%s'", tx->t->given);
	r = file_rename_new(tx->parent, tx->stage, tx->parent, name);
	if (!r)
		return 0;
	if (renameat(tx->parent, old, tx->parent, name))
		log_warn(tx->log, "cannot restore '%s': it is now '%s/%s'", tx->t->given,
			 tx->t->parent, old);
	return error_errno(err, -r, "cannot replace '%s'", tx->t->given);
}

int transaction_sync(struct transaction *tx, struct venv_error *err)
{
#ifdef __linux__
	if (tx->durable && syncfs(tx->root))
		return error_errno(err, errno, "cannot bring '%s' to disk", tx->t->given);
#endif
	return 0;
}

int transaction_publish(struct transaction *tx, bool steps_left, struct venv_error *err)
{
	int r = 0;

	if (tx->way == WAY_MERGE)
		return merge_publish(tx, steps_left, err);
	if (steps_left)
		r = write_journal(tx, err);
	if (!r)
		r = transaction_sync(tx, err);
	if (r)
		return r;
	if (tx->way == WAY_NEW) {
		r = file_rename_new(tx->parent, tx->stage, tx->parent, tx->t->name);
		if (r == -EEXIST || r == -ENOTEMPTY)
			return error_set(err, VENV_ERR_CONFLICT,
					 "'%s' appeared while it was being made",
					 tx->t->given);
		if (r)
			return error_errno(err, -r, "cannot create '%s'", tx->t->given);
	} else {
		r = exchange(tx, err);
	}
	tx->published = !r;
	return r;
}

static void close_all(struct transaction *tx)
{
	if (tx->root >= 0)
		close(steal_fd(&tx->root));
	if (tx->box >= 0)
		close(steal_fd(&tx->box));
	if (tx->parent >= 0)
		close(steal_fd(&tx->parent));
}

int transaction_commit(struct transaction *tx, struct venv_error *err)
{
	char old[sizeof(tx->stage) + sizeof(OLD_SUFFIX)];

	if (tx->journal_written && unlinkat(tx->root, INCOMPLETE_FILE, 0))
		return error_errno(err, errno, "cannot finish '%s'", tx->t->given);
	/* From here on it is done: what does not go away is a warning. */
	if (tx->way == WAY_EXCHANGE)
		transaction_remove_at(tx, tx->parent, tx->stage);
	else if (tx->way == WAY_RENAMES)
		transaction_remove_at(tx, tx->parent,
				      transaction_old_name(tx, old, sizeof(old)));
	else if (tx->way == WAY_MERGE)
		transaction_remove_at(tx, tx->t->fd, tx->box_name);
	close_all(tx);
	return 0;
}

/* Give the target its old name back and the new tree its staging name. */
static int unpublish(struct transaction *tx)
{
	char old[sizeof(tx->stage) + sizeof(OLD_SUFFIX)];
	const char *name = tx->t->name;

	transaction_old_name(tx, old, sizeof(old));
	if (tx->way == WAY_EXCHANGE)
		return file_exchange(tx->parent, tx->stage, tx->parent, name);
	if (renameat(tx->parent, name, tx->parent, tx->stage))
		return -errno;
	if (tx->way == WAY_RENAMES && renameat(tx->parent, old, tx->parent, name))
		return -errno;
	return 0;
}

void transaction_rollback(struct transaction *tx)
{
	struct venv_error why = VENV_ERROR_INIT;
	int r = 0;

	if (tx->way == WAY_MERGE) {
		if (tx->journal_written && merge_undo(tx, &why))
			log_warn(tx->log, "cannot restore '%s': %s", tx->t->given,
				 venv_error_message(&why));
		else if (tx->box >= 0)
			transaction_remove_at(tx, tx->t->fd, tx->box_name);
	} else if (tx->parent >= 0) {
		if (tx->published)
			r = unpublish(tx);
		if (r)
			log_warn(tx->log, "cannot restore '%s': %s", tx->t->given,
				 strerror(-r));
		else if (tx->root >= 0)
			transaction_remove_at(tx, tx->parent, tx->stage);
	}
	for (size_t i = tx->made.n; !r && i--;)
		rmdir(tx->made.v[i]);
	close_all(tx);
	tx->published = tx->journal_written = false;
	venv_error_clear(&why);
}

void transaction_leave(struct transaction *tx)
{
	close_all(tx);
}
