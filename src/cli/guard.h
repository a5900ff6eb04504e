/* SPDX-License-Identifier: MIT */
/* guard.h - what a hook must leave as it is, put back after each one */
#pragma once

#include <signal.h>
#include <sys/types.h>

/* Of this process, which runs nothing but one create. */
struct guard {
	mode_t mask;
	char cwd[4096]; /* "" where it has no name */
	int cwd_fd;
	char *locale;
	sigset_t blocked;
};

/* Remember how it is. */
void guard_take(struct guard *g);

/* Put back what is not as it was, and warn: WHO is named, as the subject of a sentence. */
void guard_put_back(const struct guard *g, const char *who);
