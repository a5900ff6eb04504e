/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "entry.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/util.h"
#include "fs/fs.h"
#include "build.h"
#include "existing.h"
#include "memory.h"
#include "scratch.h"
#include "shared.h"
#include "site.h"
#include "store.h"
#include "source.h"

#define INDEX_MAX (64 * 1024 * 1024)

/* Beside STORE_*: another process has made the entry, or removed it, meanwhile. */
#define LOOK_AGAIN 16

void record_digest(const unsigned char hash[SHA256_SIZE], char out[RECORD_DIGEST_SIZE])
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned bits = 0, value = 0;

	for (int i = 0; i < SHA256_SIZE; i++) {
		value = value << 8 | hash[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*out++ = digits[value >> (bits - 6) & 63];
	}
	*out++ = digits[value << (6 - bits) & 63];
	*out = '\0';
}

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
 * The index, read whole unless that was done for the environment before; a file of somebody else's,
 * or one that others can write, is none.
 */
static bool read_index(struct store *s, struct entry *e)
{
	_cleanup_close_ int fd = openat(e->fd, INDEX_FILE,
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

static const char *path_of(struct store *s, const char *name, bool own)
{
	return own ? arena_printf(s->arena, "%s/" CACHE_STORE "/%s", s->cache->path, name)
		   : path_join(s->arena, s->site_dir, name);
}

/* Is FD what NAME means in the directory STORE? */
static bool is_named(int store, const char *name, int fd)
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
		if (is_named(store, name, fd))
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

/*
 * An entry that is there: 1 if it can be used; -1 if it is damaged, with E->fd open.  Its files
 * are looked at when they are placed, unless that would be too late.
 */
static int open_existing(struct store *s, const struct store_wheel *w, int store,
			 const char *name, bool own, struct entry *e)
{
	bool stub = w->link_mode == LINK_SHARED;

	e->site = !own;
	e->owner = own ? geteuid() : 0;
	e->fd = own ? open_for_use(s, store, name) : tree_open_dir(store, name);
	if (e->fd < 0)
		return 0;
	/* Once others share it there is no use in looking at more than a new one gets. */
	e->looked_at = w->look_first || stub;
	stub &= !own || store_is_shared(e->fd);
	if (is_owners(e) && read_index(s, e) && (!e->looked_at || is_whole(e, stub))) {
		e->path = path_of(s, name, own);
		return e->path ? 1 : 0;
	}
	if (own)
		return -1;
	close(steal_fd(&e->fd));
	return 0;
}

static int open_site(struct store *s, const struct store_wheel *w, const char *name,
		     struct entry *e)
{
	_cleanup_close_ int dir = site_open(s);
	int r = dir < 0 ? 0 : open_existing(s, w, dir, name, false, e);

	if (dir >= 0 && !r && file_exists_at(dir, name))
		log_info(s->log,
			 "the entry '%s' of the site's store '%s' is damaged, or not "
			 "readable: not using it",
			 name, s->site_dir);
	return r;
}

/*
 * Where there is no cache to keep it in: in the environment, of which the files become a
 * part.  Who only tries writes nothing.
 */
static int build_temporary(struct store *s, const struct store_wheel *w,
			   const struct source *src, struct entry *e,
			   struct venv_error *err)
{
	struct store_wheel look = *w;
	int r;

	look.try_only = true;
	if (!s->cache->look && w->link_mode == LINK_SHARED) {
		r = shared_refuse(s, w, err, "there is no store that outlives it");
		if (r)
			return r;
		look.link_mode = LINK_AUTO;
	}
	if (!s->cache->look && look.link_mode != LINK_AUTO &&
	    look.link_mode != LINK_COPY) {
		if (s->cache->full)
			error_errno(err, ENOSPC,
				    "'%s' cannot be linked from the store in '%s'",
				    path_base(w->path), s->cache->path);
		else
			error_errno(err, EOPNOTSUPP,
				    "there is no cache that '%s' could be linked from",
				    path_base(w->path));
		return error_hint(err, VENV_ERR_FAILED,
				  "use --link-mode=copy, or a place with room as "
				  "VENVCTL_CACHE_DIR");
	}
	if (w->try_only)
		return store_build(s, w, BUILD_NOTHING, src->fd, -1, NULL, &e->manifest,
				   err);
	/* Not for nothing: what is there may be as new. */
	r = store_build(s, &look, BUILD_NOTHING, src->fd, -1, NULL, &e->manifest, err);
	if (!r)
		r = existing_check(s, &look, &e->manifest, err);
	if (r)
		return r;
	log_info(s->log, "there is no cache: '%s' is unpacked for this environment alone",
		 path_base(w->path));
	/* A killed create leaves it where all that is unfinished goes. */
	e->temporary = arena_printf(s->arena, "%s/.venvctl-XXXXXX", w->root_path);
	if (!e->temporary)
		return error_nomem(err);
	if (!mkdtemp(e->temporary)) {
		int saved = errno;
		const char *path = e->temporary;

		e->temporary = NULL;
		return error_errno(err, saved, "cannot make the directory '%s'", path);
	}
	e->fd = tree_open_dir(AT_FDCWD, e->temporary);
	if (e->fd < 0)
		return error_errno(err, errno, "cannot open '%s'", e->temporary);
	e->site = false;
	e->looked_at = true;
	return store_build(s, w, BUILD_ENVIRONMENT, src->fd, e->fd, e->temporary,
			   &e->manifest, err);
}

/* Put what was built under its name, in the place of DAMAGED if that is not -1. */
static int put(int store, const char *built, const char *name, int damaged)
{
	int r = damaged < 0 ? -ENOENT : file_exchange(store, built, store, name);

	/* Where names cannot be exchanged; the lock of what is damaged is ours. */
	if (damaged >= 0 && r && r != -ENOENT) {
		char away[64];

		snprintf(away, sizeof(away), "%s.old", built);
		r = renameat(store, name, store, away) ? -errno : -ENOENT;
	}
	return r == -ENOENT ? file_rename_new(store, built, store, name) : r;
}

/* The store cannot take it, which need not be true of the environment. */
static bool is_full(int errnum)
{
	return errnum == ENOSPC || errnum == EDQUOT || errnum == EROFS || errnum == EFBIG;
}

/* The site's entry as it is: there is no place for a copy. */
static int take(struct entry *site, struct entry *e)
{
	*e = *site;
	site->fd = -1;
	return 0;
}

/*
 * Built under a name of its own, or copied from the SITE's unless that is NULL, then renamed:
 * who sees it sees all of it.
 */
static int build(struct store *s, const struct store_wheel *w, const struct source *src,
		 struct entry *site, int store, const char *name, int damaged,
		 struct entry *e, struct venv_error *err)
{
	struct venv_error own = VENV_ERROR_INIT;
	struct scratch new = SCRATCH_INIT;
	bool full = false;
	int r = scratch_make(&new, s, store, name);

	if (r == -EINTR)
		return error_set(err, VENV_ERR_CANCELLED, "cancelled");
	if (r == 1)
		return LOOK_AGAIN;
	if (r < 0) {
		cache_is_full(s->cache, s->log, strerror(-r));
		return site ? take(site, e) : build_temporary(s, w, src, e, err);
	}
	if (site) {
		e->manifest = site->manifest;
		r = site_copy(s, site, new.fd, &own);
	} else {
		r = store_build(s, w, BUILD_STORE, src->fd, new.fd, new.path,
				&e->manifest, &own);
	}
	full = r && is_full(own.os_errno);
	if (full)
		cache_is_full(s->cache, s->log, venv_error_message(&own));
	else if (r)
		error_move(err, &own);
	venv_error_clear(&own);
	if (!r)
		r = source_check(src, w->path, err);
	if (!r) {
		int failed = put(store, path_base(new.path), name, damaged);

		/* Somebody was faster; theirs is as good. */
		if (failed == -EEXIST || failed == -ENOTEMPTY)
			r = LOOK_AGAIN;
		else if ((full = is_full(-failed)))
			cache_is_full(s->cache, s->log, strerror(-failed));
		else if (failed)
			r = error_errno(err, -failed, "cannot put '%s' into the store",
					name);
		else if (lock_share(new.fd) == -EWOULDBLOCK)
			r = LOOK_AGAIN; /* Somebody is removing it already. */
		else if (!(e->path = path_of(s, name, true)))
			r = error_nomem(err);
		else {
			if (damaged >= 0)
				shared_inherit(damaged, new.fd);
			e->fd = steal_fd(&new.fd);
			e->site = false;
			e->looked_at = e->made = true;
		}
	}
	/* Nothing, but for a failure, or what was damaged. */
	tree_remove_at(store, path_base(new.path), NULL);
	scratch_release(&new);
	if (full)
		return site ? take(site, e) : build_temporary(s, w, src, e, err);
	return r;
}

/*
 * Wait until nobody repairs the damaged entry FD: 1 if it is still under its name, and is
 * ours to replace.  So nobody takes away what another has just made.
 */
static int lock_damaged(struct store *s, int store, const char *name, int fd,
			struct venv_error *err)
{
	if (lock_wait(fd, s->cancelled, s->cancel_data) == -EINTR)
		return error_set(err, VENV_ERR_CANCELLED, "cancelled");
	return is_named(store, name, fd);
}

/* One look for the user's own entry. */
static int look_for_own(struct store *s, const struct store_wheel *w,
			const struct source *src, struct entry *site, int store,
			const char *name, struct entry *e, struct venv_error *err)
{
	int r = open_existing(s, w, store, name, true, e), damaged = -1;

	if (r == 1)
		return 0;
	if (r < 0) {
		damaged = steal_fd(&e->fd);
		r = lock_damaged(s, store, name, damaged, err);
		if (r != 1) {
			lock_close(&damaged);
			return r < 0 ? r : LOOK_AGAIN;
		}
		/* Environments that were made from it keep their files: those have other names. */
		if (!s->cache->full)
			log_info(
				s->log,
				"the entry '%s' of the store is damaged: making it again",
				name);
	}
	if (s->cache->full)
		r = site ? take(site, e) : build_temporary(s, w, src, e, err);
	else
		r = build(s, w, src, site, store, name, damaged, e, err);
	lock_close(&damaged);
	return r;
}

/* The user's own entry, made if it is missing or damaged; from the SITE's if that is not NULL. */
static int find_own(struct store *s, const struct store_wheel *w,
		    const struct source *src, struct entry *site, int store,
		    const char *name, struct entry *e, struct venv_error *err)
{
	int r;

	do {
		if (s->cancelled && s->cancelled(s->cancel_data))
			return error_set(err, VENV_ERR_CANCELLED, "cancelled");
		r = look_for_own(s, w, src, site, store, name, e, err);
	} while (r == LOOK_AGAIN);
	return r;
}

/* Will its files be linked?  Others' than the user's own cannot be. */
static bool wants_links(const struct store_wheel *w)
{
	return geteuid() != 0 &&
	       (w->link_mode == LINK_AUTO || w->link_mode == LINK_HARDLINK);
}

static int find_or_build(struct store *s, const struct store_wheel *w,
			 const struct source *src, struct entry *e,
			 struct venv_error *err)
{
	const char *name = arena_printf(s->arena, "%s-%s-%08" PRIx32 "%s", src->hex,
					w->cache_tag, w->magic,
					w->compile ? "" : "-nopyc");
	struct entry site = { .fd = -1 };
	_cleanup_close_ int store = -1;
	int r;

	if (!name)
		return error_nomem(err);
	/* Links of one's own spare every environment's copy. */
	if (open_site(s, w, name, &site) == 1 && !wants_links(w)) {
		*e = site;
		return 0;
	}
	if (cache_make(s->cache, s->log) >= 0) {
		store = tree_open_dir(s->cache->fd, CACHE_STORE);
		if (store < 0 && !s->cache->look)
			store = tree_make_dirs(s->cache->fd, CACHE_STORE);
		if (store < 0 && !s->cache->look)
			cache_is_full(s->cache, s->log, strerror(-store));
	}
	if (s->cache->look && store >= 0 &&
	    open_existing(s, w, store, name, true, e) == 1) {
		entry_close(&site);
		return 0;
	}
	if (site.fd >= 0 && (s->cache->look || store < 0)) {
		entry_close(e);
		*e = site;
		return 0;
	}
	if (s->cache->look || store < 0)
		return build_temporary(s, w, src, e, err);
	r = find_own(s, w, src, site.fd >= 0 ? &site : NULL, store, name, e, err);
	entry_close(&site);
	return r;
}

int entry_open(struct store *s, const struct store_wheel *w, struct entry *e,
	       struct venv_error *err)
{
	struct source src = { .fd = -1 };
	int r;

	*e = (struct entry){ .fd = -1 };
	if (!w->magic || !w->cache_tag) {
		log_info(s->log, "the byte code of '%s' is not known", w->interpreter);
		return STORE_NEEDS_PIP;
	}
	r = source_open(&src, s, w, err);
	if (!r)
		r = find_or_build(s, w, &src, e, err);
	source_close(&src);
	if (r)
		entry_close(e);
	return r;
}

void entry_close(struct entry *e)
{
	lock_close(&e->fd);
	if (e->temporary)
		tree_remove_at(AT_FDCWD, e->temporary, NULL);
	e->temporary = NULL;
}
