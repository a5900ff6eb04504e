/* SPDX-License-Identifier: MIT */
/*
 * old.c - what another Python left in an environment
 *
 * An environment that is made over by another Python keeps the packages of the old one, which
 * nobody sees any more.  But bin/python3.12 would start the new one, so names that carry the
 * old version go if this program or an installer made them.
 */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <errno.h>

#include "environment/environment.h"
#include "fs/fs.h"
#include "util/util.h"
#include "private.h"

/* "3.12" of "python3.12t"; the length of it in *N. */
static const char *version_of(const char *lib, size_t *n)
{
	const char *version = lib + environment_stem(lib);

	*n = strspn(version, "0123456789.");
	return version;
}

/* pip and setuptools are not missed: what makes an environment brings them. */
static bool is_seeded(const char *name)
{
	return !strncmp(name, "pip-", 4) || !strncmp(name, "setuptools-", 11);
}

int old_unread(const struct venv_builder *b, int r, const char *dir,
	       struct venv_error *err)
{
	return error_errno(err, -r, "cannot read '%s/%s'", b->host.build.tx.target.given,
			   dir);
}

static int list_dists(struct venv_builder *b, int fd, const char *dir,
		      struct venv_error *err)
{
	struct arena *a = &b->host.build.arena;
	_cleanup_close_ int sub = openat(fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *d = NULL;
	int failed = tree_walk_if_there(sub, &d);
	struct dirent *e;
	const char *full;

	while (d && (e = tree_next(d, &failed))) {
		const char *dot = strrchr(e->d_name, '.');
		const char *path;

		if (!dot || (strcmp(dot, ".dist-info") && strcmp(dot, ".egg-info")) ||
		    is_seeded(e->d_name))
			continue;
		path = arena_printf(a, "lib/%s/%s", dir, e->d_name);
		if (!path || !strlist_add(a, &b->leaving.dists, path))
			return error_nomem(err);
	}
	if (!failed)
		return 0;
	full = path_join(a, "lib", dir);
	return full ? old_unread(b, failed, full, err) : error_nomem(err);
}

/* Look at lib/<any python>/site-packages: note the packages, and name the OTHERS. */
static int look(struct venv_builder *b, struct strlist *others, struct venv_error *err)
{
	struct build *e = &b->host.build;
	_cleanup_close_ int lib = openat(e->tx.target.fd, "lib",
					 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *d = NULL;
	int failed = tree_walk_if_there(lib, &d), r;
	struct dirent *entry;

	while (d && (entry = tree_next(d, &failed))) {
		const char *name, *path;

		if (!environment_stem(entry->d_name))
			continue;
		name = arena_strdup(&e->arena, entry->d_name);
		path = name ? arena_printf(&e->arena, "%s/site-packages", name) : NULL;
		if (!path)
			return error_nomem(err);
		r = list_dists(b, lib, path, err);
		if (r)
			return r;
		if (strcmp(name, path_base(e->python.lib_dir)) != 0 &&
		    !strlist_add(&e->arena, others, name))
			return error_nomem(err);
	}
	return failed ? old_unread(b, failed, "lib", err) : 0;
}

/* What every environment has at its top. */
static bool is_usual(const struct venv_builder *b, const char *name)
{
	static const char *const names[] = { "bin",	   "include",	 "lib",
					     "lib64",	   "etc",	 "share",
					     "local",	   "man",	 ".lock",
					     "pyvenv.cfg", ".gitignore", "CACHEDIR.TAG" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return !strncmp(name, ".venvctl-", 9) ||
	       !strcmp(name, b->host.build.layout.bin_name);
}

static int look_at_top(struct venv_builder *b, struct venv_error *err)
{
	const struct target *t = &b->host.build.tx.target;
	_cleanup_dir_ DIR *d = tree_walk(t->fd);
	int failed = d ? 0 : -errno;
	struct dirent *entry;

	while (d && (entry = tree_next(d, &failed))) {
		int r = is_usual(b, entry->d_name) ? 0
						   : leaving_add(b, entry->d_name, err);

		if (r)
			return r;
	}
	return failed ? error_errno(err, -failed, "cannot read '%s'", t->given) : 0;
}

void old_tell_removed(struct venv_builder *b, const char *env_dir)
{
	struct str text = STR_INIT;
	size_t shown = b->leaving.top.n > 3 ? 2 : b->leaving.top.n;

	if (b->removed)
		str_addf(&text, "%u package%s", b->removed, b->removed == 1 ? "" : "s");
	for (size_t i = 0; i < shown; i++)
		str_addf(&text, "%s'%s'",
			 !text.len				       ? ""
			 : i + 1 == shown && shown == b->leaving.top.n ? " and "
								       : ", ",
			 b->leaving.top.v[i]);
	if (shown < b->leaving.top.n)
		str_addf(&text, " and %zu more", b->leaving.top.n - shown);
	if (text.len && !str_failed(&text))
		log_warn(&b->host.log, "%s of the old '%s' went with it", str_text(&text),
			 env_dir);
	str_release(&text);
}

/*
 * What begins with "#!" is somebody's own; the names of an interpreter are links or copies.  What
 * cannot be read may be one.
 */
static bool is_script(int bin, const char *name)
{
	_cleanup_close_ int fd = openat(bin, name,
					O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char head[2];
	ssize_t n;

	if (fd < 0)
		return errno != ELOOP && errno != ENOENT;
	n = read(fd, head, 2);
	return n < 0 || (n == 2 && !memcmp(head, "#!", 2));
}

/* Is NAME one under which the Python of lib/LIB was started? */
static bool is_interpreter(const char *name, const char *lib)
{
	size_t n, stem = environment_stem(name);
	const char *version = version_of(lib, &n);

	if (!stem)
		return false;
	/* "pypy" and "pypy3" say no version, but who they are. */
	if (strncmp(name, "python", 6) && !strncmp(name, lib, stem) &&
	    (!name[stem] || !strcmp(name + stem, "3")))
		return true;
	if (!n || strncmp(name + stem, version, n) != 0)
		return false;
	name += stem + n;
	return !name[strspn(name, "dmt")] || !strcmp(name, "-dbg");
}

/* Does NAME end with the version of lib/LIB, as "pip3.12" and "coverage-3.12" do? */
static bool carries_version(const char *name, const char *lib)
{
	size_t n, len = strlen(name);
	const char *version = version_of(lib, &n);

	return n && len > n && !strncmp(name + len - n, version, n) &&
	       !strchr("0123456789.", name[len - n - 1]);
}

static int let_go(struct venv_builder *b, const char *name, struct venv_error *err)
{
	struct build *e = &b->host.build;
	const char *path = path_join(&e->arena, e->layout.bin_name, name);

	if (!path)
		return error_nomem(err);
	log_info(&b->host.log, "'%s/%s' is of another Python and goes",
		 e->tx.target.given, path);
	return transaction_remove(&e->tx, path, err);
}

static int drop_interpreters(struct venv_builder *b, int bin, const char *lib,
			     struct venv_error *err)
{
	struct build *e = &b->host.build;
	_cleanup_dir_ DIR *d = tree_walk(bin);
	int r = 0, failed = d ? 0 : -errno;
	struct dirent *entry;

	while (!r && d && (entry = tree_next(d, &failed))) {
		if (is_interpreter(entry->d_name, lib) &&
		    strlist_find(&e->layout.names, entry->d_name) < 0 &&
		    !is_script(bin, entry->d_name))
			r = let_go(b, entry->d_name, err);
	}
	return !r && failed ? old_unread(b, failed, e->layout.bin_name, err) : r;
}

/* The scripts of lib/LIB that are to go, and why that failed. */
struct dropping {
	struct venv_builder *b;
	const char *lib;
	struct venv_error *err;
};

static int drop_script(void *data, const char *name)
{
	struct dropping *d = data;

	return !strchr(name, '/') && carries_version(name, d->lib)
		       ? let_go(d->b, name, d->err)
		       : 0;
}

static int drop_scripts(struct venv_builder *b, const char *lib, struct venv_error *err)
{
	struct build *e = &b->host.build;
	const char *path = arena_printf(&e->arena, "lib/%s/site-packages", lib);
	_cleanup_close_ int site = path ? openat(e->tx.target.fd, path,
						 O_RDONLY | O_DIRECTORY | O_CLOEXEC)
					: -1;
	struct dropping d = { b, lib, err };
	bool none = site < 0 && (errno == ENOENT || errno == ENOTDIR);
	int r = site < 0 ? -errno : 0;

	if (!r || none)
		r = environment_scripts(&e->arena, site, drop_script, &d);
	if (e->arena.failed)
		r = -ENOMEM;
	return r < 0 ? error_errno(err, -r, "cannot read '%s'", path) : r;
}

int old_python(struct venv_builder *b, struct venv_error *err)
{
	struct build *e = &b->host.build;
	struct strlist others = STRLIST_INIT;
	_cleanup_close_ int bin = -1;
	int r = 0;

	if (e->tx.target.fd >= 0)
		r = look(b, &others, err);
	if (!r && e->tx.target.kind == TARGET_REPLACE)
		r = look_at_top(b, err);
	if (!r && b->mends)
		r = mend_names(b, err);
	if (r || !others.n || e->tx.target.kind != TARGET_IN_PLACE)
		return r;
	bin = tree_open_dir(e->tx.target.fd, e->layout.bin_name);
	if (bin < 0 && errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
		return old_unread(b, -errno, e->layout.bin_name, err);
	for (size_t i = 0; !r && i < others.n; i++) {
		log_warn(&b->host.log,
			 "'%s/lib/%s' is of another Python and stays as it is",
			 e->tx.target.given, others.v[i]);
		if (bin < 0)
			continue;
		r = drop_interpreters(b, bin, others.v[i], err);
		if (!r)
			r = drop_scripts(b, others.v[i], err);
	}
	return r;
}
