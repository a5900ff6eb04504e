/* SPDX-License-Identifier: MIT */
/*
 * upgrade_deps.c - EnvBuilder.upgrade_dependencies(): the newest pip, from the index
 *
 * No plugin, because it comes after the last plugin, whichever that is.
 */
#include <config.h>

#include <string.h>

#include "private.h"

/* A pip that a list of wheels installed is the version that is wanted. */
static bool has_wheel_of_pip(const struct venv_builder *b)
{
	for (const struct step *t = b->host.steps.first; t; t = t->next) {
		if (t->lists_pip && step_provides(t, "pip"))
			return true;
	}
	return false;
}

/*
 * On the command line --upgrade-deps needs pip, and fails without, as in venv.  Who has
 * configured it for all environments did not mean those that are made without pip.
 */
bool upgrade_deps_wanted(const struct venv_builder *b)
{
	const struct value *v = config_find(&b->host.config, "create", "upgrade-deps");

	if (!b->host.settings.upgrade_deps || has_wheel_of_pip(b))
		return false;
	return host_wants_pip(&b->host) || (v && v->origin.layer == LAYER_ARG);
}

int upgrade_deps(struct venv_builder *b, struct venv_error *err)
{
	static const char begin[] = "Upgrading pip ...", done[] = "done.\n",
			  bad[] = "failed.\n";
	/* Since 3.12 venv does not bring setuptools. */
	bool setuptools = PYTHON_XY(&b->host.build.python) < 0x030c &&
			  b->host.settings.setuptools;
	const char *argv[] = { b->host.build.context.env_exe,
			       "-m",
			       "pip",
			       "install",
			       "--upgrade",
			       "pip",
			       setuptools ? "setuptools" : NULL,
			       NULL };
	struct venv_run run = { .struct_size = sizeof(run),
				.flags = VENV_RUN_INDEX,
				.argv = argv };
	int r;

	host_progress(&b->host, VENV_STREAM_MAIN, begin, strlen(begin));
	r = host_run_step(&b->host, "upgrade-deps", &run, err);
	host_progress(&b->host, VENV_STREAM_MAIN, r ? bad : done, strlen(r ? bad : done));
	/* A program that failed is a failed step (exit 6), as it is with a plugin. */
	if (r == VENV_ERR_FAILED) {
		r = error_prefix(err, VENV_ERR_STEP, "--upgrade-deps");
		err->code = VENV_ERR_STEP;
	}
	return r;
}
