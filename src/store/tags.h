/* SPDX-License-Identifier: MIT */
/* tags.h - for which Python and platform a wheel is: PEP 425, 600, 656 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* What an interpreter runs. */
struct tag_target {
	const char *implementation; /* "cpython", "pypy" */
	unsigned major, minor;
	bool free_threaded; /* python3.13t: other ABI, no abi3 */
	bool is_64bit;
};

/* The parts of a wheel's file name; each *borrows* from it. */
struct wheel_name {
	const char *project, *version, *python, *abi, *platform;
	size_t project_len, version_len, python_len, abi_len, platform_len;
};

/* Split "foo-1.0-py3-none-any.whl", with or without a build tag; false if it is none. */
bool wheel_name_parse(struct wheel_name *w, const char *file);

/* 0 if it does not fit; the higher, the better it does. */
unsigned tags_fit(const struct wheel_name *w, const struct tag_target *t);
