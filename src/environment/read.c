/* SPDX-License-Identifier: MIT */
/* read.c - what an environment is, from its files alone, whoever made it */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "environment.h"
#include "fs/fs.h"
#include "transaction/transaction.h"

#define CFG_MAX (1024u * 1024u)
/* Links from name to name in bin. */
#define LINKS_MAX 8

size_t environment_stem(const char *name)
{
	static const char *const stems[] = { "python", "pypy", "graalpy" };

	for (size_t i = 0; i < ARRAY_SIZE(stems); i++) {
		if (!strncmp(name, stems[i], strlen(stems[i])))
			return strlen(stems[i]);
	}
	return 0;
}

/* ---- the interpreter that it was made from ---- */

/* Where the links of bin/python lead, if that is a program outside of REAL. */
static const char *linked_base(struct arena *a, int fd, const char *real)
{
	const char *name = "python";

	for (int links = 0; links < LINKS_MAX; links++) {
		const char *path = path_join(a, "bin", name);
		_cleanup_free_ char *to = path ? file_readlink_at(fd, path) : NULL;

		if (path && !to && errno == ENOMEM)
			a->failed = true;
		if (!to && !links) {
			name = "python3";
			continue;
		}
		if (!to)
			return NULL;
		if (*to == '/')
			return !path_is_below(to, real) && python_is_program(to)
				       ? arena_strdup(a, to)
				       : NULL;
		if (strchr(to, '/'))
			return NULL;
		name = arena_strdup(a, to);
		if (!name)
			return NULL;
	}
	return NULL;
}

const char *environment_base(struct arena *a, const struct cfg *cfg, int fd,
			     const char *real)
{
	static const char *const keys[] = { "base-executable", "executable" };
	const char *home = cfg_get(cfg, "home"), *version = cfg_get(cfg, "version");
	const char *path;

	if (!version)
		version = cfg_get(cfg, "version_info");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		path = cfg_get(cfg, keys[i]);
		/* Of an environment made with --copies `executable` may be its own. */
		if (path && *path == '/' && python_is_program(path) &&
		    !path_is_below(path, real))
			return path;
	}
	if (!home || *home != '/')
		return fd < 0 ? NULL : linked_base(a, fd, real);
	if (version && strchr(version, '.')) {
		size_t n = strcspn(version, ".");

		n += 1 + strcspn(version + n + 1, ".");
		path = arena_printf(a, "%s/python%.*s", home, (int)n, version);
		if (python_is_program(path))
			return path;
	}
	path = path_join(a, home, "python3");
	return python_is_program(path) ? path : NULL;
}

/* ---- pyvenv.cfg ---- */

static int read_cfg(struct environment *e, struct arena *a)
{
	struct str text = STR_INIT;
	int r = 0;

	e->cfg.arena = a;
	e->cfg_fault = file_read_at(e->fd, CFG_FILE, CFG_MAX, &text);
	if (e->cfg_fault == -ENOMEM) {
		r = -ENOMEM;
	} else if (!e->cfg_fault) {
		e->cfg_len = text.len;
		e->cfg_text = arena_strndup(a, str_text(&text), text.len);
		if (!e->cfg_text || cfg_parse(&e->cfg, str_text(&text), text.len, NULL))
			r = -ENOMEM;
	}
	str_release(&text);
	return r;
}

static bool is_yes(const struct cfg *cfg, const char *key)
{
	const char *value = cfg_get(cfg, key);

	return value && !strcasecmp(value, "true");
}

static void read_creator(struct environment *e)
{
	static const char *const keys[] = { "venvctl", "uv", "virtualenv" };
	const char *command = cfg_get(&e->cfg, "command");

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !e->creator; i++) {
		e->creator_version = cfg_get(&e->cfg, keys[i]);
		e->creator = e->creator_version ? keys[i] : NULL;
	}
	/* venv is as old as its Python; before 3.11 it wrote three keys and no command. */
	if (!e->creator && cfg_get(&e->cfg, "home") &&
	    (command ? strstr(command, " -m venv ") != NULL
		     : cfg_get(&e->cfg, "version") != NULL)) {
		e->creator = "venv";
		e->creator_version = e->version;
	}
}

/* "3.12.1" of "3.12.1.final.0" too. */
static const char *read_version(struct environment *e, struct arena *a)
{
	const char *text = cfg_get(&e->cfg, "version");
	size_t n = 0;

	if (!text)
		text = cfg_get(&e->cfg, "version_info");
	if (!text || *text < '0' || *text > '9')
		return NULL;
	for (unsigned dots = 0; text[n] && (text[n] != '.' || ++dots < 3);)
		n++;
	return arena_strndup(a, text, n);
}

/* ---- lib and bin ---- */

