/* SPDX-License-Identifier: MIT */
/*
 * setup_pip.c - EnvBuilder._setup_pip(), for programs that override it and call it
 *
 * Otherwise the plugin ensurepip does that, which knows a faster way.
 */
#include <config.h>

#include "private.h"

int setup_pip(struct venv_builder *b, struct venv_error *err)
{
	const char *argv[] = { b->host.build.context.env_exe,
			       "-m",
			       "ensurepip",
			       "--upgrade",
			       "--default-pip",
			       NULL };
	struct venv_run run = { .struct_size = sizeof(run), .argv = argv };
	int r = host_run_step(&b->host, "ensurepip", &run, err);

	return r == VENV_ERR_STEP ? error_prefix(err, r, "ensurepip") : r;
}
