/* SPDX-License-Identifier: MIT */
/*
 * tree.h - directory trees, by descriptors and never through links
 *
 * A failure gives 0 or -errno, and the path that it was about (below the name
 * that was passed in) in WHERE, which may be NULL.
 */
#pragma once

#include <dirent.h>

#include "file.h"

/* Open a directory that is not a link; -1 with errno. */
int tree_open_dir(int dirfd, const char *name) _must_check_;

/* The entries of the directory FD, which stays open and where it is; NULL with errno. */
DIR *tree_walk(int fd) _must_check_;

/*
 * The next entry but "." and "..": NULL at the end, and where reading fails, which
 * then is in *R as -errno (else *R stays).
 */
struct dirent *tree_next(DIR *d, int *r);

/*
 * Remove a file, a link or a whole directory.  Never crosses into another mount
 * (-EXDEV: it stays).  Goes on after a failure and reports the first; -ENOENT if
 * nothing was there.
 */
int tree_remove_at(int dirfd, const char *name, struct str *where);

/* Remove everything in the directory FD but the entry KEEP (or NULL). */
int tree_empty(int fd, const char *keep, struct str *where) _must_check_;

/*
 * Make the directory PATH ("a/b/c", or absolute) below DIRFD with its parents, mode 0777 &
 * ~umask, and return a descriptor of it, or -errno.  A link on the way is
 * -ELOOP or -ENOTDIR.
 */
int tree_make_dirs(int dirfd, const char *path) _must_check_;

/*
 * Remove the file or link PATH ("a/b/c") below DIRFD.  A link on the way to it is
 * -ELOOP or -ENOTDIR; nothing there is -ENOENT.
 */
int tree_unlink(int dirfd, const char *path) _must_check_;

/*
 * Copy a file, link or directory to a name where nothing is.  Modes and
 * modification times are kept, owners where that is allowed; special files are
 * left out.
 */
int tree_copy_at(int fromfd, const char *from, int tofd, const char *to,
		 struct str *where) _must_check_;

/* True if the directory has no entry; KEEP (or NULL) does not count. -errno on failure. */
int tree_is_empty(int fd, const char *keep) _must_check_;
