/* SPDX-License-Identifier: MIT */
/*
 * mock-future.c - a plugin of a later minor version
 *
 * Built by the test alone, with a copy of the header in which each structure has one
 * member more and the minor version is 1.
 */
#include "../plugins/mock.h"

static int open_in_future(const struct venv_host *host, struct venv_session *session,
			  const struct venv_context *ctx, void **data)
{
	int r = mock_open(host, session, ctx, data);

	if (r)
		return r;
	mock_say(*data, VENV_HAS(host, more) ? "host->more is there" : "no host->more");
	mock_say(*data, VENV_HAS(ctx, more) ? "ctx->more is there" : "no ctx->more");
	/* What a plugin does that cannot work without it. */
	if (host->option_bool(session, "needs-more") && !VENV_HAS(host, more)) {
		host->error(session, "it needs version 1.1 of the plugin ABI");
		return VENV_ERR_UNSUPPORTED;
	}
	return VENV_OK;
}

static int seed(void *data)
{
	static const char *const argv[] = { "/bin/true", NULL };
	const struct mock *m = data;
	struct venv_run run;
	int r;

	memset(&run, 0, sizeof(run));
	run.struct_size = sizeof(run);
	run.argv = argv;
	run.more = data;
	r = m->host->run(m->session, &run);
	return r ? r : mock_hook(m, "seed");
}

static int finish(void *data)
{
	return mock_hook(data, "finish");
}

static const struct venv_option options[] = { MOCK_OPTIONS,
					      { .name = "needs-more",
						.type = VENV_OPTION_BOOL,
						.default_value = "no",
						.help = "whether it cannot do without",
						.more = "more" },
					      { 0 } };

VENV_PLUGIN_DEFINE(mock_future, "2.0", .summary = "come from the future",
		   .options = options, .open = open_in_future, .close = mock_close,
		   .seed = seed, .finish = finish);
