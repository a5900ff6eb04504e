/* SPDX-License-Identifier: MIT */
/* process_state.h - what a process has that a plugin has to leave alone */
#pragma once

#include <signal.h>
#include <sys/types.h>

#include "util/util.h"

struct process_state {
	char cwd[4096];
	mode_t mask;
	struct strlist fds, env;
	void (*handlers[65])(int);
	sigset_t blocked;
};

void process_state_take(struct arena *a, struct process_state *s);

/* Call FOUND with a text for each thing that is not as it was. */
typedef void finding_fn(struct str *out, const char *text);
void process_state_compare(struct arena *a, const struct process_state *old,
			   finding_fn *found, struct str *out);
