/* SPDX-License-Identifier: MIT */
/*
 * transaction.h - a target from examined to published or restored
 *
 * Knows directories, names, locks and journals; nothing of Python or plugins.
 *
 * transaction_open() looks at the target, locks it and repairs what a killed process left of
 * it.  The new tree is then built in a staging directory and published by the first way
 * that fits:
 *
 *   NEW       from beside the target, where nothing was; one rename
 *   EXCHANGE  the same, exchanged with what is there; the old tree is kept under the
 *             staging directory's name until the commit
 *   MERGE     from a staging directory inside the target; entry by entry with a journal,
 *             pyvenv.cfg last.  For a directory that has to stay: one that holds other
 *             things, a mount point, the caller's current directory, one whose parent
 *             cannot be written, whose owner, mode, ACL or attributes a new directory
 *             cannot be given, or which the file system cannot exchange.
 *
 * The staging directory carries the journal (INCOMPLETE_FILE).  It goes along with the
 * published tree if steps are still to run, and leaves it with the commit.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "fs/fs.h"
#include "journal.h"
#include "layout/layout.h"
#include "redirect.h"
#include "util/util.h"

/* ---- target.c: ENV_DIR, what is there, and what that means ---- */

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
	const char *verb;    /* "create", or "remove": for messages, too */
	const char *env_dir; /* absolute: what files of the environment say */
	const char *real;    /* with links resolved, if it is there; else env_dir */
	const char *parent;  /* the directory that holds real */
	const char *name;    /* its name there */
	int fd;		     /* of the directory; -1 if nothing is there */
	struct stat st;
	bool is_env;	 /* it has a pyvenv.cfg */
	bool is_mount;	 /* something is mounted on it */
	bool is_cwd;	 /* it is the caller's current directory */
	bool half_built; /* it has a journal */
	struct cfg cfg;	 /* of an environment */
	enum target_case kind;
	/* Nothing but an environment is in it, or ever was: it may be marked as one. */
	bool is_ours;
};

/*
 * Look at ENV_DIR.  USAGE: it cannot be a target; CONFLICT: what is there cannot
 * become one.  HOME may be NULL.  target_open_there() is for who removes what is there,
 * whatever its name is: CONFLICT if nothing is.
 */
int target_open(struct target *t, struct arena *a, const char *env_dir, const char *cwd,
		const char *home, struct venv_error *err) _must_check_;
int target_open_there(struct target *t, struct arena *a, const char *env_dir,
		      const char *cwd, const char *home, struct venv_error *err)
	_must_check_;
void target_close(struct target *t);

/* USAGE if the interpreter, or what it needs, lies in what would be changed. */
int target_check_python(const struct target *t, const char *real, const char *prefix,
			struct venv_error *err) _must_check_;

/* "new", "beside", ... for reports. */
const char *target_case_name(enum target_case kind);

/* ---- the transaction ---- */

struct transaction {
	/* Given by the caller of transaction_open(). */
	struct arena *arena;
	const struct log *log;
	const char *cwd, *home;
	enum existing existing;
	bool upgrade;	/* only an environment will do, or nothing */
	bool like_venv; /* any directory is one, and what is in the way is replaced */
	bool force;	/* replace any directory */
	bool removes;	/* removal_open(): what is not there is not made */
	bool look;	/* lock nothing, repair nothing, write nothing */
	bool wait;	/* for another venvctl to be done */
	bool durable;	/* have it on disk before it is visible */
	bool others;	/* code of plugins runs: what it forks may keep descriptors */
	bool (*cancelled)(void *data); /* asked while waiting */
	void *cancel_data;
	void (*locked)(void *data, int fd); /* hears of each lock that is taken */
	void *locked_data;
	bool own; /* what is repaired was left by this process's child: not told */
	/* Given before transaction_publish(). */
	struct strlist save; /* directories that children may change, relative */
	struct strlist shy;  /* names at the top that go beside nothing of others */

	/* Found and made. */
	struct target target;
	enum way way;
	int root;	 /* the tree: staged; after publication, the target's */
	const char *dir; /* absolute path of the staged tree; of the target afterwards */
	unsigned mode_left; /* what is left of mode 0777 in ROOT; 0 if not known */
	bool published;

	/* The inside of transaction/. */
	int parent;    /* directory that holds the target; -1 if it cannot be read */
	int box;       /* MERGE: the staging directory, which has env and old in it */
	bool no_locks; /* the file system has none */
	bool owed;     /* what was repaired was a first create into an empty directory */
	struct journal journal;
	struct strlist removals; /* of older files, for MERGE */
};

/* With these descriptors -1, all else 0. */
#define TRANSACTION_INIT                                             \
	{                                                            \
		.target.fd = -1, .root = -1, .parent = -1, .box = -1 \
	}

/*
 * Look at ENV_DIR, lock it, repair what a killed process left of it, decide the case and the
 * way.  Where nothing is there, the locked staging directory is made.  Afterwards nobody
 * else changes the target.  CONFLICT if another process is at work, or EXISTING forbids it.
 */
int transaction_open(struct transaction *tx, const char *env_dir, struct venv_error *err)
	_must_check_;

/* For who only looks: could a directory be made at the target, as a create would have to? */
int transaction_look(struct transaction *tx, struct venv_error *err) _must_check_;

/* The staging directory of a target that is there. */
int transaction_begin(struct transaction *tx, struct venv_error *err) _must_check_;

/*
 * A file of the target that is to go (relative), when the tree is published.  Elsewhere
 * than with MERGE nothing to do.
 */
int transaction_remove(struct transaction *tx, const char *path, struct venv_error *err);

/* Make it visible; STEPS_LEFT says that it is not done yet. */
int transaction_publish(struct transaction *tx, bool steps_left, struct venv_error *err)
	_must_check_;

/*
 * After publication: place more.  Between the two, ROOT is where to write: with MERGE a new
 * staged tree, which part_publish() publishes with the same journal; else the target's
 * tree, which goes as a whole if it goes.  part_drop() is for what could not be placed whole.
 */
int transaction_part_begin(struct transaction *tx, struct venv_error *err) _must_check_;
int transaction_part_publish(struct transaction *tx, struct venv_error *err) _must_check_;
void transaction_part_drop(struct transaction *tx);

/* It is done; what was replaced goes. */
int transaction_commit(struct transaction *tx, struct venv_error *err) _must_check_;

/*
 * Building failed with R: CONFLICT and its message where the reason is that the target is not
 * there any more, which with locks only a user can do; otherwise R.
 */
int transaction_explain(const struct transaction *tx, int r, struct venv_error *err);

/* Put everything back; what cannot be put back is told the log. */
void transaction_rollback(struct transaction *tx);

/* Leave a published, unfinished environment as it is (--on-failure keep). */
void transaction_leave(struct transaction *tx);

/* Close what is open; nothing is undone. */
void transaction_close(struct transaction *tx);

/* "rename", "exchange", ... for reports. */
const char *way_name(enum way way);

/*
 * ---- removal.c: an environment removed as a whole ----
 *
 * removal_open() in place of transaction_open(): locked, repaired, and without a mount on it
 * or in it.  CONFLICT if it is not there (any more) or none.  removal_run() removes it.
 */
int removal_open(struct transaction *tx, const char *env_dir, struct venv_error *err)
	_must_check_;
int removal_run(struct transaction *tx, struct venv_error *err) _must_check_;

/*
 * Undo what an interrupted create of ENV_DIR left, and no more: what is there afterwards, if
 * anything, is what was there before.
 */
int transaction_restore(struct transaction *tx, const char *env_dir,
			struct venv_error *err) _must_check_;
