/* SPDX-License-Identifier: MIT */
/*
 * record.c - what is known of an interpreter, kept in the cache
 *
 * One small text file for each path by which an interpreter was asked for.  It is
 * believed only while every file that it was learnt from has the same stamp.
 */
#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "util/util.h"
#include "fs/fs.h"
#include "details.h"

#define HEAD	   "venvctl-python 2\n"
#define RECORD_MAX 16384u

static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{ "executable", offsetof(struct python, executable) },
	{ "real", offsetof(struct python, real) },
	{ "prefix", offsetof(struct python, prefix) },
	{ "exec-prefix", offsetof(struct python, exec_prefix) },
	{ "stdlib", offsetof(struct python, stdlib) },
	{ "implementation", offsetof(struct python, implementation) },
	{ "cache-tag", offsetof(struct python, cache_tag) },
	{ "lib-dir", offsetof(struct python, lib_dir) },
	{ "platlib-dir", offsetof(struct python, platlib_dir) },
	{ "libpython", offsetof(struct python, libpython) },
	{ "wheel-dir", offsetof(struct python, wheel_dir) },
};

static const char **text_at(const struct python *p, size_t i)
{
	return (const char **)((uintptr_t)p + texts[i].offset);
}

/* Which libpython is loaded depends on this variable, too. */
static void record_name(const struct python_env *pe, const char *path, char name[17])
{
	const char *libs = env_get(pe->env, "LD_LIBRARY_PATH");
	uint64_t h = hash_add_str(HASH_INIT, path);

	snprintf(name, 17, "%016" PRIx64, hash_add_str(h, libs ? libs : ""));
}

static bool same_file(const char *stamp, const char *path)
{
	struct stamp then, now;
	struct stat st;

	if (!stamp_parse(stamp, &then) || stat(path, &st))
		return false;
	now = stamp_of(&st);
	return stamp_equal(&then, &now);
}

static bool parse(char *text, const char *path, struct python *p)
{
	bool right_path = false;
	unsigned witnesses = 0;

	for (char *line = text, *next; *line; line = next) {
		char *value;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		value = strchr(line, '=');
		if (!value)
			return false;
		*value++ = '\0';
		if (!strcmp(line, "path")) {
			right_path = !strcmp(value, path);
		} else if (!strcmp(line, "file")) {
			char *file = strchr(value, ' ');

			if (!file)
				return false;
			*file++ = '\0';
			if (!same_file(value, file))
				return false;
			witnesses++;
		} else if (!strcmp(line, "numbers")) {
			unsigned bits;

			if (sscanf(value, "%" SCNx32 " %" SCNx32 " %u", &p->hexversion,
				   &p->magic, &bits) != 3)
				return false;
			p->is_64bit = bits == 64;
		} else {
			for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
				if (!strcmp(line, texts[i].key))
					*text_at(p, i) = value;
			}
		}
	}
	return right_path && witnesses && p->hexversion && p->executable && p->real &&
	       p->prefix && p->exec_prefix && p->stdlib && p->implementation &&
	       p->cache_tag && p->lib_dir && p->platlib_dir;
}

bool python_from_cache(const struct python_env *pe, const char *path, struct python *out)
{
	_cleanup_close_ int fd = -1;
	struct python p = { 0 };
	const char *file;
	char name[17], *text;
	ssize_t n;

	if (!pe->cache->there)
		return false;
	record_name(pe, path, name);
	file = arena_printf(pe->arena, "%s/python/%s", pe->cache->path, name);
	/* The strings of *OUT lie in this text.  A record is ours, and whole in one read. */
	text = file ? arena_alloc(pe->arena, RECORD_MAX + 1) : NULL;
	fd = text ? open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
	n = fd < 0 ? -1 : read(fd, text, RECORD_MAX);
	if (n < (ssize_t)strlen(HEAD) || (size_t)n == RECORD_MAX)
		return false;
	text[n] = '\0';
	if (strncmp(text, HEAD, strlen(HEAD)) != 0 ||
	    !parse(text + strlen(HEAD), path, &p))
		return false;
	*out = p;
	return true;
}

static void add_witness(struct str *out, const char *path)
{
	struct stat st;
	struct stamp s;

	if (!path)
		return;
	if (stat(path, &st)) {
		out->failed = true;
		return;
	}
	s = stamp_of(&st);
	str_add(out, "file=");
	stamp_add(out, &s);
	str_addf(out, " %s\n", path);
}

/*
 * Where PATH led.  A directory that was moved has the same files, under other names: a link that
 * follows it leads to what has the old stamp, and what is known of it says where it was.  In the
 * directory of PATH itself nothing is there any more then.
 */
static void add_followed(const struct python_env *pe, struct str *out, const char *path,
			 const char *to)
{
	const char *here = path_dir(pe->arena, path), *there = path_dir(pe->arena, to);

	if (!here || !there)
		out->failed = true;
	else if (strcmp(here, there) != 0)
		add_witness(out, to);
}

void python_to_cache(const struct python_env *pe, const char *path, const char *cfg,
		     const struct python *p)
{
	_cleanup_close_ int dir = -1;
	struct str out = STR_INIT;
	bool unfit = strchr(path, '\n') != NULL;
	char name[17];

	if (pe->read_only || cache_make(pe->cache, pe->log) < 0)
		return;
	str_addf(&out, HEAD "path=%s\n", path);
	add_witness(&out, path);
	add_followed(pe, &out, path, p->real);
	add_followed(pe, &out, path, p->executable);
	add_witness(&out, p->libpython);
	add_witness(&out, cfg);
	str_addf(&out, "numbers=%" PRIx32 " %" PRIx32 " %u\n", p->hexversion, p->magic,
		 p->is_64bit ? 64u : 32u);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = *text_at(p, i);

		if (text) {
			str_addf(&out, "%s=%s\n", texts[i].key, text);
			unfit |= strchr(text, '\n') != NULL;
		}
	}
	dir = tree_make_dirs(pe->cache->fd, CACHE_PYTHON);
	record_name(pe, path, name);
	/* A record that cannot be written costs the next create some time, no more. */
	if (!unfit && !str_failed(&out) && dir >= 0)
		(void)!file_replace_at(dir, name, out.s, out.len, 0600);
	str_release(&out);
}
