/* SPDX-License-Identifier: MIT */
/* private.h - struct venv_builder from the inside of this room */
#pragma once

#include "builder.h"
#include "host/host.h"

/* What a program can override: the stages, then those of enum venv_method. */
#define METHOD_FIRST VENV_METHOD_CREATE_GIT_IGNORE_FILE
#define METHODS	     (HOST_STAGES + VENV_METHOD_UPGRADE_DEPENDENCIES - METHOD_FIRST + 1)

struct override {
	venv_stage_fn *fn;
	void *data;
};

/* As many entries of a replaced environment are kept open until it is known what stands again. */
#define LEAVING_HELD 64

struct leaving {
	struct strlist dists;  /* "lib/python3.12/site-packages/NAME.dist-info" */
	struct strlist top;    /* what not every environment has at its top ... */
	int fds[LEAVING_HELD]; /* ... and the first of them, open, or -1 */
};

/* The file `.venv` that is to name the environment. */
struct redirect {
	enum { REDIRECT_NONE, REDIRECT_WRITTEN, REDIRECT_KEPT, REDIRECT_SKIPPED } state;
	const char *root, *path; /* the directory; the file in it */
	const char *text, *line; /* what it says; the same with its line end */
	const char *reason;	 /* why it is kept or skipped */
	bool replaces;		 /* one of ours is there */
	bool placed;
	int dir, fd;		   /* the directory, and the file that is staged; or -1 */
	char temp[FILE_TEMP_SIZE]; /* its name, if it has one yet */
};

struct venv_builder {
	struct host host;    /* with the environment that is being made: host.build */
	const char *program; /* for `command` of pyvenv.cfg */
	struct override overrides[METHODS];
	venv_script_fn *script_fn;
	void *script_data;
	venv_link_fn *link_fn;
	void *link_data;
	bool tool;	 /* defaults of the tool rather than of EnvBuilder */
	bool marked;	 /* there is a mark in `unprepared` */
	bool selected;	 /* the settings are resolved, the plugins chosen */
	bool prepared;	 /* ... and loaded */
	bool has_python; /* `python` is the one that --python chose */
	struct config_mark unprepared; /* the configuration before that */
	struct python python;	       /* unless it is an upgrade */
	/* Of the environment that is being made, or was made last: */
	int running_stage; /* the one that venv_builder_stage() may run; -1 for none */
	bool in_hand;	   /* ... any: between venv_builder_begin() and _end() */
	bool post_setup;   /* no plugin took over the program's post_setup() */
	bool prompt_set;   /* the program did, in the context */
	bool changed;
	bool mends; /* builder_mend(): nothing is decided anew */
	const char *hand_dir;
	const char *recipe;
	const char *mended_recipe; /* what stands for it with `mends`, or NULL */
	const char *failure;	   /* of the create that is at work, once it failed */
	unsigned removed;	   /* packages that went with a replaced environment */
	struct leaving leaving;	   /* what a replaced environment has */
	struct redirect redirect;
};

/* All that a builder has is of one environment at a time: USAGE if it is at work. */
int builder_begin_work(struct venv_builder *b, const char *env_dir,
		       struct venv_error *err) _must_check_;
void builder_end_work(struct venv_builder *b);
bool builder_is_at_work(const struct venv_builder *b);

/* Options are to change: what was chosen and loaded for the old ones is let go. */
void builder_unprepare(struct venv_builder *b);

/* Settings and plugins: what does not depend on the target. */
int builder_prepare(struct venv_builder *b, struct venv_error *err) _must_check_;

/* Look at a target and decide everything about it, before anything is written. */
int builder_examine(struct venv_builder *b, const char *env_dir, struct venv_error *err)
	_must_check_;
void builder_end(struct venv_builder *b);
/* Choose the interpreter that --python means, unless it was chosen already. */
int builder_choose_python(struct venv_builder *b, struct venv_error *err) _must_check_;
/* A transaction on another look at the target, with nothing found or made yet. */
void builder_new_transaction(struct venv_builder *b);

/*
 * methods.c: a stage, or a method of enum venv_method, as the program overrides it, else as
 * it is built in.
 */
