/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "entry_private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "fs/fs.h"
#include "shared.h"
#include "site.h"

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

static int open_site(struct store *s, const struct store_wheel *w, const char *name,
		     struct entry *e)
{
	_cleanup_close_ int dir = site_open(s);
	int r = dir < 0 ? 0 : entry_read(s, w, dir, name, false, e);

	if (dir >= 0 && !r && file_exists_at(dir, name))
		log_info(s->log,
			 "the entry '%s' of the site's store '%s' is damaged, or not "
			 "readable: not using it",
			 name, s->site_dir);
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
	return entry_is_named(store, name, fd);
}

/* One look for the user's own entry. */
static int look_for_own(struct store *s, const struct store_wheel *w,
			const struct source *src, struct entry *site, int store,
			const char *name, struct entry *e, struct venv_error *err)
{
	int r = entry_read(s, w, store, name, true, e), damaged = -1;

	if (r == 1)
		return 0;
	if (r < 0) {
		damaged = steal_fd(&e->fd);
		r = lock_damaged(s, store, name, damaged, err);
		if (r != 1) {
			lock_close(&damaged);
			return r < 0 ? r : ENTRY_LOOK_AGAIN;
		}
		/* Environments that were made from it keep their files: those have other names. */
		if (!s->cache->full)
			log_info(
				s->log,
				"the entry '%s' of the store is damaged: making it again",
				name);
	}
	if (s->cache->full)
		r = site ? entry_take(site, e) : entry_make_temporary(s, w, src, e, err);
	else
		r = entry_make(s, w, src, site, store, name, damaged, e, err);
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
	} while (r == ENTRY_LOOK_AGAIN);
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
	if (s->cache->look && store >= 0 && entry_read(s, w, store, name, true, e) == 1) {
		entry_close(&site);
		return 0;
	}
	if (site.fd >= 0 && (s->cache->look || store < 0)) {
		entry_close(e);
		*e = site;
		return 0;
	}
	if (s->cache->look || store < 0)
		return entry_make_temporary(s, w, src, e, err);
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
