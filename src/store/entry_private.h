/* SPDX-License-Identifier: MIT */
/* entry_private.h - what entry.c chooses from: an entry that is there, and one that is made */
#pragma once

#include "entry.h"
#include "source.h"

/* Beside STORE_*: another process has made the entry, or removed it, meanwhile. */
#define ENTRY_LOOK_AGAIN 16

/* ---- entry_read.c ---- */

/* The path of the entry NAME of the user's OWN store, or of the site's; NULL: no memory. */
const char *entry_path(struct store *s, const char *name, bool own);

/* Is FD what NAME means in the directory STORE? */
bool entry_is_named(int store, const char *name, int fd);

/*
 * An entry that is there: 1 if it can be used; -1 if it is damaged, with E->fd open.  Its files
 * are looked at when they are placed, unless that would be too late.
 */
int entry_read(struct store *s, const struct store_wheel *w, int store, const char *name,
	       bool own, struct entry *e);

/* ---- entry_make.c: 0, STORE_*, an error, or (entry_make) ENTRY_LOOK_AGAIN ---- */

/*
 * Where there is no cache to keep it in: in the environment, of which the files become a
 * part.  Who only tries writes nothing.
 */
int entry_make_temporary(struct store *s, const struct store_wheel *w,
			 const struct source *src, struct entry *e,
			 struct venv_error *err) _must_check_;

/* The site's entry as it is: there is no place for a copy. */
int entry_take(struct entry *site, struct entry *e);

/*
 * Built under a name of its own, or copied from the SITE's unless that is NULL, then renamed:
 * who sees it sees all of it.
 */
int entry_make(struct store *s, const struct store_wheel *w, const struct source *src,
	       struct entry *site, int store, const char *name, int damaged,
	       struct entry *e, struct venv_error *err) _must_check_;
