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

void pyenv_sort(struct strlist *names)
{
	if (names->n > 1)
		qsort(names->v, names->n, sizeof(*names->v), by_version);
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
	pyenv_sort(names);
	return 0;
}

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

/* "3.13.0rc1", "3.14.0a2": no number of the version, then a number behind letters. */
static bool is_prerelease(const char *v)
{
	size_t n = strlen(v), digits = n;

	while (digits && strchr("0123456789", v[digits - 1]))
		digits--;
	return digits < n && digits && strchr("abc", v[digits - 1]);
}

/* Of what is installed, does V belong to the N bytes of PREFIX, as `pyenv latest` has it? */
static bool belongs_to(const char *v, const char *prefix, size_t n)
{
	bool threaded = n > 1 && prefix[n - 1] == 't' &&
			strchr("0123456789", prefix[n - 2]);

	n -= threaded;
	if (strncmp(v, prefix, n) != 0 || (v[n] != '.' && v[n] != '-'))
		return false;
	if (ends_with(v, "-dev") || ends_with(v, "-src") || ends_with(v, "-latest") ||
	    is_prerelease(v))
		return false;
	n = strlen(v);
	return (n > 1 && v[n - 1] == 't' && strchr("0123456789", v[n - 2])) == threaded;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return path && !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The directory of VERSION as pyenv reads that: exactly, or the newest that belongs to it. */
static const char *version_dir(const struct python_env *pe, const char *root,
			       const char *version, size_t n)
{
	size_t cut = n > 7 && !strncmp(version, "python-", 7) ? 7 : 0;
	struct venv_error why = VENV_ERROR_INIT;
	struct strlist installed = STRLIST_INIT;

	for (size_t from = 0; from <= cut; from += cut ? cut : 1) {
		const char *name = arena_strndup(pe->arena, version + from, n - from);
		const char *dir = name && path_is_inside(name)
					  ? arena_printf(pe->arena, "%s/versions/%s",
							 root, name)
					  : NULL;

		if (is_dir(dir))
			return dir;
	}
	if (pyenv_versions(pe, &installed, &why)) {
		log_warn(pe->log, "%s", venv_error_message(&why));
		venv_error_clear(&why);
		return NULL;
	}
	for (size_t i = 0; i < installed.n; i++) {
		if (belongs_to(installed.v[i], version + cut, n - cut))
			return arena_printf(pe->arena, "%s/versions/%s", root,
					    installed.v[i]);
	}
	return NULL;
}

static bool is_system(const char *text, size_t n)
{
	return n == 6 && !strncmp(text, "system", n);
}

/* The first of VERSIONS, with ':' between them, that has NAME. */
static const char *from_versions(const struct python_env *pe, const char *root,
				 const char *text, bool behind_system, const char *name)
{
	bool skipping = behind_system;

	while (*text) {
		size_t n = strcspn(text, ":");
		const char *dir, *path = NULL;

		if (is_system(text, n)) {
			if (!behind_system)
				return NULL;
			skipping = false;
		} else if (n && !skipping) {
			dir = version_dir(pe, root, text, n);
			path = dir ? arena_printf(pe->arena, "%s/bin/%s", dir, name)
				   : NULL;
		}
		if (python_is_program(path))
			return path;
		text += n;
		text += *text != '\0';
	}
	return NULL;
}

/* The .python-version of DIR or above it; NULL if there is none. */
static const char *local_file(const struct python_env *pe, const char *dir)
{
	struct stat st;

	while (dir) {
		const char *file = path_join(pe->arena, dir, ".python-version");

		if (file && !stat(file, &st) && S_ISREG(st.st_mode))
			return file;
		dir = strcmp(dir, "/") != 0 ? path_dir(pe->arena, dir) : NULL;
	}
	return NULL;
}

/* The first word of each line, with ':' between them; "" is the system's Python. */
static const char *versions_in(const struct python_env *pe, const char *file)
{
	_cleanup_str_ struct str text = STR_INIT, out = STR_INIT;

	if (!file || file_read_at(AT_FDCWD, file, 65536, &text))
		return "";
	for (const char *line = str_text(&text); *line;) {
		size_t n;

		line += strspn(line, " \t\r");
		n = strcspn(line, " \t\r\n");
		if (n && *line != '#') {
			if (out.len)
				str_add_char(&out, ':');
			str_add_n(&out, line, n);
		}
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return str_failed(&out) ? "" : arena_strdup(pe->arena, str_text(&out));
}

const char *pyenv_shim_target(const struct python_env *pe, const char *root,
			      const char *name, bool behind_system)
{
	const char *versions = env_get(pe->env, "PYENV_VERSION");
	const char *dir = env_get(pe->env, "PYENV_DIR");
	const char *file = NULL;

	if (!versions || !*versions) {
		dir = dir && *dir ? path_absolute(pe->arena, pe->cwd, dir) : pe->cwd;
		file = local_file(pe, dir);
		if (!file && dir != pe->cwd)
			file = local_file(pe, pe->cwd);
		if (!file)
			file = path_join(pe->arena, root, "version");
		versions = versions_in(pe, file);
	}
	return versions ? from_versions(pe, root, versions, behind_system, name) : NULL;
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
