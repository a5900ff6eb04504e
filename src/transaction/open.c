/* SPDX-License-Identifier: MIT */
/*
 * open.c - a target looked at, locked and repaired: the one place that looks again
 *
 * Nothing outside of the loop of take() knows of a second look.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "private.h"

/* For that loop: somebody else was or is at work. */
#define LOOK_AGAIN 1

/* A directory in which names are used, and which may be one that cannot be listed. */
static int open_dir(const char *path)
{
#ifdef O_PATH
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
#else
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
#endif
}

/* The directory that holds the target, with what is missing of it. */
static int make_parent(struct transaction *tx, struct venv_error *err)
{
	struct strlist missing = STRLIST_INIT;
	const char *dir = tx->target.parent;

	while ((tx->parent = open_dir(dir)) < 0) {
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
	lock_close(&tx->root);
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
	if (found < 0)
		return error_errno(err, -found, "cannot read '%s/%s'", t->given,
				   INCOMPLETE_FILE);
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
	else if (!tx->own)
		log_warn(tx->log,
			 "an earlier venvctl was interrupted at '%s': putting that right",
			 t->given);
	tx->journal = j;
	tx->way = j.way;
	r = undo_published(tx);
	tx->owed |= j.was_empty;
	lock_close(&tx->box);
	if (r)
		return error_errno(err, -r, "cannot restore '%s'", t->given);
	return LOOK_AGAIN;
}

/* What killed processes left under the names of staging directories. */
static void clean_all(struct transaction *tx, bool inside)
{
	int dirfd = inside ? tx->target.fd : tx->parent;
	const char *dir = inside ? tx->target.given : tx->target.parent;

	/* Until two names in a row are free: the first may have been somebody else's. */
	for (unsigned i = 0, missing = 0; dirfd >= 0 && missing < 2; i++) {
		const char *name = stage_name(tx, inside, i);

		if (!name)
			return;
		if (!file_exists_at(dirfd, name))
			missing++;
		else
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
	if (tx->locked)
		tx->locked(tx->locked_data, t->fd);
	if (stat(t->real, &now) || now.st_ino != t->st.st_ino ||
	    now.st_dev != t->st.st_dev)
		return LOOK_AGAIN;
	tx->parent = open_dir(t->parent);
	r = t->half_built ? repair(tx, err) : 0;
	if (r)
		return r;
	clean_all(tx, false);
	clean_all(tx, true);
	return 0;
}

int transaction_busy(const struct transaction *tx, struct venv_error *err)
{
	error_set(err, VENV_ERR_CONFLICT, "another venvctl is at work on '%s'",
		  tx->target.given);
	/* Without locks it shows too late to wait for it. */
	return tx->wait ? VENV_ERR_CONFLICT
			: error_hint(err, VENV_ERR_CONFLICT, "--wait waits for it");
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

int transaction_look(struct transaction *tx, struct venv_error *err)
{
	const char *dir = tx->target.fd < 0 ? tx->target.parent : tx->target.real;
	const char *missing = NULL;

	while (dir && dir[1] && faccessat(AT_FDCWD, dir, F_OK, AT_EACCESS)) {
		missing = dir;
		dir = path_dir(tx->arena, dir);
	}
	if (!dir)
		return error_nomem(err);
	if (!faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS))
		return 0;
	return missing ? error_errno(err, errno, "cannot create '%s'", missing)
		       : error_errno(err, errno, "cannot create a directory in '%s'",
				     dir);
}

/* Nothing is there: what is left of an earlier removal goes. */
static void clean_gone(struct transaction *tx)
{
	if (tx->target.fd >= 0 || !tx->target.parent)
		return;
	tx->parent = open_dir(tx->target.parent);
	clean_all(tx, false);
}

static int take(struct transaction *tx, const char *env_dir, struct venv_error *err)
{
	/* Without --wait it is looked at a second time, too: most often it has ended. */
	struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
	struct strlist made = STRLIST_INIT;

	for (unsigned looks = 0;; looks++) {
		int r = (tx->removes ? target_open_there : target_open)(
			&tx->target, tx->arena, env_dir, tx->cwd, tx->home, err);

		if (r && tx->removes && !tx->look)
			clean_gone(tx);
		if (r || tx->look)
			return r || tx->target.fd >= 0 ? r : transaction_look(tx, err);
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

int transaction_restore(struct transaction *tx, const char *env_dir,
			struct venv_error *err)
{
	struct venv_error gone = VENV_ERROR_INIT;
	int r;

	tx->removes = true;
	tx->existing = EXISTING_KEEP;
	r = transaction_open(tx, env_dir, &gone);
	/* Nothing was there before: that is what was asked for. */
	if (r && tx->target.fd < 0 && tx->target.parent)
		r = 0;
	if (r)
		error_move(err, &gone);
	venv_error_clear(&gone);
	transaction_close(tx);
	return r;
}
