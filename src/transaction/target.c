/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
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

static int look_inside(struct target *t, struct arena *a, const char *home,
		       struct venv_error *err)
{
	_cleanup_free_ char *real = realpath(t->env_dir, NULL);
	bool removes = !strcmp(t->verb, "remove");
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
				 removes ? "refusing to remove the root directory"
					 : "refusing to make the root directory an "
					   "environment");
	if (same_dir(home, &t->st))
		return error_set(err, VENV_ERR_USAGE,
				 removes ? "refusing to remove the home directory '%s'"
					 : "refusing to make the home directory '%s' an "
					   "environment",
				 t->given);
	t->is_cwd = same_dir(".", &t->st);
	t->is_mount = tree_is_mount(t->fd);
	t->half_built = !fstatat(t->fd, INCOMPLETE_FILE, &st, AT_SYMLINK_NOFOLLOW) &&
			S_ISREG(st.st_mode);
	t->is_env = !fstatat(t->fd, CFG_FILE, &st, 0) && S_ISREG(st.st_mode);
	t->cfg.arena = a;
	r = t->is_env ? cfg_read(&t->cfg, t->fd) : 0;
	return r == -ENOMEM ? error_nomem(err) : 0;
}

static int refuse_redirect(const struct target *t, const char *to, struct venv_error *err)
{
	error_set(err, VENV_ERR_CONFLICT, "cannot %s '%s': it is a redirect to '%s'",
		  t->verb, t->given, to);
	return error_hint(err, VENV_ERR_CONFLICT, "%s '%s', or delete the file", t->verb,
			  to);
}

/* What is at t->env_dir, of which the state is ST. */
static int look_at(struct target *t, struct arena *a, const struct stat *st,
		   const char *home, struct venv_error *err)
{
	struct stat led = *st;
	const char *to;

	if (S_ISLNK(st->st_mode) && stat(t->env_dir, &led))
		return error_set(err, VENV_ERR_CONFLICT,
				 "cannot %s '%s': it is a link to something that is not "
				 "there",
				 t->verb, t->given);
	if (S_ISREG(led.st_mode) && redirect_read(a, t->env_dir, &to))
		return refuse_redirect(t, to, err);
	if (!S_ISDIR(led.st_mode))
		return error_set(err, VENV_ERR_CONFLICT, "cannot %s '%s': it is %s",
				 t->verb, t->given,
				 S_ISREG(led.st_mode) ? "a file" : "not a directory");
	return look_inside(t, a, home, err);
}

/* Make it absolute. */
static int begin(struct target *t, struct arena *a, const char *env_dir, const char *cwd,
		 const char *verb, struct venv_error *err)
{
	*t = (struct target){ .given = env_dir, .fd = -1, .verb = verb };
	if (!*env_dir || !env_dir[strspn(env_dir, " \t")])
		return error_set(err, VENV_ERR_USAGE, "ENV_DIR is empty");
	if (*env_dir != '/' && !strcmp(cwd, PATH_NO_CWD))
		return error_set(err, VENV_ERR_USAGE,
				 "'%s' is relative, and the working directory is gone",
				 env_dir);
	t->env_dir = path_absolute(a, cwd, env_dir);
	return t->env_dir ? 0 : error_nomem(err);
}

/* Nothing is at t->env_dir. */
static int take_nothing(struct target *t, struct arena *a, struct venv_error *err)
{
	t->real = t->env_dir;
	t->parent = path_dir(a, t->env_dir);
	t->name = path_base(t->env_dir);
	return t->parent ? 0 : error_nomem(err);
}

int target_open(struct target *t, struct arena *a, const char *env_dir, const char *cwd,
		const char *home, struct venv_error *err)
{
	int r = begin(t, a, env_dir, cwd, "create", err);
	struct stat st;

	if (!r)
		r = check_text(t->env_dir, t->given, err);
	if (r)
		return r;
	if (!lstat(t->env_dir, &st))
		return look_at(t, a, &st, home, err);
	if (errno != ENOENT)
		return error_errno(err, errno, "cannot create '%s'", t->given);
	return take_nothing(t, a, err);
}

int target_open_there(struct target *t, struct arena *a, const char *env_dir,
		      const char *cwd, const char *home, struct venv_error *err)
{
	int r = begin(t, a, env_dir, cwd, "remove", err);
	struct stat st;

	if (r)
		return r;
	if (!lstat(t->env_dir, &st))
		return look_at(t, a, &st, home, err);
	if (errno != ENOENT && errno != ENOTDIR)
		return error_errno(err, errno, "cannot remove '%s'", t->given);
	r = take_nothing(t, a, err);
	return r ? r : error_set(err, VENV_ERR_CONFLICT, "'%s' is not there", t->given);
}

