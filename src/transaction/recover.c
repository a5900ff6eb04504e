/* SPDX-License-Identifier: MIT */
/* recover.c - what a killed process left: found, taken over, put right */
#include <config.h>

#include "transaction.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fs/fs.h"
#include "util/util.h"

static int busy(const struct transaction *tx, struct venv_error *err)
{
	error_set(err, VENV_ERR_CONFLICT, "another venvctl is at work on '%s'",
		  tx->t->given);
	return error_hint(err, VENV_ERR_CONFLICT, "--wait waits for it");
}

/* Take the lock of a directory: 0, or CONFLICT.  Without locks one goes on. */
int transaction_lock(struct transaction *tx, int fd, struct venv_error *err)
{
	int r = lock_try(fd);

	if (r == -EWOULDBLOCK && !tx->wait)
		return busy(tx, err);
	if (r == -EWOULDBLOCK) {
		r = lock_wait(fd, tx->cancelled, tx->cancel_data);
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
bool transaction_is_still(int dirfd, const char *name, const struct stat *st)
{
	struct stat now;

	return !fstatat(dirfd, name, &now, AT_SYMLINK_NOFOLLOW) &&
	       now.st_ino == st->st_ino && now.st_dev == st->st_dev;
}

/*
 * A staging directory that is there already: 0 and locked, if its owner is gone;
 * CONFLICT if not.  Opened in *FD; -1 if it went away meanwhile.
 */
int transaction_open_leftover(struct transaction *tx, int *fd, struct venv_error *err)
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
	r = transaction_lock(tx, *fd, err);
	/* Its owner may have published or removed it while the lock was waited for. */
	if (!r && !transaction_is_still(tx->parent, tx->stage, &st)) {
		close(*fd);
		*fd = -1;
	}
	return r;
}

int transaction_remove_at(struct transaction *tx, int dirfd, const char *name)
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

/*
 * A power cut may leave a journal without its contents.  What it was to restore is the only
 * copy there is, then: whoever reads this message knows more than we do.
 */
static int lost(const struct transaction *tx, const char *dir, const char *name,
		struct venv_error *err)
{
	error_set(err, VENV_ERR_CONFLICT, "the journal '%s/%s' is damaged", tx->t->given,
		  INCOMPLETE_FILE);
	return error_hint(err, VENV_ERR_CONFLICT,
			  "what was replaced is in '%s/%s': delete both when you have "
			  "what you need of it",
			  dir, name);
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
int transaction_repair_beside(struct transaction *tx, struct venv_error *err)
{
	char old[sizeof(tx->stage) + sizeof(OLD_SUFFIX)];
	const char *name = tx->t->name;
	struct journal j;
	int r = 0, found = read_target_journal(tx, &j);

	transaction_old_name(tx, old, sizeof(old));
	if (found == -EBADMSG && file_exists_at(tx->parent, old))
		return lost(tx, tx->t->parent, old, err);
	if (found == -EBADMSG && file_exists_at(tx->parent, tx->stage))
		return lost(tx, tx->t->parent, tx->stage, err);
	log_warn(tx->log,
		 "an earlier venvctl was interrupted at '%s': putting that right",
		 tx->t->given);
	if (found == 1) {
		if (j.way == WAY_EXCHANGE && file_exists_at(tx->parent, tx->stage))
			r = file_exchange(tx->parent, tx->stage, tx->parent, name);
		else if (j.way == WAY_RENAMES && file_exists_at(tx->parent, old) &&
			 !transaction_remove_at(tx, tx->parent, tx->stage))
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
	r = transaction_remove_at(tx, tx->parent, tx->stage);
	if (!r)
		r = transaction_remove_at(tx, tx->parent, old);
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
	int r = 0, found = journal_read(&j, tx->arena, tx->t->fd, &tx->t->st);

	if (found == -EBADMSG)
		return lost(tx, tx->t->given, tx->box_name, err);
	log_warn(tx->log,
		 "an earlier venvctl was interrupted at '%s': putting that right",
		 tx->t->given);
	tx->way = WAY_MERGE;
	tx->box = tree_open_dir(tx->t->fd, tx->box_name);
	if (found == 1 && j.way == WAY_MERGE && tx->box >= 0) {
		tx->journal = j;
		tx->journal_written = true;
		tx->recovering = true;
		tx->root = tree_open_dir(tx->box, "env");
		r = merge_undo(tx, err);
		if (tx->root >= 0)
			close(steal_fd(&tx->root));
	}
	if (!r)
		transaction_remove_at(tx, tx->t->fd, tx->box_name);
	if (tx->box >= 0)
		close(steal_fd(&tx->box));
	tx->journal_written = tx->recovering = false;
	return r;
}

void transaction_name_stage(struct transaction *tx)
{
	snprintf(tx->stage, sizeof(tx->stage), ".venvctl-%016" PRIx64,
		 hash_add_str(HASH_INIT, tx->t->name));
	snprintf(tx->box_name, sizeof(tx->box_name), "%s.box", tx->stage);
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

	transaction_name_stage(tx);
	tx->waited = false;
	tx->parent = open(t->parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tx->parent < 0)
		return 0;
	is_inside = file_exists_at(t->fd, tx->box_name);
	transaction_old_name(tx, old, sizeof(old));
	if (!is_inside && file_exists_at(tx->parent, tx->stage))
		r = transaction_open_leftover(tx, &leftover, err);
	else if (is_inside || has_journal(tx) || file_exists_at(tx->parent, old))
		r = transaction_lock(tx, t->fd, err);
	else
		goto nothing;
	if (r)
		goto nothing;
	/* Whose owner was waited for, or has just ended: that is another target now. */
	r = TRANSACTION_AGAIN;
	if (!tx->waited && is_inside && file_exists_at(t->fd, tx->box_name))
		r = repair_inside(tx, err);
	else if (!tx->waited && !is_inside &&
		 (leftover >= 0 || has_journal(tx) || file_exists_at(tx->parent, old)))
		r = transaction_repair_beside(tx, err);
	if (!r)
		r = 1;
nothing:
	close(steal_fd(&tx->parent));
	return r;
}

const char *transaction_old_name(const struct transaction *tx, char *buf, size_t size)
{
	snprintf(buf, size, "%s" OLD_SUFFIX, tx->stage);
	return buf;
}
