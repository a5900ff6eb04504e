/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "trust_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#ifdef __linux__
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#ifndef O_PATH
#define O_PATH O_RDONLY
#endif

/* As many links as the kernel itself would follow. */
#define LINKS_MAX 40

static int missing(struct walk *w, int errnum)
{
	error_errno(w->err, errnum, "cannot open '%s'", w->asked);
	if (w->err)
		w->err->code = w->code;
	return w->code;
}

/* What is left to walk behind the link NAME: its target, and REST in that. */
static char *follow(struct walk *w, int dirfd, const char *name, const char *rest)
{
	_cleanup_free_ char *target = file_readlink_at(dirfd, name);

	if (!target)
		return NULL;
	return arena_printf(w->t->arena, "%s%s%s", target, *rest ? "/" : "", rest);
}

static bool cut_last(struct str *s)
{
	char *slash = s->s ? strrchr(s->s, '/') : NULL;

	if (slash)
		str_cut(s, (size_t)(slash - s->s));
	return slash != NULL;
}

/*
 * Walk REST from "/" one component at a time, judging what is opened, never what
 * a name says: each directory is held while the next name is opened in it.
 */
static int walk_path(struct walk *w, const char *rest, bool judged, bool directory)
{
	_cleanup_close_ int dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int links = 0, r;
	struct stat st;

	if (dir < 0 || fstat(dir, &st))
		return missing(w, errno);
	if (judged && (r = trust_judge(w, &st)))
		return r;
	for (;;) {
		size_t n;
		char *name;
		int fd;

		while (*rest == '/')
			rest++;
		n = strcspn(rest, "/");
		if (!n) {
			if (!directory)
				return missing(w, EISDIR);
			fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			return fd < 0 ? missing(w, errno) : fd;
		}
		name = arena_strndup(w->t->arena, rest, n);
		if (!name)
			return error_nomem(w->err);
		rest += n;
		if (!strcmp(name, "."))
			continue;
		fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st)) {
			r = missing(w, errno);
			if (fd >= 0)
				close(fd);
			return r;
		}
		if (S_ISLNK(st.st_mode)) {
			/*
			 * Only who can write its directory can exchange a link, and the
			 * directory was judged.  A sticky one may be written by anybody:
			 * there the link's owner counts.
			 */
			close(fd);
			if (judged && (r = trust_judge_link(w, dir, name, st.st_uid)))
				return r;
			while (*rest == '/')
				rest++;
			rest = ++links > LINKS_MAX ? (errno = ELOOP, NULL)
						   : follow(w, dir, name, rest);
			if (!rest)
				return missing(w, errno);
			if (*rest != '/')
				continue;
			close(dir);
			dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
			if (dir < 0)
				return missing(w, errno);
			str_clear(&w->real);
			continue;
		}
		if (!strcmp(name, "..")) {
			cut_last(&w->real);
		} else {
			str_add_char(&w->real, '/');
			str_add(&w->real, name);
		}
		if (str_failed(&w->real)) {
			close(fd);
			return error_nomem(w->err);
		}
		if (S_ISDIR(st.st_mode)) {
			if (judged && (r = trust_judge(w, &st))) {
				close(fd);
				return r;
			}
			close(dir);
			dir = fd;
			continue;
		}
		close(fd);
		while (*rest == '/')
			rest++;
		if (*rest || directory)
			return missing(w, ENOTDIR);
		/* The one open that counts; it must not block on a FIFO. */
		fd = openat(dir, name,
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st)) {
			r = missing(w, errno);
		} else if (!S_ISREG(st.st_mode)) {
			r = error_set(w->err, w->code, "'%s' is not a regular file",
				      w->asked);
		} else if (!(r = trust_judge(w, &st))) {
			struct stat at;

			/* Shallow: only the file and the directory that holds it. */
			if (judged || fstat(dir, &at))
				return fd;
			cut_last(&w->real);
			r = trust_judge(w, &at);
			str_add_char(&w->real, '/');
			str_add(&w->real, name);
			if (!r)
				return fd;
		}
		if (fd >= 0)
			close(fd);
		return r;
	}
}

/* True for an absolute path in which no name is empty, "." or "..". */
static bool is_plain(const char *path)
{
	size_t n = strlen(path);

	return *path == '/' && n > 1 && path[n - 1] != '/' && !strstr(path, "//") &&
	       !strstr(path, "/./") && !strstr(path, "/../");
}

/* Open DIR if its path has no links; -1 if it has, or if there is no openat2(). */
static int open_unlinked(const char *dir)
{
#if defined(__linux__) && defined(SYS_openat2)
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
				.resolve = RESOLVE_NO_SYMLINKS };

	return (int)syscall(SYS_openat2, AT_FDCWD, dir, &how, sizeof(how));
#else
	(void)dir;
	return -1;
#endif
}

/*
 * Judge the open directory DIR, whose path is PATH, and unless SHALLOW all its parents.
 * They are reached by "..", so that no name can be exchanged meanwhile.
 */
