/* SPDX-License-Identifier: MIT */
/*
 * upgrade_deps.c - EnvBuilder.upgrade_dependencies(): the newest pip, from the index
 *
 * Done by the engine, because it comes after the last plugin, whichever that is.
 */
#include <config.h>

#include <string.h>

#include "engine.h"

/* The pip that the site's wheels brought is the one that the site wants. */
static bool has_wheel_of_pip(const struct venv_builder *b)
{
	for (const struct step *t = b->steps.first; t; t = t->next) {
		if (t->lists_pip && step_provides(t, "pip"))
			return true;
	}
	return false;
}

/*
 * As in venv it needs pip, and fails without one.  But who configured it for every
 * environment did not mean those that somebody wants without pip.
 */
bool upgrade_deps_wanted(const struct venv_builder *b)
{
	const struct value *v = config_find(&b->config, "create", "upgrade-deps");

	if (!b->settings.upgrade_deps || has_wheel_of_pip(b))
		return false;
	return context_wants_pip(b) || (v && v->origin.layer == LAYER_ARG);
}

int upgrade_deps(struct venv_builder *b, struct venv_error *err)
{
	static const char begin[] = "Upgrading pip ...", done[] = "done.\n",
			  bad[] = "failed.\n";
	struct step step = { .instance = "upgrade-deps" };
	struct venv_session s = { .b = b, .step = &step, .in_post_setup = true };
	/* Since 3.12 venv does not bring setuptools. */
	bool setuptools = PYTHON_XY(&b->build.python) < 0x030c && b->settings.setuptools;
	const char *argv[] = { b->build.context.env_exe,
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

	builder_progress(b, VENV_STREAM_MAIN, begin, strlen(begin));
	r = child_run(&s, &run, err);
	builder_progress(b, VENV_STREAM_MAIN, r ? bad : done, strlen(r ? bad : done));
	child_tell(&s);
	/* As with a plugin: that its child failed is exit 6. */
	if (r == VENV_ERR_FAILED) {
		r = error_prefix(err, VENV_ERR_STEP, "--upgrade-deps");
		err->code = VENV_ERR_STEP;
	}
	arena_release(&s.arena);
	return r;
}
