/* SPDX-License-Identifier: MIT */
/*
 * mock-turns.c - a plugin that says whether two of its sessions are at work at once
 *
 * With -DFLAGS=VENV_PLUGIN_PARALLEL it waits until they are, else it fails if they are.
 */
#include <venvctl/plugin.h>

#include <stdatomic.h>
#include <unistd.h>

static atomic_int inside, most;

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	int now = atomic_fetch_add(&inside, 1) + 1;

	(void)host;
	(void)ctx;
	*data = session;
	if (now > atomic_load(&most))
		atomic_store(&most, now);
	return VENV_OK;
}

static int seed(void *data)
{
	(void)data;
	/* Long enough for the other thread to come in, if it may. */
	for (int i = 0; i < (FLAGS ? 1000 : 20) && atomic_load(&most) < 2; i++)
		usleep(10000);
	return (atomic_load(&most) == 2) == (FLAGS != 0) ? VENV_OK : VENV_ERR_FAILED;
}

static void end(void *data, int result)
{
	(void)data;
	(void)result;
	atomic_fetch_sub(&inside, 1);
}

VENV_PLUGIN_DEFINE(mock_turns, "1.0", .flags = FLAGS, .open = begin, .close = end,
		   .seed = seed);
