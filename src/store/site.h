/* SPDX-License-Identifier: MIT */
/* site.h - the store of the site, which only root writes and all read */
#pragma once

#include "store.h"

#include "entry.h"

/* The directory of S's site store; -1 if there is none that can be used, told once. */
int site_open(struct store *s);

/* Copy the files of the site's entry FROM into the directory TO, clones where there are some. */
int site_copy(struct store *s, const struct entry *from, int to, struct venv_error *err)
	_must_check_;
