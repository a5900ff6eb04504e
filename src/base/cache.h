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
	int fd;		  /* -1: not there (yet) */
	bool refused;	  /* it is there, but not fit to be used */
};

/* Find it and open it if it is there; never fails. */
void cache_init(struct cache *c, struct arena *a, const char *const *env, const char *cwd,
		const struct log *log);
void cache_release(struct cache *c);

/* The descriptor, after making the directory (mode 0700) where it is missing; or -1. */
int cache_make(struct cache *c, const struct log *log);
