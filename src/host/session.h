/* SPDX-License-Identifier: MIT */
/* session.h - one plugin at work on one environment, from the inside of this room */
#pragma once

#include <pthread.h>

#include "host.h"
#include "store/store.h"

struct venv_session {
	struct venv_session *next; /* the one that was opened before: close goes back */
	struct host *host;
	struct step *step;
	void *data;
	struct arena arena; /* host->alloc, and what services return */
	char *message;	    /* of host->error or a service; NULL until set */
	char *hint;	    /* of a service */
	char *last_lines;   /* of a child that failed, until they are told */
	bool os_failed;	    /* the message is of a service that the system failed */
	const char *temp_dir;
	struct cached_use *used; /* downloads whose use is not over: download_cache.c */
	bool refused;	    /* the site's policy refused what a service was asked for */
	struct store store; /* of install_wheel */
	pthread_t thread;   /* on which its hooks are called */
	pid_t process;	    /* in which they are called */
	_Atomic(const char *) stray; /* a service that was called on another one */
	bool entered;		     /* its post_setup was called */
	bool closing;		     /* nothing can be changed any more */
	bool wrote;		     /* it changed the tree: VENV_LATER is too late */
	bool said_later;	     /* its seed returned VENV_LATER */
};

/*
 * The result of a hook: CONFIG becomes USAGE where an option of the plugin was given on
 * the command line, unless it was the site's policy that refused something.
 */
int session_error(const struct venv_session *s, int result);

/* UNSUPPORTED if the host's function SERVICE, which changes something, may not do that now. */
int session_may_change(const struct venv_session *s, const char *service,
		       struct venv_error *err) _must_check_;

/* keys.c: a key of pyvenv.cfg, from a hook before publication. */
int session_config_set(struct venv_session *s, const char *key, const char *value,
		       struct venv_error *err) _must_check_;

/*
 * The services' private directory of a session; NULL, with errno, if it cannot be made in
 * session_temp_base().
 */
const char *session_temp_dir(struct venv_session *s);
const char *session_temp_base(const struct venv_session *s);

/*
 * services.c: a digest that a plugin gave, in lower case, as all digests are compared.
 * CONFIG if it is none; NOMEM.
 */
int session_digest(struct venv_session *s, const char *given, const char **digest,
		   struct venv_error *err) _must_check_;

/* context_json.c: the context for programs that are no plugins; lives until close. */
int context_json(struct venv_session *s, const char **json, struct venv_error *err)
	_must_check_;

/*
 * pip.c: is this variable one with which pip installs somewhere else than into the
 * environment?  And for a child that may run pip: have the lines of pip.conf that say so
 * mean nothing.
 */
bool pip_is_led_by(const char *entry);
int pip_lead(struct venv_session *s, struct strlist *env, struct venv_error *err)
	_must_check_;

/* Remove the private directory of a session. */
void session_drop_temp_dir(struct venv_session *s);

/* run.c: run a process for a session, and keep what it says. */
int host_run(struct venv_session *s, struct venv_run *run, struct venv_error *err)
	_must_check_;

/* download_cache.c: the environment is made: what was downloaded for it is good. */
void session_used_well(struct venv_session *s);

/* network.c: set what makes a child that may reach an index use venvctl's network. */
bool network_of_children(struct venv_session *s, struct strlist *env) _must_check_;

/* promise.c: STEP if what a step that has run provides is not there, or does not work. */
int host_check_promise(struct venv_session *s, struct venv_error *err) _must_check_;

/* Show the last lines of a child that failed, if there was one. */
void host_tell_child(struct venv_session *s);

/* files.c: write a file at PATH (below the environment); errors name it. */
int files_write(struct venv_session *s, const char *path, const void *data, size_t len,
		mode_t mode, struct venv_error *err) _must_check_;
/*
 * True for what makes a directory an environment (pyvenv.cfg, the interpreter's names)
 * and for activation scripts: no wheel may bring these.  Names are compared without
 * regard to case, as some file systems do.
 */
bool files_is_owned(const struct host *h, const char *path);
/* Copy everything below DIR into the environment: struct venv_host of plugin.h. */
int files_install_tree(struct venv_session *s, const char *dir, uint32_t flags,
		       struct venv_error *err) _must_check_;

/* *DATA is in the session's arena. */
int files_read(struct venv_session *s, const char *path, const void **data, size_t *len,
	       struct venv_error *err) _must_check_;
int files_remove(struct venv_session *s, const char *path, struct venv_error *err)
	_must_check_;

/* wheel.c: install_wheel and find_wheel of struct venv_host (plugin.h). */
int wheel_install(struct venv_session *s, const struct venv_wheel *wheel,
		  struct venv_error *err) _must_check_;
int wheel_find(struct venv_session *s, const char *name, const char *version,
	       const char *const *places, const char **path, struct venv_error *err)
	_must_check_;
