/* SPDX-License-Identifier: MIT */
/*
 * pack.h - the contents of an entry's files in one file, from which copies are made
 *
 * One after the other, in the order of the index.  Nobody's link leads to it, so that one look at
 * it is a look at all of them.
 */
#pragma once

#include "entry.h"

struct pack {
	int fd;	    /* -1 for none: copies come from the files */
	bool tried; /* it was looked for, or is not wanted */
};

#define PACK_INIT        \
	{                \
		.fd = -1 \
	}

/*
 * Open the pack of E.  If it is missing or damaged, and E is the user's own, it is made where there
 * is room; not for the environment that E was made for, as a machine that makes one and is
 * thrown away has no use for it.  0, also if there is none then; or PLACE_DAMAGED, if one of the
 * files that would come into it is.
 */
int pack_open(struct pack *p, struct store *s, const struct entry *e) _must_check_;

/* Write the file TO, of LEN bytes, which begin at OFFSET. */
int pack_copy(const struct pack *p, int64_t offset, int64_t len, int to) _must_check_;
void pack_close(struct pack *p);
