/* SPDX-License-Identifier: MIT */
/* supervisor_blame.h - whose fault it was that a child is gone, by the page that it left */
#pragma once

#include "supervisor_messages.h"

/* It ended with STATUS of waitpid(2), without a word about TARGET; returns ERR's code. */
int supervisor_blame(const struct venv_builder *b, const struct page *p,
		     const char *target, int status, struct venv_error *err);

/* It was killed because it did not stop when the user asked for that; returns ERR's code. */
int supervisor_blame_deaf(const struct page *p, struct venv_error *err);
