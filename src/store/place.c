/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#ifdef __linux__
#include <sys/xattr.h>
#endif
#include <unistd.h>

#include "fs/fs.h"
#include "shared.h"

/* So many directories one in the other are held open; what lies deeper is named from the last. */
#define LEVELS 8

/* A directory in the entry and in the environment. */
struct level {
	size_t len;   /* of its name, which the path at work begins with */
	int from, to; /* FROM is -1 where files come from the pack */
};

struct placing {
	struct store *s;
	const struct store_wheel *w;
	const struct entry *e;
	enum link_mode *mode;
	struct pack *pack;
	bool copied;	/* a file, which could not be cloned */
	int64_t offset; /* of the file at work in the pack */
	struct venv_error *err;
	struct level levels[LEVELS]; /* the place itself, then one in the other */
	size_t deepest;		     /* the directory at work */
	const char *path;	     /* of a file in it; NULL for none yet */
	size_t dir_len;		     /* its directory's name */
};

static int fail(struct placing *p, int r, const char *path)
{
	return error_errno(p->err, -r, "cannot write '%s'", path);
}

/* A link was asked for by name. */
static int fail_link(struct placing *p, int r, const char *path)
{
	int code = error_errno(p->err, -r, "cannot link '%s' from %s", path,
			       p->e->site ? "the site's store" : "the store");

	if (r == -EPERM && p->e->site)
		return error_hint(p->err, code,
				  "users may link their own files only, where the kernel "
				  "protects hard links: choose --link-mode auto");
	if (r == -EXDEV)
		return error_hint(p->err, code,
				  "it lies on another file system: choose --link-mode "
				  "auto");
	return code;
}

