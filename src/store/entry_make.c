/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "entry_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fs/fs.h"
#include "build.h"
#include "existing.h"
#include "scratch.h"
#include "shared.h"
#include "site.h"

int entry_make_temporary(struct store *s, const struct store_wheel *w,
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

int entry_take(struct entry *site, struct entry *e)
{
	*e = *site;
	site->fd = -1;
	return 0;
}

int entry_make(struct store *s, const struct store_wheel *w, const struct source *src,
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
		return ENTRY_LOOK_AGAIN;
	if (r < 0) {
		cache_is_full(s->cache, s->log, strerror(-r));
		return site ? entry_take(site, e)
			    : entry_make_temporary(s, w, src, e, err);
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
			r = ENTRY_LOOK_AGAIN;
		else if ((full = is_full(-failed)))
			cache_is_full(s->cache, s->log, strerror(-failed));
		else if (failed)
			r = error_errno(err, -failed, "cannot put '%s' into the store",
					name);
		else if (lock_share(new.fd) == -EWOULDBLOCK)
			r = ENTRY_LOOK_AGAIN; /* Somebody is removing it already. */
		else if (!(e->path = entry_path(s, name, true)))
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
		return site ? entry_take(site, e)
			    : entry_make_temporary(s, w, src, e, err);
	return r;
}
