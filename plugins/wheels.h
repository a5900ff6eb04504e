/* SPDX-License-Identifier: MIT */
/* wheels.h - between the files of the plugin wheels */
#pragma once

#include "installer.h"

struct package {
	struct package *next;
	const char *name, *version; /* NULL: a path, any */
	const char *path;	    /* of the wheel, when it is known */
	const char **hashes; /* one of which it must have, ends with NULL; or NULL */
	const char *from;    /* "FILE:LINE" of a file of requirements; else NULL */
};

struct wheels {
	struct installer i;
	struct package *first, **tail;
	const char **places; /* directories and wheels, downloaded ones included */
};

/* RESULT with MESSAGE; NOMEM if that is NULL. */
int wheels_complain(struct wheels *w, int result, const char *message);

/*
 * Add "NAME" or "NAME==VERSION", LEN bytes; NULL, with an error, if it is neither, and where
 * memory ran out.  One
 * that is left out (--no-pip) is made, but not in the list.
 */
struct package *wheels_add_pin(struct wheels *w, const char *text, size_t len);

/* What a hook returns after that was NULL. */
int wheels_pin_failed(const struct wheels *w);

/* requirements.c: add what a file of pins with hashes has for this Python. */
int wheels_read_requirements(struct wheels *w, const char *file);

/* requires.c: warn of what the packages depend on and the environment does not have. */
void wheels_check_requires(struct wheels *w);
