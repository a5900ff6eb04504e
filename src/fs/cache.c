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

/*
 * What a directory has that is a cache of ours: backup programs read the first line, and the
 * second one nobody else writes.
 */
static const char tag[] =
	"Signature: 8a477f597d28d172789f06886806bc55\n"
	"# This is a cache of venvctl: `venvctl cache clean` empties it.\n";

const char *const cache_dirs[] = { CACHE_PYTHON,   CACHE_WHEELS,  CACHE_STORE,
				   CACHE_DOWNLOAD, CACHE_PLUGINS, NULL };

/* 1: it is one of ours; 0: it is another one's; -errno: that cannot be told. */
static int is_marked(int fd)
{
	_cleanup_close_ int file = openat(fd, CACHE_TAG,
					  O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct str text = STR_INIT;
	int r = file < 0 ? -errno : file_read_fd(file, 4096, &text);

	if (!r)
		r = !strcmp(str_text(&text), tag);
	else if (r == -ENOENT || r == -EFBIG || r == -ELOOP || r == -EISDIR)
		r = 0;
	str_release(&text);
	return r;
}

/* Nothing is in it but what somebody else is about to mark it with, or died over. */
static bool is_bare(int fd)
{
	_cleanup_dir_ DIR *d = tree_walk(fd);
	struct dirent *e = NULL;
	int r = 0;

	while (d && (e = tree_next(d, &r)) && file_is_temp(e->d_name))
		;
	return d && !e && !r;
}

/* A new one gets the mark before anything else. */
static int check_mark(const struct cache *c, const char **why)
{
	int r = is_marked(c->fd);

	if (!r && is_bare(c->fd))
		r = c->look ? 1
			    : file_replace_at(c->fd, CACHE_TAG, tag, strlen(tag), 0644);
	else if (!r && !(r = is_marked(c->fd))) /* what others made since, they marked */
		*why = "other things are in it, and no CACHEDIR.TAG of venvctl's";
	if (r < 0)
		*why = strerror(-r);
	return *why ? -1 : 0;
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

void cache_is_full(struct cache *c, const struct log *log, const char *why)
{
	if (!c->full)
		(c->named ? log_warn : log_info)(
			log,
			"nothing more is kept in the cache '%s': %s (`venvctl cache "
			"prune` makes room, VENVCTL_CACHE_DIR names another place)",
			c->path, why);
	c->full = true;
}

int cache_make(struct cache *c, const struct log *log)
{
	const char *why = NULL;
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
	if (check_mark(c, &why))
		return refuse(c, log, why);
	c->there = true;
	return c->fd;
}
