/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Bounds the descriptors that a removal may hold; deeper trees are flattened. */
#define DEPTH_MAX 64

int tree_open_dir(int dirfd, const char *name)
{
	return openat(dirfd, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
}

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

DIR *tree_walk(int fd)
{
	/* A descriptor of its own: closedir() closes what fdopendir() was given. */
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = own < 0 ? NULL : fdopendir(own);

	if (!d && own >= 0)
		close(own);
	return d;
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

struct dirent *tree_next(DIR *d, int *r)
{
	struct dirent *e;

	do {
		errno = 0;
		e = readdir(d);
	} while (e && is_dots(e->d_name));
	if (!e && errno)
		*r = -errno;
	return e;
}

struct visit {
	tree_visit_fn *fn;
	void *data;
	struct venv_error *err;
	struct str full;
	size_t below; /* where in FULL the path below the visited directory begins */
};

static int visit_dir(struct visit *v, DIR *d, int depth);

static int visit_entry(struct visit *v, int dir, const char *name, int depth)
{
	struct tree_entry e = { .dir = dir, .name = name };
	_cleanup_dir_ DIR *d = NULL;
	int fd, r;

	str_add_char(&v->full, '/');
	str_add(&v->full, name);
	if (str_failed(&v->full))
		return error_nomem(v->err);
	e.full = str_text(&v->full);
	e.path = e.full + v->below;
	if (fstatat(dir, name, &e.st, AT_SYMLINK_NOFOLLOW))
		return error_errno(v->err, errno, "cannot look at '%s'", e.full);
	r = v->fn(v->data, &e, v->err);
	if (r || !S_ISDIR(e.st.st_mode))
		return r;
	fd = depth < DEPTH_MAX ? tree_open_dir(dir, name) : (errno = ELOOP, -1);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		r = error_errno(v->err, errno, "cannot read '%s'", e.full);
		if (fd >= 0)
			close(fd);
		return r;
	}
	return visit_dir(v, d, depth + 1);
}

static int visit_dir(struct visit *v, DIR *d, int depth)
{
	size_t len = v->full.len;
	struct dirent *e;
	int r = 0, failed = 0;

	while (!r && (e = tree_next(d, &failed))) {
		r = visit_entry(v, dirfd(d), e->d_name, depth);
		str_cut(&v->full, len);
	}
	if (!r && failed)
		r = error_errno(v->err, -failed, "cannot read '%s'", str_text(&v->full));
	return r;
}

int tree_visit(int fd, const char *name, tree_visit_fn *visit, void *data,
	       struct venv_error *err)
{
	struct visit v = { visit, data, err, STR_INIT, 0 };
	_cleanup_dir_ DIR *d = tree_walk(fd);
	size_t n = strlen(name);
	int r;

	if (!d)
		return error_errno(err, errno, "cannot read '%s'", name);
	while (n && name[n - 1] == '/')
		n--;
	str_add_n(&v.full, name, n);
	v.below = n + 1;
	r = str_failed(&v.full) ? error_nomem(err) : visit_dir(&v, d, 0);
	str_release(&v.full);
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int tree_names(struct arena *a, const char *path, struct strlist *names)
{
	_cleanup_dir_ DIR *d = opendir(path);
	struct dirent *e;
	int r = 0;

	if (!d)
		return -errno;
	*names = (struct strlist)STRLIST_INIT;
	while (!r && (e = tree_next(d, &r))) {
		char *name = arena_strdup(a, e->d_name);

		if (!name || !strlist_add(a, names, name))
			r = -ENOMEM;
	}
	if (names->n > 1)
		qsort(names->v, names->n, sizeof(*names->v), by_name);
	return r;
}

bool tree_is_mount(int fd)
{
	struct stat st, up;

#if defined(__linux__) && defined(STATX_ATTR_MOUNT_ROOT)
	struct statx x;

	/* Tells of a bind mount, too, which has the device of what it is bound to. */
	if (!statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x) &&
	    (x.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
		return (x.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
#endif
	/* Linux before 5.8 and other systems: bind mounts of one file system are not seen. */
	return fstat(fd, &st) || fstatat(fd, "..", &up, 0) || st.st_dev != up.st_dev;
}

int tree_id(int fd, struct tree_id *id, mode_t *mode)
{
#if defined(__linux__) && defined(STATX_BTIME)
	struct statx x;

	if (!statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &x)) {
		*id = (struct tree_id){ .ino = x.stx_ino };
		if (x.stx_mask & STATX_BTIME)
			id->born_ns = x.stx_btime.tv_sec * INT64_C(1000000000) +
				      x.stx_btime.tv_nsec;
		if (mode)
			*mode = x.stx_mode & 07777;
		return 0;
	}
	if (errno != ENOSYS && errno != EPERM)
		return -errno;
#endif
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	*id = (struct tree_id){ .ino = (uint64_t)st.st_ino };
	if (mode)
		*mode = st.st_mode & 07777;
	return 0;
}

/* A removal at work; TOP is the directory that is removed, or emptied. */
struct removal {
	int top;
	unsigned moved; /* directories that were moved up to TOP so far */
	const char *keep;
};

/*
 * Too deep to hold a descriptor for each level, or no descriptor is left: the directory
 * becomes an entry of the top one, which is looked through once more.
 */
static int move_up(struct removal *m, int dirfd, const char *name)
{
	char flat[48];

	for (;;) {
		int r;

		snprintf(flat, sizeof(flat), ".venvctl-deep-%u", m->moved++);
		r = file_rename_new(dirfd, name, m->top, flat);
		if (r != -EEXIST)
			return r;
	}
}

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
	if (r)
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

	if (!r)
		r = empty_dir(&m, d, 0, where);
	/* A mark that lasts to the end says whose the directory is, if this is interrupted. */
	if (!r && unlinkat(dirfd(d), mark, 0) && errno != ENOENT)
		r = -errno;
	if (!r && unlinkat(parent, name, AT_REMOVEDIR))
		r = -errno;
	if (r)
		note_where(where, name);
	return r;
}

struct way {
	mode_t make; /* of directories that are made; 0: none is */
	bool follow; /* links that root or the effective user made */
};

/* The directory that the link NAME leads to. */
static int follow_link(int dirfd, const char *name)
{
	struct stat st;
	int fd;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	if (!S_ISLNK(st.st_mode))
		return -ENOTDIR;
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return -ELOOP;
	fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int open_step(int dirfd, const char *name, const struct way *way)
{
	int fd = tree_open_dir(dirfd, name);

	if (fd < 0 && errno == ENOENT && way->make) {
		if (mkdirat(dirfd, name, way->make) && errno != EEXIST)
			return -errno;
		fd = tree_open_dir(dirfd, name);
	}
	if (fd >= 0)
		return fd;
	return way->follow && (errno == ELOOP || errno == ENOTDIR)
		       ? follow_link(dirfd, name)
		       : -errno;
}

/* Open the directory PATH one name after another, so that no link is passed unseen. */
static int open_dirs(int dirfd, const char *path, const struct way *way)
{
	char name[256];
	int fd = -1;

	if (*path == '/') {
		fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		path++;
	}
	do {
		size_t n = strcspn(path, "/");
		int next = -ENAMETOOLONG;

		if (n < sizeof(name)) {
			memcpy(name, path, n);
			name[n] = '\0';
			next = open_step(fd < 0 ? dirfd : fd, name, way);
		}
		if (fd >= 0)
			close(fd);
		if (next < 0)
			return next;
		fd = next;
		path += n;
	} while (*path++ == '/');
	return fd;
}

int tree_make_dirs(int dirfd, const char *path)
{
	return open_dirs(dirfd, path, &(struct way){ .make = 0777 });
}

int tree_make_path(const char *path, mode_t mode)
{
	return open_dirs(AT_FDCWD, path, &(struct way){ .make = mode, .follow = true });
}

static int open_parent(int dirfd, const char *path, bool make)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	int fd;

	if (!slash) {
		fd = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
		return fd < 0 ? -errno : fd;
	}
	if ((size_t)(slash - path) >= sizeof(parent))
		return -ENAMETOOLONG;
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	return open_dirs(dirfd, parent, &(struct way){ .make = make ? 0777 : 0 });
}

int tree_make_parent(int dirfd, const char *path)
{
	return open_parent(dirfd, path, true);
}

int tree_open_parent(int dirfd, const char *path)
{
	return open_parent(dirfd, path, false);
}

int tree_unlink(int dirfd, const char *path)
{
	_cleanup_close_ int dir = open_parent(dirfd, path, false);

	if (dir < 0)
		return dir;
	return unlinkat(dir, path_base(path), 0) ? -errno : 0;
}

static int move_entry(int fromfd, const char *from, int tofd, const char *to, int depth);

/* Entry by entry, into a directory that may be there from a move that was interrupted. */
static int move_dir(int fromfd, const char *from, int tofd, const char *to, int depth)
{
	_cleanup_close_ int in = -1, out = -1;
	_cleanup_dir_ DIR *d = NULL;
	struct dirent *e;
	struct stat st;
	int r = 0;

	bool made;

	in = depth < DEPTH_MAX ? tree_open_dir(fromfd, from) : (errno = ELOOP, -1);
	if (in < 0 || fstat(in, &st) || !(d = tree_walk(in)))
		return -errno;
	made = !mkdirat(tofd, to, 0700);
	if (!made && errno != EEXIST)
		return -errno;
	out = tree_open_dir(tofd, to);
	if (out < 0)
		return -errno;
	/* Right away: if this is interrupted, one that is there has the mode that it should. */
	if (made && (st.st_uid != geteuid() || st.st_gid != getegid()) &&
	    fchown(out, st.st_uid, st.st_gid))
		return -errno;
	if (made && fchmod(out, (st.st_mode & 07777) | 0700))
		return -errno;
	while (!r && (e = tree_next(d, &r)))
		r = move_entry(in, e->d_name, out, e->d_name, depth + 1);
	if (r)
		return r;
	if (made && (st.st_mode & 0700) != 0700 && fchmod(out, st.st_mode & 07777))
		return -errno;
	return unlinkat(fromfd, from, AT_REMOVEDIR) ? -errno : 0;
}

static int move_entry(int fromfd, const char *from, int tofd, const char *to, int depth)
{
	struct stat st;
	int r = file_rename_new(fromfd, from, tofd, to);

	if (r != -EXDEV && r != -EEXIST && r != -ENOTEMPTY)
		return r;
	/* overlayfs renames no directory of a lower layer; its files it does. */
	if (fstatat(fromfd, from, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	return S_ISDIR(st.st_mode) ? move_dir(fromfd, from, tofd, to, depth) : r;
}

int tree_move(int fromfd, const char *from, int tofd, const char *to)
{
	return move_entry(fromfd, from, tofd, to, 0);
}

int tree_is_empty(int fd, const char *keep)
{
	_cleanup_dir_ DIR *d = tree_walk(fd);
	struct dirent *e;
	int r = 1;

	if (!d)
		return -errno;
	while ((e = tree_next(d, &r))) {
		if (!keep || strcmp(keep, e->d_name) != 0)
			return 0;
	}
	return r;
}