void target_close(struct target *t)
{
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}

/* Names that venvctl and what it installs make at the top of an environment. */
static bool has_only_environment(int fd)
{
	static const char *const names[] = { "bin",   "lib", "lib64", "include",
					     "share", "etc", "man",   CFG_FILE };
	_cleanup_dir_ DIR *d = tree_walk(fd);
	struct dirent *e;
	bool only = d != NULL;
	int r = 0;

	while (only && (e = tree_next(d, &r))) {
		only = false;
		for (size_t i = 0; i < ARRAY_SIZE(names) && !only; i++)
			only = !strcmp(names[i], e->d_name);
	}
	return only && !r;
}

/* What is there stays, with the environment among it. */
static enum target_case kept_case(struct transaction *tx)
{
	struct target *t = &tx->target;

	if (t->is_env || tx->like_venv)
		return TARGET_IN_PLACE;
	/* What a killed step left in a directory that was empty is nobody else's. */
	t->is_ours = tx->owed && has_only_environment(t->fd);
	return TARGET_BESIDE;
}

int target_decide(struct transaction *tx, struct venv_error *err)
{
	struct target *t = &tx->target;
	int empty;

	if (t->fd < 0) {
		t->kind = TARGET_NEW;
		t->is_ours = true;
		return 0;
	}
	empty = tree_is_empty(t->fd, NULL);
	if (empty < 0)
		return error_errno(err, -empty, "cannot read '%s'", t->given);
	/* In an empty directory it is made, as CPython does. */
	if (tx->upgrade && !tx->like_venv && !empty) {
		t->kind = TARGET_IN_PLACE;
		if (t->is_env)
			return 0;
		return error_set(err, VENV_ERR_CONFLICT,
				 "cannot upgrade '%s': it is not an environment",
				 t->given);
	}
	if (empty) {
		t->kind = TARGET_EMPTY;
		t->is_ours = true;
		return 0;
	}
	switch (tx->existing) {
	case EXISTING_REFUSE:
		error_set(err, VENV_ERR_CONFLICT, "'%s' exists already", t->given);
		return error_hint(
			err, VENV_ERR_CONFLICT, "%s",
			t->is_env ? "--clear replaces it, --existing keep renews it"
				  : "choose another directory");
	case EXISTING_REPLACE:
	case EXISTING_REUSE:
		t->kind = TARGET_REPLACE;
		t->is_ours = true;
		if (t->is_env || tx->force)
			return target_check_mounts(t, err);
		error_set(err, VENV_ERR_CONFLICT,
			  "'%s' is not an environment: not deleting what it contains",
			  t->given);
		return error_hint(err, VENV_ERR_CONFLICT,
				  "add --force to replace it all the same");
	case EXISTING_KEEP:
		break;
	}
	t->kind = kept_case(tx);
	return 0;
}

/* The path of a line of mountinfo (proc(5)), in which blanks and more are \\ooo. */
static bool mount_point(char *line, const char **path)
{
	char *p = line, *out;

	for (int field = 0; field < 4; field++) {
		p = strchr(p, ' ');
		if (!p)
			return false;
		p++;
	}
	*path = out = p;
	for (; *p && *p != ' '; p++) {
		unsigned value;

		if (*p == '\\' && sscanf(p + 1, "%3o", &value) == 1) {
			*out++ = (char)value;
			p += 3;
		} else {
			*out++ = *p;
		}
	}
	*out = '\0';
	return true;
}

int target_check_mounts(const struct target *t, struct venv_error *err)
{
	struct str text = STR_INIT;
	char *line, *end;
	int r = 0;

	/* Where that cannot be read, the removal itself stops at what is mounted. */
	if (file_read_at(AT_FDCWD, "/proc/self/mountinfo", 64u << 20, &text)) {
		str_release(&text);
		return 0;
	}
	for (line = text.s; !r && line && *line; line = end) {
		const char *path;

		end = strchr(line, '\n');
		if (!end)
			break;
		*end++ = '\0';
		if (!mount_point(line, &path) || !path_is_below(path, t->real) ||
		    !strcmp(path, t->real))
			continue;
		error_set(err, VENV_ERR_FAILED,
			  "'%s' is a mount point: '%s' cannot be replaced as a whole",
			  path, t->given);
		r = error_hint(err, VENV_ERR_FAILED, "unmount it first");
	}
	str_release(&text);
	return r;
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
