/* SPDX-License-Identifier: MIT */
/*
 * trial_child.h - what the process of a trial says, in lines
 *
 * "finding", "outside", "change" and "line" have a text each; "calls" and "service" tell of
 * services, "stopping" of a hook that was told to stop; "network", "apart" and "memory" say
 * what could not be had.  "result" has that of the create and who says it, "hint" and
 * "message", which is the last and may be of any form, are of its error.
 */
#pragma once

#include "trial.h"

/* Its exit status if it could not say how the trial ended: it has no descriptor for that. */
#define TRIAL_MUTE 77

/* Be that process; the answer goes TO a pipe. */
_noreturn_ void trial_child(struct arena *a, const struct trial *t, int to);
