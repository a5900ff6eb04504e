/* SPDX-License-Identifier: MIT */
/* compile.h - byte code of an entry, by the interpreter that will run it */
#pragma once

#include "manifest.h"
#include "store.h"

/*
 * Compile every .py file of the entry DIR (path DIR_PATH) that goes to site-packages, as
 * pip would, on a few processors at once, and add what came of it to M.  A file that does not compile
 * has no byte code.  READ_ONLY: as all files of the store.
 */
int store_compile(struct store *s, const struct store_wheel *w, int dir,
		  const char *dir_path, bool read_only, struct manifest *m,
		  struct venv_error *err) _must_check_;
