/* SPDX-License-Identifier: MIT */
/*
 * discover.c - what -p means
 *
 * Names are looked up on PATH, through pyenv's shims (pyenv.h), and versions also where pyenv, uv
 * and conda install them (source.h).
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/util.h"
#include "fs/fs.h"
#include "details.h"
#include "pyenv.h"
#include "source.h"
#include "spec.h"

/* Minor versions that a range may mean; far enough ahead of what exists. */
#define MINOR_MIN 3
#define MINOR_MAX 30

bool python_is_absence(int errnum)
{
	static const int absences[] = { ENOENT, ENOTDIR,      EACCES,  EPERM,
					ELOOP,	ENAMETOOLONG, ESTALE,  ENODEV,
					ENXIO,	ETIMEDOUT,    ENOTCONN };

	for (size_t i = 0; i < ARRAY_SIZE(absences); i++) {
		if (absences[i] == errnum)
			return true;
	}
	return false;
}

bool python_is_program(const char *path)
{
	struct stat st;

	if (!path)
		return false;
	if (stat(path, &st))
		return !python_is_absence(errno);
	return S_ISREG(st.st_mode) && (!access(path, X_OK) || !python_is_absence(errno));
}

/* The next directory of PATH; NULL at its end.  Relative ones are passed over. */
static const char *next_dir(const struct python_env *pe, const char **rest)
{
	while (*rest && **rest) {
		size_t n = strcspn(*rest, ":");
		const char *at = *rest;

		*rest += n;
		*rest += **rest == ':';
		/* "" and "." are the current directory: whoever can write it chooses. */
		if (n && *at == '/') {
			char *dir = arena_strndup(pe->arena, at, n);

			return dir ? path_absolute(pe->arena, "/", dir) : NULL;
		}
	}
	return NULL;
}

/* NAME in DIR, through a shim if it is one. */
static const char *in_path_dir(const struct python_env *pe, const char *dir,
			       const char *root, const char *name)
{
	const char *path = path_join(pe->arena, dir, name);

	if (!python_is_program(path))
		return NULL;
	return pyenv_is_shims(pe, dir, root) ? pyenv_shim_target(pe, root, name, false)
					     : path;
}

static const char *on_path(const struct python_env *pe, const char *name)
{
	const char *rest = env_get(pe->env, "PATH"), *root = pyenv_root(pe), *dir;
	bool shims = false;

	while ((dir = next_dir(pe, &rest))) {
		const char *path = in_path_dir(pe, dir, root, name);

		if (path)
			return path;
		shims |= pyenv_is_shims(pe, dir, root) &&
			 python_is_program(path_join(pe->arena, dir, name));
	}
	return shims ? pyenv_shim_target(pe, root, name, true) : NULL;
}

/* Called for each candidate; true ends the search. */
typedef bool candidate_fn(const struct python_env *pe, const char *path, void *data);

/* The names that an interpreter of this kind may have, the most telling first. */
static int candidate_names(const struct python_env *pe, const struct spec *s,
			   struct strlist *names)
{
	const char *stem = !s->implementation || !strcmp(s->implementation, "cpython")
				   ? "python"
				   : s->implementation;
	bool all = s->n != 1 || s->clauses[0].op != SPEC_IS || s->clauses[0].parts < 2;
	const char *plain[2] = { arena_printf(pe->arena, "%s3", stem), stem };

	/* A range, or "3": what the user calls python3 is asked first. */
	for (int i = 0; all && i < 2; i++) {
		if (!plain[i] || !strlist_add(pe->arena, names, plain[i]))
			return VENV_ERR_NOMEM;
	}
	for (unsigned minor = MINOR_MAX; minor >= MINOR_MIN; minor--) {
		const char *name;

		if (!spec_may_be(s, minor))
			continue;
		name = arena_printf(pe->arena, "%s3.%u%s", stem, minor,
				    s->threaded ? "t" : "");
		if (!name || !strlist_add(pe->arena, names, name))
			return VENV_ERR_NOMEM;
	}
	for (int i = 0; !all && i < 2; i++) {
		if (!plain[i] || !strlist_add(pe->arena, names, plain[i]))
			return VENV_ERR_NOMEM;
	}
	return 0;
}

