/* SPDX-License-Identifier: MIT */
/* templates.h - the activation scripts of share/scripts, compiled in */
#pragma once

#include <stddef.h>

struct template
{
	const char *name; /* what it is called in the bin directory */
	const char *text;
	size_t len;
};

/* Ends with a NULL name. */
extern const struct template templates[];
