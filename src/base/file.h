/* SPDX-License-Identifier: MIT */
/*
 * file.h - whole files, relative to directory descriptors
 *
 * Functions of this level return 0 or -errno: only the caller knows by which
 * name the user knows the file.  Nothing here follows a link in the last
 * component of a name that it writes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "str.h"

/* Append all of FD (a regular file; -EINVAL if not) to OUT; -EFBIG beyond MAX bytes. */
int file_read_fd(int fd, size_t max, struct str *out) _must_check_;

/* The same by name; a FIFO or device does not block. */
int file_read_at(int dirfd, const char *name, size_t max, struct str *out) _must_check_;

/* Write all of it, however many calls that takes. */
int file_write_fd(int fd, const void *data, size_t len) _must_check_;

/*
 * Make a new file with one write; -EEXIST if anything is there.  The mode is MODE
 * & ~umask, or exactly MODE with EXACT.  A file that could not be written whole
 * is removed again.
 */
int file_create_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
		   bool exact) _must_check_;

/* The same in place of what is there (a file or link), by rename: old or new. */
int file_replace_at(int dirfd, const char *name, const void *data, size_t len,
		    mode_t mode) _must_check_;

/*
 * Copy the contents of a regular file: cloned where the file system can, else
 * copied by the kernel, else by hand.
 */
int file_copy_fd(int from, int to, off_t size) _must_check_;

/* Share the blocks of FROM with the empty file TO (FICLONE); -errno if it cannot. */
int file_clone_fd(int from, int to) _must_check_;

/* rename() that fails with -EEXIST if TO is there; also where the kernel cannot. */
int file_rename_new(int fromfd, const char *from, int tofd, const char *to) _must_check_;

/* Exchange two names; -EINVAL, -ENOSYS or -EXDEV where that cannot be done. */
int file_exchange(int fd1, const char *name1, int fd2, const char *name2) _must_check_;

/* The target of a link; *returns new*, NULL with errno. */
char *file_readlink_at(int dirfd, const char *name) _must_check_;

/* True if something is there, a dangling link included. */
bool file_exists_at(int dirfd, const char *name);
