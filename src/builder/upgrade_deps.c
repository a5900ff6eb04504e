/* SPDX-License-Identifier: MIT */
/*
 * upgrade_deps.c - EnvBuilder.upgrade_dependencies(): the newest pip, from the index
 *
 * No plugin, because it comes after the last plugin, whichever that is.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
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

/* What the environment has of these two, as one text. */
static int installed(struct venv_builder *b, const char **text, struct venv_error *err)
{
	struct arena *a = &b->host.build.arena;
	const char *dir = b->host.build.context.lib_path;
	struct strlist names = STRLIST_INIT;
	struct str out = STR_INIT;
	int r = tree_names(a, dir, &names);

	if (r && r != -ENOENT)
		return error_errno(err, -r, "cannot read '%s'", dir);
	for (size_t i = 0; i < names.n; i++) {
		if (!strncmp(names.v[i], "pip-", 4) ||
		    !strncmp(names.v[i], "setuptools-", 11))
			str_addf(&out, "%s\n", names.v[i]);
	}
	*text = str_to_arena(&out, a);
	return *text ? 0 : error_nomem(err);
}

static int step_error(struct venv_error *err, int r, const char *what)
{
	return r == VENV_ERR_STEP ? error_prefix(err, r, "--upgrade-deps%s", what) : r;
}

/*
 * To `pip install --upgrade` an index that does not answer, or answers with an error, is
 * one that has nothing newer.  So where nothing was upgraded it has to find a pip there.
 */
static int check_index(struct venv_builder *b, struct venv_error *err)
{
	struct arena *a = &b->host.build.arena;
	const char *tmp = env_get(b->host.env, "TMPDIR");
	char *dir = arena_printf(a, "%s/venvctl-XXXXXX",
				 tmp && *tmp == '/' ? tmp : "/tmp");
	const char *argv[] = { b->host.build.context.env_exe,
			       "-m",
			       "pip",
			       "download",
			       "--no-deps",
			       "--quiet",
			       "--dest",
			       dir,
			       "pip",
			       NULL };
	struct venv_run run = { .struct_size = sizeof(run),
				.flags = VENV_RUN_INDEX | VENV_RUN_QUIET,
				.argv = argv };
	int r;

	if (!dir)
		return error_nomem(err);
	if (!mkdtemp(dir))
		return error_errno(err, errno, "cannot make the directory '%s'", dir);
	r = host_run_step(&b->host, "upgrade-deps", &run, err);
	tree_remove_at(AT_FDCWD, dir, NULL);
	return step_error(err, r, ": nothing was upgraded, and no index has a pip");
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
	const char *before = "", *after = "";
	int r = installed(b, &before, err);

	if (r)
		return r;
	host_progress(&b->host, VENV_STREAM_MAIN, begin, strlen(begin));
	r = step_error(err, host_run_step(&b->host, "upgrade-deps", &run, err), "");
	if (!r)
		r = installed(b, &after, err);
	if (!r && !strcmp(before, after))
		r = check_index(b, err);
	host_progress(&b->host, VENV_STREAM_MAIN, r ? bad : done, strlen(r ? bad : done));
	return r;
}
