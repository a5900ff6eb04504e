/* SPDX-License-Identifier: MIT */
/*
 * installer.h - ExtendedEnvBuilder.install_script(): fetch a script, run it with the
 * environment's python in its bin directory, remove it
 */
#pragma once

#include <venvctl/plugin.h>

struct installer {
	const struct venv_host *host;
	struct venv_session *s;
	const struct venv_context *ctx;
	const char *name; /* of the plugin: for the file where the URL has no name */
	const char *what; /* "pip": what is being installed, for the user */
	const char *url;  /* with its placeholders replaced */
	const char *const *sha256; /* digests, as option_list has them; or NULL */
	int no_memory; /* a text could not be made: nothing that follows is right */
};

/* A text that lives until close; NULL, and no_memory, when there is none. */
const char *installer_format(struct installer *i, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* URL with each {python-version} replaced by X.Y; NULL when memory ran out. */
const char *installer_expand(struct installer *i, const char *url);

/* X << 8 | Y of the environment's Python X.Y. */
unsigned installer_python(const struct installer *i);

/* For open: would the script be allowed, as far as that can be told? */
int installer_check(struct installer *i);

/* WORK with what the user sees of it: that it begins, and ends, and what is new. */
int installer_tell(struct installer *i, int (*work)(void *data), void *data);

/* The whole step, with what the user sees of it.  ARGS and ENV may be NULL. */
int installer_run(struct installer *i, const char *const *args, const char *const *env);
