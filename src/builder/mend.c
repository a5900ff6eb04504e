/* SPDX-License-Identifier: MIT */
/*
 * mend.c - an environment that is there made whole: an upgrade that changes no decision
 *
 * It keeps the interpreter, the options and the packages; what an upgrade makes anew is made
 * anew, and beyond that what environment_check() calls fixable.
 */
#include <config.h>

#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
#include "private.h"

/* What was made by copying stays a copy. */
static bool has_copies(const struct environment *e)
{
	struct stat st;

	return !fstatat(e->fd, "bin/python", &st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(st.st_mode) && st.st_size > 0;
}

/* `command` for where the environment is now, with the options that it was made with. */
static int keep_command(struct venv_builder *b, const struct environment *e,
			const struct checkup *c, struct venv_error *err)
{
	const char *command = cfg_get(&e->cfg, "command");
	const char *place = environment_place(&b->host.arena, &e->cfg, e->fd);
	size_t n = command ? strlen(command) : 0, m = place ? strlen(place) : 0;
	const char *text;

	if (m && m < n && !strcmp(command + n - m, place) && e->creator &&
	    !strcmp(e->creator, "venvctl"))
		text = arena_printf(&b->host.arena, "%.*s%s", (int)(n - m), command,
				    e->dir);
	else
		text = arena_printf(
			&b->host.arena, "%s create%s%s%s %s", b->program,
			has_copies(e) ? " --copies" : "",
			e->pip || c->wants_pip ? "" : " --without-pip",
			e->system_site_packages ? " --system-site-packages" : "", e->dir);
	if (!text)
		return error_nomem(err);
	b->host.own_cfg.arena = &b->host.arena;
	return cfg_set(&b->host.own_cfg, "command", text, err);
}

int builder_mend(struct venv_builder *b, const struct environment *e,
		 const struct checkup *c, const char *python, struct venv_error *err)
{
	int r = venv_builder_set(b, "upgrade", "yes", err);

	b->mends = true;
	/* A hash over the place cannot be told from one over something else. */
	b->mended_recipe = checkup_find(c, "moved") || python
				   ? NULL
				   : cfg_get(&e->cfg, "venvctl-recipe");
	if (!r)
		r = venv_builder_set(b, "without-pip", c->wants_pip ? "no" : "yes", err);
	if (!r)
		r = venv_builder_set(b, "system-site-packages",
				     e->system_site_packages ? "yes" : "no", err);
	if (!r)
		r = venv_builder_set(b, "symlinks", has_copies(e) ? "no" : "yes", err);
	if (!r && python)
		r = venv_builder_set(b, "python", python, err);
	if (!r)
		r = keep_command(b, e, c, err);
	return r ? r : venv_builder_create(b, e->dir, err);
}

int mend_names(struct venv_builder *b, struct venv_error *err)
{
	struct build *e = &b->host.build;
	_cleanup_close_ int bin = tree_open_dir(e->tx.target.fd, e->layout.bin_name);
	_cleanup_dir_ DIR *d = bin < 0 ? NULL : tree_walk(bin);
	const char *version = python_version_text(&e->arena, &e->python);
	struct dirent *entry;
	int r = 0, failed = 0;

	while (!r && d && (entry = tree_next(d, &failed))) {
		const char *path;

		if (!environment_is_stale(bin, entry->d_name, version))
			continue;
		path = path_join(&e->arena, e->layout.bin_name, entry->d_name);
		r = path ? transaction_remove(&e->tx, path, err) : error_nomem(err);
	}
	return r;
}
