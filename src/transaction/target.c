/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
#include "util/util.h"
#include "redirect.h"

/* What pyvenv.cfg or PATH could not hold. */
static int check_text(const char *env_dir, const char *given, struct venv_error *err)
{
	const char *p = env_dir;
	size_t n = strlen(p);

	while (n) {
		const char *why = NULL;
		uint32_t cp;
		size_t len = utf8_decode(p, n, &cp);

		if (!len)
			why = "its path is not UTF-8";
		else if (cp == ':')
			why = "its path contains the PATH separator ':'";
		else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			why = "its path contains a control character";
		else if (cp == 0x2028 || cp == 0x2029)
			why = "its path contains a line separator";
		if (why)
			return error_set(err, VENV_ERR_USAGE,
					 "refusing to create an environment in '%s': %s",
					 given, why);
		p += len;
		n -= len;
	}
	return 0;
}

static bool same_dir(const char *path, const struct stat *st)
{
	struct stat other;

	return path && !stat(path, &other) && other.st_dev == st->st_dev &&
	       other.st_ino == st->st_ino;
}

/* True if the directory is where a file system was mounted. */
static bool is_mount_point(const struct target *t)
{
	struct stat up;

#if defined(__linux__) && defined(STATX_ATTR_MOUNT_ROOT)
	struct statx x;

	/* Also of a bind mount, which has its parent's device. */
	if (!statx(t->fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &x) &&
	    (x.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
		return (x.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
#endif
	return fstatat(t->fd, "..", &up, 0) || up.st_dev != t->st.st_dev;
}

static int look_inside(struct target *t, struct arena *a, const char *home,
		       struct venv_error *err)
{
	_cleanup_free_ char *real = realpath(t->env_dir, NULL);
	struct stat st;
	int r;

	t->fd = real ? open(real, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	if (t->fd < 0 || fstat(t->fd, &t->st))
		return error_errno(err, errno, "cannot open '%s'", t->given);
	t->real = arena_strdup(a, real);
	t->parent = t->real ? path_dir(a, t->real) : NULL;
	if (!t->parent)
		return error_nomem(err);
	t->name = path_base(t->real);
	if (!strcmp(t->real, "/") || same_dir("/", &t->st))
		return error_set(err, VENV_ERR_USAGE,
				 "refusing to make the root directory an environment");
	if (same_dir(home, &t->st))
		return error_set(
			err, VENV_ERR_USAGE,
			"refusing to make the home directory '%s' an environment",
			t->given);
	t->is_cwd = same_dir(".", &t->st);
	t->is_mount = is_mount_point(t);
	t->half_built = !fstatat(t->fd, INCOMPLETE_FILE, &st, AT_SYMLINK_NOFOLLOW) &&
			S_ISREG(st.st_mode);
	t->is_env = !fstatat(t->fd, CFG_FILE, &st, 0) && S_ISREG(st.st_mode);
	t->cfg.arena = a;
	r = t->is_env ? cfg_read(&t->cfg, t->fd) : 0;
	return r == -ENOMEM ? error_nomem(err) : 0;
}

static int refuse_redirect(const struct target *t, const char *to, struct venv_error *err)
{
	error_set(err, VENV_ERR_CONFLICT, "cannot create '%s': it is a redirect to '%s'",
		  t->given, to);
	return error_hint(err, VENV_ERR_CONFLICT, "create '%s', or delete the file", to);
}

int target_open(struct target *t, struct arena *a, const char *env_dir, const char *cwd,
		const char *home, struct venv_error *err)
{
	const char *to;
	struct stat st;
	int r;

	*t = (struct target){ .given = env_dir, .fd = -1 };
	if (!*env_dir || !env_dir[strspn(env_dir, " \t")])
		return error_set(err, VENV_ERR_USAGE, "ENV_DIR is empty");
	t->env_dir = path_absolute(a, cwd, env_dir);
	if (!t->env_dir)
		return error_nomem(err);
	r = check_text(t->env_dir, t->given, err);
	if (r)
		return r;
	if (lstat(t->env_dir, &st)) {
		if (errno != ENOENT)
			return error_errno(err, errno, "cannot create '%s'", t->given);
		t->real = t->env_dir;
		t->parent = path_dir(a, t->env_dir);
		t->name = path_base(t->env_dir);
		return t->parent ? 0 : error_nomem(err);
	}
	if (S_ISLNK(st.st_mode) && stat(t->env_dir, &st))
		return error_set(
			err, VENV_ERR_CONFLICT,
			"cannot create '%s': it is a link to something that is not there",
			t->given);
	if (S_ISREG(st.st_mode) && redirect_read(a, t->env_dir, &to))
		return refuse_redirect(t, to, err);
	if (!S_ISDIR(st.st_mode))
		return error_set(err, VENV_ERR_CONFLICT, "cannot create '%s': it is %s",
				 t->given,
				 S_ISREG(st.st_mode) ? "a file" : "not a directory");
	return look_inside(t, a, home, err);
}

void target_close(struct target *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

int target_decide(struct target *t, enum existing existing, bool upgrade, bool force,
		  struct venv_error *err)
{
	int empty;

	if (t->fd < 0) {
		t->kind = TARGET_NEW;
		if (!upgrade)
			return 0;
		return error_set(err, VENV_ERR_CONFLICT,
				 "cannot upgrade '%s': there is no environment",
				 t->given);
	}
	empty = tree_is_empty(t->fd, NULL);
	if (empty < 0)
		return error_errno(err, -empty, "cannot read '%s'", t->given);
	if (upgrade) {
		t->kind = TARGET_IN_PLACE;
		if (t->is_env)
			return 0;
		return error_set(err, VENV_ERR_CONFLICT,
				 "cannot upgrade '%s': it is not an environment",
				 t->given);
	}
	if (empty) {
		t->kind = TARGET_EMPTY;
		return 0;
	}
	switch (existing) {
	case EXISTING_REFUSE:
		error_set(err, VENV_ERR_CONFLICT, "'%s' exists already", t->given);
		return error_hint(
			err, VENV_ERR_CONFLICT, "%s",
			t->is_env ? "--clear replaces it, --existing keep renews it"
				  : "choose another directory");
	case EXISTING_REPLACE:
	case EXISTING_REUSE:
		t->kind = TARGET_REPLACE;
		if (t->is_env || force)
			return 0;
		error_set(err, VENV_ERR_CONFLICT,
			  "'%s' is not an environment: not deleting what it contains",
			  t->given);
		return error_hint(err, VENV_ERR_CONFLICT,
				  "add --force to replace it all the same");
	case EXISTING_KEEP:
		break;
	}
	t->kind = t->is_env ? TARGET_IN_PLACE : TARGET_BESIDE;
	return 0;
}

int target_check_python(const struct target *t, const char *real, const char *prefix,
			struct venv_error *err)
{
	if (t->fd < 0 ||
	    (!path_is_below(real, t->real) && !path_is_below(prefix, t->real)))
		return 0;
	return error_set(
		err, VENV_ERR_USAGE,
		"refusing to make '%s' an environment: it contains the interpreter '%s'",
		t->given, real);
}

const char *target_case_name(enum target_case kind)
{
	static const char *const names[] = { "new", "empty", "beside", "in-place",
					     "replace" };

	return names[kind];
}
