/* SPDX-License-Identifier: MIT */
/* cache.c - venvctl cache dir|clean */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cache.h"
#include "base/path.h"
#include "base/tree.h"
#include "cli.h"

static int clean(struct cache *cache)
{
	struct str where = STR_INIT;
	int r = cache->there && cache_make(cache, NULL) >= 0
			? tree_empty(cache->fd, NULL, &where)
			: 0;

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
	const struct flag flags[] = { { NULL, NULL } };
	const struct log log = { ui_log, NULL, VENV_LOG_INFO };
	struct cache cache;
	char *cwd = getcwd(NULL, 0);
	int r;

	ui_init(NULL);
	cache_init(&cache, &a, (const char *const *)environ, cwd ? cwd : "/", &log);
	r = args_simple(commands_find("cache"), argc, argv, flags, &a, &rest);
	if (!r) {
		const char *what = rest.n == 1 ? rest.v[0] : "";

		if (!strcmp(what, "dir") && cache.path)
			ui_print("%s\n", cache.path);
		else if (!strcmp(what, "clean"))
			r = clean(&cache);
		else if (!strcmp(what, "dir"))
			r = ui_usage("set VENVCTL_CACHE_DIR or HOME",
				     "there is no place for a cache");
		else
			r = ui_usage("venvctl cache dir",
				     "'cache' needs one of: dir, clean");
	}
	cache_release(&cache);
	arena_release(&a);
	free(cwd);
	return r ? r : ui_finish();
}
