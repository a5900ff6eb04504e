/* SPDX-License-Identifier: MIT */
/*
 * wheels - named wheels of the site, placed without starting Python or pip
 *
 * What they depend on is not looked for: the list is complete, or a pip that runs later
 * completes it.
 */
#include "installer.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct package {
	struct package *next;
	const char *name, *version; /* NULL: a path, any */
	const char *path;	    /* of the wheel, when it is known */
	const char **hashes;	    /* one of which it must have; NULL for any */
	size_t n_hashes;
};

struct wheels {
	struct installer i;
	struct package *first, **tail;
	const char **places; /* directories and wheels, downloaded ones included */
};

static int complain(struct installer *i, int result, const char *message)
{
	i->host->error(i->s, message ? message : "out of memory");
	return message ? result : VENV_ERR_NOMEM;
}

static int is_local(const char *where)
{
	return *where == '/';
}

/* "Foo_Bar" of the list is the project foo-bar. */
static int is_project(const char *name, const char *project)
{
	return name && !strcasecmp(name, project);
}

/* --no-pip, --without-pip and --no-setuptools leave out that package alone. */
static int is_left_out(const struct wheels *w, const char *name)
{
	uint32_t flags = w->i.ctx->flags;

	return (is_project(name, "pip") && !(flags & VENV_CONTEXT_WITH_PIP)) ||
	       (is_project(name, "setuptools") &&
		!(flags & VENV_CONTEXT_WITH_SETUPTOOLS));
}

/* Add "NAME" or "NAME==VERSION"; NULL, with an error, if it is neither. */
static struct package *add_pin(struct wheels *w, const char *text, size_t len)
{
	struct installer *i = &w->i;
	struct package *p = i->host->alloc(i->s, sizeof(*p));
	const char *name = installer_format(i, "%.*s", (int)len, text), *eq;
	size_t n;

