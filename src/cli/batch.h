/* SPDX-License-Identifier: MIT */
/* batch.h - many targets: handed out in their order, made in any, told in their order */
#pragma once

#include "util/util.h"

/* So many at the same time are enough. */
#define BATCH_JOBS_MAX 256u

/* What is to be printed of a target that is made. */
struct answer {
	struct str text;
	bool done;
};

struct batch {
	size_t n;	 /* targets */
	bool keep_going; /* after a failure */
	bool over;	 /* no further target is handed out */
	int first;	 /* exit status of the first of them that failed */
	size_t first_at; /* its number */
	size_t next;	 /* is handed out next */
	size_t told;	 /* so many were */
	/* Of those behind `told`: nobody runs further ahead, so that memory stays flat. */
	struct answer answers[2 * BATCH_JOBS_MAX];
};

/* The number of a target to make; false if there is none, or none now. */
bool batch_next(struct batch *b, size_t *at);
/*
 * It is made, or failed with STATUS: print TEXT, which becomes empty, when it is its turn.
 * Nothing is to be said of one that nobody came to make: -1.
 */
void batch_done(struct batch *b, size_t at, int status, struct str *text);
