/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "digest.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * nettle where it is there.  libcrypto takes a millisecond to start, half of which its old
 * functions spare: those that OpenSSL 3 calls deprecated, as they cannot be configured.
 */
#ifdef HAVE_NETTLE
#include <nettle/sha2.h>
#else
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
#endif

#include "load/load.h"

#define CHUNK (256u * 1024u)

#ifdef HAVE_NETTLE
typedef struct sha256_ctx context;

static void begin(context *c)
{
	sha256_init(c);
}

static void add(context *c, const void *data, size_t len)
{
	sha256_update(c, len, data);
}

static void end(context *c, unsigned char out[SHA256_SIZE])
{
	sha256_digest(c, SHA256_SIZE, out);
}
#else
typedef SHA256_CTX context;

static void begin(context *c)
{
	SHA256_Init(c);
}

static void add(context *c, const void *data, size_t len)
{
	SHA256_Update(c, data, len);
}

static void end(context *c, unsigned char out[SHA256_SIZE])
{
	SHA256_Final(out, c);
}
#endif

static void sha256(const void *data, size_t len, unsigned char out[SHA256_SIZE])
{
	context c;

	begin(&c);
	add(&c, data, len);
	end(&c, out);
}

static int sha256_fd(int fd, unsigned char out[SHA256_SIZE])
{
	unsigned char *buf = malloc(CHUNK);
	context c;
	off_t pos = 0;
	ssize_t n;
	int r;

	if (!buf)
		return -ENOMEM;
	begin(&c);
	while ((n = pread(fd, buf, CHUNK, pos)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		add(&c, buf, (size_t)n);
		pos += n;
	}
	r = n < 0 ? -errno : 0;
	free(buf);
	end(&c, out);
	return r;
}

static const struct digest_module table = {
	.sha256 = sha256,
	.sha256_fd = sha256_fd,
};

MODULE_DEFINE(digest, table);
