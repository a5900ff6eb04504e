/* SPDX-License-Identifier: MIT */
/* look.h - what the commands share that look at environments that are there */
#pragma once

#include "cli.h"
#include "environment/environment.h"

struct look_cmd {
	const char *name; /* of the command */
	struct arena arena;
	struct venv_builder *b;
	struct python_env pe;
	struct log log;
	struct json *json;
	bool as_json, dry_run;
	struct strlist rest; /* operands */
};

/*
 * Begin the command of ARGV with its FLAGS (as of args_simple(), which may point into L):
 * EXIT_OK, or the exit status with which it ends.
 */
int look_begin(struct look_cmd *l, int argc, char **argv, const struct flag *flags);
/* End it: the exit status, which is R unless that is 0 and not all could be printed. */
int look_end(struct look_cmd *l, int r);

/* Say that DIR (or NULL) failed, as text or JSON; STATUS, or that of ERR if it is 0. */
int look_error(struct look_cmd *l, const char *dir, int status, struct venv_error *err);
