/* SPDX-License-Identifier: MIT */
/*
 * wheels - named wheels of the site, placed without starting Python or pip
 *
 * What they depend on is not looked for: the list is complete, or a pip that runs later
 * completes it.  What is missing in the end is told.
 */
#include "wheels.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "util/pep440.h"

int wheels_complain(struct wheels *w, int result, const char *message)
{
	w->i.host->error(w->i.s, message ? message : "out of memory");
	return message ? result : VENV_ERR_NOMEM;
}

static int is_local(const char *where)
{
	return *where == '/';
}

static int is_project(const char *name, const char *project)
{
	return pep440_same_project(name, strlen(name), project, strlen(project));
}

/* --no-pip, --without-pip and --no-setuptools leave out that package alone. */
static int is_left_out(const struct wheels *w, const char *name)
{
	uint32_t flags = w->i.ctx->flags;

	return (is_project(name, "pip") && !(flags & VENV_CONTEXT_WITH_PIP)) ||
	       (is_project(name, "setuptools") &&
		!(flags & VENV_CONTEXT_WITH_SETUPTOOLS));
}

struct package *wheels_add_pin(struct wheels *w, const char *text, size_t len)
{
	struct installer *i = &w->i;
	struct package *p = i->host->alloc(i->s, sizeof(*p));
	const char *name = installer_format(i, "%.*s", (int)len, text), *eq;
	size_t n;

	if (!p || !name) {
		i->no_memory = 1;
		return NULL;
	}
	n = strspn(name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
	eq = name + n + strspn(name + n, " \t");
	if (!strncmp(eq, "==", 2)) {
		p->version = eq + 2 + strspn(eq + 2, " \t");
		eq += strlen(eq);
	}
	if (!n || *eq ||
	    (p->version && (!*p->version || strpbrk(p->version, "=*<>;,[ \t@")))) {
		wheels_complain(
			w, VENV_ERR_CONFIG,
			installer_format(i, "'%s' is not NAME or NAME==VERSION", name));
		return NULL;
	}
	p->name = installer_format(i, "%.*s", (int)n, name);
	if (!p->name)
		return NULL;
	if (is_left_out(w, p->name)) {
		const char *note = installer_format(i, "%s is not wanted: left out",
						    name);

		if (note)
			i->host->log(i->s, VENV_LOG_INFO, note);
		return p;
	}
	*w->tail = p;
	w->tail = &p->next;
	return p;
}

int wheels_pin_failed(const struct wheels *w)
{
	return w->i.no_memory ? VENV_ERR_NOMEM : VENV_ERR_CONFIG;
}

static int add_package(struct wheels *w, const char *item)
{
	struct installer *i = &w->i;
	struct package *p;
	const char *base = strrchr(item, '/'), *project;

	if (!base)
		return wheels_add_pin(w, item, strlen(item)) ? VENV_OK
							     : wheels_pin_failed(w);
	/* It may have a password. */
	if (strstr(item, ":/"))
		return wheels_complain(w, VENV_ERR_CONFIG,
				       "an address is no package: it belongs to "
				       "'find-links'");
	if (!is_local(item))
		return wheels_complain(
			w, VENV_ERR_CONFIG,
			installer_format(i, "'%s' is not an absolute path", item));
	project = installer_format(i, "%.*s", (int)strcspn(base + 1, "-"), base + 1);
	p = i->host->alloc(i->s, sizeof(*p));
	if (!p || !project)
		return VENV_ERR_NOMEM;
	if (is_left_out(w, project))
		return VENV_OK;
	p->path = item;
	*w->tail = p;
	w->tail = &p->next;
	return VENV_OK;
}

/* The project that a wheel is of, N bytes of its name. */
static const char *project_of(const char *path, size_t *n)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	*n = strcspn(name, "-");
	return name;
}

static int is_wheel_of(const char *path, const char *name, size_t n)
{
	size_t m;
	const char *project = project_of(path, &m);

	return pep440_same_project(project, m, name, n);
}

