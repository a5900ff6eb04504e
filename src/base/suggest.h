/* SPDX-License-Identifier: MIT */
/* suggest.h - "did you mean" */
#pragma once

#include <stddef.h>

struct suggest {
	const char *word; /* what the user wrote */
	const char *best; /* the nearest name so far, NULL if none is near */
	unsigned distance;
};

#define SUGGEST_INIT(w)      \
	{                    \
		(w), NULL, 3 \
	}

/* Offer a name that exists. */
void suggest_offer(struct suggest *s, const char *name);
