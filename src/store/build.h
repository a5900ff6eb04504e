/* SPDX-License-Identifier: MIT */
/* build.h - an entry of the store, made from a wheel */
#pragma once

#include "manifest.h"
#include "store.h"

enum build_for {
	BUILD_STORE,	   /* files that nobody changes */
	BUILD_ENVIRONMENT, /* files as the one environment will have them */
	BUILD_NOTHING	   /* only find out what would come of it; DIR is not used */
};

/*
 * Unpack the wheel behind FD into the directory DIR (whose path is DIR_PATH), verify
 * every file against RECORD, compile byte code if W wants it, and write the index. What was
 * built is in M then.  0; STORE_NEEDS_PIP with why in the log; INTEGRITY or another error.
 */
int store_build(struct store *s, const struct store_wheel *w, enum build_for what, int fd,
		int dir, const char *dir_path, struct manifest *m, struct venv_error *err)
	_must_check_;
