/* SPDX-License-Identifier: MIT */
/* mock-needs.c - a plugin that has an option that must be set, and no hook at all */
#include <venvctl/plugin.h>

static const struct venv_option options[] = { { "needed", VENV_OPTION_STRING,
						VENV_OPTION_REQUIRED, NULL,
						"what it needs", "WORD", NULL },
					      VENV_OPTION_END };

VENV_PLUGIN_DEFINE(mock_needs, "1.0", .summary = "need an option", .options = options);
