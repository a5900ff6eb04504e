/* SPDX-License-Identifier: MIT */
/* check.h - what the files of the check share */
#pragma once

#include "environment.h"

/* A check at work. */
struct look {
	const struct environment *e;
	const struct python_env *pe;
	struct checkup *out;
	const char *place; /* where it was made; NULL: not known, or it is there */
};

/* Names of the same fault: what is said of them is said once. */
struct named {
	struct str text;
	unsigned n;
};
void named_add(struct named *names, const char *dir, const char *name);
/* "'bin/pip' and 3 more"; in the arena, the text is released. */
const char *named_text(struct arena *a, struct named *names);

/* Report; TEXT and TODO belong to the arena (or are NULL when memory ran out). */
int report(struct look *l, const char *id, bool fixable, const char *text,
	   const char *todo);

#define MEND "`venvctl check --fix` mends it"

/* check_pip.c: pip is missing; or it leads into a store that is not what it was. */
int check_pip(struct look *l);
int check_shared(struct look *l);

/* check_bin.c: names in bin. */
int check_links(struct look *l);
int check_shebangs(struct look *l);
int check_interpreters(struct look *l);
int check_stale(struct look *l);
int check_modes(struct look *l);

/* Are both of the same X.Y?  "3.12" and "3.12.1" are. */
bool version_same_xy(const char *a, const char *b);
