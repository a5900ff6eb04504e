/* SPDX-License-Identifier: MIT */
/* spec.c - what -p takes: a minor version that matches is one that was looked for */
#include <config.h>

#include "fuzz.h"
#include "python/spec.h"

FUZZ(spec)
{
	static const char *const implementations[] = { "cpython", "pypy", "graalpy" };
	char *text = fuzz_copy(data, size);
	struct spec s;

	if (spec_parse(&s, text)) {
		for (unsigned minor = 0; minor < 40; minor++) {
			struct python p = {
				.implementation = implementations[minor % 3],
				.hexversion = 3u << 24 | minor << 16 | minor << 8 | 0xf0,
				.lib_dir = minor & 1 ? "lib/python3.13t" : "lib/python3",
			};

			MUST(!spec_matches(&s, &p) || spec_may_be(&s, minor));
		}
	}
	free(text);
	return 0;
}
