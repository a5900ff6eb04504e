/* SPDX-License-Identifier: MIT */
/*
 * trial.h - make a scratch environment with a plugin, in a child process
 *
 * For `plugins check`: whatever the plugin does to the process stays there, a crash or
 * a hang is an answer, and services can be made to fail.
 */
#pragma once

#include "util/util.h"

struct candidate;

struct trial {
	const struct candidate *file; /* the plugin under trial */
	struct strlist with; /* plugins that it needs, as create's --plugin takes them */
	struct strlist options; /* NAME.KEY=VALUE, as create's -o takes them */
	const char *cwd;	/* what relative paths of these are relative to */
	const char *scratch;	/* a directory; its `cache` is kept, the rest made anew */
	const char *config;	/* the user's configuration file; NULL for none */
	bool links;		/* files of the store may be linked: it is much faster */
	bool runtime;		/* its language brings signal handlers and threads */
	unsigned fail_at;	/* the N-th service that is called fails; 0: none */
	unsigned cancel_at;	/* the user cancels when the N-th is called; 0: not */
	bool cancel_last;	/* the user cancels when its post_setup has returned */
	bool offline;		/* --offline, and without any network */
	bool apart;		/* where what is written outside SCRATCH can be seen */
	bool copies;	/* the interpreter is copied, and seen when it is opened */
	bool whole;	/* look through the environment that was made */
	unsigned times; /* environments in one process, for its memory; 0: one */
};

struct trial_result {
	int result;		 /* of the create: VENV_OK or an error */
	const char *message;	 /* of an error, or of a crash or hang; else NULL */
	const char *hint;	 /* of an error, or NULL */
	struct strlist lines;	 /* the last ones of a child that failed */
	bool died;		 /* crashed or hung */
	bool no_network_to_take; /* offline: the network could not be taken away */
	bool not_apart;		 /* apart: what others write is seen as well */
	bool no_memory_to_see;	 /* times: nobody tells how much there is */
	unsigned calls;		 /* of services */
	const char *service;	 /* that was made to fail, or NULL */
	struct strlist findings; /* what it left behind, one text each */
	struct strlist outside;	 /* files that it left outside, one text a directory */
	struct strlist changes;	 /* apart: paths outside SCRATCH that were changed */
};

/* After this many seconds one that was told to stop has not. */
#define TRIAL_STOP_SECONDS 5

/* 0 if there is a RESULT, however bad; strings are in the arena. */
int trial_run(struct arena *a, const struct trial *t, struct trial_result *result,
	      struct venv_error *err) _must_check_;
