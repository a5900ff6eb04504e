/* SPDX-License-Identifier: MIT */
/* info.h - what there is to say of an environment, for `info` and `list` */
#pragma once

#include "cli.h"
#include "environment/environment.h"

/* "ok", "half-built" or "broken". */
const char *info_state(const struct environment *e, const struct checkup *c);

/* The object that `info --json` prints, of COMMAND. */
void *info_object(struct json *j, const char *command, const struct environment *e,
		  const struct checkup *c);
