/* SPDX-License-Identifier: MIT */
/*
 * trust.h - files that decide what code runs: configuration and plugins
 *
 * Such a file is used only if nobody but root, the effective user and whom the
 * site trusts can change what its path leads to: every directory on the resolved
 * path and the file itself must be theirs and not writable by others.  Accepted
 * are a sticky directory of root (/tmp) but for the links that others made in it,
 * and a group-write bit whose group is root's, the owner's private one (its number
 * is the owner's) or trusted, and which no access control list turns into a right
 * of somebody else.
 *
 * If that holds, nobody can exchange the file between this check and its use.
 */
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include "arena.h"
#include "error.h"

struct trust {
	struct arena *arena;
	const uid_t *users; /* more owners to trust */
	size_t n_users;
	const gid_t *groups; /* groups that may write */
	size_t n_groups;
	struct strlist walked; /* resolved directories that were found good */
};

enum {
	/* The installation's own directory: judge the file and its directory only. */
	TRUST_SHALLOW = 1 << 0,
	/* The path names a directory, which is opened. */
	TRUST_DIRECTORY = 1 << 1
};

/*
 * Open PATH (absolute) for reading.  The descriptor, with the resolved path in
 * *REAL (in the arena); or CODE with an error that names the component and a hint
 * with what to type.  A missing file has os_errno ENOENT.
 */
int trust_open(struct trust *t, const char *path, int flags, int code, const char **real,
	       struct venv_error *err) _must_check_;

/*
 * Judge what lies in a directory that was judged: NAME is its path, ST what it is, ASKED
 * the path that led there.  0, or CODE as above.
 */
int trust_judge(struct trust *t, const char *asked, const char *name,
		const struct stat *st, int code, struct venv_error *err) _must_check_;

/* trust_tree.c: a directory with everything below it; links in it are not followed. */
int trust_tree(struct trust *t, const char *path, int code, struct venv_error *err)
	_must_check_;
