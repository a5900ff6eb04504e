/* SPDX-License-Identifier: MIT */
/* trial_host.h - services that count their calls, fail or cancel as a trial says */
#pragma once

#include <venvctl/plugin.h>

#include "trial.h"

/*
 * Fill HOST with them; it and T have to live as long as it is used. The name of the one
 * that failed goes to the descriptor ANSWER at once. For one trial: it is of the process.
 * Only calls of the plugin under trial count: trial_watch.h knows them.
 */
void trial_host(struct venv_host *host, struct arena *a, const struct trial *t,
		int answer);

/* How many calls there were. */
unsigned trial_host_calls(void);
