/* SPDX-License-Identifier: MIT */
/*
 * config_access.c - config check: what root may read, and users may not
 *
 * Root reads everything, so that a look at the modes has to say what would become of the creates
 * of others.  A user who checks meets what is closed to her as any other fault.
 */
#include <config.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_cmd.h"
#include "fs/fs.h"
#include "load/load.h"

/* The component of PATH, but of what is on the way to BASE or to this venvctl, that is closed. */
static const char *closed_part(struct checking *x, const char *base, const char *path,
			       mode_t need)
{
	const char *libdir = config_libdir(x->c);
	struct stat st;

	for (const char *at = path; at; at = path_dir(&x->arena, at)) {
		mode_t bits = at == path ? need : S_IXOTH;

		/* Who cannot come this far has nothing to do with the rest of it. */
		if (path_is_below(base, at) || (libdir && path_is_below(libdir, at)))
			break;
		if (!stat(at, &st) && (st.st_mode & bits) != bits)
			return at;
	}
	return NULL;
}

/* The same also where links lead: what keeps users from reading PATH; NULL: nothing. */
static const char *closed(struct checking *x, const char *base, const char *path,
			  mode_t need)
{
	const char *where = closed_part(x, base, path, need);
	_cleanup_free_ char *real = where ? NULL : realpath(path, NULL);
	const char *copy = real ? arena_strdup(&x->arena, real) : NULL;

	return copy && strcmp(copy, path) != 0 ? closed_part(x, base, copy, need) : where;
}

static mode_t needed(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode) ? S_IROTH | S_IXOTH : S_IROTH;
}

static const char *remedy(struct checking *x, const char *where)
{
	struct stat st;
	bool dir = !stat(where, &st) && S_ISDIR(st.st_mode);

	return arena_printf(&x->arena, "chmod %s '%s'", dir ? "o+rx" : "o+r", where);
}

/* A user's own values are hers to read; nobody else than root can tell for others. */
static bool is_for_all(const struct origin *o)
{
	return geteuid() == 0 && o->name && o->layer <= LAYER_SITE;
}

/* WHAT leads to something that not everybody may VERB, because of WHERE. */
static void tell_closed(struct checking *x, const struct origin *o, bool error,
			const char *what, const char *verb, const char *where,
			const char *hint)
{
	check_tell(x, error, o->name, o->line,
		   arena_printf(&x->arena,
				"%s, which not everybody may %s: see the mode of '%s'",
				what, verb, where),
		   hint);
}

static const char *names(struct checking *x, const char *key, const char *path)
{
	return arena_printf(&x->arena, "'%s' names '%s'", key, path);
}

bool check_access(struct checking *x, const struct origin *o, bool error, const char *key,
		  const char *path)
{
	const char *where = is_for_all(o) ? closed(x, o->name, path, needed(path)) : NULL;

	if (where)
		tell_closed(x, o, error, names(x, key, path), "read", where,
			    remedy(x, where));
	return !where;
}

struct tree_access {
	struct checking *x;
	unsigned left;
	const char *where; /* the first that is closed */
};

/* More than that is no skeleton, and nobody waits for it. */
#define TREE_MAX 10000

static int visit(void *data, const struct tree_entry *e, struct venv_error *err)
{
	struct tree_access *t = data;
	mode_t need = S_ISDIR(e->st.st_mode) ? S_IROTH | S_IXOTH : S_IROTH;

	(void)err;
	if (!S_ISLNK(e->st.st_mode) && (e->st.st_mode & need) != need)
		t->where = arena_strdup(&t->x->arena, e->full);
	return t->where || !--t->left;
}

void check_tree_access(struct checking *x, const struct origin *o, bool error,
		       const char *key, const char *path)
{
	struct tree_access t = { .x = x, .left = TREE_MAX };
	struct venv_error err = VENV_ERROR_INIT;
	_cleanup_close_ int fd = -1;

	if (!is_for_all(o) || !check_access(x, o, error, key, path))
		return;
	fd = tree_open_dir(AT_FDCWD, path);
	/* Ended early or not: what was found counts. */
	if (fd < 0 || (!tree_visit(fd, path, visit, &t, &err) && !t.where))
		goto out;
	if (t.where)
		check_tell(x, error, o->name, o->line,
			   arena_printf(&x->arena,
					"'%s' names '%s', in which not everybody may "
					"read '%s'",
					key, path, t.where),
			   remedy(x, t.where));
out:
	venv_error_clear(&err);
}

void check_program_access(struct checking *x, const struct origin *o, const char *key,
			  const char *path)
{
	const char *where = is_for_all(o) ? closed(x, o->name, path, S_IXOTH) : NULL;

	if (where)
		tell_closed(x, o, true, names(x, key, path), "run", where,
			    arena_printf(&x->arena, "chmod o+x '%s'", where));
}

void check_log_access(struct checking *x, const struct origin *o, const char *file,
		      const char *dir)
{
	const char *where = NULL;
	struct stat st;

	if (!is_for_all(o))
		return;
	if (!stat(file, &st))
		where = st.st_mode & S_IWOTH ? closed(x, o->name, dir, S_IXOTH) : file;
	else if (!stat(dir, &st))
		where = st.st_mode & S_IWOTH ? closed(x, o->name, dir, S_IXOTH) : dir;
	if (where)
		tell_closed(x, o, true, names(x, "log-file", file), "write", where,
			    "without it each user has logs of her own");
}

void check_plugin_access(struct checking *x, const struct origin *o, bool error,
			 const char *name, const char *path)
{
	const char *where = is_for_all(o) ? closed(x, o->name, path, S_IROTH) : NULL;

	if (where)
		tell_closed(
			x, o, error,
			arena_printf(&x->arena, "the plugin '%s' is '%s'", name, path),
			"read", where, remedy(x, where));
}

/* A file that a create reads, or a directory of them: closed, it ends every create of others. */
static void check_config(struct checking *x, const char *root, const char *path,
			 struct strlist *told)
{
	const char *base = path_dir(&x->arena, root);
	const char *where = base ? closed(x, base, path, needed(path)) : NULL;

	if (where && strlist_find(told, where) < 0 && strlist_add(&x->arena, told, where))
		check_tell(
			x, true, where, 0,
			"others than root cannot read it, and no create of theirs will "
			"run",
			remedy(x, where));
}

void check_config_access(struct checking *x)
{
	const char *site = paths_sysconfdir(), *libdir = config_libdir(x->c);
	const char *dropins = path_join(&x->arena, site, "conf.d");
	struct strlist told = STRLIST_INIT;
	struct stat st;

	if (geteuid() != 0)
		return;
	if (!x->files_given && dropins && !stat(dropins, &st))
		check_config(x, site, dropins, &told);
	for (size_t i = 0; i < x->c->files.n; i++) {
		const char *file = x->c->files.v[i];

		if (path_is_below(file, site))
			check_config(x, site, file, &told);
		else if (libdir && path_is_below(file, libdir))
			check_config(x, libdir, file, &told);
	}
}
