/* SPDX-License-Identifier: MIT */
/*
 * requirements - the packages that files and lists name, by `pip install` of the environment
 * (or by uv), when everything else is done: it has all of them, or there is no environment
 *
 * The name of the file is not that of the plugin, as the plugin wheels has a requirements.c.
 */
#include "installer.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct requirements {
	struct installer i;
	const char *uv;	 /* its path; NULL: pip installs */
	const char *cwd; /* "./wheel" in a file is relative to it, as with pip */
};

/* The arguments of the installer; how many a plugin can need is counted before. */
struct words {
	const char **v;
	size_t n;
};

static const char *const *list_of(const struct requirements *q, const char *option)
{
	static const char *const none[] = { NULL };
	const char *const *list = q->i.host->option_list(q->i.s, option);

	return list ? list : none;
}

static size_t length(const char *const *list)
{
	size_t n = 0;

	while (list[n])
		n++;
	return n;
}

static int complain(struct requirements *q, int result, const char *text)
{
	q->i.host->error(q->i.s, text ? text : "out of memory");
	return text ? result : VENV_ERR_NOMEM;
}

/* The uv that the caller's PATH has. */
static const char *find_uv(struct requirements *q)
{
	const char *dir = getenv("PATH");

	while (dir && *dir) {
		size_t n = strcspn(dir, ":");
		const char *path = installer_format(&q->i, "%.*s/uv", (int)n, dir);

		if (path && *path == '/' && !access(path, X_OK))
			return path;
		dir += n + (dir[n] == ':');
	}
	return NULL;
}

static int check_files(struct requirements *q, const char *option)
{
	for (const char *const *f = list_of(q, option); *f; f++) {
		if (access(*f, R_OK))
			return complain(q, VENV_ERR_CONFIG,
					installer_format(&q->i, "cannot open '%s': %s",
							 *f, strerror(errno)));
	}
	return VENV_OK;
}

/* What could be taken for an option of pip's is none of a package's name. */
static int check_packages(struct requirements *q)
{
	for (const char *const *p = list_of(q, "packages"); *p; p++) {
		if (!**p || **p == '-')
			return complain(
				q, VENV_ERR_CONFIG,
				installer_format(&q->i, "'%s' is no package", *p));
	}
	if (!*list_of(q, "requirements") && !*list_of(q, "packages"))
		return complain(q, VENV_ERR_CONFIG,
				"'requirements' (-r) or 'packages' has to say what to "
				"install");
	return VENV_OK;
}

static int choose_installer(struct requirements *q)
{
	const struct venv_host *host = q->i.host;

	if (!strcmp(host->option(q->i.s, "installer"), "uv")) {
		q->uv = find_uv(q);
		return q->uv ? VENV_OK
			     : complain(q, VENV_ERR_CONFIG,
					"'installer' is uv, and there is no uv on PATH");
	}
	/* An environment that is there may have a pip. */
	if (!(q->i.ctx->flags & (VENV_CONTEXT_WITH_PIP | VENV_CONTEXT_EXISTING)))
		return complain(
			q, VENV_ERR_CONFIG,
			"it needs pip, which --without-pip or --no-pip leaves out "
			"('installer = uv' does without)");
	return VENV_OK;
}

static int requirements_open(const struct venv_host *host, struct venv_session *s,
			     const struct venv_context *ctx, void **data)
{
	struct requirements *q = host->alloc(s, sizeof(*q));
	char *cwd = realpath(".", NULL);
	int r;

	if (!q || (!cwd && errno == ENOMEM))
		r = VENV_ERR_NOMEM;
	else {
		*data = q;
		q->i = (struct installer){ .host = host,
					   .s = s,
					   .ctx = ctx,
					   .name = "requirements",
					   .what = "requirements" };
		q->cwd = cwd ? installer_format(&q->i, "%s", cwd) : NULL;
		r = check_packages(q);
		if (r == VENV_OK)
			r = check_files(q, "requirements");
		if (r == VENV_OK)
			r = check_files(q, "constraints");
		if (r == VENV_OK)
			r = choose_installer(q);
		if (r == VENV_OK && q->i.no_memory)
			r = VENV_ERR_NOMEM;
	}
	free(cwd);
	return r;
}

static void add(struct words *w, const char *word)
{
	w->v[w->n++] = word;
}

static void add_each(struct words *w, const char *option, const char *const *list)
{
	for (; *list; list++) {
		if (option)
			add(w, option);
		add(w, *list);
	}
}

/* Addresses may have a password, and everybody can read the arguments of a process. */
static const char *links_variable(struct requirements *q, const char *name,
				  char separator)
{
	const char *text = NULL;

	for (const char *const *l = list_of(q, "find-links"); *l; l++) {
		if (**l == '/')
			continue;
		text = text ? installer_format(&q->i, "%s%c%s", text, separator, *l)
			    : installer_format(&q->i, "%s=%s", name, *l);
	}
	return text;
}

