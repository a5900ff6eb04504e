/* SPDX-License-Identifier: MIT */
/* remove.c - directory trees removed: never through links, never into mounts, however deep */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fs.h"

/* Bounds the descriptors that a removal may hold; deeper trees are flattened. */
#define DEPTH_MAX 64

/* Longer paths are cut in the middle: they are for messages. */
#define WHERE_MAX 160

static void note_where(struct str *where, const char *name)
{
	/* Called on the way back from the entry: each level puts its name in front. */
	struct str all = STR_INIT;

	if (!where)
		return;
	str_add(&all, name);
	if (where->len > WHERE_MAX) {
		/* The outer names and the innermost ones tell enough. */
		const char *end = strrchr(str_text(where), '/');

		str_add(&all, "/...");
		str_add(&all, end ? end : "");
	} else if (where->len) {
		str_add_char(&all, '/');
		str_add(&all, str_text(where));
	}
	str_release(where);
	*where = all;
}

/* A removal at work; TOP is the directory that is removed, or emptied. */
struct removal {
	int top;
	unsigned moved; /* directories that were moved up to TOP so far */
	const char *keep;
};

/* A directory of ours that may not be read: only its owner's bits are in the way. */
static int open_locked(int dirfd, const char *name)
{
#ifdef O_PATH
	_cleanup_close_ int fd = openat(dirfd, name,
					O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char path[32];
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st))
		return -1;
	/* By descriptor: a link that is put under the name now is not followed. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (st.st_uid != geteuid() || chmod(path, st.st_mode | 0700)) {
		errno = EACCES;
		return -1;
	}
	return openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
#else
	(void)dirfd;
	(void)name;
	errno = EACCES;
	return -1;
#endif
}

/*
 * Too deep to hold a descriptor for each level, or no descriptor is left: the directory
 * becomes an entry of the top one, which is looked through once more.
 */
static int move_up(struct removal *m, int dirfd, const char *name)
{
	bool unlocked = false;
	char flat[48];

	for (;;) {
		int r;

		snprintf(flat, sizeof(flat), ".venvctl-deep-%u", m->moved++);
		r = file_rename_new(dirfd, name, m->top, flat);
		/* A directory that moves has to be writable itself. */
		if (r == -EACCES && !unlocked) {
			int fd = open_locked(dirfd, name);

			unlocked = true;
			if (fd >= 0)
				close(fd);
			continue;
		}
		if (r != -EEXIST)
			return r;
	}
}

static int remove_entry(struct removal *m, int dirfd, const char *name, int depth,
			struct str *where);

/* Everything in D but M->keep at the top. */
static int empty_dir(struct removal *m, DIR *d, int depth, struct str *where)
{
	unsigned moved;
	int first = 0;

	if (!depth)
		m->top = dirfd(d);
	do {
		struct dirent *e;

		moved = m->moved;
		while ((e = tree_next(d, &first))) {
			struct str here = STR_INIT;
			int r;

			if (!depth && m->keep && !strcmp(m->keep, e->d_name))
				continue;
			r = remove_entry(m, dirfd(d), e->d_name, depth + 1, &here);
			if (r && r != -ENOENT && !first) {
				first = r;
				if (where) {
					str_release(where);
					*where = here;
					here = (struct str)STR_INIT;
				}
			}
			str_release(&here);
		}
		if (!depth && moved != m->moved)
			rewinddir(d);
	} while (!depth && !first && moved != m->moved);
	return first;
}

/* Open a directory that is to be emptied, unless something is mounted on it. */
static int open_to_empty(int dirfd, const char *name, DIR **d)
{
	struct stat st;
	int fd = tree_open_dir(dirfd, name), r = 0;

	*d = NULL;
	if (fd < 0 && errno == EACCES)
		fd = open_locked(dirfd, name);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st))
		r = -errno;
	else if (tree_is_mount(fd))
		r = -EBUSY;
	/* What may not be emptied may still be ours to change. */
	if (!r && (st.st_mode & 0300) != 0300 && st.st_uid == geteuid())
		(void)!fchmod(fd, st.st_mode | 0700);
	if (!r && !(*d = fdopendir(fd)))
		r = -errno;
	if (r)
		close(fd);
	return r;
}

static int remove_dir(struct removal *m, int dirfd, const char *name, int depth,
		      int not_a_file, struct str *where)
{
	_cleanup_dir_ DIR *d = NULL;
	int r;

	if (depth >= DEPTH_MAX)
		return move_up(m, dirfd, name);
	r = open_to_empty(dirfd, name, &d);
	if (depth > 1 && (r == -EMFILE || r == -ENFILE))
		return move_up(m, dirfd, name);
	if (!d)
		return r == -ENOTDIR || r == -ELOOP ? not_a_file : r;
	r = empty_dir(m, d, depth, where);
	return !r && unlinkat(dirfd, name, AT_REMOVEDIR) ? -errno : r;
}

static int remove_entry(struct removal *m, int dirfd, const char *name, int depth,
			struct str *where)
{
	int r;

	if (!unlinkat(dirfd, name, 0))
		return 0;
	r = -errno;
	/* Linux says EISDIR for a directory, POSIX and macOS EPERM. */
	if (errno == EISDIR || errno == EPERM || errno == EACCES || errno == EBUSY)
		r = remove_dir(m, dirfd, name, depth, r, where);
	if (r)
		note_where(where, name);
	return r;
}

int tree_remove_at(int dirfd, const char *name, struct str *where)
{
	struct removal m = { .top = -1 };

	return remove_entry(&m, dirfd, name, 0, where);
}

int tree_empty(int fd, const char *keep, struct str *where)
{
	struct removal m = { .keep = keep };
	_cleanup_dir_ DIR *d = tree_walk(fd);

	return d ? empty_dir(&m, d, 0, where) : -errno;
}

int tree_remove_marked(int parent, const char *name, const char *mark, struct str *where)
{
	struct removal m = { .keep = mark };
	_cleanup_dir_ DIR *d = NULL;
	int r = open_to_empty(parent, name, &d);

	if (d)
		r = empty_dir(&m, d, 0, where);
	/* A mark that lasts to the end says whose the directory is, if this is interrupted. */
	if (d && !r && unlinkat(dirfd(d), mark, 0) && errno != ENOENT)
		r = -errno;
	if (!r && unlinkat(parent, name, AT_REMOVEDIR))
		r = -errno;
	if (r)
		note_where(where, name);
	return r;
}
