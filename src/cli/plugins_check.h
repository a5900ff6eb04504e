/* SPDX-License-Identifier: MIT */
/* plugins_check.h - what the files of `venvctl plugins check` share */
#pragma once

#include "plugins.h"
#include "plugin/plugin.h"
#include "trial.h"

struct check {
	const struct plugins_args *args;
	struct json *json;
	void *checks; /* of the file at work */
	const char *given;
	const char *scratch;
	struct candidate file;
	struct inspected plugin;
	bool links;		     /* SCRATCH can have hard links */
	bool go;		     /* it brings the runtime of Go */
	struct strlist with;	     /* what create's --plugin gets before it */
	struct strlist options;	     /* what create's -o gets */
	struct strlist told;	     /* the faults of this file */
	const struct strlist *lines; /* of a child, to be told with the next */
	unsigned failed;
	int untried; /* exit status: why no environment was made; 0 if one was */
};

/* UNTRIED: nothing is wrong, and nothing was seen to be right either. */
enum outcome { PASSED, WARNING, SKIPPED, UNTRIED, FAILED };

/* One line of the report; WHY may be NULL. */
void check_say(struct check *c, enum outcome outcome, const char *what, const char *why);
/* ERR as a fault; it is cleared. */
void check_say_error(struct check *c, const char *what, struct venv_error *err);

/* check_trials.c: make scratch environments with the plugin, and say what is wrong. */
void check_trials(struct check *c);
