/* SPDX-License-Identifier: MIT */
/* cache.c - venvctl cache dir|clean|prune|warm|size */
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
#include "cache.h"
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

/* Each use of an entry reads its index. */
static int prune_entry(struct pruning *p, int dir, const char *name)
{
	char index[NAME_MAX + 16];
	int r;

	/* What is being built. */
	if (!strncmp(name, "new-", 4))
		return 0;
	snprintf(index, sizeof(index), "%s/index", name);
	r = is_unused(p, dir, index) ? store_forget(dir, name, FORGET_UNUSED) : -EBUSY;
	if (r == -EBUSY)
		p->kept++;
	else if (!r)
		p->removed++;
	return r == -EBUSY ? 0 : r;
}

static int prune_dir(struct pruning *p, int cache, const char *name)
{
	bool is_store = !strcmp(name, "store");
	int fd = tree_open_dir(cache, name), r = 0;
	_cleanup_dir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	/* A link leads to what is not in the cache. */
	if (!d)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
	if (is_store)
		store_sweep(fd);
	while (!r && (e = tree_next(d, &r))) {
		r = is_store ? prune_entry(p, fd, e->d_name)
			     : prune_file(p, fd, e->d_name);
		/* Another one was faster. */
		r = r == -ENOENT ? 0 : r;
	}
	return r;
}

static bool is_place(const struct cache *cache)
{
	return cache->path && strncmp(cache->path, PATH_NO_CWD, strlen(PATH_NO_CWD)) != 0;
}

static int no_place(void)
{
	return ui_usage("set VENVCTL_CACHE_DIR (a whole path) or HOME",
			"there is no place for a cache");
}

/* What the reason is for which a cache may not be touched. */
static void on_refusal(void *data, int level, const char *message)
{
	struct venv_error *err = data;

	(void)level;
	error_set(err, VENV_ERR_CONFLICT, "%s", message);
}

/* The exit status if there is none, or none of ours; else 0, with it open in CACHE->fd. */
static int open_cache(struct cache *cache, bool *none)
{
	struct venv_error err = VENV_ERROR_INIT;
	const struct log log = { on_refusal, &err, VENV_LOG_WARNING };
	struct stat st;
	int r = EXIT_OK;

	*none = false;
	if (!is_place(cache))
		return no_place();
	if (stat(cache->path, &st)) {
		*none = errno == ENOENT;
		if (*none)
			return EXIT_OK;
		error_errno(&err, errno, "cannot open the cache '%s'", cache->path);
	}
	/* What is empty is not made a cache by this. */
	cache->named = cache->look = true;
	if (err.message || cache_make(cache, &log) < 0) {
		if (!err.message)
			error_set(&err, VENV_ERR_CONFLICT,
				  "not using the cache '%s': it is not yours alone to "
				  "write",
				  cache->path);
		r = ui_error(&err);
	}
	venv_error_clear(&err);
	return r;
}

/* Have it, as open_cache() found it fit or not there. */
static int make_cache(struct cache *cache)
{
	struct venv_error err = VENV_ERROR_INIT;
	const struct log log = { on_refusal, &err, VENV_LOG_WARNING };
	int r = EXIT_OK;

	cache_release(cache);
	cache->fd = -1;
	cache->look = false;
	cache->named = true;
	if (cache_make(cache, &log) < 0)
		r = ui_error(&err);
	venv_error_clear(&err);
	return r;
}

