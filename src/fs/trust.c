/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
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

struct walk {
	struct trust *t;
	const char *asked; /* the path as it was given, for messages */
	struct str real;   /* resolved so far */
	bool quick;	   /* only find out whether all is good: no names for messages */
	bool shallow;	   /* in a directory of the installation */
	int code;
	struct venv_error *err;
};

static bool good_owner(const struct trust *t, uid_t uid)
{
	if (uid == 0 || uid == geteuid())
		return true;
	for (size_t i = 0; i < t->n_users; i++) {
		if (t->users[i] == uid)
			return true;
	}
	return false;
}

static bool good_group(const struct trust *t, const struct stat *st)
{
	if (st->st_gid == 0 || st->st_gid == st->st_uid)
		return true;
	for (size_t i = 0; i < t->n_groups; i++) {
		if (t->groups[i] == st->st_gid)
			return true;
	}
	return false;
}

/* The number in FILE; -1 if there is none. */
static int64_t number_in(const char *file)
{
	struct str text = STR_INIT;
	int64_t n = -1;

	if (!file_read_at(AT_FDCWD, file, 4096, &text) && text.len)
		n = strtoll(text.s, NULL, 10);
	str_release(&text);
	return n;
}

/* Is there a root in this user namespace?  Its map has lines of INSIDE OUTSIDE COUNT. */
static bool has_root(void)
{
	struct str text = STR_INIT;
	bool found = file_read_at(AT_FDCWD, "/proc/self/uid_map", 65536, &text) != 0;

	for (const char *p = text.s; p && *p && !found; p = strchr(p, '\n')) {
		p += strspn(p, "\n");
		found = *p && !strtoull(p, NULL, 10);
	}
	str_release(&text);
	return found;
}

/*
 * In a user namespace without a root of its own (bubblewrap, firejail) whatever belongs to
 * root or to anybody else belongs to the overflow user.
 */
static bool is_unknown(const struct trust *t, uid_t uid)
{
	return !good_owner(t, uid) &&
	       number_in("/proc/sys/kernel/overflowuid") == (int64_t)uid && !has_root();
}

static int unknown_owner(struct walk *w, const char *name)
{
	error_set(w->err, w->code,
		  "'%s' is not trusted: nobody can tell here whether '%s' is root's",
		  w->asked, name);
	return error_hint(
		w->err, w->code,
		"map root (user 0) into this user namespace, or name no file that "
		"is not your own");
}

/*
 * What an administrator would do.  A file of the site is not given to whom it is refused, and a
 * directory, which may be somebody's home, is given to nobody.
 */
static int not_yours(struct walk *w, const char *name, uid_t uid, bool is_dir)
{
	char number[24];
	const char *who;

	/* The names of all are read for a message alone. */
	if (w->quick)
		return w->code;
	snprintf(number, sizeof(number), "%lu", (unsigned long)uid);
	who = account_name(w->t->arena, ACCOUNT_USER, uid);
	error_set(w->err, w->code,
		  "'%s' is not trusted: '%s' belongs to user %s%s%s%s, who is neither "
		  "root nor you",
		  w->asked, name, number, who ? " (" : "", who ? who : "",
		  who ? ")" : "");
	if (is_dir)
		return error_hint(w->err, w->code,
				  "move '%s' to a directory of root's, or let the site's "
				  "[policy] say trusted-users = %s",
				  w->asked, who ? who : number);
	return error_hint(w->err, w->code,
			  "as root, `chown -h root '%s'` if it is to be trusted, or let "
			  "the site's [policy] say trusted-users = %s",
			  name, who ? who : number);
}

/*
 * With an access control list the group bits of a mode are the list's mask: what it may
 * grant to anybody whom it names.
 */
static bool has_acl(const struct walk *w, const char *name)
{
#ifdef __linux__
	return w->quick || lgetxattr(name, "system.posix_acl_access", NULL, 0) > 0;
#else
	(void)name;
	return w->quick;
#endif
}

