/* SPDX-License-Identifier: MIT */
/* trial_host.h - services that count their calls, fail or cancel as a trial says */
#pragma once

#include <venvctl/plugin.h>

#include "trial.h"

struct venv_builder;

/*
 * Fill HOST with them, for BUILDER; both and T have to live as long as it is used.
 * The name of the one that failed goes to the descriptor ANSWER at once. For one
 * trial: it is of the process.
 */
void trial_host(struct venv_host *host, const struct trial *t,
		struct venv_builder *builder, int answer);

/* How many calls there were. */
unsigned trial_host_calls(void);