/* The interpreter that is installed in PREFIX: by one of NAMES, or as whatever it is. */
static const char *in_installed(const struct python_env *pe, const char *prefix,
				const struct strlist *names)
{
	static const char *const stems[] = { "python3", "pypy3", "graalpy" };

	for (size_t i = 0; i < names->n + ARRAY_SIZE(stems); i++) {
		const char *name = i < names->n ? names->v[i] : stems[i - names->n];
		const char *path;

		/* "python" is Python 2 as well. */
		if (i < names->n && !strpbrk(name, "0123456789"))
			continue;
		path = arena_printf(pe->arena, "%s/bin/%s", prefix, name);
		if (python_is_program(path))
			return path;
	}
	return NULL;
}

/* Everything that could fit: PATH first, then what pyenv, uv and conda have installed. */
static int each_candidate(const struct python_env *pe, const struct spec *s,
			  candidate_fn *fn, void *data, struct venv_error *err)
{
	const char *rest = env_get(pe->env, "PATH"), *root = pyenv_root(pe), *dir;
	struct strlist names = STRLIST_INIT, versions = STRLIST_INIT;
	struct strlist prefixes = STRLIST_INIT;
	int r = candidate_names(pe, s, &names);

	if (r)
		return error_nomem(err);
	while ((dir = next_dir(pe, &rest))) {
		for (size_t i = 0; i < names.n; i++) {
			const char *path = in_path_dir(pe, dir, root, names.v[i]);

			if (path && fn(pe, path, data))
				return 0;
		}
	}
	r = pyenv_versions(pe, &versions, err);
	for (size_t v = 0; !r && v < versions.n; v++) {
		dir = arena_printf(pe->arena, "%s/versions/%s", root, versions.v[v]);
		if (!dir || !strlist_add(pe->arena, &prefixes, dir))
			r = error_nomem(err);
	}
	if (!r)
		r = source_prefixes(pe, &prefixes, err);
	for (size_t i = 0; !r && i < prefixes.n; i++) {
		const char *path = in_installed(pe, prefixes.v[i], &names);

		if (path && fn(pe, path, data))
			return 0;
	}
	return r;
}

struct search {
	const struct spec *spec;
	struct python *out;
	struct venv_error *err;
	struct strlist seen;
	bool found;
	int fatal;
};

static bool try_candidate(const struct python_env *pe, const char *path, void *data)
{
	struct venv_error why = VENV_ERROR_INIT;
	struct search *s = data;
	int r;

	if (strlist_find(&s->seen, path) >= 0 || !strlist_add(pe->arena, &s->seen, path))
		return false;
	r = python_identify(pe, path, s->out, &why);
	if (r == VENV_ERR_CANCELLED || r == VENV_ERR_NOMEM) {
		error_move(s->err, &why);
		s->fatal = r;
		return true;
	}
	/* One that cannot be looked at might be what is wanted. */
	if (r)
		(r == VENV_ERR_FAILED ? log_warn : log_info)(
			pe->log, "passing over '%s': %s", path, venv_error_message(&why));
	else if (spec_matches(s->spec, s->out))
		s->found = true;
	venv_error_clear(&why);
	return s->found;
}

static int find_version(const struct python_env *pe, const char *text,
			const struct spec *spec, struct python *out,
			struct venv_error *err)
{
	struct search s = { .spec = spec, .out = out, .err = err };
	const char *root = pyenv_root(pe);
	int r = each_candidate(pe, spec, try_candidate, &s, err);

	if (r || s.found || s.fatal)
		return r ? r : s.fatal;
	if (spec->n == 1 && spec->clauses[0].op == SPEC_IS &&
	    (spec->clauses[0].version[0] < 3 ||
	     (spec->clauses[0].parts > 1 && spec->clauses[0].version[1] < MINOR_MIN)))
		return error_set(
			err, VENV_ERR_NO_PYTHON,
			"no interpreter found that is '%s': This program is only for use "
			"with Python 3.3 or later",
			text);
	error_set(err, VENV_ERR_NO_PYTHON, "no interpreter found that is '%s'", text);
	return error_hint(err, VENV_ERR_NO_PYTHON,
			  "looked at %zu on PATH%s%s; `venvctl python list` shows them",
			  s.seen.n, root ? " and in " : "", root ? root : "");
}

