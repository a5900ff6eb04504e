/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "transaction.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/lock.h"
#include "base/path.h"
#include "base/tree.h"

#define OLD_SUFFIX ".old"

static const char *old_name(const struct transaction *tx, char *buf, size_t size)
{
	snprintf(buf, size, "%s" OLD_SUFFIX, tx->stage);
	return buf;
}

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

static int busy(const struct transaction *tx, struct venv_error *err)
{
	error_set(err, VENV_ERR_CONFLICT, "another venvctl is at work on '%s'",
		  tx->t->given);
	return error_hint(err, VENV_ERR_CONFLICT, "--wait waits for it");
}

/* Take the lock of a directory: 0, or CONFLICT.  Without locks one goes on. */
static int lock_dir(struct transaction *tx, int fd, struct venv_error *err)
{
	int r = lock_try(fd);

	if (r == -EWOULDBLOCK && !tx->wait)
		return busy(tx, err);
	if (r == -EWOULDBLOCK) {
		r = lock_wait(fd);
		tx->waited = true;
	}
	if (r == -EINTR)
		return error_set(err, VENV_ERR_CANCELLED,
				 "cancelled while waiting for '%s'", tx->t->given);
	if (r)
		log_info(tx->log, "cannot lock '%s' (%s): going on without", tx->t->given,
			 strerror(-r));
	return 0;
}

/* Does NAME still stand for the file that ST is of? */
static bool is_still(int dirfd, const char *name, const struct stat *st)
{
	struct stat now;

	return !fstatat(dirfd, name, &now, AT_SYMLINK_NOFOLLOW) &&
	       now.st_ino == st->st_ino && now.st_dev == st->st_dev;
}

/*
 * A staging directory that is there already: 0 and locked, if its owner is gone;
 * CONFLICT if not.  Opened in *FD; -1 if it went away meanwhile.
 */
static int open_leftover(struct transaction *tx, int *fd, struct venv_error *err)
{
	struct stat st;
	int r;

	*fd = tree_open_dir(tx->parent, tx->stage);
	if (*fd < 0 && errno == ENOENT)
		return 0;
	if (*fd < 0 || fstat(*fd, &st) || st.st_uid != geteuid())
		return error_set(err, VENV_ERR_CONFLICT,
				 "'%s/%s' is in the way, and not a directory of yours",
				 tx->t->parent, tx->stage);
	r = lock_dir(tx, *fd, err);
	/* Its owner may have published or removed it while the lock was waited for. */
	if (!r && !is_still(tx->parent, tx->stage, &st)) {
		close(*fd);
		*fd = -1;
	}
	return r;
}

static int remove_at(struct transaction *tx, int dirfd, const char *name)
{
	struct str where = STR_INIT;
	int r = tree_remove_at(dirfd, name, &where);

	if (r && r != -ENOENT)
		log_warn(tx->log, "cannot remove '%s/%s': %s",
			 tx->way == WAY_MERGE ? tx->t->real : tx->t->parent,
			 str_text(&where), strerror(-r));
	str_release(&where);
	return r == -ENOENT ? 0 : r;
}

/* The target as it is now, with its journal if that is about it. */
static int read_target_journal(struct transaction *tx, struct journal *j)
{
	_cleanup_close_ int fd = tree_open_dir(tx->parent, tx->t->name);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return 0;
	return journal_read(j, tx->arena, fd, &st);
}

/*
 * Beside the target: what NEW, EXCHANGE or RENAMES left.  The lock of the leftover,
 * or of the target, is held.
 */
static int repair_beside(struct transaction *tx, struct venv_error *err)
{
	char old[sizeof(tx->stage) + sizeof(OLD_SUFFIX)];
	const char *name = tx->t->name;
	struct journal j;
	int r = 0;

	log_warn(tx->log,
		 "an earlier venvctl was interrupted at '%s': putting that right",
		 tx->t->given);
	old_name(tx, old, sizeof(old));
	if (read_target_journal(tx, &j) == 1) {
		if (j.way == WAY_EXCHANGE && file_exists_at(tx->parent, tx->stage))
			r = file_exchange(tx->parent, tx->stage, tx->parent, name);
		else if (j.way == WAY_RENAMES && file_exists_at(tx->parent, old) &&
			 !remove_at(tx, tx->parent, tx->stage))
			r = renameat(tx->parent, name, tx->parent, tx->stage) ? -errno
									      : 0;
		else if (j.way == WAY_NEW && !file_exists_at(tx->parent, tx->stage))
			r = renameat(tx->parent, name, tx->parent, tx->stage) ? -errno
									      : 0;
	}
	/* Between the two renames: the old one has no name but this. */
	if (!r && !file_exists_at(tx->parent, name) && file_exists_at(tx->parent, old))
		r = file_rename_new(tx->parent, old, tx->parent, name);
	if (r)
		return error_errno(err, -r, "cannot restore '%s'", tx->t->given);
	r = remove_at(tx, tx->parent, tx->stage);
	if (!r)
		r = remove_at(tx, tx->parent, old);
	/* Nothing can be made where this lies. */
	return r ? error_errno(err, -r,
			       "cannot remove what an interrupted venvctl left of '%s'",
			       tx->t->given)
		 : 0;
}

