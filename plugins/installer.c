/* SPDX-License-Identifier: MIT */
#include "installer.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

const char *installer_format(struct installer *i, const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = n < 0 ? NULL : i->host->alloc(i->s, (size_t)n + 1);
	if (text) {
		va_start(ap, fmt);
		vsnprintf(text, (size_t)n + 1, fmt, ap);
		va_end(ap);
	} else {
		i->no_memory = 1;
	}
	return text;
}

unsigned installer_python(const struct installer *i)
{
	return i->ctx->python_version >> 16;
}

const char *installer_expand(struct installer *i, const char *url)
{
	static const char mark[] = "{python-version}";
	const char *at;

	while (url && (at = strstr(url, mark)))
		url = installer_format(i, "%.*s%u.%u%s", (int)(at - url), url,
				       installer_python(i) >> 8,
				       installer_python(i) & 0xff, at + sizeof(mark) - 1);
	return url;
}

int installer_check(struct installer *i)
{
	struct venv_download d = {
		.struct_size = sizeof(d),
		.flags = VENV_DOWNLOAD_TRY | VENV_DOWNLOAD_CODE,
		.url = i->url,
		.sha256 = i->sha256,
	};

	return i->no_memory ? VENV_ERR_NOMEM : i->host->download(i->s, &d);
}

/* The last segment of the URL's path, unless it is none or taken: then one of our own. */
static const char *script_name(struct installer *i)
{
	size_t end = strcspn(i->url, "?#"), from = end;
	const char *name;

	while (from && i->url[from - 1] != '/')
		from--;
	name = installer_format(i, "%.*s", (int)(end - from), i->url + from);
	if (name && *name && strlen(name) <= NAME_MAX && strcmp(name, ".") != 0 &&
	    strcmp(name, "..") != 0) {
		const char *path = installer_format(i, "%s/%s", i->ctx->bin_path, name);

		if (path && access(path, F_OK) != 0)
			return name;
	}
	return installer_format(i, "venvctl-%s.py", i->name);
}

/* A directory of the environment and what was in it before; names end with NULL. */
struct before {
	const char *dir;
	const char **names;
};

static DIR *open_dir(struct installer *i, const char *dir)
{
	DIR *d = dir ? opendir(dir) : NULL;

	if (dir && !d && errno == ENOMEM)
		i->no_memory = 1;
	return d;
}

static struct before look(struct installer *i, const char *dir)
{
	struct before b = { dir, NULL };
	size_t n = 0, max = 0;
	struct dirent *e;
	DIR *d = open_dir(i, dir);

	errno = 0;
	while (d && readdir(d))
		max++;
	/* What comes between the two passes is not ours, and not before. */
	b.names = i->host->alloc(i->s, (max + 1) * sizeof(*b.names));
	if (!b.names)
		i->no_memory = 1;
	if (d)
		rewinddir(d);
	while (d && b.names && n < max && (e = readdir(d)))
		b.names[n++] = installer_format(i, "%s", e->d_name);
	/* Where not all of it is known nothing is new. */
	if (!d || errno)
		b.dir = NULL;
	if (d)
		closedir(d);
	return b;
}

static int is_new(const struct before *b, const char *name)
{
	for (const char *const *n = b->names; n && *n; n++) {
		if (!strcmp(*n, name))
			return 0;
	}
	return 1;
}

static int ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

/* ez_setup leaves what it downloaded; of the same name from before nothing is touched. */
static void remove_archives(struct installer *i, const struct before *b)
{
	struct dirent *e;
	DIR *d = open_dir(i, b->dir);

	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, "setuptools-", 11) != 0 || !is_new(b, e->d_name) ||
		    (!ends_with(e->d_name, ".tar.gz") && !ends_with(e->d_name, ".zip")))
			continue;
		if (unlinkat(dirfd(d), e->d_name, 0))
			i->host->log(i->s, VENV_LOG_WARNING,
				     "an archive of setuptools could not be removed");
	}
	if (d)
		closedir(d);
}

/* "pip 24.0, setuptools 65.5": the distributions that were not there before. */
static const char *what_is_new(struct installer *i, const struct before *b)
{
	const char *text = NULL;
	struct dirent *e;
	DIR *d = open_dir(i, b->dir);

	while (d && (e = readdir(d))) {
		const char *dash = strchr(e->d_name, '-'), *end = dash;

		if (!dash || !is_new(b, e->d_name))
			continue;
		if (ends_with(e->d_name, ".dist-info") ||
		    ends_with(e->d_name, ".egg-info"))
			end = strrchr(e->d_name, '.');
		/* "setuptools-1.0-py3.8.egg", and distutils' egg-info. */
		if (strstr(dash, "-py") &&
		    (ends_with(e->d_name, ".egg-info") || ends_with(e->d_name, ".egg")))
			end = strstr(dash, "-py");
		if (!end || end <= dash)
			continue;
		text = installer_format(i, "%s%s%.*s %.*s", text ? text : "",
					text ? ", " : "", (int)(dash - e->d_name),
					e->d_name, (int)(end - dash - 1), dash + 1);
	}
	if (d)
		closedir(d);
	return text;
}