/* Two wheels of one project would write over each other. */
static int check_twice(struct wheels *w, const struct package *p)
{
	size_t n;
	const char *project = project_of(p->path, &n);

	for (const struct package *o = w->first; o != p; o = o->next) {
		if (is_wheel_of(o->path, project, n))
			return wheels_complain(
				w, VENV_ERR_CONFIG,
				installer_format(&w->i, "'%.*s' is asked for twice",
						 (int)n, project));
	}
	return VENV_OK;
}

/* Find the wheel of each package that has none yet; nothing is written. */
static int resolve(struct wheels *w)
{
	const struct venv_host *host = w->i.host;
	int r = VENV_OK;

	for (struct package *p = w->first; r == VENV_OK && p; p = p->next) {
		const char *one[] = { p->path, NULL };

		r = host->find_wheel(w->i.s, p->name, p->version,
				     p->path ? one : w->places, &p->path);
		if (r == VENV_OK)
			r = check_twice(w, p);
	}
	return r;
}

/* Of several digests the one that it has; the error of the last, if it has none. */
static int install(struct wheels *w, const struct package *p, uint32_t flags)
{
	struct venv_wheel wheel = {
		.struct_size = sizeof(wheel),
		.flags = VENV_WHEEL_REQUESTED | flags,
		.path = p->path,
	};
	const char *const *hash = p->hashes;
	int r;

	do {
		wheel.sha256 = hash ? *hash : NULL;
		r = w->i.host->install_wheel(w->i.s, &wheel);
	} while (r == VENV_ERR_INTEGRITY && hash && *++hash);
	if (r == VENV_LATER)
		r = wheels_complain(w, VENV_ERR_UNSUPPORTED,
				    installer_format(&w->i,
						     "only pip can install '%s' here",
						     p->path));
	return r;
}

/* The package that the wheel at URL is of; NULL if nobody asks for it. */
static const struct package *wanted_from(const struct wheels *w, const char *url)
{
	size_t end = strcspn(url, "?#"), from = end;
	const struct package *p = w->first;

	while (from && url[from - 1] != '/')
		from--;
	while (p &&
	       (!p->name || !pep440_same_project(url + from, strcspn(url + from, "-"),
						 p->name, strlen(p->name))))
		p = p->next;
	return p;
}

/* What came for a wheel is one, as far as its first bytes tell: an archive. */
static int check_archive(struct wheels *w, const char *url, const char *path)
{
	const char *host = strstr(url, "://");
	char head[64] = "";
	FILE *f = path ? fopen(path, "re") : NULL;
	size_t n = f ? fread(head, 1, sizeof(head) - 1, f) : 0;

	if (f)
		fclose(f);
	if (!f || (n >= 4 && !memcmp(head, "PK\3\4", 4)))
		return VENV_OK;
	host = host ? host + 3 : url;
	return wheels_complain(
		w, VENV_ERR_INTEGRITY,
		installer_format(
			&w->i, "'%.*s' is no wheel: '%.*s' sent %s",
			(int)strcspn(url, "?#"), url, (int)strcspn(host, "/?#"), host,
			head[strspn(head, " \t\r\n\xef\xbb\xbf")] == '<' ? "a page (HTML)"
			: n ? "something else"
			    : "an empty file"));
}

/* "https://host/name-1.0-py3-none-any.whl": of one wheel. */
static int is_wheel_url(const char *url)
{
	size_t n = strcspn(url, "?#");

	return n > 4 && !strncasecmp(url + n - 4, ".whl", 4);
}

/*
 * Links to single wheels are fetched, and are then places like others.  Each has one of
 * the digests that are configured, else of those that its pin has.
 */
static int fetch_links(struct wheels *w, uint32_t flags)
{
	const char *const *links = w->i.host->option_list(w->i.s, "find-links");
	size_t n = 0;
	int r = VENV_OK;

	for (; r == VENV_OK && links && *links; links++) {
		const struct package *p = wanted_from(w, *links);
		struct venv_download d = {
			.struct_size = sizeof(d),
			.flags = flags,
			.url = *links,
			.sha256 = w->i.sha256 && *w->i.sha256 ? w->i.sha256
				  : p			      ? p->hashes
							      : NULL,
		};

		if (is_local(*links)) {
			w->places[n++] = *links;
		} else if (!is_wheel_url(*links)) {
			/* One with a password would be refused later. */
			const char *shown = strpbrk(*links, " \t@") ? "..." : *links;

			r = wheels_complain(
				w, VENV_ERR_CONFIG,
				installer_format(
					&w->i,
					"'%.*s' in 'find-links' is not the address of "
					"a wheel: index pages are not read",
					(int)strcspn(shown, "?#"), shown));
		} else if (p) {
			r = w->i.host->download(w->i.s, &d);
			if (r == VENV_OK && !(flags & VENV_DOWNLOAD_TRY))
				r = check_archive(w, *links, d.path);
			w->places[n++] = d.path;
		}
	}
	return r;
}

