/* SPDX-License-Identifier: MIT */
/* create.h - what `create` and `upgrade` share */
#pragma once

#include "cli.h"

/* targets.c: the directories of the command line, and behind them those that a file names. */
struct targets {
	struct arena *arena;
	struct strlist dirs;
	const char *file; /* NULL: none was named; "-": standard input */
	size_t typed;	  /* so many are of the command line */
	size_t *lines;	  /* of the others: where they stand in the file */
	size_t n_lines, lines_size;
};
/* USAGE, with the line, for what is no name; FAILED where it cannot be read. */
int targets_read(struct targets *t, const char *file, struct venv_error *err)
	_must_check_;
void targets_release(struct targets *t);
/* Can all of them be targets, and none twice?  Before the first is made. */
int targets_check(const struct targets *t, struct venv_builder *b, struct venv_error *err)
	_must_check_;

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
