/* SPDX-License-Identifier: MIT */
/*
 * save.c - directories of an environment that child processes may change
 *
 * pip and other installers write into the scripts and site-packages of an environment behind
 * our back.  These directories are saved before the first of them runs: files cloned where
 * the file system can, else linked, else copied.  A linked file that a child wrote into in
 * place cannot be given back, but it is known by its size and time, and told.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "private.h"

struct saving {
	struct transaction *tx;
	bool can_clone;
	struct venv_error *err;
};

static int save_dir(struct saving *s, int from, int to, const char *path);

/* A clone has another number, and is not changed with its origin. */
static bool clone_file(int from, int to, const char *name, const struct stat *st)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, st->st_mtim };
	_cleanup_close_ int in = openat(from, name,
					O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	_cleanup_close_ int out = -1;

	if (in < 0)
		return false;
	out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		     0600);
	if (out < 0)
		return false;
	if (!file_clone_fd(in, out) &&
	    ((st->st_uid == geteuid() && st->st_gid == getegid()) ||
	     !fchown(out, st->st_uid, st->st_gid)) &&
	    !fchmod(out, st->st_mode & 07777) && !futimens(out, times))
		return true;
	unlinkat(to, name, 0);
	return false;
}

static int save_file(struct saving *s, int from, int to, const char *name,
		     const char *path, const struct stat *st)
{
	struct change *c;

	if (S_ISREG(st->st_mode) && s->can_clone) {
		s->can_clone = clone_file(from, to, name, st);
		if (s->can_clone)
			return 0;
	}
	if (linkat(from, name, to, name, 0)) {
		_cleanup_free_ char *target = NULL;

		if (S_ISREG(st->st_mode))
			return file_copy_at(from, name, to, name);
		/* A special file that cannot be linked is left alone, here and on the way back. */
		if (!S_ISLNK(st->st_mode))
			return 0;
		target = file_readlink_at(from, name);
		return target && !symlinkat(target, to, name) ? 0 : -errno;
	}
	c = journal_add(&s->tx->journal, s->tx->arena, CHANGE_LINKED, path, s->err);
	if (!c)
		return -ENOMEM;
	c->was = mark_of(st);
	return 0;
}

static int save_entry(struct saving *s, int from, int to, const char *name,
		      const char *path)
{
	_cleanup_close_ int in = -1, out = -1;
	struct stat st;

	if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (!S_ISDIR(st.st_mode))
		return save_file(s, from, to, name, path, &st);
	in = tree_open_dir(from, name);
	if (in < 0)
		return -errno;
	if (tree_is_mount(in))
		return 0;
	if (mkdirat(to, name, 0700) || (out = tree_open_dir(to, name)) < 0)
		return -errno;
	if ((st.st_uid != geteuid() || st.st_gid != getegid()) &&
	    fchown(out, st.st_uid, st.st_gid) && errno != EPERM)
		return -errno;
	if (fchmod(out, st.st_mode & 07777))
		return -errno;
	return save_dir(s, in, out, path);
}

static int save_dir(struct saving *s, int from, int to, const char *path)
{
	_cleanup_dir_ DIR *d = tree_walk(from);
	struct dirent *e;
	int r = 0;

	if (!d)
		return -errno;
	while (!r && (e = tree_next(d, &r))) {
		const char *sub = path_join(s->tx->arena, path, e->d_name);

		r = sub ? save_entry(s, from, to, e->d_name, sub) : -ENOMEM;
	}
	return r;
}

int save_directory(struct transaction *tx, const char *path, struct venv_error *err)
{
	struct saving s = { .tx = tx, .can_clone = true, .err = err };
	_cleanup_close_ int dir = tree_open_parent(tx->target.fd, path);
	_cleanup_close_ int from = dir < 0 ? -1 : tree_open_dir(dir, path_base(path));
	_cleanup_close_ int to = -1;
	struct change *c;
	char old[32];
	int r;

	/* What is not there will be new, and a link is refused with its name later. */
	if (from < 0)
		return 0;
	c = journal_add(&tx->journal, tx->arena, CHANGE_SAVED, path, err);
	if (!c)
		return VENV_ERR_NOMEM;
	merge_old_name(old, c);
	if (mkdirat(tx->box, old, 0700) || (to = tree_open_dir(tx->box, old)) < 0)
		r = -errno;
	else
		r = save_dir(&s, from, to, path);
	return r ? error_errno(err, -r, "cannot save '%s/%s'", tx->target.given, path)
		 : 0;
}

/* ---- back ---- */

static int restore_dir(int saved, int now);

static bool is_never_saved(int dir, const char *name)
{
	_cleanup_close_ int fd = tree_open_dir(dir, name);
	struct stat st;

	if (fd >= 0)
		return tree_is_mount(fd);
	return !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && !S_ISREG(st.st_mode) &&
	       !S_ISLNK(st.st_mode) && !S_ISDIR(st.st_mode);
}

/* What was not there goes; what is mounted was never looked at. */
static int remove_new(int saved, int now)
{
	_cleanup_dir_ DIR *d = tree_walk(now);
	struct dirent *e;
	int r = 0;

	if (!d)
		return -errno;
	while (!r && (e = tree_next(d, &r))) {
		if (file_exists_at(saved, e->d_name) || is_never_saved(now, e->d_name))
			continue;
		r = tree_remove_at(now, e->d_name, NULL);
		if (r == -ENOENT)
			r = 0;
	}
	return r;
}

