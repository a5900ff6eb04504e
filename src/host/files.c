/* SPDX-License-Identifier: MIT */
/* files.c - files that plugins write into the environment, and nowhere else */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "fs/fs.h"
#include "session.h"
#include "layout/layout.h"

/* What is the engine's alone. */
static bool is_reserved(const struct host *h, const char *path)
{
	const struct layout *l = &h->build.layout;
	size_t n = strlen(l->bin_name);

	if (!strcmp(path, CFG_FILE) || !strcmp(path, INCOMPLETE_FILE))
		return true;
	return !strncmp(path, l->bin_name, n) && path[n] == '/' &&
	       strlist_find(&l->names, path + n + 1) >= 0;
}

bool files_is_owned(const struct host *h, const char *path)
{
	const struct layout *l = &h->build.layout;
	size_t n = strlen(l->bin_name);
	const char *name = path + n + 1;

	if (strncasecmp(path, l->bin_name, n) != 0 || path[n] != '/')
		return !strcasecmp(path, CFG_FILE) || !strcasecmp(path, "lib64") ||
		       !strncasecmp(path, ".venvctl-", 9);
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

/* The directory of PATH, made where it is missing; its last component in *NAME. */
static int open_dir_of(struct venv_session *s, const char *path, const char **name,
		       struct venv_error *err)
{
	const char *slash = strrchr(path, '/');
	int root = s->host->build.tx.root, fd;
	char *dir;

	*name = slash ? slash + 1 : path;
	if (root < 0)
		return error_set(err, VENV_ERR_FAILED, "there is no environment yet");
	s->wrote = true;
	if (!slash) {
		fd = dup(root);
		return fd < 0 ? error_errno(err, errno, "cannot open the environment")
			      : fd;
	}
	dir = arena_strndup(&s->arena, path, (size_t)(slash - path));
	fd = dir ? tree_make_dirs(root, dir) : -ENOMEM;
	return fd < 0 ? error_errno(err, -fd, "cannot write '%s'", path) : fd;
}

int files_write(struct venv_session *s, const char *path, const void *data, size_t len,
		mode_t mode, struct venv_error *err)
{
	_cleanup_close_ int dir = -1;
	const char *name;
	int r = check_path(s, path, err);

	if (r)
		return r;
	dir = open_dir_of(s, path, &name, err);
	if (dir < 0)
		return dir;
	r = file_replace_at(dir, name, data, len, mode & 0777);
	return r ? error_errno(err, -r, "cannot write '%s'", path) : 0;
}

/* A link of a tree may point at what the environment has, not out of it. */
static bool stays_inside(const char *path, const char *target)
{
	int depth = 0;

	if (*target == '/')
		return false;
	for (const char *p = path; (p = strchr(p, '/')); p++)
		depth++;
	while (*target) {
		size_t n = strcspn(target, "/");

		if (n == 2 && target[0] == '.' && target[1] == '.')
			depth--;
		else if (n && !(n == 1 && target[0] == '.'))
			depth++;
		if (depth < 0)
			return false;
		target += n;
		target += *target == '/';
	}
	return true;
}

static int install_link(struct venv_session *s, int from, const char *name,
			const char *path, struct venv_error *err)
{
	_cleanup_free_ char *target = file_readlink_at(from, name);
	_cleanup_close_ int dir = -1;
	const char *base;

	if (!target)
		return error_errno(err, errno, "cannot read the link '%s'", path);
	if (!stays_inside(path, target))
		return error_set(err, VENV_ERR_FAILED,
				 "the link '%s' leads out of the environment", path);
	dir = open_dir_of(s, path, &base, err);
	if (dir < 0)
		return dir;
	if (unlinkat(dir, base, 0) && errno != ENOENT)
		return error_errno(err, errno, "cannot replace '%s'", path);
	return symlinkat(target, dir, base)
		       ? error_errno(err, errno, "cannot write '%s'", path)
		       : 0;
}

static int install_file(struct venv_session *s, int from, const char *name,
			const char *path, mode_t mode, uint32_t flags,
			struct venv_error *err)
{
	_cleanup_str_ struct str data = STR_INIT, text = STR_INIT;
	const struct str *content = &data;
	struct script_values v;
	int r = file_read_at(from, name, SIZE_MAX / 4, &data);

	if (r)
		return error_errno(err, -r, "cannot read '%s'", path);
	if (flags & VENV_TREE_PLACEHOLDERS) {
		host_script_values(s->host, &v);
		scripts_expand_file(&text, path, &data, &v, flags & VENV_SCRIPTS_RAW,
				    &s->host->log);
		if (str_failed(&text))
			return error_nomem(err);
		content = &text;
	}
	return files_write(s, path, str_text(content), content->len, mode, err);
}

static int install_dir(struct venv_session *s, int from, const char *prefix, int depth,
		       uint32_t flags, struct venv_error *err)
{
	_cleanup_dir_ DIR *d = tree_walk(from);
	struct dirent *e;
	int r = 0;

	if (!d || depth > 100) {
		return error_errno(err, d ? ELOOP : errno, "cannot read '%s'", prefix);
	}
	while (!r && (e = readdir(d))) {
		const char *path;
		struct stat st;

		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		r = host_check_cancelled(s->host, err);
		if (r)
			return r;
		path = path_join(&s->arena, prefix, e->d_name);
		if (!path)
			return error_nomem(err);
		r = check_path(s, path, err);
		if (!r && fstatat(from, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			r = error_errno(err, errno, "cannot look at '%s'", path);
		if (r)
			return r;
		if (S_ISLNK(st.st_mode)) {
			r = install_link(s, from, e->d_name, path, err);
		} else if (S_ISREG(st.st_mode)) {
			/* The owner's bits for everybody, as the umask allows. */
			r = install_file(s, from, e->d_name, path,
					 st.st_mode & 0100 ? 0777 : 0666, flags, err);
		} else if (S_ISDIR(st.st_mode)) {
			_cleanup_close_ int in = tree_open_dir(from, e->d_name);
			int made = tree_make_dirs(s->host->build.tx.root, path);

			s->wrote = true;
			if (in < 0 || made < 0)
				r = error_errno(err, in < 0 ? errno : -made,
						"cannot make '%s'", path);
			if (made >= 0)
				close(made);
			if (!r)
				r = install_dir(s, in, path, depth + 1, flags, err);
		} else {
			r = error_set(err, VENV_ERR_FAILED, "'%s' is a special file",
				      path);
		}
	}
	return r;
}

int files_install_tree(struct venv_session *s, const char *dir, uint32_t flags,
		       struct venv_error *err)
{
	_cleanup_close_ int from = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (from < 0)
		return error_errno(err, errno, "cannot open '%s'", dir);
	return install_dir(s, from, "", 0, flags, err);
}
