/* SPDX-License-Identifier: MIT */
/*
 * follow.c - scripts that start the interpreter of another place than they are to
 *
 * Scripts of an environment that was moved start the interpreter of its old place, until they
 * are written anew.  And what pip installs into an environment that may be moved names its
 * place all the same: such scripts are written anew when pip is done.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "environment/environment.h"
#include "fs/fs.h"
#include "util/util.h"
#include "private.h"

#define SCRIPT_MAX (16u << 20)

/* What is known of the scripts that are to follow. */
struct following {
	int from;	       /* the tree that has them */
	bool replaces;	       /* ... which is the one that they are written into */
	const char *place;     /* where the environment was made; or NULL */
	const char *pip_dir;   /* whose interpreter bin/pip starts; or NULL */
	struct index recorded; /* to mend or relocate: what installers made here */
	struct index rows;     /* to mend: what RECORD is to say of those written anew */
};

/* Is the script NAME, which starts the interpreter of DIR, to start the one that is here? */
static bool is_to_follow(struct venv_builder *b, const struct following *f,
			 const char *name, const char *dir)
{
	const struct build *e = &b->host.build;
	struct stat st;

	if (!dir)
		return false;
	if (!strcmp(dir, e->tx.target.env_dir))
		return e->relocatable && index_find(&f->recorded, name, "");
	if (index_find(&f->recorded, name, "") &&
	    (stat(dir, &st) || st.st_dev != e->tx.target.st.st_dev ||
	     st.st_ino != e->tx.target.st.st_ino))
		return true;
	if (!strcmp(dir, e->python.prefix))
		return false;
	return (f->place && !strcmp(dir, f->place)) ||
	       (f->pip_dir && !strcmp(dir, f->pip_dir));
}

static int read_script(int bin, const char *name, struct str *text, struct stat *st)
{
	_cleanup_close_ int fd = openat(bin, name,
					O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, st))
		return -errno;
	return S_ISREG(st->st_mode) ? file_read_fd(fd, SCRIPT_MAX, text) : -EINVAL;
}

/* What is no script, or not for us to read, is left as it is. */
static bool is_unread(int r)
{
	return r && r != -EINVAL && r != -ENOENT && r != -ELOOP && r != -ENXIO &&
	       r != -EACCES && r != -EFBIG;
}

/* The environment whose interpreter bin/pip starts, if pip itself made that script. */
static const char *dir_of_pip(struct venv_builder *b, int bin)
{
	_cleanup_str_ struct str text = STR_INIT;
	const char *program, *rest;
	struct stat st;
	int r = read_script(bin, "pip", &text, &st);

	if (r == -ENOMEM)
		b->host.build.arena.failed = true;
	if (r || !strstr(str_text(&text), "from pip"))
		return NULL;
	program = hashbang_program(&b->host.build.arena, str_text(&text), &rest);
	return program ? environment_of(&b->host.build.arena, program) : NULL;
}

/* Append what the script TEXT becomes that is to start the interpreter that is here. */
static int add_followed(struct venv_builder *b, struct str *out, const char *program,
			const char *rest, size_t len, struct venv_error *err)
{
	struct build *e = &b->host.build;
	const char *base = path_base(program);

	if (strlist_find(&e->layout.names, base) < 0)
		base = path_base(e->context.env_exe);
	program = path_join(&e->arena, e->context.bin_path, base);
	if (!program)
		return error_nomem(err);
	if (e->relocatable)
		hashbang_add_beside(out, base);
	else
		hashbang_add(out, program);
	str_add_n(out, rest, len);
	return str_failed(out) ? error_nomem(err) : 0;
}

/* What RECORD is to say of the script NAME, which was OLD and has become TEXT. */
static int note_row(struct venv_builder *b, struct following *f, const char *name,
		    const struct str *old, const struct str *text, struct venv_error *err)
{
	struct arena *a = &b->host.build.arena;
	const char *copy = arena_strdup(a, name);
	struct mended_row *row = arena_alloc(a, sizeof(*row));
	void **slot = copy ? index_slot(a, &f->rows, copy, "") : NULL;

	if (!slot || !row)
		return error_nomem(err);
	row->was = host_record_row(&b->host, a, old->s, old->len, NULL);
	row->is = row->was ? host_record_row(&b->host, a, text->s, text->len, NULL)
			   : NULL;
	/* An installation without the module digest leaves RECORD as it is. */
	if (row->is)
		*slot = row;
	return a->failed ? error_nomem(err) : 0;
}

