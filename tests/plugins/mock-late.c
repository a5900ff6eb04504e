/* SPDX-License-Identifier: MIT */
/* mock-late.c - a plugin that installs a wheel when the environment is published */
#include "mock.h"

static int post_setup(void *data)
{
	const struct mock *m = data;
	const struct venv_wheel wheel = {
		.struct_size = sizeof(wheel),
		.path = m->host->option(m->session, "wheel"),
	};

	return m->host->install_wheel(m->session, &wheel);
}

static const struct venv_option options[] = { { "wheel", VENV_OPTION_PATH,
						VENV_OPTION_REQUIRED, NULL, "the wheel",
						NULL, NULL },
					      MOCK_OPTIONS,
					      VENV_OPTION_END };

VENV_PLUGIN_DEFINE(mock_late, "1.0", .summary = "install a wheel late",
		   .options = options, .open = mock_open, .close = mock_close,
		   .post_setup = post_setup);
