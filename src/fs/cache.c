/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static const char *find(struct cache *c, struct arena *a, const char *const *env,
			const char *cwd)
{
	const char *dir = env_get(env, "VENVCTL_CACHE_DIR");

	c->named = dir != NULL;
	if (dir)
		return path_absolute(a, cwd, dir);
	dir = env_get(env, "XDG_CACHE_HOME");
	if (dir && *dir == '/')
		dir = path_join(a, dir, "venvctl");
	else if ((dir = env_get(env, "HOME")) && *dir == '/')
		dir = path_join(a, dir, ".cache/venvctl");
	else
		dir = NULL;
	return dir ? path_absolute(a, "/", dir) : NULL;
}

/* Whether nobody else could put something into it. */
static bool is_fit(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && st->st_uid == geteuid() && !(st->st_mode & 022);
}

void cache_init(struct cache *c, struct arena *a, const char *const *env, const char *cwd)
{
	struct stat st;

	*c = (struct cache){ .fd = -1 };
	c->path = find(c, a, env, cwd);
	c->there = c->path && !stat(c->path, &st) && is_fit(&st);
}

void cache_release(struct cache *c)
{
	if (c->fd >= 0)
		close(steal_fd(&c->fd));
}

static int refuse(struct cache *c, const struct log *log, const char *why)
{
	c->refused = true;
	c->there = false;
	cache_release(c);
	c->fd = -1;
	(c->named ? log_warn : log_info)(log, "not using the cache '%s': %s", c->path,
					 why);
	return -1;
}

int cache_make(struct cache *c, const struct log *log)
{
	struct stat st;

	if (c->fd >= 0 || c->refused || !c->path || (c->look && !c->there))
		return c->fd;
	c->fd = c->there ? tree_open_dir(AT_FDCWD, c->path) : -1;
	/* It is not there, or is a link. */
	if (c->fd < 0)
		c->fd = tree_make_path(c->path, 0700);
	if (c->fd < 0)
		return refuse(c, log, strerror(-c->fd));
	if (fstat(c->fd, &st))
		return refuse(c, log, strerror(errno));
	if (!is_fit(&st))
		return refuse(c, log, "it is not yours alone to write");
	c->there = true;
	return c->fd;
}
