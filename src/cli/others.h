/* SPDX-License-Identifier: MIT */
/* others.h - the options of other tools that make environments */
#pragma once

#include "cli.h"

struct others;

struct other {
	const char *name;
	const char *key; /* our option that means the same; NULL: it means nothing here */
	const char *value; /* of an option without argument; of a refused one the hint */
	bool has_arg;
	bool virtualenv; /* only where the tool is called by that name, before our own */
	bool refused;
	/* What its value means, where that is not the value of KEY. */
	int (*set)(struct others *o, const char *shown, const char *value);
};

/* The table of them; their number in *N. */
const struct other *others_table(size_t *n);

/* Options of virtualenv that mean something together. */
struct others {
	struct venv_builder *b;
	struct arena *arena;
	const char *pip, *setuptools; /* versions */
	struct strlist dirs;	      /* --extra-search-dir */
};

/* KEY of SECTION, as if SHOWN had been given; the exit status. */
int others_put(const struct others *o, const char *section, const char *key,
	       const char *value, const char *shown);

/* All options are known: what they mean together. */
int others_finish(const struct others *o);
