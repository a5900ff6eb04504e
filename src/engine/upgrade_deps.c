/* SPDX-License-Identifier: MIT */
/*
 * upgrade_deps.c - EnvBuilder.upgrade_dependencies(): the newest pip, from the index
 *
 * Done by the engine, because it comes after the last plugin, whichever that is.
 */
#include <config.h>

#include <string.h>

#include "base/path.h"
#include "engine.h"

/* "pip", "pip==24.0", or a wheel of it. */
static bool names_pip(const char *item)
{
	const char *name = path_base(item);

	return !strncmp(name, "pip", 3) && (!name[3] || strchr("=-", name[3]));
}

/* The plugin wheels has placed the pip that the site wants: no other is better. */
static bool has_wheel_of_pip(const struct venv_builder *b)
{
	for (const struct step *t = b->steps.first; t; t = t->next) {
		const char *section = config_plugin_section(
			&((struct venv_builder *)(uintptr_t)b)->config, t->instance);
		const struct value *v =
			section ? config_find(&b->config, section, "packages") : NULL;

		if (strcmp(t->file.name, "wheels") != 0)
			continue;
		for (size_t i = 0; v && i < v->items.n; i++) {
			if (names_pip(v->items.v[i]))
				return true;
		}
	}
	return false;
}

bool upgrade_deps_wanted(const struct venv_builder *b)
{
	return b->settings.upgrade_deps && !has_wheel_of_pip(b);
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
	/* As with a plugin: that its child failed is exit 6. */
	if (r == VENV_ERR_FAILED) {
		r = error_prefix(err, VENV_ERR_STEP, "--upgrade-deps");
		err->code = VENV_ERR_STEP;
	}
	arena_release(&s.arena);
	return r;
}
