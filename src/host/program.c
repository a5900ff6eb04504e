/* SPDX-License-Identifier: MIT */
/*
 * program.c - services for what is no plugin's: the builder's own steps, and functions of
 * an embedding program
 */
#include <config.h>

#include "session.h"

int host_run_step(struct host *h, const char *instance, struct venv_run *run,
		  struct venv_error *err)
{
	struct step step = { .instance = instance };
	struct venv_session s = { .host = h, .step = &step };
	int r = host_run(&s, run, err);

	/* A program that failed is a failed step, as it is with a plugin. */
	if (r == VENV_ERR_FAILED) {
		r = VENV_ERR_STEP;
		if (err)
			err->code = r;
	}
	host_tell_child(&s);
	session_drop_temp_dir(&s);
	arena_release(&s.arena);
	return r;
}

int host_write_file(struct host *h, const char *path, const void *data, size_t len,
		    uint32_t mode, struct venv_error *err)
{
	struct venv_session s = { .host = h };
	int r = host_part_begin(h, err);

	if (!r)
		r = files_write(&s, path, data, len, (mode_t)mode, err);
	return host_part_end(h, r, err);
}
