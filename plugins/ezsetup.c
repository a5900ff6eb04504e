/* SPDX-License-Identifier: MIT */
/*
 * ezsetup - setuptools by the script ez_setup.py, as the documentation of venv shows it
 *
 * Its address of old is gone, so that there is no default; a site that needs it has a
 * copy.  It imports what Python 3.12 does not have any more.
 */
#include "installer.h"

struct ezsetup {
	struct installer i;
	int left_out;
};

static int ezsetup_open(const struct venv_host *host, struct venv_session *s,
			const struct venv_context *ctx, void **data)
{
	struct ezsetup *z;

	if (!VENV_HAS(host, download)) {
		host->error(s, "this venvctl cannot download");
		return VENV_ERR_UNSUPPORTED;
	}
	z = host->alloc(s, sizeof(*z));
	if (!z)
		return VENV_ERR_NOMEM;
	*data = z;
	z->i = (struct installer){
		.host = host, .s = s, .ctx = ctx, .name = "ezsetup", .what = "setuptools"
	};
	z->left_out = !(ctx->flags & VENV_CONTEXT_WITH_SETUPTOOLS);
	if (z->left_out) {
		host->log(s, VENV_LOG_WARNING,
			  "setuptools is not wanted (--no-setuptools): nothing is "
			  "installed");
		return VENV_OK;
	}
	if (installer_python(&z->i) >= 0x030c) {
		const char *text = installer_format(
			&z->i,
			"ez_setup cannot run on Python %u.%u, which has no distutils: "
			"install "
			"setuptools with the plugin 'wheels'",
			installer_python(&z->i) >> 8, installer_python(&z->i) & 0xff);

		host->error(s, text ? text : "ez_setup cannot run on this Python");
		return VENV_ERR_UNSUPPORTED;
	}
	z->i.url = host->option(s, "url");
	if (!z->i.url) {
		host->error(
			s,
			"'url' has to say where ez_setup.py is: its old address is gone "
			"(the plugin 'wheels' installs setuptools without it)");
		return VENV_ERR_CONFIG;
	}
	z->i.url = installer_expand(&z->i, z->i.url);
	z->i.sha256 = host->option_list(s, "sha256");
	return installer_check(&z->i);
}

static int ezsetup_post_setup(void *data)
{
	struct ezsetup *z = data;

	return z->left_out ? VENV_OK
			   : installer_run(&z->i, z->i.host->option_list(z->i.s, "args"),
					   NULL);
}

static const struct venv_option options[] = {
	{ "url", VENV_OPTION_LOCATION, 0, NULL, "the script ez_setup.py", NULL, NULL },
	{ "sha256", VENV_OPTION_SHA256, VENV_OPTION_LIST, NULL,
	  "digests, one of which the script must have", NULL, NULL },
	{ "args", VENV_OPTION_STRING, VENV_OPTION_LIST | VENV_OPTION_SECRET, NULL,
	  "further arguments of the script", "ARG", NULL },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE_ORDERED(ezsetup, "1.0", "setuptools", "", "",
			   .flags = VENV_PLUGIN_NETWORK | VENV_PLUGIN_RUNS_CODE |
				    VENV_PLUGIN_PARALLEL | VENV_PLUGIN_LOOKS,
			   .summary = "install setuptools with ez_setup.py",
			   .options = options, .open = ezsetup_open,
			   .post_setup = ezsetup_post_setup);
