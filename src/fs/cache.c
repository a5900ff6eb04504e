/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static const char *find(struct arena *a, const char *const *env, const char *cwd)
{
	const char *dir = env_get(env, "VENVCTL_CACHE_DIR");

	if (dir)
		return path_absolute(a, cwd, dir);
	dir = env_get(env, "XDG_CACHE_HOME");
	if (dir && *dir == '/')
		return path_join(a, dir, "venvctl");
	dir = env_get(env, "HOME");
	return dir && *dir == '/' ? path_join(a, dir, ".cache/venvctl") : NULL;
}

/* Whether others could put something into it. */
static bool is_fit(struct cache *c, const struct stat *st, const struct log *log)
{
	if (S_ISDIR(st->st_mode) && st->st_uid == geteuid() && !(st->st_mode & 022))
		return true;
	log_info(log, "not using the cache '%s': it is not yours alone to write",
		 c->path);
	c->refused = true;
	return false;
}

void cache_init(struct cache *c, struct arena *a, const char *const *env, const char *cwd,
		const struct log *log)
{
	struct stat st = { 0 };

	*c = (struct cache){ .path = find(a, env, cwd), .fd = -1 };
	if (c->path && !lstat(c->path, &st))
		c->there = is_fit(c, &st, log);
}

void cache_release(struct cache *c)
{
	if (c->fd >= 0)
		close(steal_fd(&c->fd));
}

/* mkdir -p for what holds it, then itself for nobody else: 0 or -errno. */
static int make(const char *path)
{
	char *parent;
	int dir, r;

	if (!mkdir(path, 0700) || errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return -errno;
	parent = strdup(path);
	if (!parent)
		return -ENOMEM;
	*strrchr(parent, '/') = '\0';
	dir = tree_make_dirs(AT_FDCWD, parent);
	free(parent);
	if (dir < 0)
		return dir;
	r = mkdirat(dir, path_base(path), 0700) && errno != EEXIST ? -errno : 0;
	close(dir);
	return r;
}

int cache_make(struct cache *c, const struct log *log)
{
	struct stat st = { 0 };
	int r;

	if (c->fd >= 0 || c->refused || !c->path)
		return c->fd;
	r = c->there ? 0 : make(c->path);
	if (!r) {
		c->fd = tree_open_dir(AT_FDCWD, c->path);
		r = c->fd < 0 || fstat(c->fd, &st) ? -errno : 0;
	}
	if (r) {
		log_info(log, "cannot use the cache '%s': %s", c->path, strerror(-r));
		c->refused = true;
	} else if (!is_fit(c, &st, log)) {
		close(steal_fd(&c->fd));
	} else {
		c->there = true;
	}
	return c->fd;
}