/* The interpreter of a directory: an installation's or an environment's. */
static const char *in_prefix(const struct python_env *pe, const char *dir)
{
	static const char *const names[] = { "bin/python3", "bin/python", "bin/pypy3" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *path = path_join(pe->arena, dir, names[i]);

		if (python_is_program(path))
			return path;
	}
	return NULL;
}

static int find_path(const struct python_env *pe, const char *spec, struct python *out,
		     struct venv_error *err)
{
	const char *path = path_absolute(pe->arena, pe->cwd, spec);
	const char *root = pyenv_root(pe), *dir;
	struct stat st;

	if (!path)
		return error_nomem(err);
	/* Nothing but an interpreter is ever cached. */
	if (python_from_cache(pe, path, out))
		return 0;
	dir = path_dir(pe->arena, path);
	if (!stat(path, &st) && S_ISDIR(st.st_mode)) {
		const char *inside = in_prefix(pe, path);

		if (!inside)
			return error_set(err, VENV_ERR_NO_PYTHON,
					 "the directory '%s' has no bin/python3", spec);
		path = inside;
	} else if (dir && pyenv_is_shims(pe, dir, root)) {
		const char *name = path_base(path);
		const char *target = pyenv_shim_target(pe, root, name, false);

		/* Left to the rest of PATH; the shim itself is not run. */
		if (!target && python_is_program(path))
			target = on_path(pe, name);
		if (!target)
			return error_set(err, VENV_ERR_NO_PYTHON,
					 "the shim '%s' leads to no interpreter", spec);
		path = target;
	}
	return python_identify(pe, path, out, err);
}

/* "python3.12" may be another one: a name that an environment kept when it was made over. */
static bool belies(const char *name, const struct python *p)
{
	struct spec s;

	return spec_parse(&s, name) && s.n && !spec_matches(&s, p);
}

int python_find(const struct python_env *pe, const char *spec, struct python *out,
		struct venv_error *err)
{
	const char *name = spec ? spec : "python3", *path;
	struct spec s;

	if (!*name)
		return error_set(err, VENV_ERR_USAGE,
				 "an empty text names no interpreter");
	if (strchr(name, '/'))
		return find_path(pe, name, out, err);
	path = name[0] >= '0' && name[0] <= '9' ? NULL : on_path(pe, name);
	if (path) {
		int r = python_identify(pe, path, out, err);

		if (r || !belies(name, out))
			return r;
		log_warn(pe->log, "passing over '%s': it is Python %s", path,
			 python_version_text(pe->arena, out));
	}
	if (spec && spec_parse(&s, name))
		return find_version(pe, name, &s, out, err);
	error_set(err, VENV_ERR_NO_PYTHON, "there is no '%s' on PATH", name);
	return error_hint(err, VENV_ERR_NO_PYTHON, "name one with --python");
}

int python_find_first(const struct python_env *pe, const struct strlist *specs,
		      struct python *out, struct venv_error *err)
{
	struct venv_error why = VENV_ERROR_INIT;
	int r = specs->n ? VENV_ERR_NO_PYTHON : python_find(pe, NULL, out, &why);

	for (size_t i = 0; r == VENV_ERR_NO_PYTHON && i < specs->n; i++) {
		if (i)
			log_info(pe->log, "%s", venv_error_message(&why));
		r = python_find(pe, specs->v[i], out, &why);
	}
	/* What was not found before another one was is no error. */
	if (r)
		error_move(err, &why);
	venv_error_clear(&why);
	return r;
}

static bool collect(const struct python_env *pe, const char *path, void *data)
{
	struct strlist *found = data;

	if (strlist_find(found, path) < 0 && !strlist_add(pe->arena, found, path))
		return true;
	return false;
}

int python_list(const struct python_env *pe, struct strlist *found,
		struct venv_error *err)
{
	static const char *const kinds[] = { ">=3.3", "pypy>=3.3", "graalpy>=3.3" };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct spec s;
		int r;

		if (!spec_parse(&s, kinds[i]))
			return error_set(err, VENV_ERR_FAILED, "cannot parse '%s'",
					 kinds[i]);
		r = each_candidate(pe, &s, collect, found, err);
		if (r)
			return r;
	}
	return 0;
}
