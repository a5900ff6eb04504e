/* SPDX-License-Identifier: MIT */
/* files.c - files that plugins write into the environment, and nowhere else */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "fs/fs.h"
#include "session.h"
#include "layout/layout.h"

/* Paths that no plugin may write. */
static bool is_reserved(const struct host *h, const char *path)
{
	const struct layout *l = &h->build.layout;
	size_t n = strlen(l->bin_name);

	if (!strcmp(path, CFG_FILE) || !strcmp(path, INCOMPLETE_FILE))
		return true;
	return !strncmp(path, l->bin_name, n) && path[n] == '/' &&
	       strlist_find(&l->names, path + n + 1) >= 0;
}

/* Directories whose files the shell reads that activates the environment. */
static bool is_hook(const char *path)
{
	static const char *const dirs[] = { "etc/venvctl/activate.d",
					    "etc/venvctl/deactivate.d" };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		size_t n = strlen(dirs[i]);

		if (!strncasecmp(path, dirs[i], n) && (!path[n] || path[n] == '/'))
			return true;
	}
	return false;
}

bool files_is_owned(const struct host *h, const char *path)
{
	const struct layout *l = &h->build.layout;
	size_t n = strlen(l->bin_name);
	const char *name = path + n + 1;

	if (strncasecmp(path, l->bin_name, n) != 0 || path[n] != '/')
		return !strcasecmp(path, CFG_FILE) || !strcasecmp(path, "lib64") ||
		       !strncasecmp(path, ".venvctl-", 9) || is_hook(path);
	for (size_t i = 0; i < l->names.n; i++) {
		if (!strcasecmp(l->names.v[i], name))
			return true;
	}
	return scripts_is_builtin(name);
}

static int check_path(const struct venv_session *s, const char *path,
		      struct venv_error *err)
{
	if (!path_is_inside(path))
		return error_set(err, VENV_ERR_FAILED,
				 "'%s' is not a path inside the environment", path);
	if (is_reserved(s->host, path))
		return error_set(err, VENV_ERR_FAILED, "'%s' is venvctl's own", path);
	return 0;
}

/* The first symbolic link on PATH below ROOT, or at its end; NULL if there is none. */
static const char *find_link(struct arena *a, int root, const char *path)
{
	for (const char *p = path; root >= 0 && p; p = strchr(p + 1, '/')) {
		const char *slash = strchr(p + 1, '/');
		size_t n = slash ? (size_t)(slash - path) : strlen(path);
		const char *part = arena_strndup(a, path, n);
		struct stat st;

		if (!part || fstatat(root, part, &st, AT_SYMLINK_NOFOLLOW))
			return NULL;
		if (S_ISLNK(st.st_mode))
			return part;
	}
	return NULL;
}

/* PATH below ROOT cannot be used because of a link, which is named; else SYSTEM says why. */
static int refuse_link(struct venv_session *s, int root, const char *what,
		       const char *path, int system, struct venv_error *err)
{
	const char *link = NULL;

	if (system == -ELOOP || system == -ENOTDIR)
		link = find_link(&s->arena, root, path);
	if (!link)
		return error_errno(err, -system, "cannot %s '%s'", what, path);
	if (!strcmp(link, path))
		return error_set(err, VENV_ERR_FAILED,
				 "cannot %s '%s': it is a symbolic link, which is not "
				 "followed",
				 what, path);
	return error_set(err, VENV_ERR_FAILED,
			 "cannot %s '%s': '%s' is a symbolic link, which is not followed",
			 what, path, link);
}

/* The directory of PATH, made where it is missing. */
static int open_dir_of(struct venv_session *s, const char *path, struct venv_error *err)
{
	int root = s->host->build.tx.root, fd;

	s->wrote = true;
	fd = tree_make_parent(root, path);
	return fd < 0 ? refuse_link(s, root, "write", path, fd, err) : fd;
}

int files_write(struct venv_session *s, const char *path, const void *data, size_t len,
		mode_t mode, struct venv_error *err)
{
	_cleanup_close_ int dir = -1;
	int r = check_path(s, path, err);

	if (r)
		return r;
	dir = open_dir_of(s, path, err);
	if (dir < 0)
		return dir;
	r = file_replace_at(dir, path_base(path), data, len, mode & 0777);
	return r ? error_errno(err, -r, "cannot write '%s'", path) : 0;
}

