/* SPDX-License-Identifier: MIT */
/*
 * inspect.h - a plugin's option table, read in a child process
 *
 * For commands that look at plugins without running an environment's steps: a
 * plugin that crashes or hangs while it is loaded is a line of the answer.
 */
#pragma once

#include "loader.h"

struct inspected {
	const char *version, *summary, *help;
	uint64_t flags;
	struct venv_option *options; /* ends with a NULL name */
	size_t n_options;
};

/* PLUGIN with what happened if it cannot be loaded; strings are in the arena. */
int plugin_inspect(struct arena *a, const struct candidate *c, struct inspected *out,
		   struct venv_error *err) _must_check_;
