/* @NAME@ - a plugin for venvctl; venvctl-plugin(3) explains what it can do */
#include <venvctl/plugin.h>

#include <stdio.h>
#include <string.h>

/* What the hooks share while one environment is made. */
struct state {
	const struct venv_host *host;
	struct venv_session *session;
	const struct venv_context *ctx;
};

/* Before anything is written: say no here if it cannot be done. */
static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct state *st = host->alloc(session, sizeof(*st));

	if (!st)
		return VENV_ERR_NOMEM;
	st->host = host;
	st->session = session;
	st->ctx = ctx;
	*data = st;
	return VENV_OK;
}

/* Place files.  What has to run the environment's python belongs into post_setup. */
static int seed(void *data)
{
	struct state *st = data;
	const char *greeting = st->host->option(st->session, "greeting");
	char text[512];
	int n = snprintf(text, sizeof(text), "%s from %s\n", greeting, st->ctx->prompt);

	if (n < 0 || (size_t)n >= sizeof(text)) {
		st->host->error(st->session, "the greeting is too long");
		return VENV_ERR_CONFIG;
	}
	/* A service that fails has set the message: pass its result on. */
	return st->host->write_file(st->session, "etc/@NAME@.txt", text, (size_t)n, 0666);
}

static const struct venv_option options[] = {
	{ "greeting", VENV_OPTION_STRING, 0, "hello", "first word of the file", NULL, NULL },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE(@C_NAME@, "0.1",
	.flags = VENV_PLUGIN_LOOKS, /* begin() makes nothing */
	.summary = "write a greeting into the environment",
	.options = options,
	.open = begin,
	.seed = seed);