	if (!p || !name) {
		complain(i, VENV_ERR_NOMEM, NULL);
		return NULL;
	}
	n = strspn(name,
		   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
	eq = name + n + strspn(name + n, " \t");
	if (!n || (*eq && strncmp(eq, "==", 2) != 0) ||
	    (*eq && strpbrk(eq + 2, "=*<>;,[ \t@")) || (*eq && !eq[2])) {
		complain(i, VENV_ERR_CONFIG,
			 installer_format(i, "'%s' is not NAME or NAME==VERSION", name));
		return NULL;
	}
	p->version = *eq ? eq + 2 : NULL;
	p->name = installer_format(i, "%.*s", (int)n, name);
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

static int add_package(struct wheels *w, const char *item)
{
	struct installer *i = &w->i;
	struct package *p;
	const char *base = strrchr(item, '/'), *project;

	if (!base)
		return add_pin(w, item, strlen(item)) ? VENV_OK : VENV_ERR_CONFIG;
	if (!is_local(item))
		return complain(
			i, VENV_ERR_CONFIG,
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

/* One logical line: NAME==VERSION --hash=sha256:HEX ... */
static int add_requirement(struct wheels *w, const char *file, unsigned line, char *text)
{
	static const char mark[] = "--hash=sha256:";
	struct installer *i = &w->i;
	char *option = strstr(text, " --");
	size_t len = option ? (size_t)(option - text) : strlen(text), max = 1;
	struct package *p;

	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	if (!option || !memmem(text, len, "==", 2))
		return complain(i, VENV_ERR_CONFIG,
				installer_format(
					i,
					"%s:%u: expected NAME==VERSION --hash=sha256:...",
					file, line));
	p = add_pin(w, text, len);
	if (!p)
		return VENV_ERR_CONFIG;
	for (char *at = option; (at = strstr(at, mark)); at++)
		max++;
	p->hashes = i->host->alloc(i->s, max * sizeof(*p->hashes));
	for (char *word = p->hashes ? strtok(option, " \t\r") : NULL; word;
	     word = strtok(NULL, " \t\r")) {
		char *hex = word + sizeof(mark) - 1;

		if (strncmp(word, mark, sizeof(mark) - 1) != 0 || strlen(hex) != 64)
			return complain(i, VENV_ERR_CONFIG,
					installer_format(
						i, "%s:%u: '%s' is not --hash=sha256:...",
						file, line, word));
		for (char *c = hex; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		p->hashes[p->n_hashes++] = installer_format(i, "%s", hex);
	}
	return p->hashes && !i->no_memory ? VENV_OK : VENV_ERR_NOMEM;
}

static int read_requirements(struct wheels *w, const char *file)
{
	struct installer *i = &w->i;
	FILE *f = fopen(file, "re");
	char line[4096], text[16384] = "";
	unsigned number = 0;
	int r = VENV_OK;

	if (!f)
		return complain(i, VENV_ERR_CONFIG,
				installer_format(i, "cannot open '%s'", file));
	while (r == VENV_OK && fgets(line, sizeof(line), f)) {
		size_t n = strcspn(line, "\r\n"), have = strlen(text);
		int more;

		number++;
		line[n] = '\0';
		n = strspn(line, " \t");
		if (line[n] == '#' || (!line[n] && !have))
			continue;
		more = strlen(line) && line[strlen(line) - 1] == '\\';
		if (more)
			line[strlen(line) - 1] = ' ';
		/* A comment may stand behind a blank. */
		if (!more && strstr(line, " #"))
			*strstr(line, " #") = '\0';
		if (have + strlen(line) + 2 > sizeof(text)) {
			r = complain(i, VENV_ERR_CONFIG,
				     installer_format(i, "%s:%u: the line is too long",
						      file, number));
			break;
		}
		memcpy(text + have, line + (have ? 0 : n),
		       strlen(line + (have ? 0 : n)) + 1);
		if (more)
			continue;
		r = add_requirement(w, file, number, text);
		text[0] = '\0';
	}
	fclose(f);
	return r;
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
	size_t n = 0;
	int r;

	do {
		wheel.sha256 = p->hashes ? p->hashes[n] : NULL;
		r = w->i.host->install_wheel(w->i.s, &wheel);
	} while (r == VENV_ERR_INTEGRITY && ++n < p->n_hashes);
	if (r == VENV_LATER)
		r = complain(&w->i, VENV_ERR_UNSUPPORTED,
			     installer_format(&w->i, "only pip can install '%s' here",
					      p->path));
	return r;
}

/* Links to single wheels are fetched, and are then places like others. */
static int fetch_links(struct wheels *w, uint32_t flags)
{
	const char *const *links = w->i.host->option_list(w->i.s, "find-links");
	int r = VENV_OK;

	for (size_t n = 0; r == VENV_OK && links && links[n]; n++) {
		struct venv_download d = {
			.struct_size = sizeof(d),
			.flags = flags,
			.url = links[n],
			.sha256 = w->i.sha256,
		};

		w->places[n] = links[n];
		if (is_local(links[n]))
			continue;
		r = w->i.host->download(w->i.s, &d);
		w->places[n] = d.path;
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
		return complain(&w->i, VENV_ERR_CONFIG,
				"it needs 'packages' or 'requirements'");
	for (size_t j = 0; links && links[j]; j++)
		n++;
	w->places = host->alloc(s, n * sizeof(*w->places));
	if (!w->places)
		return VENV_ERR_NOMEM;
	for (; r == VENV_OK && packages && *packages; packages++)
		r = add_package(w, *packages);
	if (r == VENV_OK && file)
		r = read_requirements(w, file);
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

VENV_PLUGIN_DEFINE_ORDERED(wheels, "1.0", "", "ensurepip",
			   .flags = VENV_PLUGIN_NETWORK | VENV_PLUGIN_PARALLEL,
			   .summary = "install wheels of the site, without pip",
			   .options = options, .open = wheels_open, .seed = wheels_seed);
