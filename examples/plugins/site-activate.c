/* SPDX-License-Identifier: MIT */
/*
 * site-activate - scripts that activation and deactivation source as well
 *
 * What goes into etc/venvctl/activate.d is described in venvctl-activate(7).
 */
#include <venvctl/plugin.h>

#include <string.h>

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

/* setup_scripts of EnvBuilder has run: its scripts are in place. */
static int setup_scripts(void *data)
{
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "etc/venvctl/activate.d/50-site.sh", "export SITE_ACTIVE=yes\n" },
		{ "etc/venvctl/deactivate.d/50-site.sh", "unset SITE_ACTIVE\n" },
	};
	struct state *st = data;
	int r = VENV_OK;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && r == VENV_OK; i++)
		r = st->host->write_file(st->session, files[i].path, files[i].text,
					 strlen(files[i].text), 0666);
	return r;
}

VENV_PLUGIN_DEFINE(site_activate, "1.0",
		   .summary = "set SITE_ACTIVE while the environment is active",
		   .open = begin, .setup_scripts = setup_scripts);
