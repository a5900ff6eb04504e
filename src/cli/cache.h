/* SPDX-License-Identifier: MIT */
/* cache.h - the parts of `venvctl cache` */
#pragma once

#include "cli.h"
#include "fs/fs.h"

/* cache_size.c: what is in CACHE, which is open, or not there at all (fd -1). */
int cache_size(const struct cache *cache, bool json);

/* warm.c */
struct warm {
	struct cache *cache; /* open, unless SITE is given */
	const char *site;    /* the directory of the site's store to fill; or NULL */
	const char *cwd;
	const struct strlist *specs; /* interpreters; none: all that there are */
	const char *compile;	     /* "yes", "no", or NULL: as the configuration says */
	bool json;
};
int cache_warm(struct arena *a, const struct warm *what);
