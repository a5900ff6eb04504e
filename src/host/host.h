/* SPDX-License-Identifier: MIT */
/*
 * host.h - what plugins may call, and when they are called
 *
 * Knows the environment that is being made, the steps that make it, and the services of
 * struct venv_host (plugin.h).  The order of a create is the builder's.
 */
#pragma once

#include <stdatomic.h>

#include <venvctl/plugin.h>

#include "config/config.h"
#include "fs/fs.h"
#include "layout/layout.h"
#include "load/load.h"
#include "python/python.h"
#include "steps/steps.h"
#include "transaction/transaction.h"
#include "util/util.h"

#define HOST_STAGES (VENV_STAGE_POST_SETUP + 1)

/* The environment that is being made. */
struct build {
	struct arena arena;
	struct transaction tx; /* with the target */
	struct python python;
	struct layout layout;
	struct layout_python layout_python;
	struct venv_context context;
	struct cfg extra;	       /* keys of plugins, for pyvenv.cfg */
	struct venv_session *sessions; /* newest first: one plugin at work on it each */
	const char *prompt;	       /* the bare text */
	const char *tcl_library, *tk_library; /* for activation scripts; or NULL */
	bool system_site_packages;	      /* may it use the system's? */
	bool symlinks;			      /* is its interpreter a link? */
	bool relocatable; /* do its scripts find it by where they are? */
	int bin;       /* descriptor of the directory of scripts; -1 until it is there */
	bool has_turn; /* host_take_turn() gave it one */
	bool begun;    /* there is a tree to write into */
	bool published;
	bool looks;		   /* -n: nothing is written, and nothing run */
	bool undoing;		   /* what is done now is not for the user to cancel */
	bool by_hand;		   /* a program calls the stages one by one */
	struct venv_child *failed; /* the child process that failed last, or NULL */
	struct strlist later;	   /* plugins that ran after publication */
};

/*
 * Hear of a download while it runs, for a live display: NAME of the file, bytes GOT of
 * TOTAL (-1: not known) after MS milliseconds.  NAME is NULL when it is over.
 */
typedef void host_download_fn(const char *name, int64_t got, int64_t total, int64_t ms);

enum { WORK_NONE, WORK_ON, WORK_CANCELLED };

/* What holds for all environments that one builder makes. */
struct host {
	struct arena arena;
	struct config config;
	struct log log;
	struct cache cache;
	struct modules modules;
	struct store_memory *store_memory; /* wheel.c's; NULL until a wheel comes */
	const char *const *env;
	const char *cwd;
	atomic_int work;     /* WORK_* */
	atomic_bool stopped; /* the tool got a signal: no create is to go on or begin */
	const atomic_bool *stop; /* that of the builder whose twin this is; else NULL */
	bool like_virtualenv;	 /* what tools know an environment of virtualenv's by */
	bool keeps_logs;    /* of child processes that failed, where no file was named */
	struct cfg own_cfg; /* keys of the embedding program, for each pyvenv.cfg */
	/* Functions of the embedding program: see struct script_values and layout_python. */
	int (*replace)(void *data, const char *name, const char *text, size_t len,
		       struct str *out, struct venv_error *err);
	void *replace_data;
	venv_progress_fn *progress;
	void *progress_data;
	host_download_fn *on_download;
	void (*on_busy)(const char *what); /* as struct store has it; may be NULL */
	const struct plugin_watch *watch;  /* hears of hooks that run; may be NULL */
	void (*locked)(void *data,
		       int fd);		  /* hears of locks that are taken; may be NULL */
	const struct venv_host *services; /* what plugins get */
	struct settings settings;
	struct steps steps;
	struct build build;
};

/* The services themselves. */
extern const struct venv_host host_services;

/* CANCELLED once the create was cancelled. */
int host_check_cancelled(struct host *h, struct venv_error *err) _must_check_;

/* Can what is to keep the output of child processes be written?  LOOK: nothing is made. */
int host_check_log(const struct host *h, bool look, struct venv_error *err) _must_check_;
bool host_is_cancelled(void *host);

/* Memory ran out for what is remembered: a value that is not there may be one that is. */
bool host_is_starved(const struct host *h);

/* A line for the user's progress. */
void host_progress(struct host *h, int stream, const char *line, size_t len);

/* ---- context.c: EnvBuilder's context object ---- */

