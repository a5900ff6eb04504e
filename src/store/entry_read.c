/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "entry_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"
#include "memory.h"
#include "shared.h"

#define INDEX_MAX (64 * 1024 * 1024)

bool entry_file_is_whole(const struct entry *e, int dir, const char *name,
			 const struct item *t)
{
	mode_t mode = t->executable ? 0555 : 0444;
	struct stat st;

	return !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISREG(st.st_mode) &&
	       st.st_uid == e->owner && st.st_size == t->size &&
	       st.st_mtime == t->mtime &&
	       ((st.st_mode & 07777) == mode ||
		(!e->site && !fchmodat(dir, name, mode, 0)));
}

/* All files; for a STUB only what the environment gets. */
static bool is_whole(const struct entry *e, bool stub)
{
	const struct manifest *m = &e->manifest;
	enum place place = PLACE_SITE;
	const char *dir = NULL; /* what FD is, in PLACE */
	size_t dir_len = 0;
	bool whole = true;
	int fd = -1;

	for (size_t i = 0; whole && i < m->n_items; i++) {
		const struct item *t = &m->items[i];
		const char *name = path_base(t->path);
		size_t n = (size_t)(name - t->path);

		if (stub && !shared_looks(m, t))
			continue;
		if (!dir || t->place != place || n != dir_len ||
		    memcmp(dir, t->path, n) != 0) {
			_cleanup_str_ struct str path = STR_INIT;

			if (fd >= 0)
				close(fd);
			str_addf(&path, "%s/%.*s", place_name(t->place), (int)n, t->path);
			/* A link in its place would be no file of the entry. */
			str_cut(&path, path.len ? path.len - 1 : 0);
			fd = str_failed(&path) ? -1
					       : tree_open_dir(e->fd, str_text(&path));
			place = t->place;
			dir = t->path;
			dir_len = n;
		}
		whole = fd >= 0 && entry_file_is_whole(e, fd, name, t);
	}
	if (fd >= 0)
		close(fd);
	return whole;
}

/*
 * The index NAME, read whole unless that was done for the environment before; a file of somebody
 * else's, or one that others can write, is none.
 */
static bool read_index(struct store *s, struct entry *e, const char *name)
{
	_cleanup_close_ int fd = openat(e->fd, name,
					O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	size_t len = 0;
	struct stat st;
	char *data;

	e->manifest = (struct manifest){ .arena = memory_arena(s) };
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_uid != e->owner ||
	    (st.st_mode & 022) || st.st_size <= 0 || st.st_size > INDEX_MAX)
		return false;
	if (memory_find_index(s, &st, &e->manifest))
		return true;
	data = arena_alloc(e->manifest.arena, (size_t)st.st_size);
	while (data && len < (size_t)st.st_size) {
		ssize_t n = read(fd, data + len, (size_t)st.st_size - len);

		if (n <= 0 && !(n < 0 && errno == EINTR))
			return false;
		len += n > 0 ? (size_t)n : 0;
	}
	if (!data || !index_parse(&e->manifest, data, len))
		return false;
	memory_keep_index(s, &st, &e->manifest);
	return true;
}

const char *entry_path(struct store *s, const char *name, bool own)
{
	return own ? arena_printf(s->arena, "%s/" CACHE_STORE "/%s", s->cache->path, name)
		   : path_join(s->arena, s->site_dir, name);
}

bool entry_is_named(int store, const char *name, int fd)
{
	struct stat st, now;

	return !fstat(fd, &st) && !fstatat(store, name, &now, AT_SYMLINK_NOFOLLOW) &&
	       st.st_dev == now.st_dev && st.st_ino == now.st_ino;
}

/*
 * Open the user's own entry for use: whoever uses it has a shared lock on it until entry_close(),
 * who removes or repairs it an exclusive one.  -1 if it is not there.
 */
static int open_for_use(struct store *s, int store, const char *name)
{
	for (;;) {
		int fd = tree_open_dir(store, name), r = 0;

		if (fd < 0 || s->cache->look)
			return fd;
		if (lock_share(fd) == -EWOULDBLOCK)
			r = lock_wait_shared(fd, s->cancelled, s->cancel_data);
		/* Who cancelled says so elsewhere. */
		if (entry_is_named(store, name, fd))
			return fd;
		lock_close(&fd);
		if (r == -EINTR)
			return -1;
	}
}

/* Is the directory of E what only its owner can write?  That of the user's own lies in his cache. */
static bool is_owners(const struct entry *e)
{
	struct stat st;

	return !e->site || (!fstat(e->fd, &st) && st.st_uid == 0 && !(st.st_mode & 022));
}

int entry_read(struct store *s, const struct store_wheel *w, int store, const char *name,
	       bool own, struct entry *e)
{
	bool stub = w->link_mode == LINK_SHARED;

	e->site = !own;
	e->owner = own ? geteuid() : 0;
	e->fd = own ? open_for_use(s, store, name) : tree_open_dir(store, name);
	if (e->fd < 0)
		return 0;
	/* Once others share it there is no use in looking at more than a new one gets. */
	e->looked_at = w->look_first || stub;
	e->brief = stub && own && shared_mark_is_good(e->fd) &&
		   read_index(s, e, SHARED_MARK);
	stub &= !own || e->brief || store_is_shared(e->fd);
	if (is_owners(e) && (e->brief || read_index(s, e, INDEX_FILE)) &&
	    (!e->looked_at || is_whole(e, stub))) {
		e->path = entry_path(s, name, own);
		return e->path ? 1 : 0;
	}
	if (own)
		return -1;
	close(steal_fd(&e->fd));
	return 0;
}