static void add_links(struct requirements *q, struct words *w)
{
	for (const char *const *l = list_of(q, "find-links"); *l; l++) {
		if (**l != '/')
			continue;
		add(w, "--find-links");
		add(w, *l);
	}
}

static void add_begin(struct requirements *q, struct words *w)
{
	if (!q->uv) {
		add(w, q->i.ctx->env_exe);
		add(w, "-m");
		add(w, "pip");
		add(w, "install");
		add(w, "--disable-pip-version-check");
		add(w, "--no-input");
		return;
	}
	add(w, q->uv);
	add(w, "pip");
	add(w, "install");
	add(w, "--python");
	add(w, q->i.ctx->env_exe);
	/* A prefix in uv.toml or pyproject.toml would lead elsewhere. */
	add(w, "--prefix");
	add(w, q->i.ctx->env_dir);
	if (q->i.ctx->flags & VENV_CONTEXT_OFFLINE)
		add(w, "--offline");
}

static int install(void *data)
{
	struct requirements *q = data;
	const struct venv_host *host = q->i.host;
	const char *index = host->option(q->i.s, "index-url");
	const char *env[3] = { NULL, NULL, NULL };
	size_t max = 16 + 2 * length(list_of(q, "requirements")) +
		     2 * length(list_of(q, "constraints")) +
		     2 * length(list_of(q, "find-links")) +
		     length(list_of(q, "packages")) + length(list_of(q, "args"));
	struct words w = { host->alloc(q->i.s, max * sizeof(*w.v)), 0 };
	struct venv_run run = {
		.struct_size = sizeof(run),
		.flags = VENV_RUN_INDEX,
		.argv = w.v,
		.env = env,
		.cwd = q->cwd,
		/* The user has INT. */
		.timeout_ms = -1,
	};

	if (!w.v)
		return VENV_ERR_NOMEM;
	add_begin(q, &w);
	if (host->option_bool(q->i.s, "no-index"))
		add(&w, "--no-index");
	if (host->option_bool(q->i.s, "require-hashes"))
		add(&w, "--require-hashes");
	add_links(q, &w);
	add_each(&w, "-c", list_of(q, "constraints"));
	add_each(&w, NULL, list_of(q, "args"));
	add_each(&w, "-r", list_of(q, "requirements"));
	add_each(&w, NULL, list_of(q, "packages"));
	env[0] = links_variable(q, q->uv ? "UV_FIND_LINKS" : "PIP_FIND_LINKS",
				q->uv ? ',' : ' ');
	if (index)
		env[env[0] ? 1 : 0] = installer_format(
			&q->i, "%s=%s", q->uv ? "UV_DEFAULT_INDEX" : "PIP_INDEX_URL",
			index);
	return q->i.no_memory ? VENV_ERR_NOMEM : host->run(q->i.s, &run);
}

static int requirements_post_setup(void *data)
{
	struct requirements *q = data;

	return installer_tell(&q->i, install, q);
}

static const char *const installers[] = { "pip", "uv", NULL };

static const struct venv_option options[] = {
	{ "requirements", VENV_OPTION_PATH, VENV_OPTION_LIST, NULL,
	  "files of requirements (-r)", "FILE", NULL },
	{ "packages", VENV_OPTION_STRING, VENV_OPTION_LIST, NULL,
	  "further requirements, as pip takes them", "NAME", NULL },
	{ "constraints", VENV_OPTION_PATH, VENV_OPTION_LIST, NULL, "files of constraints",
	  "FILE", NULL },
	{ "index-url", VENV_OPTION_STRING, VENV_OPTION_SECRET, NULL,
	  "package index to use", "URL", NULL },
	{ "find-links", VENV_OPTION_LOCATION, VENV_OPTION_LIST, NULL,
	  "directories or pages with wheels", NULL, NULL },
	{ "no-index", VENV_OPTION_BOOL, 0, "no", "use find-links only", NULL, NULL },
	{ "require-hashes", VENV_OPTION_BOOL, 0, "no", "every requirement needs a digest",
	  NULL, NULL },
	{ "args", VENV_OPTION_STRING, VENV_OPTION_LIST | VENV_OPTION_SECRET, NULL,
	  "further arguments of the installer", "ARG", NULL },
	{ "installer", VENV_OPTION_CHOICE, 0, "pip",
	  "what installs them: the environment's pip, or uv", NULL, installers },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE_ORDERED(
	requirements, "1.0", "", "pip setuptools", "",
	.flags = VENV_PLUGIN_NETWORK | VENV_PLUGIN_RUNS_CODE | VENV_PLUGIN_PARALLEL |
		 VENV_PLUGIN_LOOKS,
	.summary = "install what files of requirements list, with pip or uv",
	.options = options, .open = requirements_open,
	.post_setup = requirements_post_setup);
