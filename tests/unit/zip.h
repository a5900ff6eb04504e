/* SPDX-License-Identifier: MIT */
/* zip.h - archives as nobody's library writes them: what each field says is the test's choice */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct zip_file {
	const char *name, *data; /* NULL: empty */
	unsigned mode;		 /* st_mode; 0: made on a system that has none */
	unsigned method, flags;
	uint64_t size, packed; /* what it says, where that is not the truth */
	bool zip64;	       /* sizes stand in an extra field */
};

struct zip_text {
	unsigned char bytes[65536];
	size_t n;
};

static void zip_put(struct zip_text *z, uint64_t value, int size)
{
	for (; size--; value >>= 8)
		z->bytes[z->n++] = (unsigned char)value;
}

static void zip_put_bytes(struct zip_text *z, const char *s, size_t n)
{
	memcpy(z->bytes + z->n, s, n);
	z->n += n;
}

static uint32_t zip_crc(const char *s, size_t n)
{
	uint32_t crc = 0xffffffff;

	while (n--) {
		crc ^= (unsigned char)*s++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

/* The fields that a file's two headers share. */
static void zip_common(struct zip_text *z, const struct zip_file *f, const char *data,
		       size_t n)
{
	uint64_t size = f->size ? f->size : n;
	/* Deflate is one block, stored. */
	uint64_t packed = f->packed ? f->packed : f->method == 8 ? n + 5 : n;

	zip_put(z, f->zip64 ? 45 : 20, 2);
	zip_put(z, f->flags, 2);
	zip_put(z, f->method, 2);
	zip_put(z, 0, 2);
	zip_put(z, 44 << 9 | 2 << 5 | 29, 2);
	zip_put(z, zip_crc(data, n), 4);
	zip_put(z, f->zip64 ? 0xffffffff : packed, 4);
	zip_put(z, f->zip64 ? 0xffffffff : size, 4);
	zip_put(z, strlen(f->name), 2);
	zip_put(z, f->zip64 ? 20 : 0, 2);
}

static void zip_extra(struct zip_text *z, const struct zip_file *f, size_t n)
{
	if (!f->zip64)
		return;
	zip_put(z, 1, 2);
	zip_put(z, 16, 2);
	zip_put(z, f->size ? f->size : n, 8);
	zip_put(z, f->packed ? f->packed : n, 8);
}

/* All FILES as an archive, in Z. */
static void zip_write(struct zip_text *z, const struct zip_file *files, size_t n_files)
{
	size_t offsets[16], start;

	z->n = 0;
	for (size_t i = 0; i < n_files; i++) {
		const struct zip_file *f = &files[i];
		const char *data = f->data ? f->data : "";
		size_t n = strlen(data);

		offsets[i] = z->n;
		zip_put(z, 0x04034b50, 4);
		zip_common(z, f, data, n);
		zip_put_bytes(z, f->name, strlen(f->name));
		zip_extra(z, f, n);
		if (f->method == 8) {
			zip_put(z, 1, 1);
			zip_put(z, n, 2);
			zip_put(z, ~n & 0xffff, 2);
		}
		zip_put_bytes(z, data, n);
	}
	start = z->n;
	for (size_t i = 0; i < n_files; i++) {
		const struct zip_file *f = &files[i];
		const char *data = f->data ? f->data : "";

		zip_put(z, 0x02014b50, 4);
		zip_put(z, (f->mode ? 3 << 8 : 0) | 20, 2);
		zip_common(z, f, data, strlen(data));
		zip_put(z, 0, 2 + 2 + 2);
		zip_put(z, (uint64_t)f->mode << 16, 4);
		zip_put(z, offsets[i], 4);
		zip_put_bytes(z, f->name, strlen(f->name));
		zip_extra(z, f, strlen(data));
	}
	offsets[0] = z->n;
	zip_put(z, 0x06054b50, 4);
	zip_put(z, 0, 4);
	zip_put(z, n_files, 2);
	zip_put(z, n_files, 2);
	zip_put(z, offsets[0] - start, 4);
	zip_put(z, start, 4);
	zip_put(z, 0, 2);
}
