/* SPDX-License-Identifier: MIT */
/* create.h - what `create` and `upgrade` share */
#pragma once

#include "cli.h"

/* create_report.c */
struct reporting {
	struct venv_builder *b;
	struct arena *arena;
	struct json *json;
	const char *command; /* "create" or "upgrade" */
	bool dry_run;
};
/* One line a step: what would happen, and why. */
void report_plan(const struct reporting *w);
/* One object, of what the builder did last. */
void report_json(const struct reporting *w);
