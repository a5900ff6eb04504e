/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "existing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
#include "util/pep440.h"
#include "csv.h"
#include "entry.h"
#include "shared.h"

#define RECORD_MAX (64u * 1024u * 1024u)

struct found {
	const char *dir;  /* "lib/python3.12/site-packages" */
	const char *name; /* "pip-24.2.dist-info" */
	const char *version;
	unsigned n;
	bool egg; /* of another kind: only pip can remove it */
};

#define DIST_INFO ".dist-info"

/* Is NAME "PROJECT-VERSION" or "PROJECT", with this suffix? */
static bool is_of(const char *name, const char *suffix, const char *project)
{
	size_t n = strlen(name), m = strlen(suffix), len = strcspn(name, "-");

	if (n <= m || strcmp(name + n - m, suffix) != 0)
		return false;
	return pep440_same_project(name, len < n - m ? len : n - m, project,
				   strlen(project));
}

/* "24.2" of "pip-24.2.dist-info", in the arena. */
static const char *version_of(struct arena *a, const char *name)
{
	size_t n = strlen(name) - strlen(DIST_INFO), from = strcspn(name, "-") + 1;

	return from < n ? arena_strndup(a, name + from, n - from) : "";
}

static int look(struct store *s, int root, const char *dir, const char *project,
		struct found *found, struct venv_error *err)
{
	_cleanup_close_ int fd = openat(root, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *d = fd < 0 ? NULL : tree_walk(fd);
	struct dirent *e;
	int r = 0;

	if (!d)
		return errno == ENOENT ? 0
				       : error_errno(err, errno, "cannot open '%s'", dir);
	while ((e = tree_next(d, &r))) {
		if (is_of(e->d_name, DIST_INFO, project)) {
			found->n++;
			found->dir = dir;
			found->name = arena_strdup(s->arena, e->d_name);
			found->version = version_of(s->arena, e->d_name);
		} else if (is_of(e->d_name, ".egg-info", project) ||
			   is_of(e->d_name, ".egg-link", project)) {
			found->egg = true;
		}
	}
	return r ? error_errno(err, -r, "cannot read '%s'", dir) : 0;
}

/* What RECORD lists, as paths of the environment: "../../../bin/pip" is "bin/pip". */
static int remove_listed(struct store *s, const struct store_wheel *w,
			 const struct found *found, char *text, struct venv_error *err)
{
	const char *fields[CSV_FIELDS];
	struct strlist paths = STRLIST_INIT;
	int r;

	while ((r = csv_next(&text, fields)) > 0) {
		const char *full = *fields[0] == '/'
					   ? NULL
					   : arena_printf(s->arena, "/%s/%s", found->dir,
							  fields[0]);
		const char *path = full ? path_absolute(s->arena, "/", full) : NULL;

		/* Nothing that lies elsewhere is touched, nor what is no package's. */
		if (path && path_is_inside(path + 1) && !w->is_owned(w->data, path + 1) &&
		    !strlist_add(s->arena, &paths, path + 1))
			return error_nomem(err);
	}
	if (r < 0) {
		log_info(s->log, "the RECORD of '%s' cannot be read", found->name);
		return STORE_NEEDS_PIP;
	}
	for (size_t i = 0; i < paths.n; i++) {
		r = w->remove(w->data, paths.v[i], err);
		if (r)
			return r;
	}
	return 0;
}

static void tell_has(struct store *s, const struct manifest *m, const struct found *found)
{
	const char *text = arena_printf(s->arena, "the environment has %s %s already",
					m->project, found->version);

	if (text)
		store_tell(s, text);
}

static bool is_marked(const char *entry)
{
	_cleanup_close_ int fd = tree_open_dir(AT_FDCWD, entry);

	return fd >= 0 && store_is_shared(fd);
}

/*
 * Is the pip that is installed none any more: its files were deleted, or are shared from an entry
 * that is gone?  Then its version says nothing.
 */
static int is_lost(struct store *s, const struct store_wheel *w, const struct manifest *m,
		   const struct found *found)
{
	_cleanup_close_ int site = -1;
	const char *entry, *why = NULL;
	int r;

	if (strcmp(m->project, SHARED_PACKAGE) != 0)
		return 0;
	site = openat(w->existing, found->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = site < 0 ? 0 : store_check_shared(s->arena, site, &entry, &why);
	if (r < 0)
		return r;
	/* Made again a moment ago, maybe, for who links: the next prune would take it. */
	if (r && !why && s->cache->path && path_is_below(entry, s->cache->path) &&
	    !is_marked(entry))
		why = "is shared, and nothing keeps the store from losing it";
	if (site >= 0 && !why && !file_exists_at(site, SHARED_PACKAGE "/__init__.py"))
		why = "has no files";
	if (why)
		log_info(s->log, "the environment's %s %s %s: installing it anew",
			 m->project, found->version, why);
	return why != NULL;
}

int existing_check(struct store *s, const struct store_wheel *w, const struct manifest *m,
		   struct venv_error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct found found = { 0 };
	const char *record;
	int r;

	if (w->existing < 0)
		return 0;
	r = look(s, w->existing, w->purelib, m->project, &found, err);
	if (!r && strcmp(w->purelib, w->platlib) != 0)
		r = look(s, w->existing, w->platlib, m->project, &found, err);
	if (r)
		return r;
	if (found.n > 1 || found.egg || (found.n && !(found.name && found.version))) {
		log_info(s->log,
			 "the environment has %s in a form that only pip can change",
			 m->project);
		return STORE_NEEDS_PIP;
	}
	if (!found.n)
		return 0;
	r = is_lost(s, w, m, &found);
	if (r < 0)
		return error_nomem(err);
	if (!r && pep440_compare(found.version, m->version) >= 0) {
		tell_has(s, m, &found);
		return STORE_NOTHING;
	}
	record = arena_printf(s->arena, "%s/%s/RECORD", found.dir, found.name);
	if (!record)
		return error_nomem(err);
	/* An empty one, as a crash leaves it, does not say what to remove. */
	if (file_read_at(w->existing, record, RECORD_MAX, &text) || !text.len) {
		log_info(s->log, "the environment has %s %s without a RECORD", m->project,
			 found.version);
		return STORE_NEEDS_PIP;
	}
	return w->try_only ? 0 : remove_listed(s, w, &found, text.s, err);
}