/* Inside the target: what MERGE left. */
static int repair_inside(struct transaction *tx, struct venv_error *err)
{
	struct journal j;
	int r = 0;

	log_warn(tx->log,
		 "an earlier venvctl was interrupted at '%s': putting that right",
		 tx->t->given);
	tx->way = WAY_MERGE;
	tx->box = tree_open_dir(tx->t->fd, tx->stage);
	if (journal_read(&j, tx->arena, tx->t->fd, &tx->t->st) == 1 &&
	    j.way == WAY_MERGE && tx->box >= 0) {
		tx->journal = j;
		tx->journal_written = true;
		tx->root = tree_open_dir(tx->box, "env");
		r = merge_undo(tx, err);
		if (tx->root >= 0)
			close(steal_fd(&tx->root));
	}
	if (!r)
		remove_at(tx, tx->t->fd, tx->stage);
	if (tx->box >= 0)
		close(steal_fd(&tx->box));
	tx->journal_written = false;
	return r;
}

static void name_stage(struct transaction *tx)
{
	snprintf(tx->stage, sizeof(tx->stage), ".venvctl-%016" PRIx64,
		 hash_add_str(HASH_INIT, tx->t->name));
}

/* True if the target has a journal that is about it. */
static bool has_journal(struct transaction *tx)
{
	struct journal j;

	return tx->t->half_built &&
	       journal_read(&j, tx->arena, tx->t->fd, &tx->t->st) == 1;
}

int transaction_recover(struct transaction *tx, struct venv_error *err)
{
	struct target *t = tx->t;
	_cleanup_close_ int leftover = -1;
	char old[sizeof(tx->stage) + sizeof(OLD_SUFFIX)];
	bool is_inside;
	int r = 0;

	name_stage(tx);
	tx->waited = false;
	tx->parent = open(t->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tx->parent < 0)
		return 0;
	is_inside = file_exists_at(t->fd, tx->stage);
	old_name(tx, old, sizeof(old));
	if (!is_inside && file_exists_at(tx->parent, tx->stage))
		r = open_leftover(tx, &leftover, err);
	else if (is_inside || has_journal(tx) || file_exists_at(tx->parent, old))
		r = lock_dir(tx, t->fd, err);
	else
		goto nothing;
	if (r)
		goto nothing;
	/* Whose owner was waited for, or has just ended: that is another target now. */
	r = TRANSACTION_AGAIN;
	if (!tx->waited && is_inside && file_exists_at(t->fd, tx->stage))
		r = repair_inside(tx, err);
	else if (!tx->waited && !is_inside &&
		 (leftover >= 0 || has_journal(tx) || file_exists_at(tx->parent, old)))
		r = repair_beside(tx, err);
	if (!r)
		r = 1;
nothing:
	close(steal_fd(&tx->parent));
	return r;
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
		r = open_leftover(tx, &leftover, err);
		if (!r && !tx->waited && leftover >= 0)
			r = repair_beside(tx, err);
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
	r = lock_dir(tx, tx->root, err);
	if (!r && fstat(tx->root, &st))
		r = error_errno(err, errno, "cannot open '%s/%s'", t->parent, tx->stage);
	/*
	 * Between its making and its lock, others could take it for a leftover, put one of
	 * their own under the name, and even publish that.
	 */
	if (!r && !is_still(tx->parent, tx->stage, &st))
		r = TRANSACTION_AGAIN;
	if (!r)
		tx->mode_left = st.st_mode & 0777;
	/* Who waits may come when somebody else has just made what was missing. */
	if (!r && tx->wait && tx->way == WAY_NEW && file_exists_at(tx->parent, t->name)) {
		unlinkat(tx->parent, tx->stage, AT_REMOVEDIR);
		r = TRANSACTION_AGAIN;
	}
	if (r == VENV_ERR_CONFLICT || r == TRANSACTION_AGAIN)
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
	if (mkdirat(t->fd, tx->stage, 0700))
		return error_errno(err, errno, "cannot create a directory in '%s'",
				   t->given);
	tx->box = tree_open_dir(t->fd, tx->stage);
	if (tx->box < 0) {
		error_errno(err, errno, "cannot open a directory in '%s'", t->given);
		unlinkat(t->fd, tx->stage, AT_REMOVEDIR);
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
	name_stage(tx);
	tx->way = choose_way(tx->t);
}

int transaction_begin(struct transaction *tx, struct venv_error *err)
{
	struct target *t = tx->t;
	struct stat st;
	int r;

	if (t->fd >= 0) {
		r = lock_dir(tx, t->fd, err);
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
	if (r)
		return r;
	old_name(tx, old, sizeof(old));
	/* One that a killed process had no time to remove. */
	r = remove_at(tx, tx->parent, old);
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

int transaction_publish(struct transaction *tx, bool steps_left, struct venv_error *err)
{
	int r = 0;

#ifdef __linux__
	if (tx->durable && syncfs(tx->root))
		return error_errno(err, errno, "cannot bring '%s' to disk", tx->t->given);
#endif
	if (tx->way == WAY_MERGE)
		return merge_publish(tx, steps_left, err);
	if (steps_left)
		r = write_journal(tx, err);
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
		remove_at(tx, tx->parent, tx->stage);
	else if (tx->way == WAY_RENAMES)
		remove_at(tx, tx->parent, old_name(tx, old, sizeof(old)));
	else if (tx->way == WAY_MERGE)
		remove_at(tx, tx->t->fd, tx->stage);
	close_all(tx);
	return 0;
}

/* Give the target its old name back and the new tree its staging name. */
static int unpublish(struct transaction *tx)
{
	char old[sizeof(tx->stage) + sizeof(OLD_SUFFIX)];
	const char *name = tx->t->name;

	old_name(tx, old, sizeof(old));
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
			remove_at(tx, tx->t->fd, tx->stage);
	} else if (tx->parent >= 0) {
		if (tx->published)
			r = unpublish(tx);
		if (r)
			log_warn(tx->log, "cannot restore '%s': %s", tx->t->given,
				 strerror(-r));
		else if (tx->root >= 0)
			remove_at(tx, tx->parent, tx->stage);
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
