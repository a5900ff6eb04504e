/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "store.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "archive.h"
#include "fs/fs.h"
#include "util/pep440.h"

struct found {
	const char *path, *version;
	unsigned fit;
};

struct search {
	struct store *s;
	const struct wheel_query *q;
	const char *pin; /* "==1.0" for the version that is asked for; else NULL */
	struct found *list;
	size_t n, max;
};

static int add(struct search *x, const char *path, struct venv_error *err)
{
	const struct wheel_query *q = x->q;
	struct arena *a = x->s->arena;
	struct wheel_name w;
	struct found f = { .path = path };

	if (!wheel_name_parse(&w, path_base(path)))
		return 0;
	if (q->project && !pep440_same_project(w.project, w.project_len, q->project,
					       strlen(q->project)))
		return 0;
	f.version = arena_strndup(a, w.version, w.version_len);
	if (!f.version)
		return error_nomem(err);
	f.fit = tags_fit(&w, &q->target);
	if (x->n == x->max) {
		struct found *more = arena_alloc(a, (x->max * 2 + 8) * sizeof(*more));

		if (!more)
			return error_nomem(err);
		if (x->n)
			memcpy(more, x->list, x->n * sizeof(*more));
		x->list = more;
		x->max = x->max * 2 + 8;
	}
	x->list[x->n++] = f;
	return 0;
}

static int look(struct search *x, const char *place, struct venv_error *err)
{
	_cleanup_dir_ DIR *d = opendir(place);
	struct dirent *e;
	int r = 0;

	if (!d && errno == ENOTDIR)
		return add(x, place, err);
	if (!d)
		return error_set(err, VENV_ERR_CONFIG, "cannot open '%s': %s", place,
				 strerror(errno));
	while (!r && (errno = 0, e = readdir(d))) {
		const char *path = path_join(x->s->arena, place, e->d_name);

		r = path ? add(x, path, err) : error_nomem(err);
	}
	return !r && errno ? error_errno(err, errno, "cannot read '%s'", place) : r;
}

/* Newest first, then the most particular; names make it the same each time. */
static int by_merit(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int r = pep440_compare(y->version, x->version);

	if (!r)
		r = (y->fit > x->fit) - (y->fit < x->fit);
	return r ? r : strcmp(x->path, y->path);
}

/* The value of a header of METADATA; NULL if it has none. */
static const char *header(struct arena *a, const char *text, const char *name)
{
	size_t n = strlen(name);

	/* The headers end with an empty line. */
	for (const char *line = text; *line && *line != '\n' && *line != '\r';
	     line += strcspn(line, "\n"), line += *line == '\n') {
		if (!strncasecmp(line, name, n) && line[n] == ':') {
			line += n + 1;
			line += strspn(line, " \t");
			return arena_strndup(a, line, strcspn(line, "\r\n"));
		}
	}
	return NULL;
}

/* Requires-Python of a wheel; "" where it has none. */
static const char *requires_python(struct store *s, const char *path,
				   struct venv_error *err)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *value = NULL;
	struct archive ar;

	if (fd < 0) {
		error_errno(err, errno, "cannot open the wheel '%s'", path);
		return NULL;
	}
	if (archive_open(&ar, s, fd, path, err))
		return NULL;
	for (size_t i = 0; i < ar.n; i++) {
		const char *name = ar.files[i].name, *slash = strchr(name, '/');
		_cleanup_free_ char *text = NULL;

		if (!slash || strcmp(slash, "/METADATA") != 0 || slash - name < 10 ||
		    strncmp(slash - 10, ".dist-info", 10) != 0)
			continue;
		text = archive_read(&ar, &ar.files[i], err);
		value = text ? header(s->arena, text, "Requires-Python") : NULL;
		if (text && !value)
			value = "";
		archive_close(&ar);
		return value;
	}
	archive_close(&ar);
	error_set(err, VENV_ERR_INTEGRITY, "'%s' has no METADATA", path);
	return NULL;
}

/* Can F be used?  1 or 0, with why not in *WHY. */
static int fits(struct search *x, const struct found *f, const char **why,
		struct venv_error *err)
{
	const char *need;
	int r;

	*why = "is for another Python or platform";
	if (!f->fit)
		return 0;
	need = requires_python(x->s, f->path, err);
	if (!need)
		return err->code ? err->code : VENV_ERR_FAILED;
	r = pep440_matches(x->q->python_version, need, strlen(need));
	if (r < 0)
		log_info(x->s->log, "'%s': its Requires-Python '%s' is not understood",
			 path_base(f->path), need);
	/* What nobody understands refuses no Python, as with pip. */
	if (r)
		return 1;
	*why = arena_printf(x->s->arena, "needs Python %s", need);
	return *why ? 0 : error_nomem(err);
}

static bool is_asked_for(const struct search *x, const struct found *f)
{
	return x->pin ? pep440_matches(f->version, x->pin, strlen(x->pin)) > 0
		      : !pep440_is_pre(f->version);
}

static int misfit(struct search *x, const struct found *first, const char *why,
		  struct venv_error *err)
{
	const char *unused;

	error_set(err, VENV_ERR_UNSUPPORTED, "'%s' %s, not Python %s",
		  path_base(first->path), why, x->q->python_version);
	for (size_t i = 0; i < x->n; i++) {
		struct venv_error other = VENV_ERROR_INIT;
		int r = fits(x, &x->list[i], &unused, &other);

		venv_error_clear(&other);
		if (r == 1)
			return error_hint(err, VENV_ERR_UNSUPPORTED, "'%s' would fit",
					  path_base(x->list[i].path));
	}
	return VENV_ERR_UNSUPPORTED;
}

int store_find(struct store *s, const struct wheel_query *q, const char **path,
	       struct venv_error *err)
{
	struct search x = { .s = s, .q = q };
	const struct found *first = NULL;
	const char *why = NULL, *first_why = NULL;
	int r = 0;

	x.pin = q->version ? arena_printf(s->arena, "==%s", q->version) : NULL;
	if (q->version && !x.pin)
		return error_nomem(err);
	for (const char *const *p = q->places; !r && p && *p; p++)
		r = look(&x, *p, err);
	if (r)
		return r;
	if (x.n > 1)
		qsort(x.list, x.n, sizeof(*x.list), by_merit);
	for (size_t i = 0; i < x.n; i++) {
		if (!is_asked_for(&x, &x.list[i]))
			continue;
		r = fits(&x, &x.list[i], &why, err);
		if (r < 0)
			return r;
		if (r) {
			*path = x.list[i].path;
			return 0;
		}
		if (!first) {
			first = &x.list[i];
			first_why = why;
		}
	}
	if (first)
		return misfit(&x, first, first_why, err);
	return error_set(err, VENV_ERR_FAILED, "there is no wheel of '%s%s%s'",
			 q->project ? q->project : "anything", q->version ? "==" : "",
			 q->version ? q->version : "");
}
