/* SPDX-License-Identifier: MIT */
/* stage.c - staging directories: made, known again, removed */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "private.h"

/* How many names are tried before venvctl gives up, and how often each. */
#define NAMES_MAX 100
#define TRIES_MAX 1000
/* Seconds after which nobody is about to write a journal any more. */
#define BEGUN_MAX 60

const char *stage_name(struct transaction *tx, bool inside, unsigned i)
{
	uint64_t h = hash_add_str(HASH_INIT, tx->target.name);
	char suffix[16] = "";

	if (i)
		snprintf(suffix, sizeof(suffix), "-%u", i);
	/*
	 * Inside the target it has an ending of its own: an environment X in X would have
	 * the same name for what is beside it.
	 */
	return arena_printf(tx->arena, ".venvctl-%016" PRIx64 "%s%s", h, suffix,
			    inside ? ".box" : "");
}

int stage_lock(struct transaction *tx, int fd)
{
	int r = lock_try(fd);

	if (!r || r == -EWOULDBLOCK)
		return r;
	if (!tx->no_locks)
		log_warn(tx->log, "cannot lock '%s' (%s): going on without",
			 tx->target.given, strerror(-r));
	tx->no_locks = true;
	return 0;
}

static enum leftover foreign(struct transaction *tx, const char *dir, const char *name)
{
	log_warn(tx->log, "'%s/%s' was not made by venvctl here: leaving it alone", dir,
		 name);
	return LEFTOVER_FOREIGN;
}

