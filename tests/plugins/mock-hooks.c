/* SPDX-License-Identifier: MIT */
/* mock-hooks.c - a plugin with every hook that there is */
#include "mock.h"

#define HOOK(name)                             \
	static int name(void *data)            \
	{                                      \
		return mock_hook(data, #name); \
	}

HOOK(ensure_directories)
HOOK(create_configuration)
HOOK(setup_python)
HOOK(setup_scripts)
HOOK(seed)
HOOK(post_setup)
HOOK(undo)

static int before_stage(void *data, int stage)
{
	char name[32];

	snprintf(name, sizeof(name), "before %d", stage);
	return mock_hook(data, name);
}

static const struct venv_option options[] = { MOCK_OPTIONS, VENV_OPTION_END };

VENV_PLUGIN_DEFINE(mock_hooks, "1.0", .summary = "write down each hook",
		   .options = options, .open = mock_open, .close = mock_close,
		   .before_stage = before_stage, .ensure_directories = ensure_directories,
		   .create_configuration = create_configuration,
		   .setup_python = setup_python, .setup_scripts = setup_scripts,
		   .seed = seed, .post_setup = post_setup, .undo = undo);
