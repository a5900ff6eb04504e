/* SPDX-License-Identifier: MIT */
/* digest.c - digests as RECORD has them */
#include <config.h>

#include "host.h"
#include "load/load.h"
#include "modules/digest.h"

const char *host_record_row(struct host *h, struct arena *a, const char *data, size_t len,
			    struct venv_error *err)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const struct digest_module *m = module_get(&h->modules, MODULE_DIGEST, err);
	/* One byte more, which is 0: the last digit has four bits of the digest. */
	unsigned char sum[SHA256_SIZE + 1] = { 0 };
	char text[(SHA256_SIZE * 8 + 5) / 6 + 1];
	const char *row;
	size_t n = 0;

	if (!m)
		return NULL;
	m->sha256(data, len, sum);
	for (; n < sizeof(text) - 1; n++) {
		size_t bit = n * 6;
		unsigned two = (unsigned)sum[bit / 8] << 8 | sum[bit / 8 + 1];

		text[n] = digits[two >> (10 - bit % 8) & 63];
	}
	text[n] = '\0';
	row = arena_printf(a, "sha256=%s,%zu", text, len);
	if (!row)
		error_nomem(err);
	return row;
}
