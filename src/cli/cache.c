/* SPDX-License-Identifier: MIT */
/* cache.c - venvctl cache dir|clean|prune */
#include <config.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "fs/fs.h"
#include "cli.h"
#include "store/store.h"

#define DAY (24L * 60 * 60)

/* "30d", "12h", "4w"; a number alone means days.  Seconds, or -1. */
static long parse_age(const char *text)
{
	static const struct {
		char letter;
		long seconds;
	} units[] = { { '\0', DAY }, { 'd', DAY }, { 'h', 60 * 60 }, { 'w', 7 * DAY } };
	char *end;
	long n;

	if (!isdigit((unsigned char)*text))
		return -1;
	n = strtol(text, &end, 10);
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (*end == units[i].letter && (!*end || !end[1]) &&
		    n <= 1000000000 / units[i].seconds)
			return n * units[i].seconds;
	}
	return -1;
}

struct pruning {
	time_t before;
	unsigned removed, kept;
};

/*
 * What is used is read.  Linux notes that once a day at least, unless a file system is
 * mounted not to: then the age is that of the file.
 */
static bool is_unused(const struct pruning *p, int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return errno == ENOENT;
	return st.st_atime < p->before && st.st_mtime < p->before;
}

static int prune_file(struct pruning *p, int dir, const char *name)
{
	if (!is_unused(p, dir, name)) {
		p->kept++;
		return 0;
	}
	p->removed++;
	return tree_remove_at(dir, name, NULL);
}

/* Each use of an entry reads its manifest. */
static int prune_entry(struct pruning *p, int dir, const char *name)
{
	char manifest[NAME_MAX + 16], away[NAME_MAX + 8];

	/* What is being built. */
	if (!strncmp(name, "new-", 4))
		return 0;
	snprintf(manifest, sizeof(manifest), "%s/manifest", name);
	if (!is_unused(p, dir, manifest)) {
		p->kept++;
		return 0;
	}
	p->removed++;
	/* Nobody finds half of it. */
	snprintf(away, sizeof(away), "new-%s", name);
	if (renameat(dir, name, dir, away))
		return -errno;
	return tree_remove_at(dir, away, NULL);
}

static int prune_dir(struct pruning *p, int cache, const char *name)
{
	bool is_store = !strcmp(name, "store");
	int fd = tree_open_dir(cache, name), r = 0;
	_cleanup_dir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d)
		return errno == ENOENT ? 0 : -errno;
	if (is_store)
		store_sweep(fd);
	while (!r && (e = tree_next(d, &r)))
		r = is_store ? prune_entry(p, fd, e->d_name)
			     : prune_file(p, fd, e->d_name);
	return r == -ENOENT ? 0 : r;
}

/* 1 with the cache open, 0 if there is none, -1 if it must not be touched, which is told. */
static int open_cache(struct cache *cache)
{
	const struct log log = { ui_log, NULL, VENV_LOG_WARNING };
	struct stat st;

	if (!cache->path || (stat(cache->path, &st) && errno == ENOENT))
		return 0;
	cache->named = true;
	return cache_make(cache, &log) < 0 ? -1 : 1;
}

static int prune(struct cache *cache, const char *age)
{
	static const char *const dirs[] = { "store", "wheels", "python", "download" };
	long seconds = parse_age(age);
	struct pruning p = { .before = time(NULL) - seconds };
	int there, r = 0;

	if (seconds < 0)
		return ui_usage("a number of days, or 12h, 30d, 4w",
				"--older-than: '%s' is no age", age);
	there = open_cache(cache);
	if (there <= 0)
		return there ? EXIT_FAILED : EXIT_OK;
	for (size_t i = 0; !r && i < ARRAY_SIZE(dirs); i++) {
		r = prune_dir(&p, cache->fd, dirs[i]);
		if (r) {
			struct venv_error err = VENV_ERROR_INIT;

			error_errno(&err, -r, "cannot prune '%s/%s'", cache->path,
				    dirs[i]);
			r = ui_error(&err);
			venv_error_clear(&err);
		}
	}
	ui_print("removed %u of %u\n", p.removed, p.removed + p.kept);
	return r;
}

static int clean(struct cache *cache)
{
	struct str where = STR_INIT;
	int there = open_cache(cache);
	int r = there > 0 ? tree_empty(cache->fd, NULL, &where) : 0;

	if (there < 0)
		return EXIT_FAILED;
	if (r) {
		struct venv_error err = VENV_ERROR_INIT;

		error_errno(&err, -r, "cannot empty the cache '%s/%s'", cache->path,
			    str_text(&where));
		r = ui_error(&err);
		venv_error_clear(&err);
	}
	str_release(&where);
	return r;
}

int cmd_cache(int argc, char **argv)
{
	struct strlist rest = STRLIST_INIT;
	struct arena a = ARENA_INIT;
	const char *age = NULL;
	const struct flag flags[] = { { "older-than", NULL, &age },
				      { NULL, NULL, NULL } };
	struct cache cache;
	char *cwd = getcwd(NULL, 0);
	int r;

	ui_init(NULL);
	cache_init(&cache, &a, (const char *const *)environ, cwd ? cwd : "/");
	r = args_simple(commands_find("cache"), argc, argv, flags, &a, &rest);
	if (!r) {
		const char *what = rest.n == 1 ? rest.v[0] : "";

		if (age && strcmp(what, "prune") != 0)
			r = ui_usage(NULL, "--older-than is for 'cache prune'");
		else if (!strcmp(what, "prune"))
			r = prune(&cache, age ? age : "30d");
		else if (!strcmp(what, "dir") && cache.path)
			ui_print("%s\n", cache.path);
		else if (!strcmp(what, "clean"))
			r = clean(&cache);
		else if (!strcmp(what, "dir"))
			r = ui_usage("set VENVCTL_CACHE_DIR or HOME",
				     "there is no place for a cache");
		else
			r = ui_usage("venvctl cache dir",
				     "'cache' needs one of: dir, clean, prune");
	}
	cache_release(&cache);
	arena_release(&a);
	free(cwd);
	return r ? r : ui_finish();
}
