/* SPDX-License-Identifier: MIT */
/*
 * source.c - where interpreters come from
 *
 * uv and conda install them where no PATH leads: which they have is read from their
 * directories, and nothing of theirs is run for it.
 */
#include <config.h>

#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/fs.h"
#include "util/util.h"
#include "details.h"
#include "pyenv.h"

const char *uv_dir(const struct python_env *pe)
{
	const char *dir = env_get(pe->env, "UV_PYTHON_INSTALL_DIR");
	const char *data = env_get(pe->env, "XDG_DATA_HOME");
	const char *home = env_get(pe->env, "HOME");

	if (dir && *dir)
		return path_absolute(pe->arena, pe->cwd, dir);
	if (data && *data == '/')
		return path_join(pe->arena, data, "uv/python");
	return home && *home == '/' ? path_join(pe->arena, home, ".local/share/uv/python")
				    : NULL;
}

/* Where conda itself lies, as its hook for shells says: "/opt/conda" of "/opt/conda/bin/conda". */
static const char *conda_base(const struct python_env *pe)
{
	const char *exe = env_get(pe->env, "CONDA_EXE");
	const char *bin = exe && *exe == '/' ? path_dir(pe->arena, exe) : NULL;

	return bin ? path_dir(pe->arena, bin) : NULL;
}

int source_prefixes(const struct python_env *pe, struct strlist *dirs,
		    struct venv_error *err)
{
	const char *uv = uv_dir(pe), *conda = conda_base(pe);
	struct strlist names = STRLIST_INIT;
	int r = uv ? tree_names(pe->arena, uv, &names) : -ENOENT;

	if (r && !python_is_absence(-r))
		return error_errno(err, -r, "cannot read '%s'", uv);
	pyenv_sort(&names);
	for (size_t i = 0; !r && i < names.n; i++) {
		const char *dir = path_join(pe->arena, uv, names.v[i]);

		/* ".temp", ".lock" */
		if (names.v[i][0] != '.' && !strlist_add(pe->arena, dirs, dir))
			return error_nomem(err);
	}
	return conda && !strlist_add(pe->arena, dirs, conda) ? error_nomem(err) : 0;
}

/* Is P the one that DIR has, as it was found or as it really is? */
static bool is_in(const struct python_env *pe, const struct python *p, const char *dir)
{
	_cleanup_free_ char *real = dir ? realpath(dir, NULL) : NULL;

	/* It must not pass for another's because of that. */
	if (dir && !real && errno == ENOMEM)
		pe->arena->failed = true;
	return dir && (path_is_below(p->executable, dir) || path_is_below(p->real, dir) ||
		       (real && path_is_below(p->real, real)));
}

const char *python_source(const struct python_env *pe, const struct python *p)
{
	const char *root = pyenv_root(pe);
	const char *meta = path_join(pe->arena, p->prefix, "conda-meta");

	/* Also where something else installed conda: it is conda that keeps its packages. */
	if (meta && !access(meta, F_OK))
		return "conda";
	if (is_in(pe, p, uv_dir(pe)))
		return "uv";
	if (root && is_in(pe, p, path_join(pe->arena, root, "versions")))
		return "pyenv";
	return !strcmp(p->prefix, "/usr") || !strcmp(p->prefix, "/") ? "system" : "other";
}
