/* SPDX-License-Identifier: MIT */
/*
 * error.h - one error, set where it happens and prefixed on the way up
 *
 * Every function that can fail takes a struct venv_error last, which may be
 * NULL, and returns 0 or a negative VENV_ERR_*.  The function that finds the
 * fault fills the error once; callers only prefix or hint.  On success the error
 * is not touched.
 */
#pragma once

#include <venvctl/venvctl.h>

#include "macro.h"

/* Set CODE and a message; returns CODE. */
int error_set(struct venv_error *err, int code, const char *fmt, ...) _printf_(3, 4);

/* Set VENV_ERR_FAILED (NOMEM for ENOMEM) and a message, ": " and strerror(ERRNUM). */
int error_errno(struct venv_error *err, int errnum, const char *fmt, ...) _printf_(3, 4);

/* Put a message and ": " before what is there; returns the error's code. */
int error_prefix(struct venv_error *err, int code, const char *fmt, ...) _printf_(3, 4);

/* Say what the user can do about it, replacing an earlier hint; returns CODE. */
int error_hint(struct venv_error *err, int code, const char *fmt, ...) _printf_(3, 4);

/* Memory ran out. */
int error_nomem(struct venv_error *err);

/* Move an error from one place to another, which is cleared first. */
void error_move(struct venv_error *to, struct venv_error *from);
