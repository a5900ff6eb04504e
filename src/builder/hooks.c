/* SPDX-License-Identifier: MIT */
/*
 * hooks.c - the names of nushell's hooks go into activate.nu
 *
 * Other shells look into etc/venvctl/activate.d when they activate.  nushell sources
 * constants only, so the names are looked up when everything that may place files
 * there, a plugin or an earlier create, has done so.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fs/fs.h"
#include "util/util.h"
#include "private.h"

#define HOOKS_DIR "etc/venvctl/activate.d"

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool is_hook(const char *name)
{
	const char *dot = strrchr(name, '.');

	return *name != '.' && dot && !strcmp(dot, ".nu") &&
	       utf8_valid(name, strlen(name));
}

static int list_hooks(DIR *dir, struct arena *a, struct strlist *hooks,
		      struct venv_error *err)
{
	struct dirent *entry;

	while (errno = 0, (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (is_hook(name) &&
		    (!(name = arena_strdup(a, name)) || !strlist_add(a, hooks, name)))
			return error_nomem(err);
	}
	if (errno)
		return error_errno(err, errno, "cannot read '%s'", HOOKS_DIR);
	if (hooks->n)
		qsort(hooks->v, hooks->n, sizeof(*hooks->v), by_name);
	return 0;
}

int hooks_name(struct venv_builder *b, struct venv_error *err)
{
	const struct build *e = &b->host.build;
	bool is_new = e->tx.target.kind == TARGET_NEW ||
		      e->tx.target.kind == TARGET_REPLACE;
	struct strlist hooks = STRLIST_INIT;
	struct script_values v;
	_cleanup_dir_ DIR *dir = NULL;
	int fd, r;

	/* In a new environment only a plugin can have placed hooks. */
	if (!(b->host.settings.activators & ACTIVATE_NUSHELL) ||
	    (is_new && !b->host.steps.first && !method_any_overridden(b)))
		return 0;
	fd = openat(e->tx.root, HOOKS_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : error_errno(err, errno, "cannot read '%s'", HOOKS_DIR);
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return error_errno(err, errno, "cannot read '%s'", HOOKS_DIR);
	}
	r = list_hooks(dir, &b->host.build.arena, &hooks, err);
	if (r || !hooks.n)
		return r;
	r = host_open_bin(&b->host, err);
	/* A plugin, or the program's own stage, may have written no scripts. */
	if (r < 0 || !file_exists_at(r, "activate.nu"))
		return r < 0 ? r : 0;
	r = host_part_begin(&b->host, err);
	if (!r)
		r = host_open_bin(&b->host, err);
	if (r >= 0) {
		host_script_values(&b->host, &v);
		v.nushell_hooks = &hooks;
		r = scripts_replace_nushell(r, &v, err);
	}
	return host_part_end(&b->host, r, err);
}
