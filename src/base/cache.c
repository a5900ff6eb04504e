/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cache.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "path.h"
#include "tree.h"

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

static void open_it(struct cache *c, const struct log *log)
{
	struct stat st;

	/* The last component may not be a link; who may write the others is the user's. */
	c->fd = tree_open_dir(AT_FDCWD, c->path);
	if (c->fd < 0)
		return;
	if (fstat(c->fd, &st) || st.st_uid != geteuid() || (st.st_mode & 022)) {
		log_info(log, "not using the cache '%s': it is not yours alone to write", c->path);
		close(steal_fd(&c->fd));
		c->refused = true;
	}
}

void cache_init(struct cache *c, struct arena *a, const char *const *env, const char *cwd,
		const struct log *log)
{
	*c = (struct cache){ .path = find(a, env, cwd), .fd = -1 };
	if (c->path)
		open_it(c, log);
}

void cache_release(struct cache *c)
{
	if (c->fd >= 0)
		close(steal_fd(&c->fd));
}

int cache_make(struct cache *c, const struct log *log)
{
	int dir;

	if (c->fd >= 0 || c->refused || !c->path)
		return c->fd;
	/* Missing parents (~/.cache) are made as mkdir -p would make them. */
	if (mkdir(c->path, 0700) && errno == ENOENT) {
		char *parent = strdup(c->path);

		if (!parent)
			return -1;
		*strrchr(parent, '/') = '\0';
		dir = tree_make_dirs(AT_FDCWD, parent);
		free(parent);
		if (dir < 0 || mkdirat(dir, path_base(c->path), 0700)) {
			log_info(log, "cannot make the cache '%s': %s", c->path,
				 strerror(dir < 0 ? -dir : errno));
			c->refused = true;
		}
		if (dir >= 0)
			close(dir);
	} else if (errno != EEXIST && !file_exists_at(AT_FDCWD, c->path)) {
		log_info(log, "cannot make the cache '%s': %s", c->path, strerror(errno));
		c->refused = true;
	}
	if (!c->refused)
		open_it(c, log);
	return c->fd;
}
