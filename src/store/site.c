/* SPDX-License-Identifier: MIT */
/*
 * site.c - the store of the site: entries that root made for all
 *
 * Root's files cannot be linked by others where the kernel protects hard links, so that who
 * links from a store of his own copies an entry there once, which saves unpacking and compiling.
 */
#include <config.h>

#include "site.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "fs/fs.h"

/* Does NAME look like that of an entry: "DIGEST-cpython-312-0a0d0dcb"? */
static bool is_entry_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == SHA256_SIZE * 2 &&
	       name[SHA256_SIZE * 2] == '-';
}

static bool has_entries(int fd)
{
	_cleanup_dir_ DIR *d = tree_walk(fd);
	struct dirent *e;
	int r = 0;

	while (d && (e = tree_next(d, &r))) {
		if (is_entry_name(e->d_name))
			return true;
	}
	return false;
}

bool store_is_site(int fd)
{
	_cleanup_dir_ DIR *d = tree_walk(fd);
	struct dirent *e = NULL;
	int r = 0;

	while (d && (e = tree_next(d, &r)) &&
	       (is_entry_name(e->d_name) || file_is_temp(e->d_name)))
		;
	return d && !e && !r;
}

int store_open_site(const char *dir, struct venv_error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	struct arena a = ARENA_INIT;
	const char *who;
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		r = error_errno(err, errno, "cannot open the site's store '%s'", dir);
	} else if (st.st_uid != 0) {
		who = account_name(&a, ACCOUNT_USER, st.st_uid);
		r = error_set(err, VENV_ERR_CONFIG,
			      "the site's store '%s' belongs to user %lu%s%s%s, not to "
			      "root",
			      dir, (unsigned long)st.st_uid, who ? " (" : "",
			      who ? who : "", who ? ")" : "");
	} else if (st.st_mode & 022) {
		r = error_set(err, VENV_ERR_CONFIG,
			      "the site's store '%s' can be written by others than root "
			      "(mode %04o)",
			      dir, (unsigned)(st.st_mode & 07777));
	}
	if (r && fd >= 0)
		close(fd);
	arena_release(&a);
	return r ? r : fd;
}

int store_check_site(const char *dir, struct venv_error *err)
{
	_cleanup_close_ int fd = store_open_site(dir, err);
	struct stat st;

	if (fd < 0)
		return fd;
	if (has_entries(fd))
		return 0;
	error_set(err, VENV_ERR_CONFIG, "there is nothing in the site's store '%s'", dir);
	if (!fstatat(fd, CACHE_STORE, &st, 0) && S_ISDIR(st.st_mode))
		return error_hint(err, VENV_ERR_CONFIG,
				  "a cache is none: did you mean '%s/" CACHE_STORE "'?",
				  dir);
	return error_hint(err, VENV_ERR_CONFIG,
			  "as root, `venvctl cache warm --site %s` fills it", dir);
}

int site_open(struct store *s)
{
	struct venv_error err = VENV_ERROR_INIT;
	int fd = s->site_dir && !s->site_refused ? store_open_site(s->site_dir, &err)
						 : -1;

	if (fd < 0 && s->site_dir && !s->site_refused) {
		log_info(s->log, "not using it: %s", venv_error_message(&err));
		s->site_refused = true;
	}
	venv_error_clear(&err);
	return fd < 0 ? -1 : fd;
}

static int copy_item(int from, int to, const struct item *t)
{
	char path[PATH_MAX];
	_cleanup_close_ int out = -1, in = -1;

	if (snprintf(path, sizeof(path), "%s/%s", place_name(t->place), t->path) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	in = tree_open_parent(from, path);
	out = in < 0 ? in : tree_make_parent(to, path);
	return out < 0 ? out : file_copy_at(in, path_base(path), out, path_base(path));
}

int site_copy(struct store *s, const struct entry *from, int to, struct venv_error *err)
{
	const struct manifest *m = &from->manifest;
	int r = 0;

	for (size_t i = 0; !r && i < m->n_items; i++) {
		if (s->cancelled && s->cancelled(s->cancel_data))
			return error_set(err, VENV_ERR_CANCELLED, "cancelled");
		r = copy_item(from->fd, to, &m->items[i]);
	}
	/* Last, as when it was built: an entry that has an index is whole. */
	if (!r)
		r = file_copy_at(from->fd, INDEX_FILE, to, INDEX_FILE);
	return r ? error_errno(err, -r, "cannot copy from the site's store '%s'",
			       s->site_dir)
		 : 0;
}

/* All may read it, whatever the umask was under which it was made. */
static int open_up(void *data, const struct tree_entry *e, struct venv_error *err)
{
	(void)data;
	if (S_ISDIR(e->st.st_mode) && fchmodat(e->dir, e->name, 0755, 0))
		return error_errno(err, errno, "cannot change the mode of '%s'", e->full);
	return 0;
}

static int give_one(int from, int to, const char *name, struct venv_error *err)
{
	_cleanup_close_ int fd = tree_open_dir(from, name);
	int r;

	if (fd < 0 || fchmod(fd, 0755))
		return error_errno(err, errno, "cannot open '%s'", name);
	r = tree_visit(fd, name, open_up, NULL, err);
	if (r)
		return r;
	r = file_rename_new(from, name, to, name);
	/* It is made again only where the one that is there is damaged. */
	if (r == -EEXIST || r == -ENOTEMPTY)
		r = file_exchange(from, name, to, name);
	return r ? error_errno(err, -r, "cannot put '%s' into the site's store", name)
		 : 0;
}

int store_give(int from, int to, unsigned *n, struct venv_error *err)
{
	_cleanup_dir_ DIR *d = tree_walk(from);
	struct dirent *e;
	int r = 0, end = 0;

	*n = 0;
	if (!d)
		return error_errno(err, errno, "cannot read the store that was made");
	while (!r && (e = tree_next(d, &end))) {
		if (!is_entry_name(e->d_name))
			continue;
		r = give_one(from, to, e->d_name, err);
		*n += !r;
	}
	return r || !end ? r
			 : error_errno(err, -end, "cannot read the store that was made");
}
