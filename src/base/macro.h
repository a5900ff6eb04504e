/* SPDX-License-Identifier: MIT */
/* macro.h - attributes and scope-owned variables */
#pragma once

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#define _must_check_	__attribute__((warn_unused_result))
#define _printf_(f, a)	__attribute__((format(printf, f, a)))
#define _nonnull_(...)	__attribute__((nonnull(__VA_ARGS__)))
#define _noreturn_	__attribute__((noreturn))
#define _cleanup_free_	__attribute__((cleanup(cleanup_free)))
#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))
#define _cleanup_dir_	__attribute__((cleanup(cleanup_dir)))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* Give a scope-owned descriptor away. */
static inline int steal_fd(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}
