/* SPDX-License-Identifier: MIT */
/* signals.c - what interrupts us: roll back first, then die of it */
#include <config.h>

#include <signal.h>
#include <stddef.h>

#include "cli.h"

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
static struct venv_builder *builder;
static volatile sig_atomic_t received;

static void on_signal(int sig)
{
	received = sig;
	venv_builder_cancel(builder);
}

void signals_catch(struct venv_builder *b)
{
	/* Not SA_RESTART: whoever waits for a lock wants to hear of it. */
	struct sigaction sa = { .sa_handler = on_signal };

	builder = b;
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++) {
		struct sigaction old;

		/* What our parent had ignored (nohup) stays ignored. */
		if (!sigaction(caught[i], &sa, &old) && old.sa_handler == SIG_IGN)
			sigaction(caught[i], &old, NULL);
	}
}

void signals_deliver(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };

	if (!received)
		return;
	sigaction(received, &sa, NULL);
	raise(received);
}
