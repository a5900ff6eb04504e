/* SPDX-License-Identifier: MIT */
/*
 * trial_watch.h - what the hooks of the plugin under trial change that is the host's
 *
 * The context and pyvenv.cfg are compared around each hook; before publication a hook may not
 * open the environment's python (trial.copies); and a hook that is told to stop is to end.
 */
#pragma once

#include "trial.h"

struct venv_builder;

/* For the creates of BUILDER, before the first; all of them have to live as long.  TO gets
 * lines for the process that waits, which needs them at once. */
void trial_watch(struct arena *a, const struct trial *t, struct venv_builder *builder,
		 int to);

/* A hook of the plugin under trial is running. */
bool trial_watch_inside(void);
bool trial_watch_in_close(void);

/* SERVICE was called on another thread than the hook that runs: it will be refused. */
bool trial_watch_is_stray(const char *service);

/* SERVICE was refused: in close, what it would do cannot be done by anybody. */
void trial_watch_refused(const char *service);

/* The host has changed pyvenv.cfg for it. */
void trial_watch_cfg(void);

/*
 * The user has asked to stop: from now on a hook has TRIAL_STOP_SECONDS of its own, in which
 * those of services do not count.
 */
void trial_watch_stop(void);
void trial_watch_pause(void);
void trial_watch_resume(void);

/* Something that it should not do; TEXT is in the arena, or constant. */
void trial_watch_found(const char *text);

/* Each once. */
const struct strlist *trial_watch_findings(void);
