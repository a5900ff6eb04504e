/* SPDX-License-Identifier: MIT */
/*
 * slowfs.c - a file system that passes each operation on, after a while, and counts them
 *
 *	slowfs SRC USEC COUNTS MOUNTPOINT [FUSE OPTIONS]
 *
 * SRC is waited for USEC microseconds each time, as for a server.  When it is unmounted COUNTS has
 * a line for each kind of operation, with how many there were.
 */
#define FUSE_USE_VERSION 31
#define _GNU_SOURCE
#include <fuse.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

static int src = -1;
static long usec;

static const char *counts;
static struct kind {
	const char *name;
	unsigned long n;
} kinds[32];

/* One more of the operation that the function NAME is. */
static void count(const char *name)
{
	struct kind *k = kinds;

	while (k->name && strcmp(k->name, name) != 0)
		k++;
	k->name = name;
	k->n++;
}

/* Its functions run one at a time (-s). */
#define rel(path) (count(__func__), waited(path))

static const char *waited(const char *path)
{
	struct timespec t = { usec / 1000000, usec % 1000000 * 1000 };

	if (usec)
		nanosleep(&t, NULL);
	return path[1] ? path + 1 : ".";
}

#define RET(call) return (call) < 0 ? -errno : 0

static int s_getattr(const char *p, struct stat *st, struct fuse_file_info *fi)
{
	(void)fi;
	RET(fstatat(src, rel(p), st, AT_SYMLINK_NOFOLLOW));
}
static int s_access(const char *p, int m)
{
	RET(faccessat(src, rel(p), m, 0));
}
static int s_readlink(const char *p, char *buf, size_t n)
{
	ssize_t r = readlinkat(src, rel(p), buf, n - 1);

	if (r < 0)
		return -errno;
	buf[r] = 0;
	return 0;
}
static int s_mkdir(const char *p, mode_t m)
{
	RET(mkdirat(src, rel(p), m));
}
static int s_unlink(const char *p)
{
	RET(unlinkat(src, rel(p), 0));
}
static int s_rmdir(const char *p)
{
	RET(unlinkat(src, rel(p), AT_REMOVEDIR));
}
static int s_symlink(const char *to, const char *p)
{
	RET(symlinkat(to, src, rel(p)));
}
static int s_rename(const char *a, const char *b, unsigned flags)
{
	RET(renameat2(src, rel(a), src, b[1] ? b + 1 : ".", flags));
}
static int s_link(const char *a, const char *b)
{
	RET(linkat(src, rel(a), src, b + 1, 0));
}
static int s_chmod(const char *p, mode_t m, struct fuse_file_info *fi)
{
	(void)fi;
	RET(fchmodat(src, rel(p), m, 0));
}
static int s_chown(const char *p, uid_t u, gid_t g, struct fuse_file_info *fi)
{
	(void)fi;
	RET(fchownat(src, rel(p), u, g, AT_SYMLINK_NOFOLLOW));
}
static int s_utimens(const char *p, const struct timespec t[2], struct fuse_file_info *fi)
{
	(void)fi;
	RET(utimensat(src, rel(p), t, AT_SYMLINK_NOFOLLOW));
}
static int s_create(const char *p, mode_t m, struct fuse_file_info *fi)
{
	int fd = openat(src, rel(p), fi->flags & ~O_NOFOLLOW, m);

	if (fd < 0)
		return -errno;
	fi->fh = (uint64_t)fd;
	return 0;
}
static int s_open(const char *p, struct fuse_file_info *fi)
{
	int fd = openat(src, rel(p), fi->flags);

	if (fd < 0)
		return -errno;
	fi->fh = (uint64_t)fd;
	return 0;
}
static int s_truncate(const char *p, off_t n, struct fuse_file_info *fi)
{
	int fd, r;

	if (fi)
		RET(ftruncate((int)fi->fh, n));
	fd = openat(src, rel(p), O_WRONLY);
	if (fd < 0)
		return -errno;
	r = ftruncate(fd, n) < 0 ? -errno : 0;
	close(fd);
	return r;
}
static int s_read(const char *p, char *buf, size_t n, off_t o, struct fuse_file_info *fi)
{
	ssize_t r;

	rel(p);
	r = pread((int)fi->fh, buf, n, o);
	return r < 0 ? -errno : (int)r;
}
static int s_write(const char *p, const char *buf, size_t n, off_t o,
		   struct fuse_file_info *fi)
{
	ssize_t r;

	rel(p);
	r = pwrite((int)fi->fh, buf, n, o);
	return r < 0 ? -errno : (int)r;
}
static int s_flush(const char *p, struct fuse_file_info *fi)
{
	(void)p;
	RET(close(dup((int)fi->fh)));
}
static int s_release(const char *p, struct fuse_file_info *fi)
{
	(void)p;
	close((int)fi->fh);
	return 0;
}
static int s_fsync(const char *p, int data, struct fuse_file_info *fi)
{
	(void)data;
	rel(p);
	RET(fsync((int)fi->fh));
}
static int s_statfs(const char *p, struct statvfs *st)
{
	rel(p);
	RET(fstatvfs(src, st));
}
static int s_readdir(const char *p, void *buf, fuse_fill_dir_t fill, off_t o,
		     struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	int fd = openat(src, rel(p), O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	(void)o;
	(void)fi;
	(void)flags;
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		struct stat st = { .st_ino = e->d_ino,
				   .st_mode = (mode_t)e->d_type << 12 };

		if (fill(buf, e->d_name, &st, 0, 0))
			break;
	}
	closedir(d);
	return 0;
}
static void *s_init(struct fuse_conn_info *conn, struct fuse_config *cfg)
{
	(void)conn;
	/* The inode numbers of SRC, hard links included; fuse3 has no -o for it. */
	cfg->use_ino = 1;
	return NULL;
}

static void s_destroy(void *data)
{
	FILE *f = fopen(counts, "w");

	(void)data;
	for (struct kind *k = kinds; f && k->name; k++)
		fprintf(f, "%s %lu\n", k->name + 2, k->n);
	if (f)
		fclose(f);
}

static const struct fuse_operations ops = {
	.init = s_init,
	.destroy = s_destroy,
	.getattr = s_getattr,
	.access = s_access,
	.readlink = s_readlink,
	.mkdir = s_mkdir,
	.unlink = s_unlink,
	.rmdir = s_rmdir,
	.symlink = s_symlink,
	.rename = s_rename,
	.link = s_link,
	.chmod = s_chmod,
	.chown = s_chown,
	.utimens = s_utimens,
	.create = s_create,
	.open = s_open,
	.truncate = s_truncate,
	.read = s_read,
	.write = s_write,
	.flush = s_flush,
	.release = s_release,
	.fsync = s_fsync,
	.statfs = s_statfs,
	.readdir = s_readdir,
};

int main(int argc, char **argv)
{
	/* A network file system that revalidates everything; -o attr_timeout=1 and the like of the
	 * caller's come later and win. */
	static char opts[] = "-oentry_timeout=0,attr_timeout=0,negative_timeout=0";

	if (argc < 5 || (src = open(argv[1], O_RDONLY | O_DIRECTORY)) < 0) {
		fprintf(stderr, "usage: slowfs SRC USEC COUNTS MOUNTPOINT [OPTIONS]\n");
		return 2;
	}
	usec = atol(argv[2]);
	counts = argv[3];
	argv[1] = argv[0];
	argv[2] = "-s";
	argv[3] = opts;
	umask(0);
	return fuse_main(argc - 1, argv + 1, &ops, NULL);
}
