/* SPDX-License-Identifier: MIT */
/* find.c - which environment is meant, where none or a redirect is named */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "environment.h"
#include "fs/fs.h"
#include "transaction/transaction.h"

/* What the user is told to do where a directory is no environment. */
static const char *where_from(enum environment_origin origin)
{
	return origin == ENVIRONMENT_VARIABLE ? "VIRTUAL_ENV names it: unset it, or name "
						"an environment"
					      : "it is the nearest '.venv': name another "
						"environment, or make this one";
}

/* The error of E, of which WHAT is wrong. */
static int refuse(const struct environment *e, const char *what, struct venv_error *err)
{
	error_set(err, VENV_ERR_CONFLICT, "'%s' %s", e->given, what);
	return e->origin == ENVIRONMENT_GIVEN
		       ? VENV_ERR_CONFLICT
		       : error_hint(err, VENV_ERR_CONFLICT, "%s", where_from(e->origin));
}

/* PATH is there and is what was meant: a directory, or a redirect to one. */
static int take(struct environment *e, const struct python_env *pe, const char *path,
		struct venv_error *err)
{
	const char *to;
	struct stat st;

	e->dir = path;
	if (stat(path, &st)) {
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			return error_errno(err, errno, "cannot open '%s'", e->given);
		return refuse(e,
			      lstat(path, &st)
				      ? "is not there"
				      : "is a link to something that is not there",
			      err);
	}
	if (S_ISDIR(st.st_mode))
		return 0;
	/* One that says nothing is one all the same: it is what is to be mended. */
	if (S_ISREG(st.st_mode) && !strcmp(path_base(path), REDIRECT_FILE))
		e->redirect = path;
	if (!S_ISREG(st.st_mode) || !redirect_parse(pe->arena, path, &to))
		return refuse(e, "is neither an environment nor a redirect to one", err);
	e->redirect = path;
	e->dir = to;
	/* One redirect is followed, and no second. */
	if (stat(to, &st) || !S_ISDIR(st.st_mode))
		return refuse(e,
			      arena_printf(pe->arena,
					   "is a redirect to '%s', where no directory is",
					   to),
			      err);
	return 0;
}

/* The nearest `.venv`, whatever it is; NULL if there is none up to the root. */
static const char *search(const struct python_env *pe)
{
	const char *dir = pe->cwd;
	struct stat st;

	while (dir) {
		const char *path = path_join(pe->arena, dir, REDIRECT_FILE);

		if (!path || !lstat(path, &st))
			return path;
		if (!dir[1])
			break;
		dir = path_dir(pe->arena, dir);
	}
	return NULL;
}

int environment_find(struct environment *e, const struct python_env *pe,
		     const char *given, struct venv_error *err)
{
	const char *path;

	*e = (struct environment){ .fd = -1, .given = given };
	if (!given) {
		e->given = env_get(pe->env, "VIRTUAL_ENV");
		e->origin = e->given ? ENVIRONMENT_VARIABLE : ENVIRONMENT_SEARCHED;
	}
	if (e->given && !*e->given)
		return error_set(err, VENV_ERR_USAGE, "ENV_DIR is empty");
	if ((!e->given || *e->given != '/') && !strcmp(pe->cwd, PATH_NO_CWD))
		return error_set(err, VENV_ERR_USAGE,
				 "%s is relative, and the working directory is gone",
				 e->given ? "the environment" : "'.venv'");
	if (e->given) {
		path = path_absolute(pe->arena, pe->cwd, e->given);
		return path ? take(e, pe, path, err) : error_nomem(err);
	}
	path = search(pe);
	if (path) {
		e->given = path;
		return take(e, pe, path, err);
	}
	if (pe->arena->failed)
		return error_nomem(err);
	error_set(err, VENV_ERR_CONFLICT,
		  "there is no environment: neither VIRTUAL_ENV nor a '.venv' here or "
		  "above");
	return error_hint(err, VENV_ERR_CONFLICT,
			  "name one, or make one with `venvctl create`");
}

static int judge(struct trust *t, const char *path, int flags, struct venv_error *err)
{
	const char *real;
	int fd = trust_open(t, path, flags, VENV_ERR_CONFLICT, &real, err);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int environment_trust(const struct environment *e, const struct python_env *pe,
		      struct venv_error *err)
{
	struct trust t = { .arena = pe->arena };
	int r = 0;

	/* Who types a directory means it; a redirect is what somebody else may have written. */
	if (e->redirect)
		r = judge(&t, e->redirect, 0, err);
	if (!r && (e->redirect || e->origin != ENVIRONMENT_GIVEN))
		r = judge(&t, e->dir, TRUST_DIRECTORY, err);
	return r;
}