/* The saved file gets its old name back, and stays saved: this may be begun again. */
static int put_back(int saved, int now, const char *name, const struct stat *st)
{
	_cleanup_free_ char *target = NULL;

	if (!linkat(saved, name, now, name, 0))
		return 0;
	if (S_ISREG(st->st_mode))
		return file_copy_at(saved, name, now, name);
	target = S_ISLNK(st->st_mode) ? file_readlink_at(saved, name) : NULL;
	return target && !symlinkat(target, now, name) ? 0 : -errno;
}

static int restore_subdir(int saved, int now, const char *name, const struct stat *was,
			  bool there)
{
	_cleanup_close_ int in = tree_open_dir(saved, name), out = -1;
	int r;

	if (in < 0 || (!there && mkdirat(now, name, 0700)) ||
	    (out = tree_open_dir(now, name)) < 0)
		return -errno;
	/* Right away: if this is interrupted, the next one finds it there. */
	if (!there && (was->st_uid != geteuid() || was->st_gid != getegid()) &&
	    fchown(out, was->st_uid, was->st_gid) && errno != EPERM)
		return -errno;
	if (!there && fchmod(out, (was->st_mode & 07777) | 0700))
		return -errno;
	r = restore_dir(in, out);
	if (!r && fchmod(out, was->st_mode & 07777) && errno != EPERM)
		r = -errno;
	return r;
}

/* Is what is there still what was saved?  Of a clone only the number is another one. */
static bool is_unchanged(const struct stat *was, const struct stat *is)
{
	struct mark a = mark_of(was), b = mark_of(is);

	if (was->st_ino == is->st_ino)
		return true;
	a.ino = b.ino;
	return S_ISREG(was->st_mode) && was->st_mode == is->st_mode && mark_equal(&a, &b);
}

static int restore_entry(int saved, int now, const char *name)
{
	struct stat was, is;
	bool there;

	if (fstatat(saved, name, &was, AT_SYMLINK_NOFOLLOW))
		return -errno;
	there = !fstatat(now, name, &is, AT_SYMLINK_NOFOLLOW);
	if (there && !(S_ISDIR(was.st_mode) && S_ISDIR(is.st_mode))) {
		int r;

		if (is_unchanged(&was, &is))
			return 0;
		r = tree_remove_at(now, name, NULL);
		if (r && r != -ENOENT)
			return r;
		there = false;
	}
	return S_ISDIR(was.st_mode) ? restore_subdir(saved, now, name, &was, there)
				    : put_back(saved, now, name, &was);
}

static int restore_dir(int saved, int now)
{
	_cleanup_dir_ DIR *d = NULL;
	struct dirent *e;
	int r = remove_new(saved, now);

	if (!r && !(d = tree_walk(saved)))
		r = -errno;
	while (!r && (e = tree_next(d, &r)))
		r = restore_entry(saved, now, e->d_name);
	return r;
}

/* Links into the saved directory that were written into: both names have the change. */
static void tell_changed(struct transaction *tx, const char *path)
{
	for (const struct change *c = tx->journal.changes; c; c = c->next) {
		_cleanup_close_ int dir = -1;
		struct stat st;
		struct mark mark;

		if (c->kind != CHANGE_LINKED || !path_is_below(c->path, path))
			continue;
		dir = tree_open_parent(tx->target.fd, c->path);
		if (dir < 0 || fstatat(dir, path_base(c->path), &st, AT_SYMLINK_NOFOLLOW))
			continue;
		mark = mark_of(&st);
		if (mark.ino == c->was.ino && !mark_equal(&mark, &c->was))
			log_warn(
				tx->log,
				"'%s/%s' was written into by a step, and cannot be given "
				"back as it was",
				tx->target.given, c->path);
	}
}

static int not_a_dir(struct transaction *tx, const char *path)
{
	log_warn(tx->log, "cannot restore '%s/%s': it is no directory any more",
		 tx->target.given, path);
	return 1;
}

int save_restore(struct transaction *tx, const struct change *c)
{
	const char *name = path_base(c->path);
	_cleanup_close_ int dir = -1, saved = -1, now = -1;
	char old[32];
	int r;

	merge_old_name(old, c);
	saved = tx->box < 0 ? (errno = ENOENT, -1) : tree_open_dir(tx->box, old);
	if (saved < 0 && errno != ENOENT)
		return -errno;
	if (saved < 0) {
		log_warn(tx->log, "cannot restore '%s/%s': what was saved of it is gone",
			 tx->target.given, c->path);
		return 1;
	}
	dir = tree_make_parent(tx->target.fd, c->path);
	if (dir == -ENOTDIR || dir == -ELOOP)
		return not_a_dir(tx, c->path);
	if (dir < 0)
		return dir;
	if (!file_exists_at(dir, name) && mkdirat(dir, name, 0777))
		return -errno;
	now = tree_open_dir(dir, name);
	if (now < 0 && (errno == ENOTDIR || errno == ELOOP))
		return not_a_dir(tx, c->path);
	if (now < 0)
		return -errno;
	r = restore_dir(saved, now);
	if (!r)
		tell_changed(tx, c->path);
	return r;
}