int environment_site(const struct environment *e, const char *lib)
{
	char path[256];
	int n = snprintf(path, sizeof(path), "lib/%s/site-packages", lib);

	return n > 0 && (size_t)n < sizeof(path)
		       ? openat(e->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		       : -1;
}

/* Does "python3.12t" carry the VERSION 3.12.1? */
static bool is_lib_of(const char *lib, const char *version)
{
	const char *own = lib + environment_stem(lib);
	size_t n = strspn(own, "0123456789.");

	return version && n && !strncmp(own, version, n) &&
	       (!version[n] || version[n] == '.') && (!own[n] || !strcmp(own + n, "t"));
}

static int read_libs(struct environment *e, struct arena *a)
{
	_cleanup_close_ int fd = openat(e->fd, "lib", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *d = NULL;
	int r = tree_walk_if_there(fd, &d);
	struct dirent *entry;

	while (d && (entry = tree_next(d, &r))) {
		size_t stem = environment_stem(entry->d_name);
		const char *number = entry->d_name + stem, *name;
		size_t major = strspn(number, "0123456789");

		/* "python3" is no version's: Debian's dist-packages may lie there. */
		if (!stem || !major || number[major] != '.')
			continue;
		name = arena_strdup(a, entry->d_name);
		if (!name || !strlist_add(a, &e->libs, name))
			return -ENOMEM;
	}
	for (size_t i = 0; i < e->libs.n && !e->lib; i++) {
		if (is_lib_of(e->libs.v[i], e->version))
			e->lib = e->libs.v[i];
	}
	if (!e->lib && !e->version && e->libs.n == 1)
		e->lib = e->libs.v[0];
	return r;
}

static int read_packages(struct environment *e, struct arena *a)
{
	_cleanup_close_ int fd = environment_site(e, e->lib);
	_cleanup_dir_ DIR *d = NULL;
	int r = tree_walk_if_there(fd, &d);
	struct dirent *entry;

	while (d && (entry = tree_next(d, &r))) {
		const char *name = entry->d_name, *dot = strrchr(name, '.');

		if (!dot || (strcmp(dot, ".dist-info") && strcmp(dot, ".egg-info")))
			continue;
		e->packages++;
		if (strncmp(name, "pip-", 4) != 0 || strcmp(dot, ".dist-info") != 0)
			continue;
		e->pip = arena_strndup(a, name + 4, (size_t)(dot - name - 4));
		if (!e->pip)
			return -ENOMEM;
	}
	return r;
}

static int read_all(struct environment *e, const struct python_env *pe)
{
	static const char *const names[] = { "bin/python", "bin/python3" };
	struct arena *a = pe->arena;
	const char *prompt, *implementation, *home;
	int r = e->has_cfg ? read_cfg(e, a) : 0;

	e->cfg.arena = a;
	if (r)
		return r;
	prompt = cfg_get(&e->cfg, "prompt");
	implementation = cfg_get(&e->cfg, "implementation");
	home = cfg_get(&e->cfg, "home");
	e->prompt = prompt ? cfg_unrepr(a, prompt) : path_base(e->dir);
	e->version = read_version(e, a);
	e->system_site_packages = is_yes(&e->cfg, "include-system-site-packages");
	e->relocatable = is_yes(&e->cfg, "relocatable");
	read_creator(e);
	e->base = environment_base(a, &e->cfg, e->fd, e->real);
	e->base_prefix = cfg_get(&e->cfg, "base-prefix");
	if (!e->base_prefix && home && *home == '/')
		e->base_prefix = path_dir(a, home);
	r = read_libs(e, a);
	if (!r && e->lib)
		r = read_packages(e, a);
	e->implementation = implementation			    ? implementation
			    : e->lib && !strncmp(e->lib, "pypy", 4) ? "PyPy"
								    : "CPython";
	for (size_t i = 0; i < ARRAY_SIZE(names) && !e->executable; i++) {
		if (file_exists_at(e->fd, names[i]))
			e->executable = path_join(a, e->dir, names[i]);
	}
	return a->failed ? -ENOMEM : r;
}

static bool is_file(int fd, const char *name, int flags)
{
	struct stat st;

	return !fstatat(fd, name, &st, flags) && S_ISREG(st.st_mode);
}

int environment_open(struct environment *e, const struct python_env *pe,
		     struct venv_error *err)
{
	_cleanup_free_ char *real = realpath(e->dir, NULL);
	int r;

	e->fd = real ? open(real, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	if (e->fd < 0 || fstat(e->fd, &e->st)) {
		int errnum = errno;

		environment_close(e);
		return error_errno(err, errnum, "cannot open '%s'", e->given);
	}
	e->real = arena_strdup(pe->arena, real);
	if (!e->real)
		return error_nomem(err);
	e->half_built = is_file(e->fd, INCOMPLETE_FILE, AT_SYMLINK_NOFOLLOW);
	e->has_cfg = is_file(e->fd, CFG_FILE, 0);
	if (!e->has_cfg && !e->half_built) {
		error_set(err, VENV_ERR_CONFLICT,
			  "'%s' is not an environment: it has no pyvenv.cfg", e->given);
		return e->redirect ? error_hint(err, VENV_ERR_CONFLICT,
						"'%s' is a redirect to '%s'", e->redirect,
						e->dir)
				   : VENV_ERR_CONFLICT;
	}
	r = read_all(e, pe);
	return r ? error_errno(err, -r, "cannot read '%s'", e->given) : 0;
}

void environment_close(struct environment *e)
{
	if (e->fd >= 0)
		close(e->fd);
	e->fd = -1;
}
