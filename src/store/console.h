/* SPDX-License-Identifier: MIT */
/* console.h - the scripts of a wheel: those of its entry points, and its own */
#pragma once

#include "entry.h"

/* A file that was written for one environment: a row of its RECORD. */
typedef int console_fn(void *data, const char *name, const struct str *text,
		       struct venv_error *err);

/* Tell WRITE of every script that belongs into the directory of scripts. */
int console_scripts(struct store *s, const struct store_wheel *w, const struct entry *e,
		    console_fn *write, void *data, struct venv_error *err) _must_check_;
