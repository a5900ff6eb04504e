/* SPDX-License-Identifier: MIT */
/* spec.h - what -p means when it is no path: an implementation and versions */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "python.h"

enum spec_op {
	SPEC_IS,
	SPEC_NOT,
	SPEC_LESS,
	SPEC_LESS_EQUAL,
	SPEC_MORE,
	SPEC_MORE_EQUAL,
	SPEC_COMPATIBLE
};

struct spec_clause {
	enum spec_op op;
	unsigned version[3];
	unsigned parts; /* how many of them were given */
};

struct spec {
	const char *implementation; /* "cpython", "pypy", "graalpy"; NULL for any */
	bool threaded;		    /* "3.13t": a free-threaded build */
	unsigned bits;		    /* "3.12-64"; 0 for any */
	struct spec_clause clauses[8];
	unsigned n;
};

/*
 * Parse "3", "3.12", "3.12.1", "3.13t", "python3.12", "py312", "312", "3.12-64", "pypy3.9", "pypy", ">=3.10,<3.13",
 * "~=3.11", "!=3.12".  False if TEXT is nothing of that kind.
 */
bool spec_parse(struct spec *s, const char *text);

/* True if an interpreter fits. */
bool spec_matches(const struct spec *s, const struct python *p);

/* True if Python 3.MINOR could fit, to save looking for it. */
bool spec_may_be(const struct spec *s, unsigned minor);
