/* SPDX-License-Identifier: MIT */
/*
 * target.h - ENV_DIR: what it is, what is there, and what that means
 *
 * All refusals that do not depend on an interpreter are made here, before anything
 * is created.
 */
#pragma once

#include <sys/stat.h>

#include "util/util.h"
#include "layout/layout.h"

enum target_case {
	TARGET_NEW,	 /* nothing is there */
	TARGET_EMPTY,	 /* an empty directory */
	TARGET_BESIDE,	 /* a directory that is no environment: merged with */
	TARGET_IN_PLACE, /* an environment, of which everything else stays */
	TARGET_REPLACE	 /* its whole content goes */
};

/* What becomes of what is there. */
enum existing { EXISTING_KEEP, EXISTING_REPLACE, EXISTING_REUSE, EXISTING_REFUSE };

struct target {
	const char *given;   /* as the user wrote it, for messages */
	const char *env_dir; /* absolute: what files of the environment say */
	const char *real;    /* with links resolved, if it is there; else env_dir */
	const char *parent;  /* the directory that holds real */
	const char *name;    /* its name there */
	int fd;		     /* of the directory; -1 if nothing is there */
	struct stat st;
	bool is_env;	 /* it has a pyvenv.cfg */
	bool is_mount;	 /* something is mounted on it */
	bool is_cwd;	 /* it is the caller's current directory */
	bool half_built; /* it has a journal of ours */
	struct cfg cfg;	 /* of an environment */
	enum target_case kind;
};

/* The file that an environment has until all of it is done. */
#define INCOMPLETE_FILE ".venvctl-incomplete"

/*
 * Look at ENV_DIR.  USAGE: it cannot be a target; CONFLICT: what is there cannot
 * become one.  HOME may be NULL.
 */
int target_open(struct target *t, struct arena *a, const char *env_dir, const char *cwd,
		const char *home, struct venv_error *err) _must_check_;
void target_close(struct target *t);

/*
 * Decide the case.  CONFLICT if EXISTING forbids it (UPGRADE needs an environment;
 * FORCE lets replace take any directory).
 */
int target_decide(struct target *t, enum existing existing, bool upgrade, bool force,
		  struct venv_error *err) _must_check_;

/* USAGE if the interpreter, or what it needs, lies in what would be changed. */
int target_check_python(const struct target *t, const char *real, const char *prefix,
			struct venv_error *err) _must_check_;

/* "new", "beside", ... for reports. */
const char *target_case_name(enum target_case kind);
