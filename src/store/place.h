/* SPDX-License-Identifier: MIT */
/* place.h - files of an entry, put into an environment */
#pragma once

#include "entry.h"

/*
 * Put every file of PLACE into the directory DIR (below W's root), by W's link mode;
 * what LINK_AUTO found out stays in *MODE.
 */
int place_files(struct store *s, const struct store_wheel *w, const struct entry *e,
		enum place place, const char *dir, enum link_mode *mode,
		struct venv_error *err) _must_check_;
