/* SPDX-License-Identifier: MIT */
/*
 * redirect.c - the file `.venv` of a project that names the environment (PEP 832)
 *
 * Whoever reads such a file goes where it says, and some tools replace what is there: it is
 * written only where it was asked for, and nothing is written over that is not ours.  What
 * keeps it away is an error where it was asked for on the command line, and else a warning.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "environment/environment.h"
#include "fs/fs.h"
#include "util/util.h"
#include "private.h"

/* No redirect: WHY, which begins with the path.  An error if one was asked for. */
static int refuse(struct venv_builder *b, int code, const char *why,
		  struct venv_error *err)
{
	struct redirect *d = &b->redirect;

	if (!why || b->host.build.arena.failed)
		return error_nomem(err);
	d->state = REDIRECT_SKIPPED;
	d->reason = why;
	/* virtualenv goes on without. */
	if (!b->host.settings.redirect_asked || b->host.like_virtualenv) {
		log_warn(&b->host.log, "no redirect was written: %s", why);
		return 0;
	}
	error_set(err, code, "cannot write the redirect to '%s': %s",
		  b->host.build.tx.target.given, why);
	return error_hint(err, code,
			  "leave --venv-redirect and --project-root out, or "
			  "see to that file");
}

/* The same where nobody has to hear of it. */
static int pass(struct venv_builder *b, const char *why)
{
	b->redirect.state = REDIRECT_SKIPPED;
	b->redirect.reason = why;
	log_info(&b->host.log, "no redirect is written: %s", why);
	return 0;
}

/* What str.strip() takes away, so that a reader may. */
static bool is_blank(uint32_t cp)
{
	return cp <= ' ' || cp == 0x85 || cp == 0xa0 || cp == 0x1680 ||
	       (cp >= 0x2000 && cp <= 0x200a) || cp == 0x202f || cp == 0x205f ||
	       cp == 0x3000 || cp == 0xfeff;
}

/* Does every reader take TEXT for the path that it is? */
static bool is_content(const char *text)
{
	size_t n = strlen(text);
	uint32_t cp = 0;

	for (size_t at = 0, len; at < n; at += len) {
		len = utf8_decode(text + at, n - at, &cp);
		if (!len || utf8_line_break(cp) || (!at && is_blank(cp)))
			return false;
	}
	return n && !is_blank(cp);
}

/* Did venvctl make the environment at DIR? */
static bool is_of_venvctl(struct venv_builder *b, const char *dir)
{
	struct cfg cfg = { .arena = &b->host.build.arena };
	_cleanup_close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && !cfg_read(&cfg, fd) && cfg_get(&cfg, "venvctl");
}

static bool is_target(const struct venv_builder *b, const char *dir)
{
	const struct target *t = &b->host.build.tx.target;
	struct stat st;

	return !strcmp(dir, t->env_dir) ||
	       (t->fd >= 0 && !stat(dir, &st) && st.st_dev == t->st.st_dev &&
		st.st_ino == t->st.st_ino);
}

/* Something is at d->path, of which the state is ST. */
static int look_at(struct venv_builder *b, const struct stat *st, struct venv_error *err)
{
	struct redirect *d = &b->redirect;
	struct arena *a = &b->host.build.arena;
	const char *to;

	if (!S_ISREG(st->st_mode))
		return refuse(b, VENV_ERR_CONFLICT,
			      arena_printf(a, "'%s' is a %s", d->path,
					   S_ISDIR(st->st_mode)	  ? "directory"
					   : S_ISLNK(st->st_mode) ? "link"
								  : "special file"),
			      err);
	if (!redirect_read(a, d->path, &to))
		return refuse(
			b, VENV_ERR_CONFLICT,
			arena_printf(a, "'%s' is a file that names no path", d->path),
			err);
	if (is_target(b, to)) {
		d->state = REDIRECT_KEPT;
		d->reason = "it leads there already";
		return 0;
	}
	if (!is_of_venvctl(b, to))
		return refuse(
			b, VENV_ERR_CONFLICT,
			arena_printf(a,
				     "'%s' is a redirect to '%s', which venvctl has "
				     "not made",
				     d->path, to),
			err);
	d->replaces = true;
	return 0;
}

/* Is the place of the redirect the environment itself? */
static bool is_itself(const struct venv_builder *b)
{
	const char *path = b->redirect.path;
	struct stat st;

	return !strcmp(path, b->host.build.tx.target.env_dir) ||
	       (!lstat(path, &st) && S_ISDIR(st.st_mode) && is_target(b, path));
}

static int find_root(struct venv_builder *b, struct venv_error *err)
{
	const char *given = b->host.settings.project_root,
		   *dir = b->host.build.tx.target.env_dir;
	struct arena *a = &b->host.build.arena;
	struct redirect *d = &b->redirect;
	size_t n;

	d->root = given ? path_absolute(a, b->host.cwd, given) : path_dir(a, dir);
	d->path = d->root ? path_join(a, d->root, REDIRECT_FILE) : NULL;
	if (!d->path)
		return error_nomem(err);
	n = strlen(d->root);
	n -= d->root[n - 1] == '/';
	/* Relative if it can be: the project may be moved with its environment. */
	d->text = path_is_below(dir, d->root) && dir[n] == '/' ? dir + n + 1 : dir;
	return 0;
}

