/* SPDX-License-Identifier: MIT */
/*
 * pep508.c - what we make of versions and markers, for a test that knows better
 *
 * Lines "version VERSION SPECIFIERS", "compare VERSION VERSION", "pre VERSION", "same NAME
 * NAME" and "marker HEXVERSION IMPLEMENTATION TEXT", separated by tabs; each is answered
 * with 1, 0 or -1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../plugins/markers.h"
#include "util/pep440.h"

int main(void)
{
	char line[4096];

	while (fgets(line, sizeof(line), stdin)) {
		const char *f[4] = { "", "", "", "" };
		char *at = line;
		const char *why = NULL;
		int r;

		line[strcspn(line, "\n")] = '\0';
		for (int i = 0; i < 4 && at; i++)
			f[i] = strsep(&at, "\t");
		if (!strcmp(f[0], "version")) {
			r = pep440_matches(f[1], f[2], strlen(f[2]));
		} else if (!strcmp(f[0], "compare")) {
			r = pep440_compare(f[1], f[2]);
			r = (r > 0) - (r < 0);
		} else if (!strcmp(f[0], "pre")) {
			r = pep440_is_pre(f[1]);
		} else if (!strcmp(f[0], "same")) {
			r = pep440_same_project(f[1], strlen(f[1]), f[2], strlen(f[2]));
		} else {
			struct marker_env env = { (uint32_t)strtoul(f[1], NULL, 16),
						  f[2] };

			r = marker_holds(&env, f[3], &why);
		}
		printf("%d%s%s\n", r, why ? " " : "", why ? why : "");
	}
	return 0;
}
