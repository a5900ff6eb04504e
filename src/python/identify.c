/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "fs/fs.h"
#include "details.h"

/* Environments made from environments made from environments. */
#define NESTING_MAX 16

const char *python_version_text(struct arena *a, const struct python *p)
{
	static const char *const levels[16] = { [0xa] = "a", [0xb] = "b", [0xc] = "rc" };
	const char *level = levels[p->hexversion >> 4 & 0xf];
	const char *text;

	if (level)
		text = arena_printf(a, "%u.%u.%u%s%u", PYTHON_MAJOR(p), PYTHON_MINOR(p),
				    PYTHON_MICRO(p), level, p->hexversion & 0xf);
	else
		text = arena_printf(a, "%u.%u.%u", PYTHON_MAJOR(p), PYTHON_MINOR(p),
				    PYTHON_MICRO(p));
	return text ? text : "3";
}

/* sys.implementation.name, platform.python_implementation(), and what else is written. */
static const char *const implementations[][3] = {
	{ "cpython", "CPython", NULL },
	{ "pypy", "PyPy", NULL },
	{ "graalpy", "GraalVM", "GraalPy" },
};

const char *python_implementation(const struct python *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(implementations); i++) {
		if (!strcmp(implementations[i][0], p->implementation))
			return implementations[i][1];
	}
	return p->implementation;
}

bool python_is_implementation(const struct python *p, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(implementations); i++) {
		const char *const *names = implementations[i];

		for (size_t j = 0; j < 3 && names[j]; j++) {
			if (!strcasecmp(names[j], name))
				return !strcmp(names[0], p->implementation);
		}
	}
	return !strcasecmp(name, p->implementation);
}

/* The value of `home` in a pyvenv.cfg, read as getpath.py reads it; NULL if none. */
static const char *home_in(struct arena *a, const char *cfg, int *fault)
{
	struct str text = STR_INIT;
	const char *home = NULL;
	int r = file_read_at(AT_FDCWD, cfg, 1u << 20, &text);

	if (r && !python_is_absence(-r))
		*fault = r;
	if (!r) {
		for (char *line = text.s; line && *line && !home;) {
			size_t n = strcspn(line, "\n"), key;

			key = strspn(line, " \t");
			if (n >= key + 4 && !strncasecmp(line + key, "home", 4)) {
				char *value = line + key + 4;

				value += strspn(value, " \t");
				if (*value == '=') {
					value += 1 + strspn(value + 1, " \t");
					n = strcspn(value, "\r\n");
					while (n && strchr(" \t", value[n - 1]))
						n--;
					home = arena_strndup(a, value, n);
					break;
				}
			}
			line += n;
			line += *line == '\n';
		}
	}
	str_release(&text);
	return home && *home == '/' ? home : NULL;
}

/*
 * The pyvenv.cfg that an interpreter at PATH would follow; NULL if none has a home.  One that
 * cannot be read is followed, too, and *FAULT is -errno then.
 */
static const char *find_cfg(struct arena *a, const char *path, const char **home,
			    int *fault)
{
	const char *dir = path_dir(a, path), *up = dir ? path_dir(a, dir) : NULL;
	const char *cfgs[2] = { up ? path_join(a, up, "pyvenv.cfg") : NULL,
				dir ? path_join(a, dir, "pyvenv.cfg") : NULL };

	for (size_t i = 0; i < ARRAY_SIZE(cfgs); i++) {
		*home = cfgs[i] ? home_in(a, cfgs[i], fault) : NULL;
		if (*home || *fault)
			return cfgs[i];
	}
	return NULL;
}

/* HOME/NAME, else the names that getpath.py falls back to. */
static const char *in_home(struct arena *a, const char *home, const char *name)
{
	const char *names[] = { name, "python3", "python" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *path = path_join(a, home, names[i]);

		if (python_is_program(path))
			return path;
	}
	return NULL;
}

/*
 * The base interpreter of PATH: PATH itself, unless it is an environment's.  With the
 * pyvenv.cfg that said so in *CFG (or NULL).
 */
static const char *find_base(const struct python_env *pe, const char *path,
			     const char **cfg, struct venv_error *err)
{
	struct arena *a = pe->arena;

	*cfg = NULL;
	for (int depth = 0; depth < NESTING_MAX; depth++) {
		int fault = 0;
		const char *home, *found = find_cfg(a, path, &home, &fault), *next = NULL;
		_cleanup_free_ char *real = NULL;
		struct stat st;

		if (fault) {
			error_errno(err, -fault, "cannot read '%s'", found);
			return NULL;
		}
		if (!found)
			return path;
		if (!*cfg)
			*cfg = found;
		/* getpath.py: a link leads to the base itself, a copy only to its directory. */
		if (!lstat(path, &st) && S_ISLNK(st.st_mode) &&
		    !(real = realpath(path, NULL)) && errno == ENOMEM)
			a->failed = true;
		if (real && strcmp(real, path) != 0 &&
		    !path_is_below(real, path_dir(a, found)))
			next = arena_strdup(a, real);
		else
			next = in_home(a, home, path_base(path));
		if (!next) {
			error_set(err, VENV_ERR_NO_PYTHON,
				  "'%s' belongs to an environment whose Python is gone: "
				  "there is "
				  "none in '%s'",
				  path, home);
			error_hint(err, VENV_ERR_NO_PYTHON,
				   "choose another one with --python");
			return NULL;
		}
		path = next;
	}
	error_set(err, VENV_ERR_NO_PYTHON, "'%s' leads from environment to environment",
		  path);
	return NULL;
}

int python_identify(const struct python_env *pe, const char *path, struct python *out,
		    struct venv_error *err)
{
	struct venv_error why = VENV_ERROR_INIT;
	const char *base, *cfg;
	struct stat st;
	int r;

	if (python_from_cache(pe, path, out))
		return 0;
	if (stat(path, &st)) {
		int e = errno;

		r = error_errno(err, e, "cannot use '%s' as interpreter", path);
		/* Else whether there is one is not known: no other takes its place. */
		if (python_is_absence(e))
			r = VENV_ERR_NO_PYTHON;
		if (err)
			err->code = r;
		return r;
	}
	if (!python_is_program(path))
		return error_set(err, VENV_ERR_NO_PYTHON,
				 "cannot use '%s' as interpreter: it is no program",
				 path);
	base = find_base(pe, path, &cfg, &why);
	if (!base) {
		r = why.code;
		error_move(err, &why);
		return r;
	}
	r = python_from_files(pe, base, out, err);
	if (pe->no_run) {
		/* What is not whole is not kept. */
		return r < 0   ? r
		       : r > 0 ? 0
			       : error_set(err, VENV_ERR_NO_PYTHON,
					   "'%s' would have to be run", base);
	}
	if (!r) {
		r = python_from_run(pe, base, out, err);
	} else if (r > 0) {
		r = 0;
		if (!out->magic) {
			struct python asked;

			/* No byte code of its own (a stripped image): only it knows. */
			r = python_from_run(pe, base, &asked, err);
			out->magic = r ? 0 : asked.magic;
		}
	}
	if (!r)
		python_to_cache(pe, path, cfg, out);
	return r;
}
