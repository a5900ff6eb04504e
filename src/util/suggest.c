/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "util.h"

#include <string.h>

#define WORD_MAX 48u

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edits from A to B, exchanged neighbours being one (optimal string alignment). */
static unsigned distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	unsigned d[3][WORD_MAX + 1];

	if (na > WORD_MAX || nb > WORD_MAX)
		return WORD_MAX;
	for (unsigned j = 0; j <= nb; j++)
		d[0][j] = j;
	for (unsigned i = 1; i <= na; i++) {
		unsigned *row = d[i % 3], *above = d[(i + 2) % 3], *two = d[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= nb; j++) {
			unsigned cost = a[i - 1] != b[j - 1];

			row[j] = least(least(above[j] + 1, row[j - 1] + 1),
				       above[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j], two[j - 2] + 1);
		}
	}
	return d[na % 3][nb];
}

void suggest_offer(struct suggest *s, const char *name)
{
	unsigned n = distance(s->word, name);

	/* Two edits turn any word of two letters into any other: nothing to suggest. */
	if (n < s->distance && n < strlen(s->word)) {
		s->best = name;
		s->distance = n;
	}
}
