/* SPDX-License-Identifier: MIT */
/*
 * builder.h - EnvBuilder: one environment from its options to its result
 *
 * Knows everything below it and decides the order; the tool and libvenvctl stand on it.
 */
#pragma once

#include "environment/environment.h"
#include "host/host.h"

/* The defaults of the tool (pip is installed) and what `command` names. */
int builder_use_tool_defaults(struct venv_builder *b, const char *program,
			      struct venv_error *err) _must_check_;

struct config *builder_config(struct venv_builder *b);

/*
 * Write version_info, by which tools know an environment of virtualenv's, and activation
 * scripts that set all that virtualenv's do.
 */
void builder_set_like_virtualenv(struct venv_builder *b);

/* What python_find and its kin need. */
void builder_python_env(struct venv_builder *b, struct python_env *pe);

/* The plugins that would be searched, for `plugins list`. */
int builder_registry(struct venv_builder *b, struct registry **out,
		     struct venv_error *err);

/*
 * The steps of a create without options, in their order; nothing is loaded.  *FIRST
 * *borrows* until the next of these calls.
 */
int builder_order(struct venv_builder *b, const struct step **first,
		  struct venv_error *err) _must_check_;

/* host_judge_address() with the policy that was read. */
int builder_judge_address(struct venv_builder *b, const char *instance, const char *url,
			  const char *const *digests, struct venv_error *err)
	_must_check_;

/*
 * Hand plugins the services HOST instead of host_services.  `plugins check` has services
 * of its own, which count, fail or cancel before they call the real ones.
 */
void builder_set_host(struct venv_builder *b, const struct venv_host *host);

/*
 * Resolve the settings and choose the plugins, of which none is loaded.  *FOREIGN: one of
 * them is none of venvctl's own.
 */
int builder_select(struct venv_builder *b, bool *foreign, struct venv_error *err)
	_must_check_;

/* Hear when code of plugins runs, and of each lock that is taken; before the first create. */
void builder_set_watch(struct venv_builder *b, const struct plugin_watch *watch,
		       void (*locked)(void *data, int fd));

/*
 * After builder_select(), once a process that made ENV_DIR with a copy of B has ended and its
 * locks are given back: undo what it left.  What cannot be undone is told the log.
 */
void builder_recover(struct venv_builder *b, const char *env_dir);

/* Hear of a download while it runs, for a live display. */
void builder_set_download(struct venv_builder *b, host_download_fn *fn);

/* Hear of what lasts and says nothing itself: what it is; NULL when it is over. */
void builder_set_busy(struct venv_builder *b, void (*fn)(const char *what));

/*
 * Check several targets before the first is made: USAGE if two are equal or one lies in
 * another.  *AT is the number of the wrong one, *OTHER of the one that it clashes with, or N.
 */
int builder_check_targets(struct venv_builder *b, const char *const *dirs, size_t n,
			  size_t *at, size_t *other, struct venv_error *err) _must_check_;

/*
 * twin.c: a builder that makes environments as B does, on another thread, at the same time: its
 * options, its plugins, the interpreter that it chose.  It lives shorter than B, of which
 * nothing but builder_stop() may be called meanwhile, and stops with it.  Whoever makes one
 * gives it functions for progress of its own.  NULL with an error where B is wrong itself.
 */
struct venv_builder *builder_twin(struct venv_builder *b, struct venv_error *err);

/* True if memory ran out once: what it tells, or made, may lack something. */
bool builder_is_starved(const struct venv_builder *b);

/* What a create did, or (plan) would do; *borrows* until the next create or free. */
struct report {
	const struct venv_context *context;
	const char *env_dir;
	const char *target_case; /* "new", "in-place", ... */
	const char *published;	 /* "rename", ...; NULL if nothing was done */
	const char *python_version;
	const struct python *python;
	const struct steps *steps;
	const struct strlist *later; /* plugins that ran, or would, after publication */
	bool changed;
	const char *failure; /* why what was made is being taken back; else NULL */
	bool relocatable;
	const char *redirect; /* the file `.venv`; NULL: none was asked for */
	const char *redirect_text, *redirect_state, *redirect_reason;
	bool upgrade_deps; /* pip is upgraded from the index, after the last plugin */
	unsigned removed;  /* packages of a replaced environment */
	const struct settings *settings;
};
void builder_report(const struct venv_builder *b, struct report *out);

/*
 * mend.c: make the environment E whole, of which C is known: what is fixable there, in one
 * transaction.  With PYTHON, which --python would mean, it becomes the base.
 */
int builder_mend(struct venv_builder *b, const struct environment *e,
		 const struct checkup *c, const char *python, struct venv_error *err)
	_must_check_;

/* No create is to go on or to begin: for handlers of signals. */
void builder_stop(struct venv_builder *b);