static int prune(struct cache *cache, const char *age)
{
	static const char *const dirs[] = { CACHE_STORE, CACHE_WHEELS, CACHE_PYTHON,
					    CACHE_DOWNLOAD };
	long seconds = parse_age(age);
	struct pruning p = { .before = time(NULL) - seconds };
	bool none;
	int r;

	if (seconds < 0)
		return ui_usage("a number of days, or 12h, 30d, 4w",
				"--older-than: '%s' is no age", age);
	r = open_cache(cache, &none);
	if (r || none)
		return r;
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

static bool is_ours(const char *name)
{
	const char *const *dir = cache_dirs;

	while (*dir && strcmp(*dir, name) != 0)
		dir++;
	return *dir;
}

/* What is in the cache and none of ours stays, and is told. */
static void tell_others(const struct cache *cache)
{
	_cleanup_dir_ DIR *d = tree_walk(cache->fd);
	struct dirent *e;
	int r = 0;

	while (d && (e = tree_next(d, &r))) {
		struct str text = STR_INIT;

		if (!strcmp(e->d_name, CACHE_TAG) || file_is_temp(e->d_name) ||
		    is_ours(e->d_name))
			continue;
		str_addf(&text, "'%s/%s' is not venvctl's: leaving it alone", cache->path,
			 e->d_name);
		ui_log(NULL, VENV_LOG_WARNING, str_text(&text));
		str_release(&text);
	}
}

static bool is_dir(int dir, const char *name)
{
	_cleanup_close_ int fd = tree_open_dir(dir, name);

	return fd >= 0;
}

/*
 * Empty the store while others create: what is in use goes when it is not used any more, and what
 * is being built is its builder's.  What environments share stays, unless SHARED.
 */
static int clean_store(int store, bool shared, struct str *where)
{
	_cleanup_dir_ DIR *d = tree_walk(store);
	struct str text = STR_INIT;
	int r = 0, first = 0;
	unsigned kept = 0;
	struct dirent *e;

	if (!d)
		return -errno;
	store_sweep(store);
	while ((e = tree_next(d, &r))) {
		bool building = !strncmp(e->d_name, "new-", 4) &&
				is_dir(store, e->d_name);
		int failed = building ? 0
				      : store_forget(store, e->d_name,
						     shared ? FORGET_SHARED : 0);

		kept += failed == -EBUSY;
		if (!failed || failed == -ENOENT || failed == -EBUSY || first)
			continue;
		first = failed;
		str_add(where, e->d_name);
	}
	if (kept) {
		str_addf(&text,
			 "%u entr%s of the store, which environments share, stay%s: "
			 "--shared removes %s",
			 kept, kept == 1 ? "y" : "ies", kept == 1 ? "s" : "",
			 kept == 1 ? "it" : "them");
		ui_log(NULL, VENV_LOG_WARNING, str_text(&text));
		str_release(&text);
	}
	return first ? first : r;
}

/* The directories themselves stay: who creates now may have them open. */
static int clean_dir(int cache, const char *name, bool shared, struct str *where)
{
	_cleanup_close_ int fd = tree_open_dir(cache, name);

	if (fd < 0)
		return errno == ENOENT ? 0 : tree_remove_at(cache, name, where);
	return strcmp(name, CACHE_STORE) ? tree_empty(fd, NULL, where)
					 : clean_store(fd, shared, where);
}

static int clean(struct cache *cache, bool shared)
{
	bool none;
	int r = open_cache(cache, &none);

	if (r || none)
		return r;
	for (const char *const *dir = cache_dirs; *dir; dir++) {
		struct venv_error err = VENV_ERROR_INIT;
		struct str where = STR_INIT;
		int failed = clean_dir(cache->fd, *dir, shared, &where);

		if (failed) {
			error_errno(&err, -failed, "cannot empty the cache '%s': '%s'",
				    cache->path, str_text(&where));
			r = ui_error(&err);
		}
		venv_error_clear(&err);
		str_release(&where);
	}
	tell_others(cache);
	return r;
}

static int size(struct cache *cache, bool json)
{
	bool none;
	int r = open_cache(cache, &none);

	return r ? r : cache_size(cache, json);
}

/* The user's own store, which is made if it is missing, or the SITE's. */
static int warm(struct arena *a, struct cache *cache, struct warm *what)
{
	bool none;
	int r = what->site ? EXIT_OK : open_cache(cache, &none);

	if (!r && !what->site)
		r = make_cache(cache);
	what->cache = cache;
	return r ? r : cache_warm(a, what);
}

/* Options that are another verb's. */
static int check_words(const char *what, const struct strlist *rest, const struct warm *w,
		       const char *age, bool shared)
{
	bool is_warm = !strcmp(what, "warm");

	if (rest->n > 1)
		return ui_usage(is_warm ? "an interpreter is named with -p, --python"
					: NULL,
				"'cache %s' does not take '%s'", what, rest->v[1]);
	if ((w->site || w->specs->n || w->compile) && !is_warm)
		return ui_usage(NULL,
				"--site, --python and --no-compile are for 'cache warm'");
	if (age && strcmp(what, "prune") != 0)
		return ui_usage(NULL, "--older-than is for 'cache prune'");
	if (shared && strcmp(what, "clean") != 0)
		return ui_usage(NULL, "--shared is for 'cache clean'");
	if (w->json && !is_warm && strcmp(what, "size") != 0)
		return ui_usage(NULL, "--json is for 'cache size' and 'cache warm'");
	return EXIT_OK;
}

static int do_verb(struct arena *a, struct cache *cache, const char *what,
		   const char *age, bool shared, struct warm *w)
{
	if (!strcmp(what, "warm"))
		return warm(a, cache, w);
	if (!strcmp(what, "size"))
		return size(cache, w->json);
	if (!strcmp(what, "prune"))
		return prune(cache, age ? age : "30d");
	if (!strcmp(what, "clean"))
		return clean(cache, shared);
	if (strcmp(what, "dir") != 0)
		return ui_usage("venvctl cache dir",
				"'cache' needs one of: dir, clean, prune, warm, size");
	if (!is_place(cache))
		return no_place();
	ui_print("%s\n", cache->path);
	return EXIT_OK;
}

int cmd_cache(int argc, char **argv)
{
	struct strlist rest = STRLIST_INIT, specs = STRLIST_INIT;
	struct arena a = ARENA_INIT;
	const char *age = NULL, *what;
	bool for_site = false, shared = false;
	struct warm w = { .specs = &specs };
	const struct flag flags[] = {
		{ .name = "older-than", .value = &age },
		{ .name = "site", .set = &for_site, .value = &w.site },
		{ .name = "python", .values = &specs, .letter = 'p' },
		{ .name = "compile", .value = &w.compile, .word = "yes" },
		{ .name = "no-compile", .value = &w.compile, .word = "no" },
		{ .name = "json", .set = &w.json },
		{ .name = "shared", .set = &shared },
		{ .name = NULL },
	};
	struct cache cache;
	char *cwd = getcwd(NULL, 0);
	int r;

	ui_init(NULL);
	cache_init(&cache, &a, (const char *const *)environ, cwd ? cwd : PATH_NO_CWD);
	r = args_simple(commands_find("cache"), argc, argv, flags, &a, &rest);
	what = rest.n ? rest.v[0] : "";
	if (!r)
		r = check_words(what, &rest, &w, age, shared);
	w.cwd = cwd ? cwd : PATH_NO_CWD;
	if (!r)
		r = do_verb(&a, &cache, what, age, shared, &w);
	cache_release(&cache);
	arena_release(&a);
	free(cwd);
	return ui_finish(r);
}
