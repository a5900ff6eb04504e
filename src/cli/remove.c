/* SPDX-License-Identifier: MIT */
/* remove.c - venvctl remove: environments removed, each as a whole */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"
#include "look.h"
#include "transaction/transaction.h"

struct remove_cmd {
	struct look_cmd l;
	bool force;
};

/* One that was removed, or would be. */
static void tell(struct remove_cmd *c, const struct environment *e, const char *link)
{
	struct json *j = c->l.json;
	void *o;

	if (!j && c->l.dry_run)
		ui_print(link ? "would remove the link '%s'\n"
			      : "would remove '%s': %u package%s\n",
			 e->given, e->packages, e->packages == 1 ? "" : "s");
	if (!j && !c->l.dry_run && !link)
		ui_line(arena_printf(&c->l.arena, "removed '%s': %u package%s", e->given,
				     e->packages, e->packages == 1 ? "" : "s"));
	if (!j)
		return;
	o = json_new_result(j, true, "remove");
	json_bool(j, o, "dry_run", c->l.dry_run);
	json_text(j, o, "env_dir", e->dir);
	json_bool(j, o, "changed", true);
	json_bool(j, o, "link", link != NULL);
	json_int(j, o, "removed_packages", link ? 0 : e->packages);
	json_print(j, o);
}

/* Nothing is at DIR, and -f says that this is well. */
static void tell_nothing(struct remove_cmd *c, const char *dir)
{
	struct json *j = c->l.json;
	void *o;

	if (!j)
		return;
	o = json_new_result(j, true, "remove");
	json_bool(j, o, "dry_run", c->l.dry_run);
	json_text(j, o, "env_dir", path_absolute(&c->l.arena, c->l.pe.cwd, dir));
	json_bool(j, o, "changed", false);
	json_print(j, o);
}

/*
 * What says that a directory is somebody's work as well, which cannot be made again: an
 * environment that was made in a project would take it along.
 */
static const char *project_in(const struct environment *e)
{
	static const char *const names[] = { ".git",	       ".hg",
					     ".svn",	       "setup.py",
					     "pyproject.toml", "setup.cfg" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (file_exists_at(e->fd, names[i]))
			return names[i];
	}
	return NULL;
}

static int refuse_project(const struct environment *e, struct venv_error *err)
{
	const char *name = project_in(e);

	if (!name)
		return 0;
	error_set(err, VENV_ERR_CONFLICT,
		  "'%s' is more than an environment: it contains '%s'", e->given, name);
	return error_hint(err, VENV_ERR_CONFLICT,
			  "remove bin, lib, include and pyvenv.cfg in it by hand");
}

/* A link to an environment goes, and what it leads to stays. */
static int remove_link(struct remove_cmd *c, const struct environment *e,
		       struct venv_error *err)
{
	if (!c->l.dry_run && unlink(e->dir))
		return error_errno(err, errno, "cannot remove the link '%s'", e->given);
	tell(c, e, e->dir);
	if (!c->l.json && !c->l.dry_run)
		ui_hint("hint",
			arena_printf(&c->l.arena,
				     "'%s' was a link; the environment '%s' stays",
				     e->given, e->real));
	return 0;
}

/* DIR/.venv, if that is a redirect to the environment that goes: its path, or NULL. */
static const char *redirect_in(struct arena *a, const char *dir,
			       const struct environment *e)
{
	const char *path = path_join(a, dir, REDIRECT_FILE), *to;
	struct stat st;

	return path && !lstat(path, &st) && S_ISREG(st.st_mode) &&
			       redirect_read(a, path, &to) && !stat(to, &st) &&
			       st.st_dev == e->st.st_dev && st.st_ino == e->st.st_ino
		       ? path
		       : NULL;
}

/* The nearest above it: beside it, or where --project-root had it written. */
static const char *redirect_of(struct remove_cmd *c, const struct environment *e)
{
	const char *dir = e->dir, *found = NULL;

	while (!found && dir && dir[1]) {
		dir = path_dir(&c->l.arena, dir);
		found = dir ? redirect_in(&c->l.arena, dir, e) : NULL;
	}
	return found;
}