int method_run(struct venv_builder *b, int number, struct venv_error *err) _must_check_;
bool method_is_overridden(const struct venv_builder *b, int number);
bool method_any_overridden(const struct venv_builder *b);
/* The built-in one; USAGE if there is none of that number. */
int method_built_in(struct venv_builder *b, int number, struct venv_error *err)
	_must_check_;

/* hand.c: WORK on a tree that is then published, of a builder that is in hand. */
int hand_do(struct venv_builder *b, int (*work)(void *data, struct venv_error *err),
	    void *data, struct venv_error *err) _must_check_;

/* program.c: let the layout ask the program's functions, if it has any. */
void program_set_functions(struct venv_builder *b);

/* EnvBuilder.create(): venv_builder_create() of venvctl.h. */
int builder_create(struct venv_builder *b, const char *env_dir, struct venv_error *err)
	_must_check_;

/* stages.c: the built-in work of a stage. */
int stage_run(struct venv_builder *b, int stage, struct venv_error *err) _must_check_;
/* create_git_ignore_file(), and CACHEDIR.TAG. */
int stage_git_ignore(struct venv_builder *b, struct venv_error *err) _must_check_;
int stage_cachedir_tag(struct venv_builder *b, struct venv_error *err) _must_check_;

/* setup_pip.c: EnvBuilder._setup_pip(), by the environment's own ensurepip. */
int setup_pip(struct venv_builder *b, struct venv_error *err) _must_check_;

/* When all files are in place: name the hooks of nushell in activate.nu. */
int hooks_name(struct venv_builder *b, struct venv_error *err) _must_check_;

/*
 * old.c: what another Python left in an environment that is there.  Say what stays of it and
 * let go what must not.
 */
int old_python(struct venv_builder *b, struct venv_error *err) _must_check_;
/*
 * leaving.c: what a replaced environment has beside what every environment has.  Note an entry of
 * its top; before the commit, forget what stands again as it was; let the entries go.
 */
int leaving_add(struct venv_builder *b, const char *name, struct venv_error *err)
	_must_check_;
int leaving_compare(struct venv_builder *b, struct venv_error *err) _must_check_;
void leaving_close(struct venv_builder *b);

/* What went with a replaced environment. */
void old_tell_removed(struct venv_builder *b, const char *env_dir);

/* That DIR of the target cannot be read, for -errno R: what cannot be read is not what is not there. */
int old_unread(const struct venv_builder *b, int r, const char *dir,
	       struct venv_error *err);

/*
 * follow.c: scripts that start the interpreter of another place than they are to.  Those of
 * an environment that was moved; and, of one that may be moved, those that steps installed.
 */
int follow_place(struct venv_builder *b, struct venv_error *err) _must_check_;
int follow_steps(struct venv_builder *b, struct venv_error *err) _must_check_;

/*
 * above.c: may a copied interpreter find another standard library above the environment?
 * CONFLICT if one is there; a warning if somebody else could put one there.
 */
int above_check(struct venv_builder *b, struct venv_error *err) _must_check_;

/* mend.c: let go the names of another version in bin. */
int mend_names(struct venv_builder *b, struct venv_error *err) _must_check_;
/* What a RECORD is to say of a script that was written anew, if it said what that was. */
struct mended_row {
	const char *was, *is; /* "sha256=...,230" */
};
/*
 * ROWS has these, by the names of the scripts.  Those RECORDs of the tree FROM are written into
 * the one that is being built: where REPLACES says so, in place of what is there.
 */
int mend_records(struct venv_builder *b, int from, const struct index *rows,
		 bool replaces, struct venv_error *err) _must_check_;

/*
 * redirect.c: decide what becomes of it; write it, without its name; give it that; be done,
 * or take it back.
 */
int redirect_decide(struct venv_builder *b, struct venv_error *err) _must_check_;
int redirect_stage(struct venv_builder *b, struct venv_error *err) _must_check_;
int redirect_place(struct venv_builder *b, struct venv_error *err) _must_check_;
void redirect_end(struct venv_builder *b, bool undo);

/* recipe.c: what --existing reuse compares, 16 hexadecimal digits. */
const char *recipe_make(struct venv_builder *b) _must_check_;

/* upgrade_deps.c: EnvBuilder.upgrade_dependencies(): is it wanted; and run it. */
bool upgrade_deps_wanted(const struct venv_builder *b);
int upgrade_deps(struct venv_builder *b, struct venv_error *err) _must_check_;