/* Write the script NAME anew into the tree that is being built, unless that has it already. */
static int follow(struct venv_builder *b, int bin, const char *name, struct following *f,
		  struct venv_error *err)
{
	struct build *e = &b->host.build;
	_cleanup_str_ struct str text = STR_INIT, out = STR_INIT;
	const char *program, *dir, *rest;
	bool follows, closed;
	struct stat st = { 0 };
	int r, to;

	r = read_script(bin, name, &text, &st);
	if (is_unread(r)) {
		const char *path = path_join(&e->arena, e->layout.bin_name, name);

		return path ? old_unread(b, r, path, err) : error_nomem(err);
	}
	if (r)
		return 0;
	program = hashbang_program(&e->arena, str_text(&text), &rest);
	if (e->arena.failed)
		return error_nomem(err);
	dir = program ? environment_of(&e->arena, program) : NULL;
	follows = is_to_follow(b, f, name, dir);
	closed = b->mends && environment_wants_x(bin, name, &st);
	if (!follows && !closed)
		return 0;
	r = follows ? add_followed(b, &out, program, rest,
				   text.len - (size_t)(rest - text.s), err)
		    : 0;
	if (!follows)
		str_add_n(&out, text.s, text.len);
	if (r || str_failed(&out))
		return r ? r : error_nomem(err);
	/* Who may read it may run it. */
	if (closed)
		st.st_mode |= (st.st_mode & 0444) >> 2;
	to = host_open_bin(&b->host, err);
	if (to < 0)
		return to;
	r = f->replaces
		    ? file_replace_at(to, name, out.s, out.len, st.st_mode & 0777)
		    : file_create_at(to, name, out.s, out.len, st.st_mode & 0777, true);
	/* What brings pip has written it already. */
	if (r == -EEXIST)
		return 0;
	if (r)
		return error_errno(err, -r, "cannot write '%s/%s'", e->layout.bin_name,
				   name);
	if (follows)
		log_info(&b->host.log, "'%s/%s' is of '%s' and is written anew",
			 e->layout.bin_name, name, dir);
	return follows && f->recorded.root ? note_row(b, f, name, &text, &out, err) : 0;
}

/* The scripts of the tree F->from, in its directory of scripts. */
static int follow_all(struct venv_builder *b, struct following *f, struct venv_error *err)
{
	struct build *e = &b->host.build;
	_cleanup_close_ int bin = tree_open_dir(f->from, e->layout.bin_name);
	_cleanup_dir_ DIR *d = NULL;
	int r = 0, failed = tree_walk_if_there(bin, &d);
	struct dirent *entry;

	if (b->mends || e->relocatable) {
		_cleanup_close_ int site = openat(f->from, e->layout.purelib,
						  O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (site < 0 && errno != ENOENT && errno != ENOTDIR)
			return old_unread(b, -errno, e->layout.purelib, err);
		r = environment_recorded(&e->arena, site, &f->recorded);
		if (r)
			return error_errno(err, -r, "cannot read '%s'",
					   e->layout.purelib);
	}
	f->pip_dir = d ? dir_of_pip(b, bin) : NULL;
	while (!r && d && (entry = tree_next(d, &failed))) {
		if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN)
			r = follow(b, bin, entry->d_name, f, err);
	}
	if (!r && failed)
		r = old_unread(b, failed, e->layout.bin_name, err);
	return r || !f->rows.root ? r
				  : mend_records(b, f->from, &f->rows, f->replaces, err);
}

int follow_place(struct venv_builder *b, struct venv_error *err)
{
	struct build *e = &b->host.build;
	struct following f = { .from = e->tx.target.fd };

	if (e->tx.target.kind != TARGET_IN_PLACE)
		return 0;
	f.place = environment_place(&e->arena, &e->tx.target.cfg, e->tx.target.fd);
	return follow_all(b, &f, err);
}

int follow_steps(struct venv_builder *b, struct venv_error *err)
{
	struct build *e = &b->host.build;
	struct following f = { .from = e->tx.way == WAY_MERGE ? e->tx.target.fd
							      : e->tx.root,
			       .replaces = true };
	int r;

	if (!e->relocatable)
		return 0;
	r = host_part_begin(&b->host, err);
	if (!r)
		r = follow_all(b, &f, err);
	return host_part_end(&b->host, r, err);
}