/* What lies in the target and stays there while the new tree is staged; -1 for nothing. */
static int staying_tree(const struct build *e)
{
	return !e->published && e->tx.way == WAY_MERGE &&
			       e->tx.target.kind != TARGET_REPLACE
		       ? e->tx.target.fd
		       : -1;
}

/* Append the file PATH below ROOT, through no link: 0 or -errno. */
static int read_below(int root, const char *path, struct str *out)
{
	_cleanup_close_ int dir = root < 0 ? -ENOENT : tree_open_parent(root, path);
	_cleanup_close_ int fd = -1;

	if (dir < 0)
		return dir;
	fd = openat(dir, path_base(path),
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd < 0 ? -errno : file_read_fd(fd, SIZE_MAX / 4, out);
}

/* What is not there, or is no file, is the plugin's mistake and no failure of the system. */
static int refused(struct venv_session *s, int root, int r, const char *what,
		   const char *path, struct venv_error *err)
{
	int result = refuse_link(s, root, what, path, r, err);

	if (err && (r == -ENOENT || r == -EISDIR || r == -ELOOP || r == -ENOTDIR ||
		    r == -EINVAL))
		err->os_errno = 0;
	return result == VENV_ERR_NOMEM ? result : VENV_ERR_FAILED;
}

int files_read(struct venv_session *s, const char *path, const void **data, size_t *len,
	       struct venv_error *err)
{
	const struct build *e = &s->host->build;
	_cleanup_str_ struct str text = STR_INIT;
	char *copy;
	int root, r;

	*data = NULL;
	*len = 0;
	if (!path_is_inside(path))
		return error_set(err, VENV_ERR_FAILED,
				 "'%s' is not a path inside the environment", path);
	if (!e->begun || e->tx.root < 0)
		return error_set(err, VENV_ERR_FAILED, "there is no environment");
	root = e->tx.root;
	r = read_below(root, path, &text);
	if (r == -ENOENT) {
		root = staying_tree(e);
		r = read_below(root, path, &text);
	}
	if (r)
		return refused(s, root, r, "read", path, err);
	copy = arena_alloc(&s->arena, text.len + 1);
	if (!copy || str_failed(&text))
		return error_nomem(err);
	memcpy(copy, str_text(&text), text.len);
	*data = copy;
	*len = text.len;
	return 0;
}

/* Is PATH below ROOT something that can be removed?  0, or -errno. */
static int is_removable(int root, const char *path)
{
	_cleanup_close_ int dir = root < 0 ? -ENOENT : tree_open_parent(root, path);
	struct stat st;

	if (dir < 0)
		return dir;
	if (fstatat(dir, path_base(path), &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	return S_ISDIR(st.st_mode) ? -EISDIR : 0;
}

/* What others had in the target goes when the tree is published, or with a piece of it. */
static int remove_staying(struct host *h, const char *path, struct venv_error *err)
{
	int r;

	if (!h->build.published)
		return transaction_remove(&h->build.tx, path, err);
	r = host_part_begin(h, err);
	if (!r)
		r = transaction_remove(&h->build.tx, path, err);
	return host_part_end(h, r, err);
}

int files_remove(struct venv_session *s, const char *path, struct venv_error *err)
{
	struct build *e = &s->host->build;
	int r = check_path(s, path, err), staying;
	bool merged = e->published && e->tx.way == WAY_MERGE &&
		      e->tx.target.kind != TARGET_REPLACE;

	if (r)
		return r;
	if (!e->begun || e->tx.root < 0)
		return error_set(err, VENV_ERR_FAILED, "there is no environment");
	r = is_removable(e->tx.root, path);
	if (!r && merged) {
		s->wrote = true;
		return remove_staying(s->host, path, err);
	}
	if (!r)
		r = tree_unlink(e->tx.root, path);
	staying = is_removable(staying_tree(e), path);
	if ((r && r != -ENOENT) || (r && staying))
		return refused(s, e->tx.root, r, "remove", path, err);
	if (staying && staying != -ENOENT)
		return refused(s, staying_tree(e), staying, "remove", path, err);
	s->wrote = true;
	return staying ? 0 : remove_staying(s->host, path, err);
}

/*
 * A link of a tree may point at what the environment has, not out of it.  Its own
 * directory is a real one, so that each ".." at the beginning takes one step up; behind a
 * name, which may be a link to anywhere in the environment, nobody knows where ".."
 * leads.
 */
static bool stays_inside(const char *path, const char *target)
{
	bool named = false;
	int depth = 0;

	if (*target == '/')
		return false;
	for (const char *p = path; (p = strchr(p, '/')); p++)
		depth++;
	while (*target) {
		size_t n = strcspn(target, "/");

		if (n == 2 && target[0] == '.' && target[1] == '.') {
			if (named || !depth--)
				return false;
		} else {
			named |= n && !(n == 1 && target[0] == '.');
		}
		target += n;
		target += *target == '/';
	}
	return true;
}

struct install {
	struct venv_session *s;
	uint32_t flags; /* VENV_SCRIPTS_RAW and VENV_TREE_PLACEHOLDERS */
};

static int install_link(struct install *in, const struct tree_entry *e,
			struct venv_error *err)
{
	_cleanup_free_ char *target = file_readlink_at(e->dir, e->name);
	_cleanup_close_ int dir = -1;

	if (!target)
		return error_errno(err, errno, "cannot read the link '%s'", e->full);
	if (!stays_inside(e->path, target))
		return error_set(err, VENV_ERR_FAILED,
				 "the link '%s' leads out of the environment", e->path);
	dir = open_dir_of(in->s, e->path, err);
	if (dir < 0)
		return dir;
	if (unlinkat(dir, e->name, 0) && errno != ENOENT)
		return error_errno(err, errno, "cannot replace '%s'", e->path);
	return symlinkat(target, dir, e->name)
		       ? error_errno(err, errno, "cannot write '%s'", e->path)
		       : 0;
}

static int install_file(struct install *in, const struct tree_entry *e,
			struct venv_error *err)
{
	_cleanup_str_ struct str data = STR_INIT, text = STR_INIT;
	const struct str *content = &data;
	struct host *h = in->s->host;
	struct script_values v;
	int r = file_read_at(e->dir, e->name, SIZE_MAX / 4, &data);

	if (r)
		return error_errno(err, -r, "cannot read '%s'", e->full);
	if (in->flags & VENV_TREE_PLACEHOLDERS) {
		host_script_values(h, &v);
		scripts_expand_file(&text, e->full, &data, &v,
				    in->flags & VENV_SCRIPTS_RAW, &h->log);
		if (str_failed(&text))
			return error_nomem(err);
		content = &text;
	}
	/* The owner's right to execute is everybody's, as the umask allows. */
	return files_write(in->s, e->path, str_text(content), content->len,
			   e->st.st_mode & 0100 ? 0777 : 0666, err);
}

static int install_entry(void *data, const struct tree_entry *e, struct venv_error *err)
{
	struct install *in = data;
	int r = host_check_cancelled(in->s->host, err), fd;

	if (!r)
		r = check_path(in->s, e->path, err);
	if (r)
		return r;
	if (S_ISLNK(e->st.st_mode))
		return install_link(in, e, err);
	if (S_ISREG(e->st.st_mode))
		return install_file(in, e, err);
	if (!S_ISDIR(e->st.st_mode))
		return error_set(err, VENV_ERR_FAILED, "'%s' is a special file", e->full);
	in->s->wrote = true;
	fd = tree_make_dirs(in->s->host->build.tx.root, e->path);
	if (fd < 0)
		return error_errno(err, -fd, "cannot make '%s'", e->path);
	close(fd);
	return 0;
}

int files_install_tree(struct venv_session *s, const char *dir, uint32_t flags,
		       struct venv_error *err)
{
	_cleanup_close_ int from = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct install in = { s, flags };

	if (from < 0)
		return error_errno(err, errno, "cannot open '%s'", dir);
	if (s->host->build.tx.root < 0)
		return error_set(err, VENV_ERR_FAILED, "there is no environment yet");
	return tree_visit(from, dir, install_entry, &in, err);
}