int redirect_decide(struct venv_builder *b, struct venv_error *err)
{
	const struct settings *s = &b->host.settings;
	struct redirect *d = &b->redirect;
	struct stat st;
	const char *project;
	int r;
	enum redirect_mode mode = s->venv_redirect;

	/* virtualenv's own default. */
	if (b->host.like_virtualenv && !s->project_root &&
	    !config_find(&b->host.config, "create", "venv-redirect"))
		mode = REDIRECT_AUTO;
	/* Who upgrades wants what is there to stay. */
	if (mode == REDIRECT_NEVER || (s->upgrade && !s->redirect_asked))
		return 0;
	r = find_root(b, err);
	if (r || !d->path)
		return r;
	if (s->project_root && (stat(d->root, &st) || !S_ISDIR(st.st_mode)))
		return error_set(err, VENV_ERR_USAGE,
				 "--project-root '%s' is no directory", s->project_root);
	if (is_itself(b))
		return 0;
	if (mode == REDIRECT_AUTO) {
		project = path_join(&b->host.build.arena, d->root, "pyproject.toml");
		if (!project)
			return error_nomem(err);
		if (stat(project, &st) || !S_ISREG(st.st_mode))
			return pass(b, "there is no pyproject.toml beside it");
		if (!lstat(d->path, &st))
			return pass(b, "there is something called .venv already");
	} else if (!lstat(d->path, &st)) {
		r = look_at(b, &st, err);
		if (r || d->state)
			return r;
	}
	if (!is_content(d->text))
		return refuse(b, VENV_ERR_CONFLICT,
			      arena_printf(&b->host.build.arena,
					   "'%s' could not hold '%s' so that all read it",
					   d->path, d->text),
			      err);
	d->state = REDIRECT_WRITTEN;
	return 0;
}

static int write_failed(struct venv_builder *b, int errnum, struct venv_error *err)
{
	return refuse(b, VENV_ERR_FAILED,
		      arena_printf(&b->host.build.arena, "cannot write '%s': %s",
				   b->redirect.path, strerror(errnum)),
		      err);
}

/*
 * The file as it will be, in its directory: what that refuses is known before anything is
 * published.  Without a name where that can be, so that nothing is left by a kill.
 */
int redirect_stage(struct venv_builder *b, struct venv_error *err)
{
	struct redirect *d = &b->redirect;
	int r;

	if (d->state != REDIRECT_WRITTEN)
		return 0;
	d->line = arena_printf(&b->host.build.arena, "%s\n", d->text);
	if (!d->line)
		return error_nomem(err);
	d->dir = open(d->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->dir < 0)
		return write_failed(b, errno, err);
	d->fd = openat(d->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
	if (d->fd < 0)
		d->fd = file_temp_at(d->dir, 0666, d->temp);
	r = d->fd < 0 ? d->fd : file_write_fd(d->fd, d->line, strlen(d->line));
	return r ? write_failed(b, -r, err) : 0;
}

/* The file gets its name, unless something has it. */
static int name_it(struct redirect *d)
{
	char from[64];
	int r;

	if (*d->temp) {
		r = file_rename_new(d->dir, d->temp, d->dir, REDIRECT_FILE);
		if (!r)
			*d->temp = '\0';
		return r;
	}
	snprintf(from, sizeof(from), "/proc/self/fd/%d", d->fd);
	if (!linkat(AT_FDCWD, from, d->dir, REDIRECT_FILE, AT_SYMLINK_FOLLOW))
		return 0;
	/* Without /proc. */
	return errno == ENOENT ? file_create_at(d->dir, REDIRECT_FILE, d->line,
						strlen(d->line), 0666, false)
			       : -errno;
}

int redirect_place(struct venv_builder *b, struct venv_error *err)
{
	struct redirect *d = &b->redirect;
	struct stat st;
	int r;

	if (d->state != REDIRECT_WRITTEN)
		return 0;
	if (d->replaces && !lstat(d->path, &st)) {
		/* It was looked at a while ago. */
		r = look_at(b, &st, err);
		if (r || d->state != REDIRECT_WRITTEN)
			return r;
		r = file_replace_at(d->dir, REDIRECT_FILE, d->line, strlen(d->line),
				    0666);
	} else {
		d->replaces = false;
		r = name_it(d);
	}
	if (r == -EEXIST) {
		/* Somebody was first, and that is not to be undone. */
		d->state = REDIRECT_KEPT;
		d->reason = "somebody made it meanwhile";
		log_warn(&b->host.log, "'%s' was made meanwhile, and stays as it is",
			 d->path);
		return 0;
	}
	if (r)
		return write_failed(b, -r, err);
	d->placed = true;
	return 0;
}

void redirect_end(struct venv_builder *b, bool undo)
{
	struct redirect *d = &b->redirect;

	if (*d->temp && d->dir >= 0)
		unlinkat(d->dir, d->temp, 0);
	*d->temp = '\0';
	/* What was replaced was one of ours: it cannot be given back, and is not missed. */
	if (undo && d->placed && !d->replaces)
		unlinkat(d->dir, REDIRECT_FILE, 0);
	if (d->fd >= 0)
		close(d->fd);
	if (d->dir >= 0)
		close(d->dir);
	d->fd = d->dir = -1;
}