static bool is_good_dir(struct walk *w, int dir, const char *path, bool shallow)
{
	struct str up = STR_INIT;
	bool good = true;

	str_add_char(&up, '.');
	while (good) {
		struct stat st;

		good = !str_failed(&up) &&
		       !fstatat(dir, str_text(&up), &st, AT_SYMLINK_NOFOLLOW) &&
		       !trust_judge(w, &st);
		if (shallow || !path[1])
			break;
		str_add(&up, "/..");
		path = path_dir(w->t->arena, path);
		good &= path != NULL;
		if (!path)
			break;
	}
	str_release(&up);
	return good;
}

/*
 * The usual case, what is good and whose path has no links, in one call a directory.  -1 if
 * anything is otherwise: walk_path() then finds out what.
 */
static int open_plain(struct walk *w, const char *path, int flags)
{
	bool is_dir = flags & TRUST_DIRECTORY, good;
	_cleanup_close_ int dir = -1, fd = -1;
	const char *name = is_dir ? path : path_dir(w->t->arena, path);
	struct venv_error *err = w->err;
	struct stat st;

	if (!name || !is_plain(path))
		return -1;
	dir = open_unlinked(name);
	if (dir < 0)
		return -1;
	w->err = NULL;
	w->quick = true;
	good = is_good_dir(w, dir, name, flags & TRUST_SHALLOW);
	if (good && is_dir)
		fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	else if (good)
		fd = openat(dir, path_base(path),
			    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	good = good && fd >= 0 &&
	       (is_dir ||
		(!fstat(fd, &st) && S_ISREG(st.st_mode) && !trust_judge(w, &st)));
	w->err = err;
	w->quick = false;
	if (!good)
		return -1;
	str_add(&w->real, path);
	return steal_fd(&fd);
}

/* A file in a directory that was found good before: one open, one look at the file. */
static int open_again(struct walk *w, const char *path, int flags)
{
	_cleanup_close_ int fd = -1;
	char *dir = path_dir(w->t->arena, path);
	struct stat st;
	int r;

	if (!dir || (flags & TRUST_DIRECTORY) || strlist_find(&w->t->walked, dir) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -1;
	str_add(&w->real, path);
	r = trust_judge(w, &st);
	return r ? r : steal_fd(&fd);
}

int trust_open(struct trust *t, const char *path, int flags, int code, const char **real,
	       struct venv_error *err)
{
	struct walk w = { .t = t,
			  .asked = path,
			  .shallow = flags & TRUST_SHALLOW,
			  .code = code,
			  .err = err };
	const char *dir;
	int fd = open_again(&w, path, flags);

	if (fd == -1)
		fd = open_plain(&w, path, flags);
	if (fd == -1) {
		str_clear(&w.real);
		fd = walk_path(&w, path, !(flags & TRUST_SHALLOW),
			       flags & TRUST_DIRECTORY);
	}
	if (fd >= 0 && str_failed(&w.real)) {
		close(fd);
		fd = error_nomem(err);
	} else if (fd >= 0) {
		char *name = arena_strdup(t->arena, w.real.len ? str_text(&w.real) : "/");

		dir = name && !(flags & TRUST_SHALLOW)
			      ? (flags & TRUST_DIRECTORY ? name
							 : path_dir(t->arena, name))
			      : NULL;
		if (!name || (dir && strlist_find(&t->walked, dir) < 0 &&
			      !strlist_add(t->arena, &t->walked, dir))) {
			close(fd);
			fd = error_nomem(err);
		} else if (real) {
			*real = name;
		}
	}
	str_release(&w.real);
	return fd;
}

struct tree_trust {
	struct trust *t;
	const char *asked;
	int code;
};

static int judge_entry(void *data, const struct tree_entry *e, struct venv_error *err)
{
	const struct tree_trust *x = data;
	struct walk w = { .t = x->t, .asked = x->asked, .code = x->code, .err = err };
	int r;

	if (S_ISLNK(e->st.st_mode))
		return 0;
	str_add(&w.real, e->full);
	r = str_failed(&w.real) ? error_nomem(err) : trust_judge(&w, &e->st);
	str_release(&w.real);
	return r;
}

int trust_tree(struct trust *t, const char *path, int code, struct venv_error *err)
{
	struct tree_trust x = { t, path, code };
	const char *real = NULL;
	_cleanup_close_ int dir = trust_open(t, path, TRUST_DIRECTORY, code, &real, err);
	int r;

	if (dir < 0)
		return dir;
	r = tree_visit(dir, real, judge_entry, &x, err);
	/* What cannot be looked through is not trusted. */
	if (r == VENV_ERR_FAILED) {
		r = code;
		if (err)
			err->code = code;
	}
	return r;
}

bool trust_passes_over(struct trust *t, const char *path, int flags, const char *who,
		       const struct log *log)
{
	struct venv_error why = VENV_ERROR_INIT;
	_cleanup_close_ int fd = -1;
	bool untrusted;

	if (geteuid() != 0)
		return false;
	fd = trust_open(t, path, flags, VENV_ERR_CONFIG, NULL, &why);
	untrusted = fd < 0 && !why.os_errno;
	if (untrusted)
		log_warn(log, "passing over what %s names: %s", who,
			 venv_error_message(&why));
	venv_error_clear(&why);
	return untrusted;
}
