/* SPDX-License-Identifier: MIT */
/* transaction.c - opened, begun, published, committed or rolled back */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <time.h>

#include "private.h"

/* For the loop of transaction_open(): somebody else was or is at work. */
#define LOOK_AGAIN 1

const char *way_name(enum way way)
{
	static const char *const names[] = { "rename", "exchange", "entry by entry" };

	return names[way];
}

/* ---- open ---- */

/* The directory that holds the target, with what is missing of it. */
static int make_parent(struct transaction *tx, struct venv_error *err)
{
	struct strlist missing = STRLIST_INIT;
	const char *dir = tx->target.parent;

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
		if (made && strlist_find(&tx->journal.made, dir) < 0 &&
		    !strlist_add(tx->arena, &tx->journal.made, dir))
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

/* Nothing is there: whoever makes the staging directory has the target. */
static int take_new(struct transaction *tx, struct venv_error *err)
{
	int r = make_parent(tx, err);

	if (r)
		return r;
	tx->way = tx->journal.way = WAY_NEW;
	r = stage_make(tx, tx->parent, tx->target.parent, false, &tx->root, err);
	if (r)
		return r == STAGE_BUSY ? LOOK_AGAIN : r;
	/* Somebody may have published between the look and the directory. */
	if (!file_exists_at(tx->parent, tx->target.name))
		return 0;
	stage_remove(tx, tx->parent, tx->target.parent, tx->journal.stage);
	close(steal_fd(&tx->root));
	return LOOK_AGAIN;
}

/*
 * A power cut may leave a journal without its contents.  What it was to restore is the only
 * copy there is, then: whoever reads this message knows more than we do.
 */
static int lost(struct transaction *tx, struct venv_error *err)
{
	const struct target *t = &tx->target;
	const char *beside = stage_name(tx, false, 0), *inside = stage_name(tx, true, 0);
	const char *dir = t->given, *name = inside;

	if (!beside || !inside)
		return error_nomem(err);
	if (!file_exists_at(t->fd, inside)) {
		if (tx->parent < 0 || !file_exists_at(tx->parent, beside))
			return 0;
		dir = t->parent;
		name = beside;
	}
	error_set(err, VENV_ERR_CONFLICT, "the journal '%s/%s' is damaged", t->given,
		  INCOMPLETE_FILE);
	return error_hint(err, VENV_ERR_CONFLICT,
			  "what was replaced is in '%s/%s': delete both when you have "
			  "what you need of it",
			  dir, name);
}

/* A journal in the target, whose lock is held: undo what it says. */
static int repair(struct transaction *tx, struct venv_error *err)
{
	struct target *t = &tx->target;
	struct tree_id id;
	struct journal j;
	int found = journal_read(&j, tx->arena, t->fd), r;

	if (found == -EBADMSG)
		return lost(tx, err);
	if (found == -ENOMEM)
		return error_nomem(err);
	if (found != 1 || tree_id(t->fd, &id, NULL) ||
	    !tree_same(&id, j.way == WAY_MERGE ? &j.target_id : &j.stage_id))
		return 0;
	if (tx->no_locks && journal_owner_runs(&j))
		return LOOK_AGAIN;
	if (j.kept)
		log_warn(tx->log,
			 "an earlier create of '%s' failed, and was kept: putting back "
			 "what "
			 "was there before",
			 t->given);
	else
		log_warn(tx->log,
			 "an earlier venvctl was interrupted at '%s': putting that right",
			 t->given);
	tx->journal = j;
	tx->way = j.way;
	r = undo_published(tx);
	tx->owed |= j.was_empty;
	if (tx->box >= 0)
		close(steal_fd(&tx->box));
	if (r)
		return error_errno(err, -r, "cannot restore '%s'", t->given);
	return LOOK_AGAIN;
}

/* What killed processes left under the names of staging directories. */
static void clean_all(struct transaction *tx, bool inside)
{
	int dirfd = inside ? tx->target.fd : tx->parent;
	const char *dir = inside ? tx->target.given : tx->target.parent;

	for (unsigned i = 0; dirfd >= 0; i++) {
		const char *name = stage_name(tx, inside, i);

		if (!name || !file_exists_at(dirfd, name))
			return;
		stage_clean(tx, dirfd, dir, name);
	}
}

static int take_existing(struct transaction *tx, struct venv_error *err)
{
	struct target *t = &tx->target;
	struct stat now;
	int r;

	if (stage_lock(tx, t->fd) == -EWOULDBLOCK)
		return LOOK_AGAIN;
	if (stat(t->real, &now) || now.st_ino != t->st.st_ino ||
	    now.st_dev != t->st.st_dev)
		return LOOK_AGAIN;
	tx->parent = open(t->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = t->half_built ? repair(tx, err) : 0;
	if (r)
		return r;
	clean_all(tx, false);
	clean_all(tx, true);
	return 0;
}

static void close_fds(struct transaction *tx)
{
	if (tx->root >= 0)
		close(steal_fd(&tx->root));
	if (tx->box >= 0)
		close(steal_fd(&tx->box));
	if (tx->parent >= 0)
		close(steal_fd(&tx->parent));
}

void transaction_close(struct transaction *tx)
{
	close_fds(tx);
	target_close(&tx->target);
}

int transaction_busy(const struct transaction *tx, struct venv_error *err)
{
	error_set(err, VENV_ERR_CONFLICT, "another venvctl is at work on '%s'",
		  tx->target.given);
	return error_hint(err, VENV_ERR_CONFLICT, "--wait waits for it");
}

/* Somebody is at work: an error, or a pause for those who wait. */
static int pause_or_refuse(struct transaction *tx, struct timespec *pause,
			   struct venv_error *err)
{
	if (!tx->wait)
		return transaction_busy(tx, err);
	if (tx->cancelled && tx->cancelled(tx->cancel_data))
		return error_set(err, VENV_ERR_CANCELLED,
				 "cancelled while waiting for '%s'", tx->target.given);
	nanosleep(pause, NULL);
	/* Who waits long is in no hurry. */
	if (pause->tv_nsec < 200 * 1000 * 1000)
		pause->tv_nsec *= 2;
	return 0;
}

static void remove_made(struct transaction *tx)
{
	for (size_t i = tx->journal.made.n; i--;)
		rmdir(tx->journal.made.v[i]);
}

static int take(struct transaction *tx, const char *env_dir, struct venv_error *err)
{
	/* Without --wait it is looked at a second time, too: most often it has ended. */
	struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
	struct strlist made = STRLIST_INIT;

	for (unsigned looks = 0;; looks++) {
		int r = target_open(&tx->target, tx->arena, env_dir, tx->cwd, tx->home,
				    err);

		if (r || tx->look)
			return r;
		journal_init(&tx->journal);
		tx->journal.made = made;
		tx->journal.name = tx->target.name;
		r = tx->target.fd < 0 ? take_new(tx, err) : take_existing(tx, err);
		if (r != LOOK_AGAIN)
			return r;
		made = tx->journal.made;
		transaction_close(tx);
		if (looks < 3)
			continue;
		r = pause_or_refuse(tx, &pause, err);
		if (r)
			return r;
	}
}

int transaction_open(struct transaction *tx, const char *env_dir, struct venv_error *err)
{
	int r = take(tx, env_dir, err);

	if (!r)
		r = target_decide(tx, err);
	if (r)
		return r;
	tx->dir = tx->target.fd < 0 && tx->journal.stage
			  ? path_join(tx->arena, tx->target.parent, tx->journal.stage)
			  : tx->target.real;
	return tx->dir ? 0 : error_nomem(err);
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
	if (!r && mkdirat(tx->box, "old", 0700)) {
		r = error_errno(err, errno, "cannot create a directory in '%s'",
				t->given);
		close(steal_fd(&tx->box));
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
		tx->dir = r ? NULL : path_join(tx->arena, t->parent, tx->journal.stage);
		return r ? r : tx->dir ? 0 : error_nomem(err);
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
	if (errno != EACCES || fchmod(old, tx->target.st.st_mode | 0700))
		return -errno;
	return renameat(tx->root, INCOMPLETE_FILE, old, INCOMPLETE_FILE) ? -errno : 0;
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
		if (tx->root >= 0)
			close(steal_fd(&tx->root));
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
	int r = journal_keep(&tx->journal, tx->root);

	if (r)
		log_warn(tx->log, "cannot write '%s/%s': %s", tx->target.given,
			 INCOMPLETE_FILE, strerror(-r));
	transaction_close(tx);
}
