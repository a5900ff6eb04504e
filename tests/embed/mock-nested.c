/* SPDX-License-Identifier: MIT */
/* mock-nested.c - a plugin that calls a function of the program that it is loaded into */
#include <venvctl/plugin.h>

int nested(void);

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	(void)host;
	(void)ctx;
	*data = session;
	return nested();
}

static int seed(void *data)
{
	(void)data;
	return nested();
}

static void end(void *data, int result)
{
	(void)data;
	(void)result;
	nested();
}

VENV_PLUGIN_DEFINE(mock_nested, "1.0", .open = begin, .close = end, .seed = seed);
