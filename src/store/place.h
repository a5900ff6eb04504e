/* SPDX-License-Identifier: MIT */
/* place.h - files of an entry, put into an environment */
#pragma once

#include "entry.h"
#include "pack.h"

/* Beside STORE_*: a file of the entry is not as it was made. */
#define PLACE_DAMAGED 8

/*
 * Put every file of PLACE into the directory TO, by W's link mode; what LINK_AUTO found out stays
 * in *MODE, and what copies come from in *PACK.  Each file is looked at first, unless that was
 * done for the entry: 0, PLACE_DAMAGED, or an error.
 */
int place_files(struct store *s, const struct store_wheel *w, const struct entry *e,
		enum place place, int to, enum link_mode *mode, struct pack *pack,
		struct venv_error *err) _must_check_;