/* A directory of the entry cannot be opened. */
static int lost(const struct placing *p, const char *dir)
{
	if (!p->e->looked_at && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return PLACE_DAMAGED;
	return error_errno(p->err, errno, "cannot read '%s' in the store", dir);
}

static void leave(struct placing *p)
{
	const struct level *l = &p->levels[p->deepest--];

	if (l->from >= 0)
		close(l->from);
	close(l->to);
}

/*
 * In staging that is safe, as nobody put a link there; an environment in use may have one at every
 * step of the way.
 */
static int make_dir(const struct placing *p, int parent, const char *dir)
{
	int fd;

	if (p->w->root == p->w->existing)
		return tree_make_dirs(parent, dir);
	if (mkdirat(parent, dir, 0777) && errno != EEXIST)
		/* It is deeper than what is held open, and a directory before it is missing. */
		return errno == ENOENT ? tree_make_dirs(parent, dir) : -errno;
	fd = tree_open_dir(parent, dir);
	/* A link on the way would lead elsewhere. */
	return fd < 0 ? -errno : fd;
}

/* The directory DIR in the one at work; its whole name has LEN bytes. */
static int descend(struct placing *p, const char *dir, size_t len)
{
	const struct level *in = &p->levels[p->deepest];
	struct level l = { .len = len, .from = -1 };

	if (p->pack->fd < 0) {
		l.from = tree_open_dir(in->from, dir);
		if (l.from < 0)
			return lost(p, dir);
	}
	l.to = make_dir(p, in->to, dir);
	if (l.to < 0) {
		if (l.from >= 0)
			close(l.from);
		return fail(p, l.to, dir);
	}
	p->levels[++p->deepest] = l;
	return 0;
}

/* Is the directory of L on the way to PATH?  It is on that to the path at work. */
static bool leads_to(const struct placing *p, const struct level *l, const char *path)
{
	return !l->len ||
	       (p->path && !strncmp(p->path, path, l->len) && path[l->len] == '/');
}

/* The directory of PATH: from the nearest that is open, so that each name is looked up once. */
static int enter(struct placing *p, const char *path)
{
	size_t n = (size_t)(path_base(path) - path), at;
	int r = 0;

	n -= n > 0;
	if (p->path && p->dir_len == n && !memcmp(p->path, path, n))
		return 0;
	while (p->deepest &&
	       (p->deepest == LEVELS - 1 || !leads_to(p, &p->levels[p->deepest], path)))
		leave(p);
	for (at = p->levels[p->deepest].len; !r && at < n;) {
		const char *name = path + at + (at > 0);
		size_t rest = n - (size_t)(name - path), len = strcspn(name, "/");
		char *dir;

		if (p->deepest == LEVELS - 2 || len > rest)
			len = rest;
		at = (size_t)(name - path) + len;
		dir = arena_strndup(p->s->arena, name, len);
		r = dir ? descend(p, dir, at) : error_nomem(p->err);
	}
	p->path = path;
	p->dir_len = n;
	return r;
}

/*
 * The contents of T, into the new file TO.  Files are cloned until one cannot be; then copies come
 * from the pack, if there is one.
 */
static int fill(struct placing *p, const struct item *t, int from, int to, bool clone)
{
	int r;

	if (p->pack->fd >= 0 && !clone)
		return pack_copy(p->pack, p->offset, t->size, to);
	if (clone)
		return file_clone_fd(from, to);
	if (!p->copied && !file_clone_fd(from, to))
		return 0;
	r = file_copy_part(from, 0, to, (off_t)t->size);
	p->copied |= !r;
	return r;
}

/* A copy is the environment's own: its mode follows the umask, its time the source's. */
static int copy(struct placing *p, const struct item *t, const char *base, bool clone)
{
	const struct timespec times[2] = { { .tv_sec = t->mtime },
					   { .tv_sec = t->mtime } };
	const struct level *in = &p->levels[p->deepest];
	_cleanup_close_ int from = -1, to = -1;
	int r;

	if (p->pack->fd < 0 || clone) {
		from = openat(in->from, base, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		if (from < 0)
			return -errno;
	}
	to = openat(in->to, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    t->executable ? 0777 : 0666);
	if (to < 0)
		return -errno;
	r = fill(p, t, from, to, clone);
	if (!r && futimens(to, times))
		r = -errno;
	if (r)
		unlinkat(in->to, base, 0);
	return r;
}

/*
 * What was built for this environment alone becomes its file; a copy, where the two are
 * not of one file system.
 */
static int put(struct placing *p, const struct item *t, const char *base,
	       enum link_mode mode)
{
	const struct level *in = &p->levels[p->deepest];
	int r = p->e->temporary ? file_rename_new(in->from, base, in->to, base) : -EXDEV;

	if (!r || r == -EEXIST)
		return r;
	if (mode == LINK_HARDLINK)
		return linkat(in->from, base, in->to, base, 0) ? -errno : 0;
	return copy(p, t, base, mode == LINK_REFLINK);
}

/*
 * Does the environment's directory give what is made in it a group or an access control list?  A
 * link would have neither.
 */
static bool gives_own(const struct placing *p)
{
	struct stat st;

	if (!fstat(p->w->root, &st) && (st.st_mode & S_ISGID) && st.st_gid != getegid())
		return true;
#ifdef __linux__
	return fgetxattr(p->w->root, "system.posix_acl_default", NULL, 0) > 0;
#else
	return false;
#endif
}

/*
 * The first file tells: clones where the file system has them, then links, then copies.  A
 * link shares owner and mode with the store and with all that was made from it, and root
 * changes those of whole directories, so that root gets no links unless he asks for them.
 * Nor does a directory that is shared by a group.
 */
static int put_auto(struct placing *p, const struct item *t, const char *base)
{
	static const enum link_mode order[] = { LINK_REFLINK, LINK_HARDLINK, LINK_COPY };
	int r = -EINVAL;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		if (order[i] == LINK_HARDLINK && (!geteuid() || gives_own(p)))
			continue;
		r = put(p, t, base, order[i]);
		/* A file that is in the way says nothing of what works. */
		if (r == -EEXIST)
			break;
		if (!r || order[i] == LINK_COPY || !file_may_copy(-r)) {
			*p->mode = order[i];
			break;
		}
	}
	return r;
}

static int put_file(struct placing *p, const struct item *t)
{
	const char *base = path_base(t->path);
	bool retried = false;
	int r;

	for (;;) {
		r = *p->mode == LINK_AUTO ? put_auto(p, t, base)
					  : put(p, t, base, *p->mode);
		/* A file of an older version, or one that another wheel has as well. */
		if (r != -EEXIST || retried)
			break;
		log_info(p->s->log, "'%s' replaces what was there", t->path);
		retried = true;
		if (unlinkat(p->levels[p->deepest].to, base, 0))
			return fail(p, -errno, t->path);
	}
	/* One file that cannot be shared, as it has as many links as there can be. */
	if (r && p->w->link_mode == LINK_AUTO && *p->mode != LINK_COPY &&
	    file_may_copy(-r))
		r = put(p, t, base, LINK_COPY);
	if (r && p->w->link_mode == LINK_HARDLINK)
		return fail_link(p, r, t->path);
	return r ? fail(p, r, t->path) : 0;
}

/* One file, looked at unless it comes from what was. */
static int put_item(struct placing *p, const struct item *t)
{
	int r = 0;

	if (*p->mode == LINK_COPY && p->copied && !p->pack->tried)
		r = pack_open(p->pack, p->s, p->e);
	if (!r)
		r = enter(p, t->path);
	if (!r && !p->e->looked_at && p->pack->fd < 0 &&
	    !entry_file_is_whole(p->e, p->levels[p->deepest].from, path_base(t->path), t))
		r = PLACE_DAMAGED;
	return r ? r : put_file(p, t);
}

static int put_all(struct placing *p, enum place place)
{
	const struct manifest *m = &p->e->manifest;
	int r = 0;

	for (size_t i = 0; !r && i < m->n_items; i++) {
		const struct item *t = &m->items[i];

		if (t->place == place &&
		    (p->w->link_mode != LINK_SHARED || shared_takes(m, t)))
			r = put_item(p, t);
		p->offset += t->size;
	}
	return r;
}

int place_files(struct store *s, const struct store_wheel *w, const struct entry *e,
		enum place place, int to, enum link_mode *mode, struct pack *pack,
		struct venv_error *err)
{
	struct placing p = { .s = s,
			     .w = w,
			     .e = e,
			     .mode = mode,
			     .pack = pack,
			     .err = err,
			     .levels[0].to = to };
	int from = tree_open_dir(e->fd, place_name(place)), r;

	if (from < 0)
		return lost(&p, place_name(place));
	p.levels[0].from = from;
	r = put_all(&p, place);
	while (p.deepest)
		leave(&p);
	close(from);
	return r;
}
