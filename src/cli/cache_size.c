/* SPDX-License-Identifier: MIT */
/* cache_size.c - venvctl cache size: what the cache takes on the disk */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cache.h"
#include "fs/fs.h"

struct part {
	const char *name; /* of the directory in the cache */
	int64_t bytes;	  /* as `cache clean` would free them, but for links elsewhere */
	unsigned entries; /* at its top */
};

static int add(void *data, const struct tree_entry *e, struct venv_error *err)
{
	struct part *p = data;

	(void)err;
	p->bytes += (int64_t)e->st.st_blocks * 512;
	p->entries += !strchr(e->path, '/');
	return 0;
}

static int measure(struct part *p, const struct cache *cache, struct venv_error *err)
{
	_cleanup_close_ int fd = tree_open_dir(cache->fd, p->name);
	int r = 0;

	if (fd < 0)
		return errno == ENOENT || errno == ELOOP || errno == ENOTDIR
			       ? 0
			       : error_errno(err, errno, "cannot open '%s/%s'",
					     cache->path, p->name);
	/* What is being built or removed meanwhile may be gone at a second look. */
	for (int looks = 0; looks < 5; looks++) {
		*p = (struct part){ .name = p->name };
		venv_error_clear(err);
		r = tree_visit(fd, p->name, add, p, err);
		if (!r || err->os_errno != ENOENT)
			break;
	}
	return r;
}

/* "12.3 MiB" */
static const char *human(char *buf, size_t size, int64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double n = (double)bytes;
	size_t unit = 0;

	for (; n >= 1024 && unit + 1 < ARRAY_SIZE(units); unit++)
		n /= 1024;
	snprintf(buf, size, unit ? "%.1f %s" : "%.0f %s", n, units[unit]);
	return buf;
}

static int print_json(const struct cache *cache, const struct part *parts, size_t n,
		      int64_t total)
{
	int r = EXIT_OK;
	struct json *j = json_begin(&r);
	void *o, *list;

	if (!j)
		return r;
	o = json_new_result(j, true, "cache");
	list = json_new_object(j);
	json_text(j, o, "path", cache->path);
	json_int(j, o, "bytes", total);
	for (size_t i = 0; i < n; i++) {
		void *part = json_new_object(j);

		json_int(j, part, "bytes", parts[i].bytes);
		json_int(j, part, "entries", parts[i].entries);
		json_put(j, list, parts[i].name, part);
	}
	json_put(j, o, "parts", list);
	json_print(j, o);
	json_close(j);
	return EXIT_OK;
}

int cache_size(const struct cache *cache, bool json)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct part parts[8];
	int64_t total = 0;
	size_t n = 0;
	char text[32];

	for (const char *const *dir = cache_dirs; *dir && n < ARRAY_SIZE(parts); dir++) {
		parts[n] = (struct part){ .name = *dir };
		if (cache->fd >= 0 && measure(&parts[n], cache, &err)) {
			int r = ui_error(&err);

			venv_error_clear(&err);
			return r;
		}
		total += parts[n++].bytes;
	}
	if (json)
		return print_json(cache, parts, n, total);
	for (size_t i = 0; i < n; i++)
		ui_print("%-9s %10s  %u %s\n", parts[i].name,
			 human(text, sizeof(text), parts[i].bytes), parts[i].entries,
			 parts[i].entries == 1 ? "entry" : "entries");
	ui_print("%-9s %10s\n", "total", human(text, sizeof(text), total));
	return EXIT_OK;
}
