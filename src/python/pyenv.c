/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "pyenv.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "util/util.h"
#include "fs/fs.h"
#include "details.h"

const char *pyenv_root(const struct python_env *pe)
{
	const char *root = env_get(pe->env, "PYENV_ROOT");
	const char *home = env_get(pe->env, "HOME");

	if (root && *root == '/')
		return path_absolute(pe->arena, "/", root);
	return home && *home == '/' ? path_join(pe->arena, home, ".pyenv") : NULL;
}

/* Names of installed versions, newest first. */
static int by_version(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;

	while (*x && *y) {
		size_t nx = strspn(x, "0123456789"), ny = strspn(y, "0123456789");

		if (nx && ny) {
			unsigned long vx = strtoul(x, NULL, 10),
				      vy = strtoul(y, NULL, 10);

			if (vx != vy)
				return vx > vy ? -1 : 1;
			x += nx;
			y += ny;
		} else if (*x != *y) {
			/* A number (CPython) before a name (pypy3.9-7.3.11). */
			if (nx || ny)
				return nx ? -1 : 1;
			return *x < *y ? -1 : 1;
		} else {
			x++;
			y++;
		}
	}
	/* "3.13.0" before "3.13.0rc1" and "3.13". */
	return *x   ? (strchr("0123456789.", *x) ? -1 : 1)
	       : *y ? (strchr("0123456789.", *y) ? 1 : -1)
		    : 0;
}

int pyenv_versions(const struct python_env *pe, struct strlist *names,
		   struct venv_error *err)
{
	const char *root = pyenv_root(pe);
	const char *dir = root ? path_join(pe->arena, root, "versions") : NULL;
	struct strlist all;
	int r = dir ? tree_names(pe->arena, dir, &all) : -ENOENT;

	if (r && python_is_absence(-r))
		return 0;
	if (r)
		return error_errno(err, -r, "cannot read '%s'", dir);
	for (size_t i = 0; i < all.n; i++) {
		if (all.v[i][0] != '.' && !strlist_add(pe->arena, names, all.v[i]))
			return error_nomem(err);
	}
	if (names->n > 1)
		qsort(names->v, names->n, sizeof(*names->v), by_version);
	return 0;
}

/* versions/VERSION/bin/NAME, with pyenv's readings of VERSION. */
static const char *in_version(const struct python_env *pe, const char *root,
			      const char *version, size_t n, const char *name)
{
	struct venv_error why = VENV_ERROR_INIT;
	struct strlist installed = STRLIST_INIT;
	const char *path;

	if (n > 7 && !strncmp(version, "python-", 7)) {
		version += 7;
		n -= 7;
	}
	if (memchr(version, '/', n) || (n <= 2 && version[0] == '.'))
		return NULL;
	path = arena_printf(pe->arena, "%s/versions/%.*s/bin/%s", root, (int)n, version,
			    name);
	if (python_is_program(path))
		return path;
	/* "3.12" is the newest 3.12 that is installed. */
	if (pyenv_versions(pe, &installed, &why)) {
		log_warn(pe->log, "%s", venv_error_message(&why));
		venv_error_clear(&why);
		return NULL;
	}
	for (size_t i = 0; i < installed.n; i++) {
		const char *v = installed.v[i];

		if (!strncmp(v, version, n) && v[n] == '.') {
			path = arena_printf(pe->arena, "%s/versions/%s/bin/%s", root, v,
					    name);
			if (python_is_program(path))
				return path;
		}
	}
	return NULL;
}

/* The first version of a list that has NAME; "system" ends the search. */
static const char *from_versions(const struct python_env *pe, const char *root,
				 const char *text, const char *separators,
				 const char *name)
{
	while (*text) {
		size_t n = strcspn(text, separators);

		if (n == 6 && !strncmp(text, "system", n))
			return NULL;
		if (n && *text != '#') {
			const char *path = in_version(pe, root, text, n, name);

			if (path)
				return path;
		}
		text += n;
		text += *text != '\0';
	}
	return NULL;
}

const char *pyenv_shim_target(const struct python_env *pe, const char *root,
			      const char *name)
{
	const char *version = env_get(pe->env, "PYENV_VERSION");
	const char *dir = env_get(pe->env, "PYENV_DIR");
	struct str text = STR_INIT;
	const char *path = NULL;
	bool found = false;

	if (version)
		return from_versions(pe, root, version, ":", name);
	if (!dir || *dir != '/')
		dir = pe->cwd;
	for (;;) {
		const char *file = path_join(pe->arena, dir, ".python-version");

		found = file && !file_read_at(AT_FDCWD, file, 4096, &text) && text.len;
		if (found || !strcmp(dir, "/"))
			break;
		dir = path_dir(pe->arena, dir);
		if (!dir)
			break;
	}
	if (!found) {
		const char *file = path_join(pe->arena, root, "version");

		str_clear(&text);
		found = file && !file_read_at(AT_FDCWD, file, 4096, &text);
	}
	if (found)
		path = from_versions(pe, root, str_text(&text), " \t\r\n", name);
	str_release(&text);
	return path;
}

bool pyenv_is_shims(const struct python_env *pe, const char *dir, const char *root)
{
	const char *shims = root ? path_join(pe->arena, root, "shims") : NULL;
	struct stat a, b;

	if (!shims || strcmp(path_base(dir), "shims") != 0)
		return false;
	return !strcmp(dir, shims) || (!stat(dir, &a) && !stat(shims, &b) &&
				       a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}
