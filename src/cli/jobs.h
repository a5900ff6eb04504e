/* SPDX-License-Identifier: MIT */
/* jobs.h - targets side by side, on threads */
#pragma once

#include "cli.h"

struct jobs {
	const struct strlist *targets;
	bool keep_going;
	/* Of N workers, one a thread: worker I makes TARGET.  The exit status. */
	size_t n;
	int (*make)(void *data, size_t i, const char *target);
	void *data;
};

/*
 * Make all targets; the exit status of the first that failed.  What is printed of each goes out
 * whole, in their order.  -1, and nothing is made, where there can be no thread.
 */
int jobs_run(const struct jobs *j);
