/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "pack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"
#include "place.h"

#define PACK_FILE "pack"

static int64_t length(const struct manifest *m)
{
	int64_t sum = 0;

	for (size_t i = 0; i < m->n_items; i++)
		sum += m->items[i].size;
	return sum;
}

/*
 * It has the time of the index, to the nanosecond: whoever writes to it changes that, and one that
 * was made of an entry which was replaced has that of another.
 */
static bool is_whole(const struct entry *e, int fd, const struct stat *index)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == e->owner &&
	       !(st.st_mode & 022) && st.st_size == length(&e->manifest) &&
	       stamp_ns(&st.st_mtim) == stamp_ns(&index->st_mtim);
}

static int add_file(const struct entry *e, const struct item *t, int to)
{
	char path[PATH_MAX];
	_cleanup_close_ int from = -1;
	struct stat st;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", place_name(t->place), t->path) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	if (!entry_file_is_whole(e, e->fd, path, t))
		return PLACE_DAMAGED;
	from = openat(e->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (from < 0)
		return -errno;
	r = file_copy_part(from, 0, to, t->size);
	/* It is what was looked at still. */
	if (!r && (fstat(from, &st) || st.st_size != t->size || st.st_mtime != t->mtime))
		r = PLACE_DAMAGED;
	return r;
}

/* The new pack, under its name; or -errno, or PLACE_DAMAGED. */
static int make(struct store *s, const struct entry *e, const struct stat *index)
{
	const struct timespec times[2] = { index->st_mtim, index->st_mtim };
	const struct manifest *m = &e->manifest;
	_cleanup_close_ int fd = -1;
	char name[32];
	int r = 0;

	/* Without a name until it is whole: nothing is left of it where this is killed. */
#ifdef O_TMPFILE
	fd = openat(e->fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#else
	errno = EOPNOTSUPP;
#endif
	if (fd < 0)
		return -errno;
	for (size_t i = 0; !r && i < m->n_items; i++) {
		if (s->cancelled && s->cancelled(s->cancel_data))
			return -EINTR;
		r = add_file(e, &m->items[i], fd);
	}
	if (!r && (fchmod(fd, 0444) || futimens(fd, times)))
		r = -errno;
	if (r)
		return r;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (unlinkat(e->fd, PACK_FILE, 0) && errno != ENOENT)
		return -errno;
	/* Another one was faster: this one is as good. */
	if (linkat(AT_FDCWD, name, e->fd, PACK_FILE, AT_SYMLINK_FOLLOW) &&
	    errno != EEXIST)
		return -errno;
	return steal_fd(&fd);
}

int pack_open(struct pack *p, struct store *s, const struct entry *e)
{
	struct stat index;
	int r;

	p->tried = true;
	if (e->temporary || fstatat(e->fd, INDEX_FILE, &index, AT_SYMLINK_NOFOLLOW))
		return 0;
	p->fd = openat(e->fd, PACK_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (p->fd >= 0 && is_whole(e, p->fd, &index))
		return 0;
	pack_close(p);
	if (e->site || e->made)
		return 0;
	r = make(s, e, &index);
	if (r == PLACE_DAMAGED)
		return r;
	/* No room, or a file system without such files: there are the files of the entry. */
	p->fd = r < 0 ? -1 : r;
	return 0;
}

int pack_copy(const struct pack *p, int64_t offset, int64_t len, int to)
{
	return file_copy_part(p->fd, (off_t)offset, to, (off_t)len);
}

void pack_close(struct pack *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}