/* Nothing but a journal that is not written, into ST. */
static bool is_barely_begun(int fd, struct stat *st)
{
	return tree_is_empty(fd, INCOMPLETE_FILE) == 1 &&
	       !fstatat(fd, INCOMPLETE_FILE, st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(st->st_mode) && !st->st_size;
}

enum leftover stage_clean(struct transaction *tx, int dirfd, const char *dir,
			  const char *name)
{
	_cleanup_close_ int fd = tree_open_dir(dirfd, name);
	struct tree_id id;
	struct journal j;
	struct stat st;
	int found;

	if (fd < 0 && errno == ENOENT)
		return LEFTOVER_NONE;
	/* Somebody else's lock must not keep anybody waiting. */
	if (fd < 0 || tree_id(fd, &id, NULL) || fstat(fd, &st) || st.st_uid != geteuid())
		return foreign(tx, dir, name);
	if (stage_lock(tx, fd) == -EWOULDBLOCK)
		return LEFTOVER_BUSY;
	found = journal_read(&j, tx->arena, fd);
	if (found == -EBADMSG && is_barely_begun(fd, &st)) {
		/* No lock tells a maker who was killed from one who is about to write. */
		if (tx->no_locks && st.st_mtime + BEGUN_MAX > time(NULL))
			return LEFTOVER_BUSY;
		unlinkat(fd, INCOMPLETE_FILE, 0);
	}
	if (found != 1) {
		/* One that is empty is nobody's loss; its maker notices, and makes it again. */
		if (!unlinkat(dirfd, name, AT_REMOVEDIR) || errno == ENOENT)
			return LEFTOVER_NONE;
		found = journal_read(&j, tx->arena, fd);
	}
	if (found < 0 && found != -EBADMSG) {
		log_warn(tx->log, "cannot read '%s/%s/%s': %s", dir, name,
			 INCOMPLETE_FILE, strerror(-found));
		return LEFTOVER_STUCK;
	}
	if (found != 1 || strcmp(j.name, tx->target.name) != 0 ||
	    (!tree_same(&j.stage_id, &id) && !tree_same(&j.target_id, &id)))
		return foreign(tx, dir, name);
	if (tx->no_locks && journal_owner_runs(&j))
		return LEFTOVER_BUSY;
	/* Directories that were made for it are ours now, to go if this create fails. */
	for (size_t i = 0; i < j.made.n; i++) {
		if (strlist_find(&tx->journal.made, j.made.v[i]) < 0 &&
		    !strlist_add(tx->arena, &tx->journal.made, j.made.v[i]))
			break;
	}
	return stage_remove(tx, dirfd, dir, name) ? LEFTOVER_STUCK : LEFTOVER_NONE;
}

int stage_remove(struct transaction *tx, int dirfd, const char *dir, const char *name)
{
	struct str where = STR_INIT;
	int r = tree_remove_marked(dirfd, name, INCOMPLETE_FILE, &where);

	if (r && r != -ENOENT)
		log_warn(tx->log, "cannot remove '%s/%s': %s", dir, str_text(&where),
			 strerror(-r));
	str_release(&where);
	return r == -ENOENT ? 0 : r;
}

/* Open, lock and mark the directory that was just made; -EAGAIN if it has gone already. */
static int take(struct transaction *tx, int dirfd, const char *name, bool inside, int *fd)
{
	struct journal *j = &tx->journal;
	mode_t mode = 0;
	struct stat st;
	int r;

	*fd = tree_open_dir(dirfd, name);
	if (*fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	/* Who has the lock takes it for a leftover, finds it empty and removes it. */
	if (stage_lock(tx, *fd) == -EWOULDBLOCK)
		return -EAGAIN;
	if (tx->locked)
		tx->locked(tx->locked_data, *fd);
	r = tree_id(*fd, &j->stage_id, &mode);
	/* On overlayfs a directory of a lower layer became another one by this. */
	if (!r && inside)
		r = tree_id(tx->target.fd, &j->target_id, NULL);
	if (r)
		return r;
	j->stage = name;
	if (tx->no_locks)
		j->host = journal_host(tx->arena);
	r = journal_write(j, *fd);
	/* Removed since it was made; made again by another one, who has it now. */
	if (r == -ENOENT || r == -EEXIST)
		return -EAGAIN;
	/* Without locks somebody may have taken the journal for one that was never written. */
	if (!r && tx->no_locks && fstatat(*fd, INCOMPLETE_FILE, &st, 0))
		return -EAGAIN;
	tx->mode_left = mode & 0777;
	return r;
}

int stage_make(struct transaction *tx, int dirfd, const char *dir, bool inside, int *fd,
	       struct venv_error *err)
{
	unsigned i = 0;

	for (unsigned tries = 0; i < NAMES_MAX && tries < TRIES_MAX; tries++) {
		const char *name = stage_name(tx, inside, i);
		int r;

		if (!name)
			return error_nomem(err);
		if (mkdirat(dirfd, name, inside ? 0700 : 0777)) {
			/* Where no lock holds others up, one of them may be removing it. */
			if (inside && errno == ENOENT)
				return transaction_moved(tx, err);
			if (errno != EEXIST)
				return error_errno(err, errno,
						   "cannot create a directory in '%s'",
						   dir);
			switch (stage_clean(tx, dirfd, dir, name)) {
			case LEFTOVER_NONE:
				continue;
			case LEFTOVER_BUSY:
				/*
				 * At work on this target, unless that was moved since:
				 * with a lock on it nobody else is.
				 */
				if (tx->target.fd < 0 || tx->no_locks)
					return STAGE_BUSY;
				break;
			case LEFTOVER_FOREIGN:
			case LEFTOVER_STUCK:
				break;
			}
			i++;
			continue;
		}
		r = take(tx, dirfd, name, inside, fd);
		if (!r)
			return 0;
		lock_close(fd);
		if (r == -EAGAIN)
			continue;
		error_errno(err, -r, "cannot create '%s/%s'", dir, name);
		unlinkat(dirfd, name, AT_REMOVEDIR);
		return err ? err->code : VENV_ERR_FAILED;
	}
	return error_set(err, VENV_ERR_CONFLICT,
			 "no name for a staging directory is free in '%s'", dir);
}