/*
 * Will a step install pip?  With --without-pip one does only if it was named or is
 * required: steps_drop_pip() took the others out.
 */
bool host_wants_pip(const struct host *h);

/* Fill H->build.context. */
int host_fill_context(struct host *h, struct venv_error *err) _must_check_;

/* The staging directory is there: tell the context where. */
void host_context_staged(struct host *h);

/* After publication the files are where they belong. */
void host_context_published(struct host *h);

/* The directory of scripts, opened once; *borrows*. */
int host_open_bin(struct host *h, struct venv_error *err) _must_check_;

/*
 * digest.c: what a row of RECORD has behind the name of a file with LEN bytes of DATA,
 * "sha256=...,LEN"; in the arena, NULL with an error.
 */
const char *host_record_row(struct host *h, struct arena *a, const char *data, size_t len,
			    struct venv_error *err);

/*
 * Whatever places files for a plugin stands between these two.  Before publication they
 * do nothing; after it, in a target that has files of others, what is placed between them
 * appears in one piece.  host_part_end() gets the result of the work: an error drops the
 * piece, and is returned.
 */
int host_part_begin(struct host *h, struct venv_error *err) _must_check_;
int host_part_end(struct host *h, int result, struct venv_error *err) _must_check_;

/* What stands for the placeholders of scripts. */
void host_script_values(const struct host *h, struct script_values *v);

/* EnvBuilder.install_scripts(): the tree at PATH, into the directory of scripts. */
int host_install_scripts(struct host *h, const char *path, bool raw,
			 struct venv_error *err) _must_check_;

/* ---- sessions.c: the life of the plugins of one environment ---- */

/* With H->build.looks those plugins alone whose open only looks. */
int host_open(struct host *h, struct venv_error *err) _must_check_;
int host_before_stage(struct host *h, int stage, bool *skip, struct venv_error *err)
	_must_check_;
int host_stage(struct host *h, int stage, struct venv_error *err) _must_check_;
int host_seed(struct host *h, bool *steps_left, struct venv_error *err) _must_check_;
int host_post_setup(struct host *h, struct venv_error *err) _must_check_;
/* Before a rollback: plugins take back what they did outside the environment. */
void host_undo(struct host *h);
/* After the commit or the rollback. */
void host_close(struct host *h, int result);

/*
 * Plugins that do not say VENV_PLUGIN_PARALLEL are at work on one environment at a time
 * in this process.  Take the turn before host_open(), give it back after host_close().
 * If the create is cancelled while it waits, it gets no turn, and host_open() fails.
 */
void host_take_turn(struct host *h);
void host_give_turn(struct host *h);

/*
 * download_policy.c, for -n, which calls no hook: what policy says to the addresses that
 * the options of the selected plugins have.
 */
int host_judge_downloads(struct host *h, struct venv_error *err) _must_check_;

/*
 * What a plugin will download is guessed from the types of its options.  If it has an
 * option for one address, that is it, and options that are lists of addresses are not: they
 * are handed on to other programs.  If it has such a list only (wheels), each address of that
 * is meant.  NULL if there is neither, or no option for a DIGEST.
 */
const struct venv_option *host_address_option(const struct venv_option *options, size_t n,
					      const struct venv_option **digest);

/* What policy says to an address of the plugin INSTANCE; 0 for a file of this machine. */
int host_judge_address(struct host *h, const char *instance, const char *url,
		       const char *const *digests, struct venv_error *err) _must_check_;

/*
 * ---- program.c: services for what is no plugin's: the builder's own steps, and functions ----
 * of an embedding program
 */

/*
 * Run a program of the environment; INSTANCE is the step's name in messages.  If it fails,
 * its last lines of output are logged, and the error is STEP.
 */
int host_run_step(struct host *h, const char *instance, struct venv_run *run,
		  struct venv_error *err) _must_check_;

/* As the services of struct venv_host. */
int host_write_file(struct host *h, const char *path, const void *data, size_t len,
		    uint32_t mode, struct venv_error *err) _must_check_;

/* Also `command`, and in a program also before there is an environment: for all. */
int host_config_set(struct host *h, const char *key, const char *value,
		    struct venv_error *err) _must_check_;

/* services.c: set KEY of the environment that is being made. */
int host_add_key(struct host *h, const char *key, const char *value,
		 struct venv_error *err) _must_check_;
