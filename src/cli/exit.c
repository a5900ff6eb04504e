/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "cli.h"

int exit_status(int result)
{
	switch (result) {
	case VENV_OK:
		return EXIT_OK;
	case VENV_ERR_USAGE:
		return EXIT_USAGE;
	case VENV_ERR_NO_PYTHON:
		return EXIT_NO_PYTHON;
	case VENV_ERR_CONFLICT:
		return EXIT_CONFLICT;
	case VENV_ERR_PLUGIN:
		return EXIT_PLUGIN;
	case VENV_ERR_STEP:
		return EXIT_STEP;
	case VENV_ERR_NETWORK:
	case VENV_ERR_INTEGRITY:
		return EXIT_NETWORK;
	case VENV_ERR_CONFIG:
		return EXIT_CONFIG;
	default:
		return EXIT_FAILED;
	}
}

const char *exit_name(int status)
{
	static const char *const names[] = { "ok",	 "failed",  "usage", "no-python",
					     "conflict", "plugin",  "step",  "network",
					     "config",	 "not-seen" };

	return names[status];
}
