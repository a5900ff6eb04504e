/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "load/load.h"

#define CHUNK (256u * 1024u)

static int sha256(const void *data, size_t len, unsigned char out[SHA256_SIZE])
{
	return EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) == 1 ? 0 : -1;
}

static int read_all(EVP_MD_CTX *ctx, int fd, unsigned char *buf)
{
	off_t pos = 0;

	for (;;) {
		ssize_t n = pread(fd, buf, CHUNK, pos);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (EVP_DigestUpdate(ctx, buf, (size_t)n) != 1)
			return -ENOMEM;
		pos += n;
	}
}

static int sha256_fd(int fd, unsigned char out[SHA256_SIZE])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char *buf = malloc(CHUNK);
	int r = -ENOMEM;

	if (ctx && buf && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1)
		r = read_all(ctx, fd, buf);
	if (!r && EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		r = -ENOMEM;
	free(buf);
	EVP_MD_CTX_free(ctx);
	return r;
}

static const struct digest_module table = {
	.sha256 = sha256,
	.sha256_fd = sha256_fd,
};

MODULE_DEFINE(digest, table);
