/* SPDX-License-Identifier: MIT */
/* digest.h - SHA-256 (libcrypto); the table of the module "digest" */
#pragma once

#include <stddef.h>

#define SHA256_SIZE 32

struct digest_module {
	/* 0 or -1. */
	int (*sha256)(const void *data, size_t len, unsigned char out[SHA256_SIZE]);
	/* Of a whole file, from its beginning; 0, or -errno if it cannot be read. */
	int (*sha256_fd)(int fd, unsigned char out[SHA256_SIZE]);
};
