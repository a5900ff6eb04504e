/* SPDX-License-Identifier: MIT */
/* wheel.h - zip archives, read (libzip); the table of the module "wheel" */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wheel_file {
	const char *name; /* as it stands in the archive; *borrows* until close */
	uint64_t size;	  /* what the archive says, unpacked and packed */
	uint64_t packed;
	uint32_t mode;	/* st_mode that a Unix system gave it; 0 if none did */
	int64_t mtime;	/* seconds since 1970; archives know no time zone */
	bool encrypted; /* cannot be read */
};

struct wheel_module {
	/* The archive behind FD, which stays the caller's; NULL and why in WHY (128 bytes). */
	void *(*open)(int fd, char *why);
	uint64_t (*count)(void *archive);
	/* 0 or -1. */
	int (*stat)(void *archive, uint64_t i, struct wheel_file *out);
	/*
	 * All of a file of SIZE bytes into BUF; -1 if it is not of that size or damaged,
	 * with why in WHY.
	 */
	int (*read)(void *archive, uint64_t i, void *buf, uint64_t size, char *why);
	void (*close)(void *archive);
};
