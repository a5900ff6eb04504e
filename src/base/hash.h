/* SPDX-License-Identifier: MIT */
/*
 * hash.h - a 64-bit hash for names and for "is it the same" (FNV-1a)
 *
 * Not for anything that an attacker may choose: integrity is SHA-256's work.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HASH_INIT UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_add(uint64_t h, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	while (n--)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h;
}

/* A string with its NUL, so that ("a", "bc") is not ("ab", "c"). */
static inline uint64_t hash_add_str(uint64_t h, const char *s)
{
	return hash_add(h, s, strlen(s) + 1);
}
