/* SPDX-License-Identifier: MIT */
/*
 * leaving.c - what goes with an environment that is replaced, and what stands again
 *
 * A site's pip.conf and its wheels come with every environment: that the old ones went with the
 * old environment is nothing to tell.  What was at its top is kept open, for until the commit it
 * may be moved anywhere, and compared with what stands there when all steps have run.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "fs/fs.h"
#include "util/util.h"
#include "private.h"

/* Larger ones are no configuration of a site's. */
#define SAME_MAX  (16u << 20)
#define DEPTH_MAX 16

/* A file, link or directory; -1 for anything else. */
static int open_any(int dir, const char *name)
{
	struct stat st;
	int flags;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return -1;
	flags = S_ISREG(st.st_mode)   ? O_RDONLY | O_NONBLOCK
		: S_ISDIR(st.st_mode) ? O_RDONLY | O_DIRECTORY
		: S_ISLNK(st.st_mode) ? O_PATH
				      : -1;
	return flags < 0 ? -1 : openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC);
}

int leaving_add(struct venv_builder *b, const char *name, struct venv_error *err)
{
	struct arena *a = &b->host.build.arena;
	struct leaving *l = &b->leaving;
	const char *copy = arena_strdup(a, name);

	if (!copy || !strlist_add(a, &l->top, copy))
		return error_nomem(err);
	if (l->top.n <= LEAVING_HELD)
		l->fds[l->top.n - 1] = open_any(b->host.build.tx.target.fd, name);
	return 0;
}

void leaving_close(struct venv_builder *b)
{
	struct leaving *l = &b->leaving;

	for (size_t i = 0; i < l->top.n && i < LEAVING_HELD; i++) {
		if (l->fds[i] >= 0)
			close(steal_fd(&l->fds[i]));
	}
}

static bool same_text(int old, int new)
{
	struct str a = STR_INIT, b = STR_INIT;
	bool same = lseek(old, 0, SEEK_SET) == 0 && !file_read_fd(old, SAME_MAX, &a) &&
		    !file_read_fd(new, SAME_MAX, &b) && a.len == b.len &&
		    (!a.len || !memcmp(a.s, b.s, a.len));

	str_release(&a);
	str_release(&b);
	return same;
}

static bool same_link(int old, int new)
{
	_cleanup_free_ char *a = file_readlink_at(old, ""),
			    *b = file_readlink_at(new, "");

	return a && b && !strcmp(a, b);
}

static bool is_same(int old, int dir, const char *name, unsigned depth);

/* Is all that OLD has in NEW as well? */
static bool same_entries(int old, int new, unsigned depth)
{
	_cleanup_dir_ DIR *d = tree_walk(old);
	struct dirent *e;
	int failed = 0;

	if (!d || depth > DEPTH_MAX)
		return false;
	while ((e = tree_next(d, &failed))) {
		_cleanup_close_ int fd = open_any(old, e->d_name);

		if (!is_same(fd, new, e->d_name, depth + 1))
			return false;
	}
	return !failed;
}

static bool is_same(int old, int dir, const char *name, unsigned depth)
{
	_cleanup_close_ int new = old < 0 ? -1 : open_any(dir, name);
	struct stat a, b;

	/* Where a directory cannot be moved (overlayfs), it was emptied and removed. */
	if (new < 0 || fstat(old, &a) || fstat(new, &b) || !a.st_nlink ||
	    (a.st_mode & S_IFMT) != (b.st_mode & S_IFMT))
		return false;
	return S_ISREG(a.st_mode)   ? a.st_size == b.st_size && same_text(old, new)
	       : S_ISDIR(a.st_mode) ? same_entries(old, new, depth)
				    : same_link(old, new);
}

int leaving_compare(struct venv_builder *b, struct venv_error *err)
{
	struct arena *a = &b->host.build.arena;
	const struct transaction *tx = &b->host.build.tx;
	struct leaving *l = &b->leaving;
	struct strlist gone = STRLIST_INIT;

	for (size_t i = 0; tx->target.kind == TARGET_REPLACE && i < l->dists.n; i++)
		b->removed += !file_exists_at(tx->root, l->dists.v[i]);
	for (size_t i = 0; i < l->top.n; i++) {
		bool again = i < LEAVING_HELD &&
			     is_same(l->fds[i], tx->root, l->top.v[i], 0);

		if (!again && !strlist_add(a, &gone, l->top.v[i]))
			return error_nomem(err);
	}
	leaving_close(b);
	l->top = gone;
	return 0;
}
