/* SPDX-License-Identifier: MIT */
/*
 * engine.h - struct venv_builder from the inside
 *
 * One builder has what holds for all its environments (options, interpreter,
 * plugins) and one struct build for the environment that is being made.
 */
#pragma once

#include <stdatomic.h>

#include "base/cache.h"
#include "base/log.h"
#include "base/module.h"
#include "builder.h"
#include "config/config.h"
#include "layout/layout.h"
#include "layout/pyvenv_cfg.h"
#include "python/python.h"
#include "settings.h"
#include "store/store.h"
#include "steps.h"
#include "transaction.h"

#define STAGES (VENV_STAGE_POST_SETUP + 1)

struct override {
	venv_stage_fn *fn;
	void *data;
};

/* One plugin at work on one environment. */
struct venv_session {
	struct venv_session *next; /* the one that was opened before: close goes back */
	struct venv_builder *b;
	struct step *step;
	void *data;
	struct arena arena; /* host->alloc, and what services return */
	char *message;	    /* of host->error or a service; NULL until set */
	char *hint;	    /* of a service */
	char *last_lines;   /* of a child that failed, until they are told */
	bool os_failed;	    /* the message is of a service that the system failed */
	const char *temp_dir;
	bool refused;	    /* by the policy of the site, whoever asked for it */
	struct store store; /* of install_wheel */
	bool in_post_setup; /* services that need the published environment may be used */
	bool wrote;	    /* it changed the tree: VENV_LATER is too late */
};

/* The environment that is being made. */
struct build {
	struct arena arena;
	struct target target;
	struct transaction tx;
	struct python python;
	struct layout layout;
	struct layout_python layout_python;
	struct venv_context context;
	struct cfg extra;	       /* keys of plugins, for pyvenv.cfg */
	struct venv_session *sessions; /* newest first */
	const char *prompt;	       /* the bare text */
	const char *recipe;
	char *stage_path;  /* absolute path of the tree that is being built */
	int running_stage; /* for venv_builder_stage; -1 outside */
	int bin;       /* descriptor of the directory of scripts; -1 until it is there */
	bool has_turn; /* of plugins that take turns */
	bool published;
	bool copied; /* the interpreter, whatever was asked for */
	/* For the report. */
	bool changed;
	unsigned removed;     /* packages that went with a replaced environment */
	struct strlist later; /* plugins that ran after publication */
};

struct venv_builder {
	struct arena arena;
	struct config config;
	struct log log;
	struct cache cache;
	struct modules modules;
	const char *const *env;
	const char *cwd;
	const char *program; /* for `command` of pyvenv.cfg */
	bool tool;	     /* defaults of the tool rather than of EnvBuilder */
	atomic_bool cancelled;

	venv_progress_fn *progress;
	void *progress_data;
	builder_download_fn *on_download;
	struct override overrides[STAGES];

	const struct venv_host *host; /* what plugins get */
	bool prepared;
	struct settings settings;
	struct steps steps;
	struct python python; /* chosen by --python; not of an upgrade */
	bool has_python;

	struct build build;
};

/* Settings, interpreter and plugins: what does not depend on the target. */
int builder_prepare(struct venv_builder *b, struct venv_error *err) _must_check_;

/* Look at a target and decide everything about it, before anything is written. */
int builder_examine(struct venv_builder *b, const char *env_dir, struct venv_error *err)
	_must_check_;
void builder_end(struct venv_builder *b);

/* CANCELLED once venv_builder_cancel() was called. */
int builder_check_cancelled(struct venv_builder *b, struct venv_error *err) _must_check_;
bool builder_is_cancelled(void *builder);

/*
 * context.c: will pip be installed?  --without-pip left a plugin that brings pip only
 * where it was named or is required.
 */
