/* SPDX-License-Identifier: MIT */
/*
 * supervisor.h - creates with plugins that are none of venvctl's own, in child processes
 *
 * Such a plugin can exit, crash or hang, and what it forks inherits our descriptors.  So a
 * child loads the plugins and makes the environments that it is given one by one; this process
 * has an open descriptor of each lock that the child takes, hears from a socket what came of
 * each target, and knows from a shared page which hook of which plugin is running.  When a child
 * is gone without a word about its target, what it left is undone as if another process had
 * been killed there.
 */
#pragma once

#include "cli.h"

struct supervised {
	struct venv_builder *b; /* its plugins are selected, not loaded */
	const struct strlist *targets;
	size_t jobs; /* so many children at a time */
	bool keep_going;
	/* In the child: make TARGET.  Its exit status; what it prints goes to ui_out(). */
	int (*make)(void *data, const char *target);
	/* Tell that TARGET failed with ERR; the exit status. */
	int (*tell)(void *data, const char *target, const struct venv_error *err);
	void *data;
};

/* Make all targets; the exit status of the first that failed. */
int supervise(const struct supervised *s);
