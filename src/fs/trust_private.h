/* SPDX-License-Identifier: MIT */
/* trust_private.h - a path on its way to be judged: trust.c walks, trust_judge.c judges */
#pragma once

#include <sys/stat.h>

#include "fs.h"

struct walk {
	struct trust *t;
	const char *asked; /* the path as it was given, for messages */
	struct str real;   /* resolved so far */
	bool quick;	   /* only find out whether all is good: no names for messages */
	bool shallow;	   /* in a directory of the installation */
	int code;
	struct venv_error *err;
};

/* Judge the component that W->real ends with, whose state is ST: 0, or the error. */
int trust_judge(struct walk *w, const struct stat *st) _must_check_;

/* Judge the link NAME in the directory DIR, which belongs to UID: 0, or the error. */
int trust_judge_link(struct walk *w, int dir, const char *name, uid_t uid) _must_check_;
