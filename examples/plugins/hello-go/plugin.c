/* SPDX-License-Identifier: MIT */
/* plugin.c - what the host sees of hello-go: the plugin's table, its entry and its ELF note */
#include <venvctl/plugin.h>

#include "_cgo_export.h"

static int open_hook(const struct venv_host *host, struct venv_session *session,
		     const struct venv_context *ctx, void **data)
{
	/* Go has no const. */
	*data = (void *)helloOpen((struct venv_host *)(uintptr_t)host, session,
				  (struct venv_context *)(uintptr_t)ctx);
	return VENV_OK;
}

/* A handle is a number: Go takes what is in a pointer of its own for an address. */
static void close_hook(void *data, int result)
{
	(void)result;
	helloClose((uintptr_t)data);
}

static int seed_hook(void *data)
{
	return helloSeed((uintptr_t)data);
}

VENV_PLUGIN_DEFINE(hello_go, "1.0", .summary = "write a file from Go", .open = open_hook,
		   .close = close_hook, .seed = seed_hook);