static bool is_sticky(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) && st->st_uid == 0;
}

/* Judge the component that w->real ends with: 0, or the error. */
static int judge(struct walk *w, const struct stat *st)
{
	const char *name = w->real.len ? str_text(&w->real) : "/";

	if (is_unknown(w->t, st->st_uid)) {
		/* The installation is as good as the program, which runs already. */
		if (!w->shallow || w->quick || (st->st_mode & (S_IWGRP | S_IWOTH)) ||
		    !faccessat(AT_FDCWD, name, W_OK, AT_EACCESS))
			return unknown_owner(w, name);
		return 0;
	}
	if (!good_owner(w->t, st->st_uid))
		return not_yours(w, name, st->st_uid, S_ISDIR(st->st_mode));
	if (is_sticky(st))
		return 0;
	if ((st->st_mode & S_IWOTH) ||
	    ((st->st_mode & S_IWGRP) && !good_group(w->t, st))) {
		const char *who = st->st_mode & S_IWOTH ? "others" : "its group";
		const char *group;

		if (w->quick)
			return w->code;
		group = account_name(w->t->arena, ACCOUNT_GROUP, st->st_gid);
		error_set(w->err, w->code,
			  "'%s' is not trusted: '%s' is writable by %s (mode %04o, owner "
			  "%lu)",
			  w->asked, name, who, (unsigned)(st->st_mode & 07777),
			  (unsigned long)st->st_uid);
		if (st->st_mode & S_IWOTH)
			return error_hint(w->err, w->code, "chmod go-w '%s'", name);
		if (group)
			return error_hint(w->err, w->code,
					  "chmod g-w '%s', or let the site's [policy] "
					  "say trusted-groups = %s",
					  name, group);
		return error_hint(w->err, w->code,
				  "chmod g-w '%s', or let the site's [policy] say "
				  "trusted-groups = %lu",
				  name, (unsigned long)st->st_gid);
	}
	if ((st->st_mode & S_IWGRP) && has_acl(w, name)) {
		error_set(w->err, w->code,
			  "'%s' is not trusted: '%s' may be written by whom its access "
			  "control list names",
			  w->asked, name);
		return error_hint(w->err, w->code, "setfacl -b '%s'", name);
	}
	return 0;
}

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

static int judge_link(struct walk *w, int dir, const char *name, uid_t uid)
{
	struct stat st;

	if (good_owner(w->t, uid) || (!fstat(dir, &st) && !is_sticky(&st)))
		return 0;
	str_add_char(&w->real, '/');
	str_add(&w->real, name);
	return str_failed(&w->real) ? error_nomem(w->err)
				    : not_yours(w, str_text(&w->real), uid, false);
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
	if (judged && (r = judge(w, &st)))
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
			if (judged && (r = judge_link(w, dir, name, st.st_uid)))
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
			if (judged && (r = judge(w, &st))) {
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
		} else if (!(r = judge(w, &st))) {
			struct stat at;

			/* Shallow: only the file and the directory that holds it. */
			if (judged || fstat(dir, &at))
				return fd;
			cut_last(&w->real);
			r = judge(w, &at);
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
		       !judge(w, &st);
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
	       (is_dir || (!fstat(fd, &st) && S_ISREG(st.st_mode) && !judge(w, &st)));
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
	r = judge(w, &st);
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
	r = str_failed(&w.real) ? error_nomem(err) : judge(&w, &e->st);
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

bool trust_others_may_add(const struct trust *t, const char *dir)
{
	const struct walk w = { .quick = false };
	struct stat st;

	if (stat(dir, &st) || !S_ISDIR(st.st_mode))
		return false;
	return !good_owner(t, st.st_uid) || (st.st_mode & S_IWOTH) ||
	       ((st.st_mode & S_IWGRP) && (!good_group(t, &st) || has_acl(&w, dir)));
}
