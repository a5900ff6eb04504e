/* SPDX-License-Identifier: MIT */
/*
 * requires.c - what the installed wheels depend on (Requires-Dist of their METADATA)
 *
 * Nothing is resolved; but a list that is not complete is told when it is made, not when
 * the first program fails.  All is in place then, whichever plugin brought it.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util/pep440.h"
#include "markers.h"
#include "wheels.h"

#define END ".dist-info"

/* A distribution NAME-VERSION.dist-info of the environment. */
struct dist {
	const char *dir, *entry;
	size_t name_len, version_len;
};

struct dists {
	struct dist *v;
	size_t n, max;
};

/* True if all of them cannot be told. */
static bool find_dists(struct wheels *w, const char *dir, struct dists *out)
{
	DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *e;
	int failed;

	if (!d)
		return errno != ENOENT;
	while (errno = 0, (e = readdir(d))) {
		size_t n = strlen(e->d_name), name = strcspn(e->d_name, "-");

		if (n < sizeof(END) ||
		    strcmp(e->d_name + n - sizeof(END) + 1, END) != 0 ||
		    name + sizeof(END) > n)
			continue;
		if (out->n == out->max) {
			struct dist *more = realloc(out->v,
						    (out->max + 32) * sizeof(*more));

			if (!more) {
				errno = ENOMEM;
				break;
			}
			out->v = more;
			out->max += 32;
		}
		out->v[out->n] = (struct dist){ dir,
						installer_format(&w->i, "%s", e->d_name),
						name, n - name - sizeof(END) };
		out->n += out->v[out->n].entry != NULL;
	}
	failed = errno;
	closedir(d);
	return failed || w->i.no_memory;
}

static const struct dist *find_dist(const struct dists *all, const char *name, size_t n)
{
	for (size_t i = 0; i < all->n; i++) {
		if (pep440_same_project(all->v[i].entry, all->v[i].name_len, name, n))
			return &all->v[i];
	}
	return NULL;
}

/* "NAME[EXTRAS] (SPECIFIERS) ; MARKER" of WHO: warn if it is not there. */
static void check_one(struct wheels *w, const struct dists *all, const struct dist *who,
		      char *text)
{
	const struct marker_env env = { w->i.ctx->python_version,
					w->i.ctx->implementation };
	char *marker = strstr(text, " ;") ? strstr(text, " ;") : strchr(text, ';'), *spec;
	const char *why, *version = NULL, *message;
	size_t n = strcspn(text, " \t[(<>=!~;@"), len;
	const struct dist *found = find_dist(all, text, n);

	if (marker) {
		*marker = '\0';
		marker += 1 + strspn(marker + 1, " \t;");
		if (marker_holds(&env, marker, &why) <= 0)
			return;
	}
	spec = text + n;
	if (*spec == '[')
		spec += strcspn(spec, "]") + (strchr(spec, ']') != NULL);
	spec += strspn(spec, " \t(");
	len = strcspn(spec, ")");
	while (len && (spec[len - 1] == ' ' || spec[len - 1] == '\t'))
		len--;
	if (found) {
		version = installer_format(&w->i, "%.*s", (int)found->version_len,
					   found->entry + found->name_len + 1);
		/* What came from an address has the version that it has. */
		if (!version || *spec == '@' || pep440_matches(version, spec, len) != 0)
			return;
	}
	message = installer_format(
		&w->i, "%.*s requires %.*s%s%.*s, %s%s", (int)who->name_len, who->entry,
		(int)n, text, len && *spec != '@' ? " " : "", *spec == '@' ? 0 : (int)len,
		spec, found ? "not version " : "which is not installed",
		found ? version : "");
	if (message)
		w->i.host->log(w->i.s, VENV_LOG_WARNING, message);
}

/* True if what it requires could not be read to the end. */
static bool check_dist(struct wheels *w, const struct dists *all, const struct dist *who)
{
	static const char header[] = "Requires-Dist:";
	const char *path = installer_format(&w->i, "%s/%s/METADATA", who->dir,
					    who->entry);
	FILE *f = path ? fopen(path, "re") : NULL;
	char *line = NULL;
	size_t size = 0;
	bool ended = false;

	if (!f)
		return !path || errno != ENOENT;
	/* The headers end with an empty line. */
	while (!ended && getline(&line, &size, f) > 0) {
		char *text = line + sizeof(header) - 1;

		line[strcspn(line, "\r\n")] = '\0';
		ended = !*line;
		if (!strncasecmp(line, header, sizeof(header) - 1))
			check_one(w, all, who, text + strspn(text, " \t"));
	}
	ended |= feof(f) != 0;
	free(line);
	fclose(f);
	return !ended || w->i.no_memory;
}

void wheels_check_requires(struct wheels *w)
{
	const struct venv_context *c = w->i.ctx;
	struct dists all = { NULL, 0, 0 };
	bool unread;

	/* What the interpreter itself has would have to be looked for in many places. */
	if (c->flags & VENV_CONTEXT_SYSTEM_SITE_PACKAGES)
		return;
	unread = find_dists(w, c->lib_path, &all) ||
		 (strcmp(c->lib_path, c->platlib_path) != 0 &&
		  find_dists(w, c->platlib_path, &all));
	for (const struct package *p = w->first; !unread && p; p = p->next) {
		const char *base = p->path ? strrchr(p->path, '/') : NULL;
		const struct dist *d =
			base ? find_dist(&all, base + 1, strcspn(base + 1, "-")) : NULL;

		unread = d && check_dist(w, &all, d);
	}
	if (unread)
		w->i.host->log(
			w->i.s, VENV_LOG_WARNING,
			"what is installed could not be read: whether all is there "
			"that the wheels require is not known");
	free(all.v);
}
