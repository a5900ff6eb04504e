/* SPDX-License-Identifier: MIT */
/* install.c - EnvBuilder.install_scripts(): a directory of scripts of third parties */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
#include "util/util.h"
#include "layout.h"

/* No script is larger; what is, is copied without being looked at. */
#define TEXT_MAX  (1024u * 1024u)
#define DEPTH_MAX 64

struct install {
	const struct script_values *v;
	bool raw;
	const struct log *log;
	struct arena arena; /* of paths, for messages */
	struct venv_error *err;
};

static bool is_text(const struct str *s)
{
	return !memchr(str_text(s), '\0', s->len) && utf8_valid(str_text(s), s->len);
}

void scripts_expand_file(struct str *out, const char *path, const struct str *content,
			 const struct script_values *v, bool raw, const struct log *log)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (content->len <= TEXT_MAX && is_text(content)) {
		scripts_expand(out, str_text(content), content->len,
			       language_of(name, str_text(content), content->len), v,
			       raw);
	} else {
		log_info(log, "'%s' is not text: copied as it is", path);
		str_add_n(out, str_text(content), content->len);
	}
}

static int install_file(struct install *in, int from, int to, const char *name,
			const char *path)
{
	_cleanup_str_ struct str text = STR_INIT, out = STR_INIT;
	_cleanup_close_ int fd = openat(from, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st))
		return error_errno(in->err, errno, "cannot read '%s'", path);
	if (!S_ISREG(st.st_mode))
		return error_set(in->err, VENV_ERR_FAILED, "'%s' is a special file",
				 path);
	r = file_read_fd(fd, SIZE_MAX / 4, &text);
	if (r)
		return error_errno(in->err, -r, "cannot read '%s'", path);
	scripts_expand_file(&out, path, &text, in->v, in->raw, in->log);
	if (str_failed(&out))
		return error_nomem(in->err);
	/* A link that is there, and what it points at, are not written through. */
	if (unlinkat(to, name, 0) && errno != ENOENT)
		return error_errno(in->err, errno, "cannot replace '%s'", path);
	r = file_create_at(to, name, str_text(&out), out.len, st.st_mode & 0777, true);
	return r ? error_errno(in->err, -r, "cannot write '%s'", path) : 0;
}

/*
 * FROM, whose place below BIN is REL ("": BIN itself).  A directory is made for its first
 * file, as venv does: one without has nothing to be there for.
 */
static int install_dir(struct install *in, int from, int bin, const char *rel,
		       const char *path, int depth)
{
	_cleanup_close_ int to = -1;
	_cleanup_dir_ DIR *d = tree_walk(from);
	struct dirent *e;
	int r = 0;

	if (!d || depth > DEPTH_MAX) {
		return error_errno(in->err, d ? ELOOP : errno, "cannot read '%s'", path);
	}
	while (!r && (e = readdir(d))) {
		const char *sub;
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		sub = arena_printf(&in->arena, "%s/%s", path, e->d_name);
		if (!sub)
			return error_nomem(in->err);
		if (fstatat(from, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			return error_errno(in->err, errno, "cannot look at '%s'", sub);
		if (S_ISDIR(st.st_mode)) {
			_cleanup_close_ int next = tree_open_dir(from, e->d_name);
			const char *below = arena_printf(&in->arena, "%s%s%s", rel,
							 *rel ? "/" : "", e->d_name);

			if (!below)
				return error_nomem(in->err);
			if (next < 0)
				return error_errno(in->err, errno, "cannot read '%s'",
						   sub);
			r = install_dir(in, next, bin, below, sub, depth + 1);
		} else if (S_ISLNK(st.st_mode) && !fstatat(from, e->d_name, &st, 0) &&
			   S_ISDIR(st.st_mode)) {
			/* os.walk() does not follow it, either. */
			log_info(in->log, "'%s' is a link to a directory: left out", sub);
		} else {
			if (to < 0)
				to = tree_make_dirs(bin, *rel ? rel : ".");
			if (to < 0)
				return error_errno(in->err, -to,
						   "cannot make the directory of '%s'",
						   sub);
			r = install_file(in, from, to, e->d_name, sub);
		}
	}
	return r;
}

int scripts_install_dir(int bin, const char *path, const struct script_values *v,
			bool raw, const struct log *log, struct venv_error *err)
{
	static const char *const parts[] = { "common", "posix" };
	struct install in = { .v = v, .raw = raw, .log = log, .err = err };
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	if (dir < 0)
		return error_errno(err, errno, "cannot open '%s'", path);
	for (size_t i = 0; !r && i < ARRAY_SIZE(parts); i++) {
		_cleanup_close_ int from = openat(dir, parts[i],
						  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		const char *sub = arena_printf(&in.arena, "%s/%s", path, parts[i]);

		if (!sub)
			r = error_nomem(err);
		else if (from >= 0)
			r = install_dir(&in, from, bin, "", sub, 0);
		else if (errno != ENOENT)
			r = error_errno(err, errno, "cannot open '%s'", sub);
	}
	arena_release(&in.arena);
	return r;
}
