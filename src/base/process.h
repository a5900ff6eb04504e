/* SPDX-License-Identifier: MIT */
/*
 * process.h - a child process: started directly, drained, timed, stopped
 */
#pragma once

#include <stdbool.h>

#include "error.h"

struct process {
	const char *const *argv; /* argv[0] is the path of the program */
	const char *const *env;
	const char *cwd; /* NULL: the caller's */
	const void *stdin_data;
	size_t stdin_len;
	int timeout_ms; /* below 0: none */
	/* Asked now and then while the child runs; NULL: never cancelled. */
	bool (*cancelled)(void *data);
	/* Whole lines of stdout and stderr (VENV_STREAM_*) with their line end. */
	void (*on_line)(void *data, int stream, const char *line, size_t len);
	void *data;
};

/*
 * Run it and wait.  0: it ended, *STATUS is 0 to 255 or 128 + its signal.
 * CANCELLED or FAILED (timeout): its process group was ended first, by TERM, then
 * KILL.  FAILED with os_errno: it could not be started.
 */
int process_run(const struct process *p, int *status, struct venv_error *err)
	_must_check_;