static int has_urls(const struct wheels *w)
{
	const char *const *links = w->i.host->option_list(w->i.s, "find-links");

	while (links && *links && is_local(*links))
		links++;
	return links && *links;
}

static int wheels_open(const struct venv_host *host, struct venv_session *s,
		       const struct venv_context *ctx, void **data)
{
	struct wheels *w = host->alloc(s, sizeof(*w));
	const char *const *packages = host->option_list(s, "packages");
	const char *const *links = host->option_list(s, "find-links");
	const char *file = host->option(s, "requirements");
	size_t n = 1;
	int r = VENV_OK;

	if (!w)
		return VENV_ERR_NOMEM;
	*data = w;
	w->i = (struct installer){ .host = host, .s = s, .ctx = ctx, .name = "wheels" };
	w->i.sha256 = host->option_list(s, "sha256");
	w->tail = &w->first;
	if (!packages && !file)
		return wheels_complain(w, VENV_ERR_CONFIG,
				       "it needs 'packages' or 'requirements'");
	for (size_t j = 0; links && links[j]; j++)
		n++;
	w->places = host->alloc(s, n * sizeof(*w->places));
	if (!w->places)
		return VENV_ERR_NOMEM;
	for (; r == VENV_OK && packages && *packages; packages++)
		r = add_package(w, *packages);
	if (r == VENV_OK && file)
		r = wheels_read_requirements(w, file);
	if (r == VENV_OK && w->i.no_memory)
		r = VENV_ERR_NOMEM;
	if (r == VENV_OK)
		r = fetch_links(w, VENV_DOWNLOAD_TRY);
	/* What is here can be judged before anything is made. */
	return r != VENV_OK || has_urls(w) ? r : resolve(w);
}

static int wheels_seed(void *data)
{
	struct wheels *w = data;
	int r = VENV_OK;

	if (has_urls(w)) {
		r = fetch_links(w, 0);
		if (r == VENV_OK)
			r = resolve(w);
	}
	/* All or nothing: each is asked for before the first is placed. */
	for (struct package *p = w->first; r == VENV_OK && p; p = p->next)
		r = install(w, p, VENV_WHEEL_TRY);
	for (struct package *p = w->first; r == VENV_OK && p; p = p->next)
		r = w->i.host->cancelled(w->i.s) ? VENV_ERR_CANCELLED : install(w, p, 0);
	return r;
}

static void wheels_close(void *data, int result)
{
	if (result == VENV_OK)
		wheels_check_requires(data);
}

static const struct venv_option options[] = {
	{ "packages", VENV_OPTION_STRING, VENV_OPTION_LIST, NULL,
	  "what to install: names, pins, or paths of wheels", "NAME[==VERSION]", NULL },
	{ "find-links", VENV_OPTION_LOCATION, VENV_OPTION_LIST, NULL,
	  "where: directories, or URLs of single wheels", NULL, NULL },
	{ "requirements", VENV_OPTION_PATH, 0, NULL, "a file of pins with hashes", "FILE",
	  NULL },
	{ "sha256", VENV_OPTION_SHA256, VENV_OPTION_LIST, NULL,
	  "digests, one of which each wheel from a URL must have", NULL, NULL },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE_ORDERED(wheels, "1.0", "", "ensurepip", "",
			   .flags = VENV_PLUGIN_NETWORK | VENV_PLUGIN_PARALLEL |
				    VENV_PLUGIN_LOOKS,
			   .summary = "install wheels of the site, without pip",
			   .options = options, .open = wheels_open, .close = wheels_close,
			   .seed = wheels_seed);
