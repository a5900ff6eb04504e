/* SPDX-License-Identifier: MIT */
/* digest.h - SHA-256 (nettle, or libcrypto); the table of the module "digest" */
#pragma once

#include <stddef.h>

#define SHA256_SIZE 32

struct digest_module {
	void (*sha256)(const void *data, size_t len, unsigned char out[SHA256_SIZE]);
	/* Of a whole file, from its beginning; 0, or -errno if it cannot be read. */
	int (*sha256_fd)(int fd, unsigned char out[SHA256_SIZE]);
};
