/* SPDX-License-Identifier: MIT */
/*
 * trial.h - make a scratch environment with a plugin, in a child process
 *
 * For `plugins check`: whatever the plugin does to the process stays there, a crash or
 * a hang is an answer, and services can be made to fail.
 */
#pragma once

#include "util/util.h"

struct trial {
	const char *plugin;  /* path of its file */
	const char *scratch; /* a directory; its `cache` is kept, the rest made anew */
	const char *config;  /* the user's configuration file; NULL for none */
	unsigned fail_at;    /* the N-th service that is called fails; 0: none */
	unsigned cancel_at;  /* the user cancels when the N-th is called; 0: not */
	bool offline;	     /* --offline, and without any network */
	unsigned seconds;    /* after which it hangs */
};

struct trial_result {
	int result;		 /* of the create: VENV_OK or an error */
	const char *message;	 /* of an error, or of a crash or hang; else NULL */
	bool died;		 /* crashed or hung */
	bool no_network_to_take; /* offline: the network could not be taken away */
	unsigned calls;		 /* of services */
	const char *service;	 /* that was made to fail, or NULL */
	struct strlist findings; /* what it left behind, one text each */
};

/* 0 if there is a RESULT, however bad; strings are in the arena. */
int trial_run(struct arena *a, const struct trial *t, struct trial_result *result,
	      struct venv_error *err) _must_check_;
