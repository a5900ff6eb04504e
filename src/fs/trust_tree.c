/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "fs.h"

/* Deeper than anybody's, and far from the end of the stack. */
#define DEPTH_MAX 100

struct look {
	struct trust *t;
	const char *asked;
	int code;
	struct venv_error *err;
};

static int unreadable(struct look *l, const char *path, int errnum)
{
	error_errno(l->err, errnum, "cannot look through '%s'", path);
	if (l->err)
		l->err->code = l->code;
	return l->code;
}

/* Links are left alone: who could make one could change its directory, which is judged. */
static int look_through(struct look *l, int dir, const char *path, int depth)
{
	_cleanup_dir_ DIR *d = tree_walk(dir);
	struct dirent *e;
	int r = 0, failed = 0;

	if (!d || depth > DEPTH_MAX) {
		return unreadable(l, path, d ? ELOOP : errno);
	}
	while (!r && (e = tree_next(d, &failed))) {
		const char *name = e->d_name, *sub;
		_cleanup_close_ int in = -1;
		struct stat st;

		sub = path_join(l->t->arena, path, name);
		if (!sub)
			return error_nomem(l->err);
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
			return unreadable(l, sub, errno);
		if (S_ISLNK(st.st_mode))
			continue;
		r = trust_judge(l->t, l->asked, sub, &st, l->code, l->err);
		if (r || !S_ISDIR(st.st_mode))
			continue;
		in = tree_open_dir(dir, name);
		r = in < 0 ? unreadable(l, sub, errno)
			   : look_through(l, in, sub, depth + 1);
	}
	return !r && failed ? unreadable(l, path, -failed) : r;
}

int trust_tree(struct trust *t, const char *path, int code, struct venv_error *err)
{
	struct look l = { t, path, code, err };
	const char *real = NULL;
	_cleanup_close_ int dir = trust_open(t, path, TRUST_DIRECTORY, code, &real, err);

	return dir < 0 ? dir : look_through(&l, dir, real, 0);
}
