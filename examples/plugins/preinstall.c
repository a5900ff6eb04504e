/* SPDX-License-Identifier: MIT */
/* preinstall - put a wheel into every environment, without starting Python */
#include <venvctl/plugin.h>

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
	const struct venv_wheel wheel = {
		.struct_size = sizeof(wheel),
		.flags = VENV_WHEEL_REQUESTED,
		.path = st->host->option(st->session, "wheel"),
		.sha256 = st->host->option(st->session, "sha256"),
	};
	int r = st->host->install_wheel(st->session, &wheel);

	/* There is no post_setup that could let pip do it. */
	if (r == VENV_LATER) {
		st->host->error(st->session, "this wheel needs pip");
		return VENV_ERR_UNSUPPORTED;
	}
	return r;
}

static const struct venv_option options[] = {
	{ "wheel", VENV_OPTION_PATH, VENV_OPTION_REQUIRED, NULL, "the wheel to install",
	  NULL, NULL },
	{ "sha256", VENV_OPTION_SHA256, 0, NULL, "digest that it must have", NULL, NULL },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE(preinstall, "1.0", .summary = "install a wheel", .options = options,
		   .open = begin, .seed = seed);
