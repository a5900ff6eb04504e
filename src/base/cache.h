/* SPDX-License-Identifier: MIT */
/*
 * cache.h - the user's cache directory
 *
 * $VENVCTL_CACHE_DIR, else $XDG_CACHE_HOME/venvctl, else $HOME/.cache/venvctl;
 * used only if it belongs to the effective user and nobody else may write it.
 * Without one everything works, only slower.
 */
#pragma once

#include "arena.h"
#include "environ.h"
#include "log.h"

struct cache {
	const char *path; /* NULL: there is no place for one */
	int fd;		  /* of cache_make(); -1 before */
	bool there;	  /* it exists, and is fit to be used */
	bool refused;	  /* it exists, and is not; or it cannot be made */
};

/* Find it and look whether it is there; never fails. */
void cache_init(struct cache *c, struct arena *a, const char *const *env, const char *cwd,
		const struct log *log);
void cache_release(struct cache *c);

/* The descriptor, after making the directory (mode 0700) where it is missing; or -1. */
int cache_make(struct cache *c, const struct log *log);
