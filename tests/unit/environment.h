/* SPDX-License-Identifier: MIT */
/* environment.h - a small environment in the scratch directory, for who looks at one */
#pragma once

#include "scratch.h"

#include <errno.h>

#include "environment/environment.h"

static struct arena arena;
static struct cache cache;
static struct log quiet;
static const char *no_variables[] = { NULL };
static struct python_env pe = { .arena = &arena, .log = &quiet, .cache = &cache };

static int begin_environment(void **state)
{
	int r = make_scratch(state);

	arena = (struct arena)ARENA_INIT;
	pe.env = no_variables;
	pe.cwd = scratch;
	/* Nothing of the machine's interpreters is kept, or known from before. */
	cache_init(&cache, &arena, no_variables, "/");
	return r;
}

static int end_environment(void **state)
{
	arena_release(&arena);
	return remove_scratch(state);
}

#define with_environment(test) \
	cmocka_unit_test_setup_teardown(test, begin_environment, end_environment)

static inline void put_dir(const char *name)
{
	assert_int_equal(mkdir(in_scratch(name), 0755), 0);
}

static inline void put_link(const char *to, const char *name)
{
	assert_int_equal(symlink(to, in_scratch(name)), 0);
}

/* Whatever there was: NAME has these N bytes. */
static inline void put_bytes(const char *name, const char *bytes, size_t n, mode_t mode)
{
	unlink(in_scratch(name));
	assert_int_equal(file_create_at(AT_FDCWD, in_scratch(name), bytes, n, mode, true),
			 0);
}

#define CFG_REST "include-system-site-packages = false\nversion = 3.12.1\n"

/* TEXT with the path of the scratch directory for each '@'. */
static inline const char *expanded(const char *text)
{
	struct str out = STR_INIT;

	for (; *text; text++) {
		if (*text == '@')
			str_add(&out, scratch);
		else
			str_add_char(&out, *text);
	}
	return str_to_arena(&out, &arena);
}

/* As venv 3.10 makes it, from an interpreter at base/bin/python3 that is one by name only. */
static inline void put_environment(const char *name)
{
	static const char *const dirs[] = { "", "/bin", "/lib", "/lib/python3.12",
					    "/lib/python3.12/site-packages" };
	char path[128];
	const char *cfg = expanded("home = @/base/bin\n" CFG_REST);

	if (mkdir(in_scratch("base"), 0755) == 0) {
		put_dir("base/bin");
		put_bytes("base/bin/python3", "#!/bin/sh\n", 10, 0755);
	}
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s%s", name, dirs[i]);
		put_dir(path);
	}
	snprintf(path, sizeof(path), "%s/bin/python", name);
	put_link(in_scratch("base/bin/python3"), path);
	snprintf(path, sizeof(path), "%s/bin/python3", name);
	put_link("python", path);
	snprintf(path, sizeof(path), "%s/pyvenv.cfg", name);
	put_bytes(path, cfg, strlen(cfg), 0644);
}

/* The environment NAME of the scratch directory, found and read. */
static inline void open_environment(struct environment *e, const char *name)
{
	struct venv_error err = VENV_ERROR_INIT;

	assert_ok(environment_find(e, &pe, name, &err), &err);
	assert_ok(environment_open(e, &pe, &err), &err);
}
