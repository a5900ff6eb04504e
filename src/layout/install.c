/* SPDX-License-Identifier: MIT */
/* install.c - EnvBuilder.install_scripts(): a directory of scripts of third parties */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
#include "util/util.h"
#include "layout.h"

/* No script is larger; what is, is copied without being looked at. */
#define TEXT_MAX (1024u * 1024u)

struct install {
	int bin;
	const struct script_values *v;
	bool raw;
	const struct log *log;
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

static int install_file(struct install *in, const struct tree_entry *e, int to,
			struct venv_error *err)
{
	_cleanup_str_ struct str text = STR_INIT, out = STR_INIT;
	_cleanup_close_ int fd = openat(e->dir, e->name,
					O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st))
		return error_errno(err, errno, "cannot read '%s'", e->full);
	if (!S_ISREG(st.st_mode))
		return error_set(err, VENV_ERR_FAILED, "'%s' is a special file", e->full);
	r = file_read_fd(fd, SIZE_MAX / 4, &text);
	if (r)
		return error_errno(err, -r, "cannot read '%s'", e->full);
	r = LAYOUT_BUILT_IN;
	if (in->v->replace && is_text(&text))
		r = in->v->replace(in->v->replace_data, e->path, str_text(&text),
				   text.len, &out, err);
	if (r == LAYOUT_BUILT_IN)
		scripts_expand_file(&out, e->full, &text, in->v, in->raw, in->log);
	else if (r)
		return r == LAYOUT_LEAVE_OUT ? 0 : r;
	if (str_failed(&out))
		return error_nomem(err);
	/* A link that is there, and what it points at, are not written through. */
	if (unlinkat(to, e->name, 0) && errno != ENOENT)
		return error_errno(err, errno, "cannot replace '%s'", e->full);
	r = file_create_at(to, e->name, str_text(&out), out.len, st.st_mode & 0777, true);
	return r ? error_errno(err, -r, "cannot write '%s'", e->full) : 0;
}

/*
 * A directory is made for its first file, as venv does.  Links to files are followed, and
 * those to directories are not, as os.walk() does.
 */
static int install_entry(void *data, const struct tree_entry *e, struct venv_error *err)
{
	_cleanup_close_ int to = -1;
	struct install *in = data;
	struct stat st;

	if (S_ISDIR(e->st.st_mode))
		return 0;
	if (S_ISLNK(e->st.st_mode) && !fstatat(e->dir, e->name, &st, 0) &&
	    S_ISDIR(st.st_mode)) {
		log_info(in->log, "'%s' is a link to a directory: left out", e->full);
		return 0;
	}
	to = tree_make_parent(in->bin, e->path);
	if (to < 0)
		return error_errno(err, -to, "cannot make the directory of '%s'",
				   e->full);
	return install_file(in, e, to, err);
}

int scripts_install_dir(int bin, const char *path, const struct script_values *v,
			bool raw, const struct log *log, struct venv_error *err)
{
	static const char *const parts[] = { "common", "posix" };
	struct install in = { bin, v, raw, log };
	_cleanup_close_ int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = 0;

	if (dir < 0)
		return error_errno(err, errno, "cannot open '%s'", path);
	for (size_t i = 0; !r && i < ARRAY_SIZE(parts); i++) {
		_cleanup_close_ int from = openat(dir, parts[i],
						  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		_cleanup_str_ struct str sub = STR_INIT;

		if (from < 0 && errno != ENOENT)
			r = error_errno(err, errno, "cannot open '%s/%s'", path,
					parts[i]);
		if (from < 0)
			continue;
		str_addf(&sub, "%s/%s", path, parts[i]);
		r = str_failed(&sub)
			    ? error_nomem(err)
			    : tree_visit(from, str_text(&sub), install_entry, &in, err);
	}
	return r;
}
