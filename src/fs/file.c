/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#ifdef __linux__
#include <sys/sendfile.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#endif

int file_read_fd(int fd, size_t max, struct str *out)
{
	size_t before = out->len, room;
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (st.st_size > 0 && (uintmax_t)st.st_size > max)
		return -EFBIG;
	/* Room for one byte more than the file has, so that one read() sees its end. */
	room = (size_t)st.st_size + 1;
	for (;;) {
		ssize_t n;

		if (!str_reserve(out, room))
			return -ENOMEM;
		n = read(fd, out->s + out->len, out->size - out->len - 1);
		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		out->len += (size_t)n;
		out->s[out->len] = '\0';
		if (!n)
			return 0;
		if (out->len - before > max)
			return -EFBIG;
		if (out->len - before >= (size_t)st.st_size && (size_t)n < room &&
		    st.st_size > 0)
			return 0;
		room = 4096;
	}
}

int file_read_at(int dirfd, const char *name, size_t max, struct str *out)
{
	_cleanup_close_ int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 ? -errno : file_read_fd(fd, max, out);
}

int file_write_fd(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Write DATA into the new file FD and close it; remove the file if that fails. */
static int fill(int dirfd, const char *name, int fd, const void *data, size_t len,
		mode_t mode, bool exact)
{
	int r = file_write_fd(fd, data, len);

	if (!r && exact && fchmod(fd, mode))
		r = -errno;
	/* A file system may report only now that there was no room (NFS, quota). */
	if (close(fd) && !r && errno != EINTR)
		r = -errno;
	if (r)
		unlinkat(dirfd, name, 0);
	return r;
}

int file_create_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
		   bool exact)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			mode);

	return fd < 0 ? -errno : fill(dirfd, name, fd, data, len, mode, exact);
}

int file_temp_at(int dirfd, mode_t mode, char name[FILE_TEMP_SIZE])
{
	static atomic_uint counter;
	int fd;

	/* A process with our id, before us or on another machine, may have left it. */
	do {
		snprintf(name, FILE_TEMP_SIZE, FILE_TEMP_PREFIX "%ld-%u", (long)getpid(),
			 atomic_fetch_add(&counter, 1));
		fd = openat(dirfd, name,
			    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	} while (fd < 0 && errno == EEXIST);
	return fd < 0 ? -errno : fd;
}

int file_replace_at(int dirfd, const char *name, const void *data, size_t len,
		    mode_t mode)
{
	char temp[FILE_TEMP_SIZE];
	int fd = file_temp_at(dirfd, mode, temp);
	int r = fd < 0 ? fd : fill(dirfd, temp, fd, data, len, mode, false);

	if (r)
		return r;
	if (renameat(dirfd, temp, dirfd, name)) {
		r = -errno;
		unlinkat(dirfd, temp, 0);
	}
	return r;
}

bool file_may_copy(int errnum)
{
	static const int faults[] = { ENOSPC, EDQUOT, EIO, ENOMEM, EMFILE, ENFILE };

	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		if (errnum == faults[i])
			return false;
	}
	return true;
}

int file_clone_fd(int from, int to)
{
#ifdef FICLONE
	return ioctl(to, FICLONE, from) ? -errno : 0;
#else
	(void)from;
	(void)to;
	return -EOPNOTSUPP;
#endif
}

static int copy_by_hand(int from, int to)
{
	char buf[65536];

	for (;;) {
		ssize_t n = read(from, buf, sizeof(buf));
		int r;

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (!n)
			return 0;
		r = file_write_fd(to, buf, (size_t)n);
		if (r)
			return r;
	}
}

int file_copy_fd(int from, int to, off_t size)
{
	if (!file_clone_fd(from, to))
		return 0;
#ifdef __linux__
	while (size > 0) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, (size_t)size, 0);

		/* 0 before the end: the size was wrong, as that of a file of procfs. */
		if (n <= 0)
			break;
		size -= n;
	}
	if (!size)
		return 0;
#endif
	return copy_by_hand(from, to);
}

int file_copy_part(int from, off_t offset, int to, off_t size)
{
	char buf[16384];

#ifdef __linux__
	while (size > 0) {
		ssize_t n = sendfile(to, from, &offset, (size_t)size);

		/* By hand, where the kernel cannot. */
		if (n <= 0)
			break;
		size -= n;
	}
#endif
	while (size > 0) {
		size_t most = size < (off_t)sizeof(buf) ? (size_t)size : sizeof(buf);
		ssize_t n = pread(from, buf, most, offset);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		r = file_write_fd(to, buf, (size_t)n);
		if (r)
			return r;
		offset += n;
		size -= n;
	}
	return 0;
}

int file_copy_at(int fromfd, const char *from, int tofd, const char *to)
{
	_cleanup_close_ int in = -1, out = -1;
	struct timespec times[2];
	struct stat st;
	int r;

	in = openat(fromfd, from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (in < 0 || fstat(in, &st))
		return -errno;
	out = openat(tofd, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		     0600);
	if (out < 0)
		return -errno;
	r = file_copy_fd(in, out, st.st_size);
	if (r)
		return r;
	/* What cannot be given to its owner must not run with the rights of another. */
	if ((st.st_uid != geteuid() || st.st_gid != getegid()) &&
	    fchown(out, st.st_uid, st.st_gid))
		st.st_mode &= ~(mode_t)06000;
	if (fchmod(out, st.st_mode & 07777))
		return -errno;
	times[0].tv_nsec = UTIME_OMIT;
	times[1] = st.st_mtim;
	if (futimens(out, times))
		return -errno;
	return close(steal_fd(&out)) && errno != EINTR ? -errno : 0;
}

#ifdef __linux__
static int rename_with(int fromfd, const char *from, int tofd, const char *to,
		       unsigned flags)
{
	/* Not renameat2(): musl before 1.2.4 has no such function. */
	return syscall(SYS_renameat2, fromfd, from, tofd, to, flags) ? -errno : 0;
}
#endif

int file_rename_new(int fromfd, const char *from, int tofd, const char *to)
{
#ifdef __linux__
	int r = rename_with(fromfd, from, tofd, to, RENAME_NOREPLACE);

	if (r != -EINVAL && r != -ENOSYS)
		return r;
#endif
	/*
	 * Here the check and the rename are two steps.  Between them somebody else may
	 * make a file of that name, which is then replaced; a directory replaces nothing
	 * but an empty directory.
	 */
	if (file_exists_at(tofd, to))
		return -EEXIST;
	return renameat(fromfd, from, tofd, to) ? -errno : 0;
}

int file_exchange(int fd1, const char *name1, int fd2, const char *name2)
{
#ifdef __linux__
	return rename_with(fd1, name1, fd2, name2, RENAME_EXCHANGE);
#else
	/* macOS has renameatx_np(RENAME_SWAP); untested, so left out. */
	(void)fd1, (void)name1, (void)fd2, (void)name2;
	return -ENOSYS;
#endif
}

char *file_readlink_at(int dirfd, const char *name)
{
	for (size_t size = 256;; size *= 2) {
		char *p = malloc(size);
		ssize_t n;

		if (!p) {
			errno = ENOMEM;
			return NULL;
		}
		n = readlinkat(dirfd, name, p, size);
		if (n >= 0 && (size_t)n < size) {
			p[n] = '\0';
			return p;
		}
		free(p);
		if (n < 0)
			return NULL;
	}
}

int file_look_at(int dirfd, const char *name)
{
	struct stat st;

	if (!fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return 1;
	return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}

bool file_exists_at(int dirfd, const char *name)
{
	return file_look_at(dirfd, name) == 1;
}
