/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "wheel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "load/load.h"

#define WHY_SIZE 128

static void say(char *why, const char *text)
{
	snprintf(why, WHY_SIZE, "%s", text);
}

static void *open_archive(int fd, char *why)
{
	/* libzip closes what it is given. */
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0), code = 0;
	zip_error_t error;
	zip_t *z;

	if (own < 0) {
		say(why, strerror(errno));
		return NULL;
	}
	z = zip_fdopen(own, ZIP_CHECKCONS, &code);
	if (!z) {
		zip_error_init_with_code(&error, code);
		say(why, zip_error_strerror(&error));
		zip_error_fini(&error);
		close(own);
	}
	return z;
}

static uint64_t count(void *archive)
{
	zip_int64_t n = zip_get_num_entries(archive, 0);

	return n < 0 ? 0 : (uint64_t)n;
}

static int stat_file(void *archive, uint64_t i, struct wheel_file *out)
{
	const zip_uint64_t want = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
	zip_uint8_t system;
	zip_uint32_t attributes;
	zip_stat_t st;

	/* The bytes of the name, not what libzip guesses of their encoding. */
	if (zip_stat_index(archive, i, ZIP_FL_ENC_RAW, &st) || (st.valid & want) != want)
		return -1;
	*out = (struct wheel_file){ .name = st.name,
				    .size = st.size,
				    .packed = st.comp_size,
				    .mtime = st.valid & ZIP_STAT_MTIME ? st.mtime : 0,
				    .encrypted = (st.valid &
						  ZIP_STAT_ENCRYPTION_METHOD) &&
						 st.encryption_method != ZIP_EM_NONE };
	if (!zip_file_get_external_attributes(archive, i, 0, &system, &attributes) &&
	    system == ZIP_OPSYS_UNIX)
		out->mode = attributes >> 16;
	return 0;
}

static int read_file(void *archive, uint64_t i, void *buf, uint64_t size, char *why)
{
	zip_file_t *f = zip_fopen_index(archive, i, 0);
	uint64_t done = 0;
	zip_int64_t n = 0;
	char more;

	if (!f) {
		say(why, zip_strerror(archive));
		return -1;
	}
	while (done < size && (n = zip_fread(f, (char *)buf + done, size - done)) > 0)
		done += (uint64_t)n;
	/* The checksum is compared where the end is read. */
	if (done == size)
		n = zip_fread(f, &more, 1);
	if (n)
		say(why, n < 0 ? zip_file_strerror(f) : "longer than the archive says");
	else if (done != size)
		say(why, "shorter than the archive says");
	zip_fclose(f);
	return n || done != size ? -1 : 0;
}

static void close_archive(void *archive)
{
	zip_discard(archive);
}

static const struct wheel_module table = {
	.open = open_archive,
	.count = count,
	.stat = stat_file,
	.read = read_file,
	.close = close_archive,
};

MODULE_DEFINE(wheel, table);
