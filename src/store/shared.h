/* SPDX-License-Identifier: MIT */
/*
 * shared.h - pip as a stub that leads to the files of the store (LINK_SHARED)
 *
 * The environment has a package of one file, whose modules are those of the store's entry.
 * So the entry has to outlive the environment: one of the user's own store carries a mark,
 * with which `cache prune` and `cache clean` pass it over.
 */
#pragma once

#include "entry.h"

/* The mark: a file of the entry, and an index of what each environment gets. */
#define SHARED_MARK "shared"

/* Was the mark of ENTRY made from the index that is there? */
bool shared_mark_is_good(int entry);

/*
 * Before the entry is opened: where W's wheel is none that can be shared, W gets LINK_AUTO,
 * or it is an error, if the mode was asked for by name.
 */
int shared_choose(struct store *s, struct store_wheel *w, struct venv_error *err)
	_must_check_;

/* The wheel of W cannot be shared, and WHY (NULL: no memory): an error, or 0 and a note. */
int shared_refuse(struct store *s, const struct store_wheel *w, struct venv_error *err,
		  const char *why) _must_check_;

/*
 * The entry E of W is one that lasts, and is marked so unless W only tries: 0.  1: it has to
 * be opened again, because it is gone, or with the LINK_AUTO that W now has.  Or an error.
 */
int shared_keep(struct store *s, struct store_wheel *w, const struct entry *e,
		struct venv_error *err) _must_check_;

/* Is T a file that an environment with the stub has of its own? */
bool shared_takes(const struct manifest *m, const struct item *t);

/* Is T looked at before the stub is made?  All others are not the environment's. */
bool shared_looks(const struct manifest *m, const struct item *t);

/* Mark the entry NEW if OLD, in the place of which it was put, is. */
void shared_inherit(int old, int new);

/* The text of the stub, the package's __init__.py. */
void shared_stub(const struct entry *e, struct str *out);

#define SHARED_PACKAGE "pip"
