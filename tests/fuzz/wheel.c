/* SPDX-License-Identifier: MIT */
/*
 * wheel.c - whole archives: any bytes, or one whose names and contents are chosen
 *
 * What archive_open() lets through can be unpacked into a directory on any file system.
 */
#include <config.h>

#include <strings.h>
#include <sys/stat.h>

#include "../unit/zip.h"
#include "fuzz.h"
#include "load/load.h"
#include "modules/wheel.h"
#include "store/archive.h"
#include "store/metadata.h"

/* Of modules/wheel.c, linked into this program. */
#define NAME_(version) venvctl_module_wheel_##version
#define NAME(version)  NAME_(version)
const void *NAME(VENVCTL_MODULE_VERSION)(void);

/* An archive of files whose names, contents and modes are the input's. */
static int chosen(const uint8_t *data, size_t size, char path[32])
{
	static struct zip_text z;
	struct zip_file files[8] = { 0 };
	char *texts[16];
	size_t n = 0, room = sizeof(z.bytes) / 2;
	int fd;

	while (size && n < 8) {
		unsigned kind = fuzz_byte(&data, &size);
		static const unsigned modes[] = { 0,
						  S_IFREG | 0644,
						  S_IFREG | 0755,
						  S_IFLNK | 0777,
						  S_IFDIR | 0755,
						  S_IFIFO | 0600 };
		size_t length;

		texts[2 * n] = fuzz_text(&data, &size);
		texts[2 * n + 1] = fuzz_text(&data, &size);
		files[n] = (struct zip_file){ .name = texts[2 * n],
					      .data = texts[2 * n + 1],
					      .mode = modes[kind % 6],
					      .method = kind & 8 ? 8 : 0,
					      .flags = kind & 16 ? 1 : 0,
					      .zip64 = kind & 32 };
		if (kind & 64)
			files[n].size = (uint64_t)kind << (kind & 31);
		length = 3 * strlen(files[n].name) + strlen(files[n].data) + 256;
		n++;
		if (length > room)
			break;
		room -= length;
	}
	/* The last may be what there was no room for. */
	if (room < sizeof(z.bytes) / 2 || n < 2)
		zip_write(&z, files,
			  n && strlen(files[n - 1].data) < 8192 &&
					  strlen(files[n - 1].name) < 8192
				  ? n
				  : 0);
	else
		z.n = 0;
	fd = fuzz_file(z.bytes, z.n, path);
	for (size_t i = 0; i < 2 * n; i++)
		free(texts[i]);
	return fd;
}

static void check_names(const struct archive *ar)
{
	for (size_t i = 0; i < ar->n; i++) {
		const char *name = ar->files[i].name;

		MUST(path_is_inside(name) && utf8_valid(name, strlen(name)));
		MUST(!strpbrk(name, "\\\n\r\t"));
		MUST(archive_find(ar, name) == &ar->files[i]);
		for (size_t j = 0; j < ar->n; j++) {
			const char *other = ar->files[j].name;
			size_t n = strlen(name);

			if (i == j)
				continue;
			MUST(strcasecmp(name, other) != 0);
			/* A file where a directory has to be, on any file system. */
			MUST(strncasecmp(name, other, n) != 0 || other[n] != '/');
		}
	}
}

static void check_archive(struct store *s, struct archive *ar, struct venv_error *err)
{
	const struct store_wheel w = { .path = "/a-1.whl" };
	struct manifest m = { .arena = s->arena };
	uint64_t total = 0;

	check_names(ar);
	for (size_t i = 0; i < ar->n && total < 1 << 20; i++) {
		char *content = archive_read(ar, &ar->files[i], err);

		total += ar->files[i].size;
		MUST(content || err->message);
		free(content);
		venv_error_clear(err);
	}
	(void)!metadata_read(s, &w, ar, &m, err);
}

FUZZ(wheel)
{
	struct arena a = ARENA_INIT;
	struct log log = { 0 };
	struct modules modules = { .arena = &a };
	struct store s = { .arena = &a, .log = &log, .modules = &modules };
	struct venv_error err = VENV_ERROR_INIT;
	struct archive ar;
	char path[32];
	int fd, r;

	modules.table[MODULE_WHEEL] = NAME(VENVCTL_MODULE_VERSION)();
	fd = fuzz_byte(&data, &size) & 1 ? chosen(data, size, path)
					 : fuzz_file(data, size, path);
	r = archive_open(&ar, &s, fd, "/a-1.whl", &err);
	MUST(!r || (r < 0 && err.message));
	if (!r) {
		check_archive(&s, &ar, &err);
		archive_close(&ar);
	}
	venv_error_clear(&err);
	arena_release(&a);
	close(fd);
	return 0;
}
