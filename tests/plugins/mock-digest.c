/* SPDX-License-Identifier: MIT */
/* mock-digest.c - a wheel or a download with a digest that no option was checked for */
#include <venvctl/plugin.h>

struct mock {
	const struct venv_host *host;
	struct venv_session *session;
};

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct mock *m = host->alloc(session, sizeof(*m));

	(void)ctx;
	if (!m)
		return VENV_ERR_NOMEM;
	*m = (struct mock){ host, session };
	*data = m;
	return VENV_OK;
}

static int seed(void *data)
{
	struct mock *m = data;
	const char *digest = m->host->option(m->session, "digest");
	const char *const digests[] = { digest, NULL };
	struct venv_wheel wheel = { .struct_size = sizeof(wheel),
				    .path = m->host->option(m->session, "wheel"),
				    .sha256 = digest };
	struct venv_download download = { .struct_size = sizeof(download),
					  .url = m->host->option(m->session, "url"),
					  .sha256 = digests };

	return wheel.path ? m->host->install_wheel(m->session, &wheel)
			  : m->host->download(m->session, &download);
}

static const struct venv_option options[] = {
	{ "wheel", VENV_OPTION_PATH, 0, NULL, "a wheel to install", NULL, NULL },
	{ "url", VENV_OPTION_URL, 0, NULL, "else a file to fetch", NULL, NULL },
	{ "digest", VENV_OPTION_STRING, VENV_OPTION_REQUIRED, NULL, "its digest", NULL,
	  NULL },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE(mock_digest, "1.0", .summary = "ask for what has a digest",
		   .options = options, .open = begin, .seed = seed);
