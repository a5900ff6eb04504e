/* SPDX-License-Identifier: MIT */
/* source.c - a wheel as it came, and its digest: computed once, then remembered */
#include <config.h>

#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fs/fs.h"
#include "load/load.h"
#include "memory.h"
#include "util/util.h"

#define DIGEST_HEAD "venvctl-wheel 1\n"

static void to_hex(const unsigned char hash[SHA256_SIZE], char out[HEX_SIZE])
{
	for (int i = 0; i < SHA256_SIZE; i++)
		snprintf(out + 2 * (size_t)i, 3, "%02x", hash[i]);
}

/* The name under which the digest of the wheel at PATH is kept. */
static void digest_name(const char *path, char name[32])
{
	snprintf(name, 32, CACHE_WHEELS "/%016" PRIx64, hash_add_str(HASH_INIT, path));
}

/* The digest as it was once computed, if the file is still the same. */
static bool recall_digest(struct store *s, const char *path, struct source *src)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct stamp then, now = stamp_of(&src->st);
	char name[32], *line;

	digest_name(path, name);
	if (!s->cache->there || cache_make(s->cache, s->log) < 0 ||
	    file_read_at(s->cache->fd, name, 1024, &text))
		return false;
	if (strncmp(str_text(&text), DIGEST_HEAD, strlen(DIGEST_HEAD)) != 0)
		return false;
	line = strchr(text.s + strlen(DIGEST_HEAD), '\n');
	if (!line || strlen(line + 1) != HEX_SIZE)
		return false;
	*line = '\0';
	if (!stamp_parse(text.s + strlen(DIGEST_HEAD), &then) ||
	    !stamp_equal(&then, &now))
		return false;
	memcpy(src->hex, line + 1, HEX_SIZE - 1);
	src->hex[HEX_SIZE - 1] = '\0';
	return true;
}

static void keep_digest(struct store *s, const char *path, const struct source *src)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct stamp stamp = stamp_of(&src->st);
	char name[32];
	int dir;

	if (s->cache->look || cache_make(s->cache, s->log) < 0)
		return;
	dir = tree_make_dirs(s->cache->fd, CACHE_WHEELS);
	if (dir >= 0)
		close(dir);
	digest_name(path, name);
	str_add(&text, DIGEST_HEAD);
	stamp_add(&text, &stamp);
	str_addf(&text, "\n%s\n", src->hex);
	/* It is a cache: what cannot be written is computed again. */
	if (!str_failed(&text))
		(void)!file_replace_at(s->cache->fd, name, text.s, text.len, 0600);
}

/* As it was once computed, or by reading all of the wheel. */
static int find_digest(struct source *src, struct store *s, const char *path,
		       struct venv_error *err)
{
	const struct digest_module *m;
	unsigned char hash[SHA256_SIZE];
	int r;

	if (!recall_digest(s, path, src)) {
		m = module_get(s->modules, MODULE_DIGEST, err);
		if (!m)
			return VENV_ERR_UNSUPPORTED;
		r = m->sha256_fd(src->fd, hash);
		if (r)
			return error_errno(err, -r, "cannot read '%s'", path);
		to_hex(hash, src->hex);
		keep_digest(s, path, src);
	}
	memory_keep_digest(s, path, &src->st, src->hex);
	return 0;
}

int source_open(struct source *src, struct store *s, const struct store_wheel *w,
		struct venv_error *err)
{
	int r;

	src->fd = open(w->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (src->fd < 0 || fstat(src->fd, &src->st))
		return error_errno(err, errno, "cannot open the wheel '%s'", w->path);
	if (!S_ISREG(src->st.st_mode))
		return error_set(err, VENV_ERR_FAILED, "'%s' is no file", w->path);
	r = memory_find_digest(s, w->path, &src->st, src->hex)
		    ? 0
		    : find_digest(src, s, w->path, err);
	if (r)
		return r;
	if (w->sha256 && strcmp(w->sha256, src->hex) != 0)
		return error_set(err, VENV_ERR_INTEGRITY,
				 "'%s' has the SHA-256 %s, which is not the one expected",
				 w->path, src->hex);
	return 0;
}

int source_check(const struct source *src, const char *path, struct venv_error *err)
{
	struct stamp then = stamp_of(&src->st), now;
	struct stat st;

	if (fstat(src->fd, &st))
		return error_errno(err, errno, "cannot look at '%s'", path);
	now = stamp_of(&st);
	return stamp_equal(&then, &now)
		       ? 0
		       : error_set(err, VENV_ERR_INTEGRITY,
				   "'%s' was changed while it was read", path);
}

void source_close(struct source *src)
{
	if (src->fd >= 0)
		close(steal_fd(&src->fd));
}
