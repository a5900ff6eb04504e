/* SPDX-License-Identifier: MIT */
/*
 * mend.c - an environment that is there made whole: an upgrade that changes no decision
 *
 * It keeps the interpreter, the options and the packages; what an upgrade makes anew is made
 * anew, and beyond that what environment_check() calls fixable.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
#include "private.h"

#define RECORD_MAX (16u << 20)

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
	if (!r)
		r = venv_builder_set(b, "relocatable", e->relocatable ? "yes" : "no",
				     err);
	/* Those of other creators have cmd's script as well, with the path in it. */
	if (!r && file_exists_at(e->fd, "bin/activate.bat"))
		r = venv_builder_set(b, "activators",
				     "sh csh fish powershell nushell xonsh python cmd",
				     err);
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
	_cleanup_dir_ DIR *d = NULL;
	int r = 0, failed = tree_walk_if_there(bin, &d);
	const char *version = python_version_text(&e->arena, &e->python);
	struct dirent *entry;

	while (!r && d && (entry = tree_next(d, &failed))) {
		const char *path;

		if (!environment_is_stale(bin, entry->d_name, version))
			continue;
		path = path_join(&e->arena, e->layout.bin_name, entry->d_name);
		r = path ? transaction_remove(&e->tx, path, err) : error_nomem(err);
	}
	return !r && failed ? old_unread(b, failed, e->layout.bin_name, err) : r;
}

/* Append RECORD with the rows of scripts that have another one now: true if any has. */
static bool add_record(struct str *out, struct arena *a, const struct index *rows,
		       const char *record)
{
	static const char up[] = "../../../bin/";
	bool changed = false;

	for (size_t n; *record; record += n) {
		size_t len = strcspn(record, "\r\n"), comma = strcspn(record, ",");
		const struct mended_row *row;
		const char *name = NULL;

		n = len + strspn(record + len, "\r\n");
		if (comma < len && !strncmp(record, up, strlen(up)))
			name = arena_strndup(a, record + strlen(up), comma - strlen(up));
		row = name ? index_find(rows, name, "") : NULL;
		/* virtualenv's says what the script was in the wheel. */
		if (row && strlen(row->was) == len - comma - 1 &&
		    !strncmp(row->was, record + comma + 1, len - comma - 1)) {
			changed = true;
			str_add_n(out, record, comma + 1);
			str_add(out, row->is);
			str_add_n(out, record + len, n - len);
		} else {
			str_add_n(out, record, n);
		}
	}
	return changed;
}

/* The RECORD of the distribution DIR in the directory SITE of the target. */
static int mend_record(struct venv_builder *b, int site, const char *dir,
		       const struct index *rows, bool replaces, struct venv_error *err)
{
	struct build *e = &b->host.build;
	_cleanup_str_ struct str text = STR_INIT, out = STR_INIT;
	const char *path = path_join(&e->arena, dir, "RECORD");
	_cleanup_close_ int to = -1;
	struct stat st;
	int r;

	if (!path)
		return error_nomem(err);
	if (fstatat(site, path, &st, AT_SYMLINK_NOFOLLOW))
		r = errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	else
		r = S_ISREG(st.st_mode) ? file_read_at(site, path, RECORD_MAX, &text) : 0;
	/* It is to say the same of its file; a longer one is not an installer's. */
	if (r && r != -EFBIG) {
		path = path_join(&e->arena, e->layout.purelib, path);
		return path ? old_unread(b, r, path, err) : error_nomem(err);
	}
	if (r || !text.len || !add_record(&out, &e->arena, rows, str_text(&text)))
		return e->arena.failed ? error_nomem(err) : 0;
	path = path_join(&e->arena, e->layout.purelib, path);
	if (!path || str_failed(&out))
		return error_nomem(err);
	to = tree_make_parent(e->tx.root, path);
	r = to < 0     ? to
	    : replaces ? file_replace_at(to, "RECORD", out.s, out.len, st.st_mode & 0777)
		       : file_create_at(to, "RECORD", out.s, out.len, st.st_mode & 0777,
					true);
	/* A pip that was just brought has its own. */
	return !r || r == -EEXIST ? 0 : error_errno(err, -r, "cannot write '%s'", path);
}

int mend_records(struct venv_builder *b, int from, const struct index *rows,
		 bool replaces, struct venv_error *err)
{
	struct build *e = &b->host.build;
	_cleanup_close_ int site = openat(from, e->layout.purelib,
					  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *d = NULL;
	int r = 0, failed = tree_walk_if_there(site, &d);
	struct dirent *entry;

	while (!r && d && (entry = tree_next(d, &failed))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot && !strcmp(dot, ".dist-info"))
			r = mend_record(b, site, entry->d_name, rows, replaces, err);
	}
	return !r && failed ? old_unread(b, failed, e->layout.purelib, err) : r;
}
