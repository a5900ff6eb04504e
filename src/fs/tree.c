/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Deeper than any real tree; bounds the descriptors that a walk may hold. */
#define DEPTH_MAX 64

int tree_open_dir(int dirfd, const char *name)
{
	return openat(dirfd, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
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

int tree_walk_if_there(int fd, DIR **d)
{
	*d = fd < 0 ? NULL : tree_walk(fd);
	return *d || errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
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

static int get_id(int dirfd, const char *name, int flags, struct tree_id *id,
		  mode_t *mode)
{
	struct stat st;

	*id = (struct tree_id){ 0 };
#if defined(__linux__) && defined(STATX_BTIME)
	struct statx x;

	if (!statx(dirfd, name, flags, STATX_BASIC_STATS | STATX_BTIME, &x)) {
		id->ino = x.stx_ino;
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
	if (*name ? fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) : fstat(dirfd, &st))
		return -errno;
	id->ino = (uint64_t)st.st_ino;
	if (mode)
		*mode = st.st_mode & 07777;
	return 0;
}

int tree_id(int fd, struct tree_id *id, mode_t *mode)
{
	return get_id(fd, "", AT_EMPTY_PATH, id, mode);
}

int tree_id_at(int dirfd, const char *name, struct tree_id *id)
{
	return get_id(dirfd, name, AT_SYMLINK_NOFOLLOW, id, NULL);
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

/* LAST: the directory itself, not one on the way, which need not be one that can be listed. */
static int open_step(int dirfd, const char *name, bool last, const struct way *way)
{
	int fd = tree_open_dir(dirfd, name);

#ifdef O_PATH
	if (fd < 0 && errno == EACCES && !last)
		fd = openat(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
#endif
	if (fd < 0 && errno == ENOENT && way->make) {
		bool made = !mkdirat(dirfd, name, way->make);

		if (!made && errno != EEXIST)
			return -errno;
		/* One for its owner alone is for its owner, whatever the umask. */
		if (made && way->make == 0700)
			(void)!fchmodat(dirfd, name, 0700, 0);
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
			next = open_step(fd < 0 ? dirfd : fd, name, !path[n], way);
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
		return !made && (errno == ENOTDIR || errno == ELOOP) ? -EEXIST : -errno;
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
