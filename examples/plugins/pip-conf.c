/* SPDX-License-Identifier: MIT */
/* pip-conf - write the environment's pip.conf, before anything can run pip */
#include <venvctl/plugin.h>

#include <stdio.h>

struct state {
	const struct venv_host *host;
	struct venv_session *session;
};

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct state *st = host->alloc(session, sizeof(*st));

	(void)ctx;
	if (!st)
		return VENV_ERR_NOMEM;
	st->host = host;
	st->session = session;
	*data = st;
	return VENV_OK;
}

static int seed(void *data)
{
	struct state *st = data;
	const char *url = st->host->option(st->session, "index-url");
	char text[2048];
	int n = snprintf(text, sizeof(text), "[global]\nindex-url = %s\n", url);

	if (n < 0 || (size_t)n >= sizeof(text)) {
		st->host->error(st->session, "the address of the index is too long");
		return VENV_ERR_CONFIG;
	}
	return st->host->write_file(st->session, "pip.conf", text, (size_t)n, 0666);
}

static const struct venv_option options[] = {
	{ "index-url", VENV_OPTION_URL, VENV_OPTION_REQUIRED, NULL,
	  "where pip looks for packages", NULL, NULL },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE(pip_conf, "1.0", .summary = "write pip.conf", .options = options,
		   .open = begin, .seed = seed);
