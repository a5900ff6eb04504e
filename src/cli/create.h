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
	const struct strlist *before; /* what it had, as installed_list() says */
};
/* One line a step: what would happen, and why. */
void report_plan(const struct reporting *w);
/* One object, of what the builder did last. */
void report_json(const struct reporting *w);

/* installed.c: the distributions of the environment DIR, if it is one: 0, or -errno. */
int installed_list(struct arena *a, const char *dir, struct strlist *out) _must_check_;
/* Those of NOW that are not in BEFORE: [{"name": ..., "version": ...}, ...]. */
void *installed_json(struct json *j, struct arena *a, const struct strlist *before,
		     const struct strlist *now);