static void drop_redirect(struct remove_cmd *c, const struct environment *e,
			  const char *redirect)
{
	bool ours = e->creator && !strcmp(e->creator, "venvctl");

	if (!redirect)
		return;
	if (ours && !unlink(redirect))
		return;
	ui_log(NULL, VENV_LOG_WARNING,
	       arena_printf(&c->l.arena, "'%s' leads to '%s' still, and stays", redirect,
			    e->given));
}

static int remove_tree(struct remove_cmd *c, struct environment *e,
		       struct venv_error *err)
{
	const char *redirect = redirect_of(c, e);
	struct transaction tx = TRANSACTION_INIT;
	struct stat st;
	int r;

	tx.arena = &c->l.arena;
	tx.log = &c->l.log;
	tx.cwd = c->l.pe.cwd;
	tx.home = env_get(c->l.pe.env, "HOME");
	tx.look = c->l.dry_run;
	r = removal_open(&tx, e->dir, err);
	/* It was half-built, and what was there before is none, or nothing. */
	if (r == VENV_ERR_CONFLICT && e->half_built && !c->l.dry_run &&
	    (tx.target.fd < 0 || !tx.target.is_env) && tx.target.env_dir) {
		venv_error_clear(err);
		r = 0;
	} else if (!r && !c->l.dry_run) {
		r = removal_run(&tx, err);
	}
	transaction_close(&tx);
	if (r)
		return r;
	tell(c, e, NULL);
	if (!c->l.dry_run && lstat(e->dir, &st))
		drop_redirect(c, e, redirect);
	return 0;
}

static int remove_found(struct remove_cmd *c, struct environment *e,
			struct venv_error *err)
{
	struct stat st;
	int r = environment_open(e, &c->l.pe, err);

	if (r)
		return r;
	if (!lstat(e->dir, &st) && S_ISLNK(st.st_mode))
		return remove_link(c, e, err);
	r = refuse_project(e, err);
	return r ? r : remove_tree(c, e, err);
}

/* Never what a redirect leads to by its name. */
static int refuse_redirect(const struct environment *e, struct venv_error *err)
{
	venv_error_clear(err);
	error_set(err, VENV_ERR_CONFLICT, "'%s' is a redirect to '%s'", e->given, e->dir);
	return error_hint(err, VENV_ERR_CONFLICT,
			  "remove '%s', or delete the file yourself", e->dir);
}

static int remove_one(struct remove_cmd *c, const char *dir)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct environment e;
	struct stat st;
	int r = environment_find(&e, &c->l.pe, dir, &err);

	if (e.redirect && e.dir != e.redirect)
		r = refuse_redirect(&e, &err);
	if (r == VENV_ERR_CONFLICT && c->force && lstat(dir, &st) &&
	    (errno == ENOENT || errno == ENOTDIR)) {
		venv_error_clear(&err);
		tell_nothing(c, dir);
		return EXIT_OK;
	}
	if (!r)
		r = remove_found(c, &e, &err);
	environment_close(&e);
	if (!r)
		return EXIT_OK;
	return look_error(&c->l, dir, 0, &err);
}

static int run(struct remove_cmd *c)
{
	int first = EXIT_OK;

	if (!c->l.rest.n)
		return ui_usage("venvctl remove .venv", "ENV_DIR is missing");
	for (size_t i = 0; i < c->l.rest.n; i++) {
		int r = remove_one(c, c->l.rest.v[i]);

		if (r && !first)
			first = r;
	}
	return first;
}

int cmd_remove(int argc, char **argv)
{
	struct remove_cmd c = { .l = { .rest = STRLIST_INIT } };
	const struct flag flags[] = {
		{ .name = "json", .set = &c.l.as_json },
		{ .name = "force", .set = &c.force, .letter = 'f' },
		{ .name = "dry-run", .set = &c.l.dry_run, .letter = 'n' },
		{ .name = NULL },
	};
	int r = look_begin(&c.l, argc, argv, flags);

	return look_end(&c.l, r ? r : run(&c));
}
