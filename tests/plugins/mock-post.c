/* SPDX-License-Identifier: MIT */
/* mock-post.c - a plugin that needs the published environment, and comes after others */
#include "mock.h"

static int post_setup(void *data)
{
	return mock_hook(data, "post_setup");
}

static const struct venv_option options[] = { MOCK_OPTIONS, VENV_OPTION_END };

VENV_PLUGIN_DEFINE_ORDERED(mock_post, "1.0", "", "mock-thing mock-hooks", "",
			   .summary = "need the environment's python", .options = options,
			   .open = mock_open, .close = mock_close,
			   .post_setup = post_setup);
