/* SPDX-License-Identifier: MIT */
/* existing.h - what an environment has of a project already */
#pragma once

#include "manifest.h"
#include "store.h"

/*
 * 0: nothing, or an older version, whose files were named to W's remove (unless it only
 * tries); STORE_NOTHING: the same or a newer one; STORE_NEEDS_PIP; or an error.
 */
int existing_check(struct store *s, const struct store_wheel *w, const struct manifest *m,
		   struct venv_error *err) _must_check_;
