/* SPDX-License-Identifier: MIT */
/* sha256.h - a SHA-256 of what comes in pieces (libcrypto), inside a module */
#pragma once

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>

struct sha256 {
	EVP_MD_CTX *ctx;
};

/* Begin, or begin again. */
static inline bool sha256_begin(struct sha256 *h)
{
	if (!h->ctx)
		h->ctx = EVP_MD_CTX_new();
	return h->ctx && EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL);
}

static inline bool sha256_add(struct sha256 *h, const void *bytes, size_t n)
{
	return EVP_DigestUpdate(h->ctx, bytes, n);
}

/* Into 64 lower-case hexadecimal digits and a NUL. */
static inline bool sha256_end(struct sha256 *h, char *out)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!EVP_DigestFinal_ex(h->ctx, bytes, &n) || n != 32)
		return false;
	for (unsigned i = 0; i < n; i++)
		snprintf(out + (size_t)i * 2, 3, "%02x", bytes[i]);
	return true;
}

static inline void sha256_release(struct sha256 *h)
{
	EVP_MD_CTX_free(h->ctx);
	h->ctx = NULL;
}
