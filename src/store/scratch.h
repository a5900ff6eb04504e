/* SPDX-License-Identifier: MIT */
/*
 * scratch.h - a directory of the store in which an entry is being built
 *
 * Its builder holds a lock on it: one that is not locked is what a killed builder left.
 */
#pragma once

#include "store.h"

struct scratch {
	int fd;
	char *path; /* in the arena; its last component is the name in the store */
};

#define SCRATCH_INIT     \
	{                \
		.fd = -1 \
	}

/*
 * Make the one for the entry NAME in the directory STORE, and sweep out what killed builders
 * left.  An entry has one builder: 1 if another one was at work on it, which has ended now.
 * 0; or -errno if nothing can be made there, -EINTR if the wait was cancelled.
 */
int scratch_make(struct scratch *x, struct store *s, int store, const char *name)
	_must_check_;

/* Others need not wait any longer. */
void scratch_release(struct scratch *x);
