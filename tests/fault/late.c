/* SPDX-License-Identifier: MIT */
/*
 * late.c - memory that is used after it was freed, also by what comes last of all: preloaded
 *
 * What is freed is filled and never given out again.  When the program ends, INT comes to it,
 * and what was filled has to be as it was.
 */
#define _GNU_SOURCE
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX  20000
#define FILL 0xa5

static void *freed[MAX];
static size_t n;

void free(void *p)
{
	if (!p || n == MAX)
		return;
	memset(p, FILL, malloc_usable_size(p));
	freed[n++] = p;
}

__attribute__((destructor)) static void end(void)
{
	raise(SIGINT);
	for (size_t i = 0; i < n; i++) {
		const unsigned char *bytes = freed[i];

		for (size_t k = 0; k < malloc_usable_size(freed[i]); k++) {
			if (bytes[k] == FILL)
				continue;
			dprintf(2, "byte %zu of %zu was written after free()\n", k,
				malloc_usable_size(freed[i]));
			_exit(99);
		}
	}
	dprintf(2, "late.c: %zu were freed\n", n);
}
