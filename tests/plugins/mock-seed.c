/* SPDX-License-Identifier: MIT */
/* mock-seed.c - a plugin that only places files, and provides something */
#include "mock.h"

static int seed(void *data)
{
	return mock_hook(data, "seed");
}

static const struct venv_option options[] = { MOCK_OPTIONS, VENV_OPTION_END };

VENV_PLUGIN_DEFINE_ORDERED(mock_seed, "1.0", "mock-thing pip", "", "",
			   .summary = "only place files", .options = options,
			   .open = mock_open, .close = mock_close, .seed = seed);
