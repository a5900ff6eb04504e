/* SPDX-License-Identifier: MIT */
/* process_state.h - what a process has that a plugin has to leave alone */
#pragma once

#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "util/util.h"

#define PROCESS_SIGNALS 65
#define PROCESS_LIMITS	16

struct process_state {
	char cwd[4096];
	mode_t mask;
	struct strlist fds, env;
	void (*handlers[PROCESS_SIGNALS])(int);
	sigset_t blocked;
	const char *locale;
	locale_t thread_locale;
	struct rlimit limits[PROCESS_LIMITS];
	pid_t group, session;
	unsigned threads, timers;
	int subreaper;
};

void process_state_take(struct arena *a, struct process_state *s);
void process_state_take_handlers(struct process_state *s);

/*
 * Call FOUND with a text for each kind of thing that is not as it was.  With the RUNTIME of Go
 * there are threads that come and go, the descriptors of its poller stay, and the limit of
 * descriptors is as high as it can be.
 */
typedef void finding_fn(struct str *out, const char *text);
void process_state_compare(struct arena *a, const struct process_state *old, bool runtime,
			   finding_fn *found, struct str *out);

/* What is said of a process that stays, whoever finds it. */
#define PROCESS_STAYS "it left a process that goes on"
