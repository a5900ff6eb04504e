/* SPDX-License-Identifier: MIT */
/* scratch.h - a directory for each test that touches files */
#pragma once

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "fs/fs.h"

static char scratch[64];

/* For cmocka_unit_test_setup_teardown(). */
static inline int make_scratch(void **state)
{
	(void)state;
	strcpy(scratch, "/tmp/venvctl-unit-XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static inline int remove_scratch(void **state)
{
	(void)state;
	return tree_remove_at(AT_FDCWD, scratch, NULL);
}

#define with_scratch(test) \
	cmocka_unit_test_setup_teardown(test, make_scratch, remove_scratch)

/* The path of NAME in it; of the last four that were asked for. */
static inline const char *in_scratch(const char *name)
{
	static char path[4][256];
	static unsigned i;

	snprintf(path[++i % 4], 256, "%s/%s", scratch, name);
	return path[i % 4];
}

/* Make a file in it. */
static inline void put(const char *name, const char *text)
{
	assert_int_equal(file_create_at(AT_FDCWD, in_scratch(name), text, strlen(text),
					0644, true),
			 0);
}
