/* SPDX-License-Identifier: MIT */
/*
 * removal.c - a whole environment removed: it is there, or it is gone
 *
 * It is renamed into a staging directory, which is then removed; if that is interrupted, the
 * journal in there tells the next venvctl to go on.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "private.h"

/* The name that it has in the staging directory. */
#define GONE_NAME "env"

static int check(struct transaction *tx, struct venv_error *err)
{
	const struct target *t = &tx->target;

	if (!t->is_env)
		return error_set(err, VENV_ERR_CONFLICT, "'%s' is not an environment",
				 t->given);
	if (t->is_mount) {
		error_set(err, VENV_ERR_FAILED,
			  "cannot remove '%s': something is mounted on it", t->given);
		return error_hint(err, VENV_ERR_FAILED, "unmount it first");
	}
	return target_check_mounts(t, err);
}

int removal_open(struct transaction *tx, const char *env_dir, struct venv_error *err)
{
	int r;

	tx->removes = true;
	tx->existing = EXISTING_KEEP;
	r = transaction_open(tx, env_dir, err);
	return r ? r : check(tx, err);
}

/* Is what is in the box now what was locked?  If not it goes back. */
static int judge(struct transaction *tx, int box, struct venv_error *err)
{
	const struct target *t = &tx->target;
	struct stat st;

	/* On an overlay the directory was made anew. */
	if (fstatat(box, GONE_NAME, &st, AT_SYMLINK_NOFOLLOW))
		return error_errno(err, errno, "cannot remove '%s'", t->given);
	if (st.st_dev == t->st.st_dev && st.st_ino == t->st.st_ino)
		return 0;
	(void)!file_rename_new(box, GONE_NAME, tx->parent, t->name);
	return transaction_moved(tx, err);
}

/* Take it out of sight, by one rename. */
static int hide(struct transaction *tx, int box, struct venv_error *err)
{
	const struct target *t = &tx->target;
	int r = file_rename_new(tx->parent, t->name, box, GONE_NAME);

	if (!r)
		return judge(tx, box, err);
	/* A lower directory of an overlay: its files go one by one. */
	if (r == -EXDEV)
		r = tree_move(tx->parent, t->name, box, GONE_NAME);
	if (r == -ENOENT)
		return transaction_moved(tx, err);
	return r ? error_errno(err, -r, "cannot remove '%s'", t->given) : 0;
}

int removal_run(struct transaction *tx, struct venv_error *err)
{
	const struct target *t = &tx->target;
	int box = -1, r, failed;

	if (tx->parent < 0)
		return error_errno(err, EACCES, "cannot open '%s'", t->parent);
	r = stage_make(tx, tx->parent, t->parent, false, &box, err);
	if (r)
		return r == STAGE_BUSY ? transaction_busy(tx, err) : r;
	r = hide(tx, box, err);
	/* Its lock keeps others from removing it as well, and from its name. */
	failed = stage_remove(tx, tx->parent, t->parent, tx->journal.stage);
	lock_close(&box);
	if (r || !failed)
		return r;
	error_errno(err, -failed, "cannot remove all of '%s'", t->given);
	return error_hint(err, VENV_ERR_FAILED, "what is left of it is '%s/%s'",
			  t->parent, tx->journal.stage);
}