static size_t count(const char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* Run PATH in the bin directory: `python script args`. */
static int run_script(struct installer *i, const char *path, const char *const *args,
		      const char *const *env)
{
	size_t n = count(args);
	const char **argv = i->host->alloc(i->s, (n + 3) * sizeof(*argv));
	struct venv_run run = {
		.struct_size = sizeof(run),
		.flags = VENV_RUN_INDEX,
		.argv = argv,
		.env = env,
		.cwd = i->ctx->bin_path,
	};

	if (!argv)
		return VENV_ERR_NOMEM;
	argv[0] = i->ctx->env_exe;
	argv[1] = path;
	for (size_t j = 0; j < n; j++)
		argv[j + 2] = args[j];
	return i->host->run(i->s, &run);
}

/*
 * Is there anything of what was to be installed?  A script that came empty or cut short
 * ends well.  Whether it works as well is the host's to find out.
 */
static int check_there(struct installer *i, const char *script)
{
	size_t n = strlen(i->what);
	struct dirent *e;
	DIR *d = open_dir(i, i->ctx->lib_path);
	int found = 0, unread = d ? 0 : errno;

	while (d && !found && (errno = 0, e = readdir(d)))
		found = !strncasecmp(e->d_name, i->what, n) &&
			(!e->d_name[n] || e->d_name[n] == '-' || e->d_name[n] == '.');
	if (d && !found)
		unread = errno;
	if (d)
		closedir(d);
	if (unread) {
		const char *text = installer_format(i, "cannot read '%s': %s",
						    i->ctx->lib_path, strerror(unread));

		i->host->error(i->s, text ? text : "out of memory");
	} else if (!found) {
		const char *text = installer_format(
			i,
			"'%s' ended well, but there is no %s in the environment: it is "
			"empty, cut short or another script",
			script, i->what);

		i->host->error(i->s, text ? text : "it installed nothing");
	}
	return found ? VENV_OK : VENV_ERR_FAILED;
}

static int fetch_and_run(struct installer *i, const char *const *args,
			 const char *const *env)
{
	struct venv_download d = {
		.struct_size = sizeof(d),
		.flags = VENV_DOWNLOAD_CODE,
		.url = i->url,
		.sha256 = i->sha256,
		.dir = i->ctx->bin_path,
		.filename = script_name(i),
	};
	struct before bin = look(i, i->ctx->bin_path);
	int r = i->no_memory ? VENV_ERR_NOMEM : i->host->download(i->s, &d);

	if (r != VENV_OK)
		return r;
	r = run_script(i, d.path, args, env);
	if (r == VENV_OK)
		r = check_there(i, d.filename);
	/* Both go also after a failure: the environment may be kept. */
	if (unlink(d.path) && errno != ENOENT)
		i->host->log(i->s, VENV_LOG_WARNING, "the script could not be removed");
	remove_archives(i, &bin);
	return r;
}

int installer_tell(struct installer *i, int (*work)(void *data), void *data)
{
	struct before packages = look(i, i->ctx->lib_path);
	const char *text = installer_format(i, "Installing %s ...", i->what);
	int r;

	if (i->no_memory)
		return VENV_ERR_NOMEM;
	i->host->progress(i->s, VENV_STREAM_MAIN, text);
	r = work(data);
	i->host->progress(i->s, VENV_STREAM_MAIN, r == VENV_OK ? "done.\n" : "failed.\n");
	text = r == VENV_OK ? what_is_new(i, &packages) : NULL;
	text = text ? installer_format(i, "Installed %s.\n", text) : NULL;
	if (text)
		i->host->progress(i->s, VENV_STREAM_MAIN, text);
	return r == VENV_OK && i->no_memory ? VENV_ERR_NOMEM : r;
}

struct script {
	struct installer *i;
	const char *const *args, *const *env;
};

static int run_it(void *data)
{
	const struct script *t = data;

	return fetch_and_run(t->i, t->args, t->env);
}

int installer_run(struct installer *i, const char *const *args, const char *const *env)
{
	struct script t = { i, args, env };

	return installer_tell(i, run_it, &t);
}
