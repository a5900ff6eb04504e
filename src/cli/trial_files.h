/* SPDX-License-Identifier: MIT */
/* trial_files.h - files of a trial where none belong, and what they say */
#pragma once

#include "trial.h"

/* One text a place with what lies there; ENV: there is an environment. */
void trial_files_outside(struct arena *a, const struct trial *t, bool env,
			 struct strlist *out);

/* Files and links of the environment that have the path of the staging directory in them:
 * one text, or NULL. */
const char *trial_files_staging(struct arena *a, const struct trial *t);

/* Is what it provides, NAME, in the environment of which CONTEXT tells? */
struct venv_context;
bool trial_files_provides(struct arena *a, const struct venv_context *c,
			  const char *name);