bool context_wants_pip(const struct venv_builder *b);
/* Fill B->build.context. */
int context_fill(struct venv_builder *b, struct venv_error *err) _must_check_;
/* Where the files are: the way may have changed when the transaction began. */
int context_staged(struct venv_builder *b, struct venv_error *err) _must_check_;
/* After publication the files are where they belong. */
void context_published(struct venv_builder *b);

/* context_json.c: the context for programs that are no plugins; lives until close. */
int context_json(struct venv_session *s, const char **json, struct venv_error *err)
	_must_check_;

/* stages.c: the built-in work of a stage. */
int stage_run(struct venv_builder *b, int stage, struct venv_error *err) _must_check_;

/* The directory of scripts, opened once; *borrows*. */
int stage_open_bin(struct venv_builder *b, struct venv_error *err) _must_check_;

/* What stands for the placeholders of scripts. */
void stage_script_values(const struct venv_builder *b, struct script_values *v);

/* When all files are in place: name the hooks of nushell in activate.nu. */
int hooks_name(struct venv_builder *b, struct venv_error *err) _must_check_;

/* True for keys of pyvenv.cfg that are venvctl's, or another creator's. */
bool stage_is_own_key(const char *key);

/* recipe.c: what --existing reuse compares, 16 hexadecimal digits. */
const char *recipe_make(struct venv_builder *b) _must_check_;

/*
 * turns.c: plugins that do not say VENV_PLUGIN_PARALLEL are at work on one environment at a
 * time in this process.  Take it before the first open, give it back after the last close.
 */
void turn_take(struct venv_builder *b);
void turn_give(struct venv_builder *b);

/* sessions.c: the life of the plugins of one environment. */
int sessions_open(struct venv_builder *b, struct venv_error *err) _must_check_;
int sessions_before_stage(struct venv_builder *b, int stage, bool *skip,
			  struct venv_error *err) _must_check_;
int sessions_stage(struct venv_builder *b, int stage, struct venv_error *err)
	_must_check_;
int sessions_seed(struct venv_builder *b, bool *steps_left, struct venv_error *err)
	_must_check_;
int sessions_post_setup(struct venv_builder *b, struct venv_error *err) _must_check_;
void sessions_close(struct venv_builder *b, int result);

/* USAGE for a CONFIG that the command line is to blame for: not a refusal of the site. */
int session_error(const struct venv_session *s, int result);

/*
 * upgrade_deps.c: EnvBuilder.upgrade_dependencies(), after the last plugin.  Whether it
 * has anything to run, and that.
 */
bool upgrade_deps_wanted(const struct venv_builder *b);
int upgrade_deps(struct venv_builder *b, struct venv_error *err) _must_check_;

/* child.c: run a process for a session, and keep what it says. */
int child_run(struct venv_session *s, struct venv_run *run, struct venv_error *err)
	_must_check_;

/* Show the last lines of a child that failed, if there was one. */
void child_tell(struct venv_session *s);

/* The services' private directory of a session; NULL if it cannot be made. */
const char *session_temp_dir(struct venv_session *s);

/* A line for the user's progress. */
void builder_progress(struct venv_builder *b, int stream, const char *line, size_t len);

/* files.c: writing into the environment, for host.c; errors name PATH. */
int files_write(struct venv_session *s, const char *path, const void *data, size_t len,
		mode_t mode, struct venv_error *err) _must_check_;
/*
 * True for what makes the environment one, and what activates it: no wheel may bring
 * that.  Names are compared as if the file system folded case.
 */
bool files_is_owned(const struct venv_builder *b, const char *path);
int files_install_tree(struct venv_session *s, const char *dir, uint32_t flags,
		       struct venv_error *err) _must_check_;

/* wheel.c: struct venv_host of plugin.h says it all. */
int wheel_install(struct venv_session *s, const struct venv_wheel *wheel,
		  struct venv_error *err) _must_check_;
int wheel_find(struct venv_session *s, const char *name, const char *version,
	       const char *const *places, const char **path, struct venv_error *err)
	_must_check_;
