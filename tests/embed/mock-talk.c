/* SPDX-License-Identifier: MIT */
/* mock-talk.c - a plugin that runs a child with some output, and logs at each level */
#include <venvctl/plugin.h>

struct talk {
	const struct venv_host *host;
	struct venv_session *session;
};

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct talk *t = host->alloc(session, sizeof(*t));

	(void)ctx;
	if (!t)
		return VENV_ERR_NOMEM;
	t->host = host;
	t->session = session;
	*data = t;
	return VENV_OK;
}

static int seed(void *data)
{
	static const char *const argv[] = { "/bin/sh", "-c", "echo out; echo err >&2",
					    NULL };
	struct venv_run run = { .struct_size = sizeof(run), .argv = argv };
	struct talk *t = data;

	for (int level = VENV_LOG_ERROR; level <= VENV_LOG_DEBUG; level++)
		t->host->log(t->session, level, "talking");
	t->host->progress(t->session, VENV_STREAM_MAIN, "Talking ...\n");
	return t->host->run(t->session, &run);
}

VENV_PLUGIN_DEFINE(mock_talk, "1.0", .open = begin, .seed = seed);
