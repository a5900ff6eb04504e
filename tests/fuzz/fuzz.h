/* SPDX-License-Identifier: MIT */
/*
 * fuzz.h - what the fuzz targets share
 *
 * A target is one file that gives any bytes to one reader and looks whether what comes out
 * is what the rest of venvctl relies on.  run.sh links each with libFuzzer; `replay` has
 * all of them and goes through the kept corpus in each run of the suite.
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fs/fs.h"
#include "util/util.h"

#ifdef FUZZ_ALONE
#define FUZZ_TARGET(name) int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
#else
#define FUZZ_TARGET(name) int fuzz_##name(const uint8_t *data, size_t size)
#endif
/* The one function of a target. */
#define FUZZ(name)         \
	FUZZ_TARGET(name); \
	FUZZ_TARGET(name)

/* What always holds. */
#define MUST(condition)                                                            \
	do {                                                                       \
		if (!(condition)) {                                                \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
				#condition);                                       \
			abort();                                                   \
		}                                                                  \
	} while (0)

/* N bytes and a NUL, in memory of exactly that size: a sanitizer sees who reads on. */
static inline char *fuzz_copy(const uint8_t *data, size_t n)
{
	char *copy = malloc(n + 1);

	MUST(copy);
	if (n)
		memcpy(copy, data, n);
	copy[n] = '\0';
	return copy;
}

/* The next text of an input, which a NUL or its end ends. */
static inline char *fuzz_text(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size ? memchr(*data, 0, *size) : NULL;
	size_t n = end ? (size_t)(end - *data) : *size;
	char *text = fuzz_copy(*data, n);

	n += end != NULL;
	/* To no bytes at all, which have no place, nothing may be added. */
	if (n)
		*data += n;
	*size -= n;
	return text;
}

/* The next byte of an input; 0 behind its end. */
static inline uint8_t fuzz_byte(const uint8_t **data, size_t *size)
{
	if (!*size)
		return 0;
	--*size;
	return *(*data)++;
}

static char fuzz_dir_path[64];
static int fuzz_dir_fd = -1;

static inline void fuzz_dir_remove(void)
{
	(void)!tree_empty(fuzz_dir_fd, NULL, NULL);
	(void)!rmdir(fuzz_dir_path);
}

/* A directory of this process's own, in memory if that can be. */
static inline int fuzz_dir(void)
{
	if (fuzz_dir_fd < 0) {
		snprintf(fuzz_dir_path, sizeof(fuzz_dir_path), "%s/fuzz-XXXXXX",
			 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
		MUST(mkdtemp(fuzz_dir_path));
		fuzz_dir_fd = open(fuzz_dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		MUST(fuzz_dir_fd >= 0);
		atexit(fuzz_dir_remove);
	}
	return fuzz_dir_fd;
}

static inline const char *fuzz_dir_name(void)
{
	fuzz_dir();
	return fuzz_dir_path;
}

/* A file with these bytes; its name, for what wants one, in PATH. */
static inline int fuzz_file(const uint8_t *data, size_t size, char path[32])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	MUST(fd >= 0 && !file_write_fd(fd, data, size) && !lseek(fd, 0, SEEK_SET));
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}
