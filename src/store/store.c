/* SPDX-License-Identifier: MIT */
/* store.c - a wheel into an environment: files of the store, and what is the environment's own */
#include <config.h>

#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fs/fs.h"
#include "load/load.h"
#include "console.h"
#include "entry.h"
#include "existing.h"
#include "place.h"
#include "shared.h"

/* A row of RECORD that is this environment's own; its path is relative to site-packages. */
struct row {
	const char *path;
	const char *digest; /* NULL: not verified */
	int64_t size;
};

struct install {
	struct store *s;
	const struct store_wheel *w;
	struct entry entry;
	struct venv_error *err;
	const struct digest_module *digest;
	const char *site;    /* below the environment: purelib or platlib */
	const char *up;	     /* from there to the environment: "../../.." */
	const char *headers; /* "include/site/python3.12/NAME" */
	int site_fd, bin;    /* descriptors; -1 until needed */
	struct row *rows;
	size_t n;
};

static int add_row(struct install *in, const char *path, const char *digest, int64_t size)
{
	if (!path)
		return error_nomem(in->err);
	in->rows[in->n++] = (struct row){ path, digest, size };
	return 0;
}

void store_tell(struct store *s, const char *text)
{
	if (strlist_find(&s->told, text) >= 0)
		return;
	log_info(s->log, "%s", text);
	/* If there is no room to remember it, it is said again. */
	(void)!strlist_add(s->arena, &s->told, text);
}

static bool is_shared(const struct install *in)
{
	return in->w->link_mode == LINK_SHARED;
}

/*
 * Everything that is placed, but for what has its row in the manifest, and room for what is
 * written.
 */
static int add_placed_rows(struct install *in)
{
	const struct manifest *m = &in->entry.manifest;
	size_t own = m->n_items - m->n_rows + m->n_points * 3 + 16;
	int r = 0;

	in->n = 0;
	in->rows = arena_alloc(in->s->arena, own * sizeof(*in->rows));
	if (!in->rows)
		return error_nomem(in->err);
	for (size_t i = 0; !r && i < m->n_items; i++) {
		const struct item *t = &m->items[i];
		const char *path = t->path;

		if (t->place == PLACE_SCRIPTS ||
		    (is_shared(in) ? !shared_takes(m, t) : t->place == PLACE_SITE))
			continue;
		if (t->place == PLACE_DATA)
			path = arena_printf(in->s->arena, "%s/%s", in->up, t->path);
		else if (t->place == PLACE_HEADERS)
			path = arena_printf(in->s->arena, "%s/%s/%s", in->up, in->headers,
					    t->path);
		r = add_row(in, path, t->digest, t->size);
	}
	return r;
}

/* A file of the environment's own, with its row. */
static int write_own(struct install *in, int dir, const char *base, const char *row,
		     const char *text, size_t len, mode_t mode)
{
	char *digest = arena_alloc(in->s->arena, RECORD_DIGEST_SIZE);
	unsigned char hash[SHA256_SIZE];
	int r;

	if (!digest || !row)
		return error_nomem(in->err);
	in->digest->sha256(text, len, hash);
	record_digest(hash, digest);
	r = file_create_at(dir, base, text, len, mode, mode == 0755);
	if (r == -EEXIST)
		r = file_replace_at(dir, base, text, len, mode);
	return r ? error_errno(in->err, -r, "cannot write '%s'", base)
		 : add_row(in, row, digest, (int64_t)len);
}

static int write_script(void *data, const char *name, const struct str *text,
			struct venv_error *err)
{
	struct install *in = data;

	if (in->bin < 0)
		in->bin = tree_make_dirs(in->w->root, in->w->bin);
	if (in->bin < 0)
		return error_errno(err, -in->bin, "cannot open '%s'", in->w->bin);
	return write_own(in, in->bin, name,
			 arena_printf(in->s->arena, "%s/%s/%s", in->up, in->w->bin, name),
			 str_text(text), text->len, 0755);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->path, ((const struct row *)b)->path);
}

/* Rows of the manifest from *DONE on, up to where PATH belongs; NULL: all. */
static void add_rows_before(const struct manifest *m, const char *path, size_t *done,
			    struct str *out)
{
	size_t from = *done, end = m->n_rows, start;

	while (path && *done < end) {
		size_t mid = *done + (end - *done) / 2;

		if (strcmp(m->items[m->rows[mid].item].path, path) < 0)
			*done = mid + 1;
		else
			end = mid;
	}
	*done = end;
	if (from == end)
		return;
	start = m->rows[from].start;
	str_add_n(out, m->record + start,
		  (end < m->n_rows ? m->rows[end].start : m->record_len) - start);
}

/* As pip writes it: sorted, lines that end as those of Python's csv do. */
static int write_record(struct install *in, int info, const char *path)
{
	const struct manifest *m = &in->entry.manifest;
	_cleanup_str_ struct str text = STR_INIT;
	size_t done = is_shared(in) ? m->n_rows : 0;
	int r = add_row(in, path, NULL, 0);

	if (r)
		return r;
	qsort(in->rows, in->n, sizeof(*in->rows), by_path);
	for (size_t i = 0; i < in->n; i++) {
		add_rows_before(m, in->rows[i].path, &done, &text);
		record_add(&text, in->rows[i].path, in->rows[i].digest, in->rows[i].size);
	}
	add_rows_before(m, NULL, &done, &text);
	if (str_failed(&text))
		return error_nomem(in->err);
	r = file_create_at(info, "RECORD", text.s, text.len, 0666, false);
	if (r == -EEXIST)
		r = file_replace_at(info, "RECORD", text.s, text.len, 0666);
	return r ? error_errno(in->err, -r, "cannot write '%s'", path) : 0;
}

/* INSTALLER, REQUESTED and RECORD (PEP 376, PEP 627). */
static int write_info(struct install *in)
{
	const char *name = in->entry.manifest.dist_info;
	const char *installer = arena_printf(in->s->arena, "%s\n", in->w->installer);
	_cleanup_close_ int info = tree_make_dirs(in->site_fd, name);
	int r;

	if (info < 0)
		return error_errno(in->err, -info, "cannot open '%s'", name);
	if (!installer)
		return error_nomem(in->err);
	r = write_own(in, info, "INSTALLER", path_join(in->s->arena, name, "INSTALLER"),
		      installer, strlen(installer), 0666);
	if (!r && in->w->requested)
		r = write_own(in, info, "REQUESTED",
			      path_join(in->s->arena, name, "REQUESTED"), "", 0, 0666);
	return r ? r : write_record(in, info, path_join(in->s->arena, name, "RECORD"));
}

static int name_places(struct install *in)
{
	struct arena *a = in->s->arena;
	struct str up = STR_INIT;

	in->site = in->entry.manifest.purelib ? in->w->purelib : in->w->platlib;
	str_add(&up, "..");
	for (const char *p = in->site; (p = strchr(p, '/')); p++)
		str_add(&up, "/..");
	in->up = str_to_arena(&up, a);
	in->headers = arena_printf(a, "include/site/python%u.%u/%s", in->w->major,
				   in->w->minor, in->entry.manifest.project);
	return in->up && in->headers ? 0 : error_nomem(in->err);
}

/* What was placed of a damaged entry, out of the staging directory. */
static void take_back(const struct install *in, const char *const dirs[PLACES])
{
	const struct manifest *m = &in->entry.manifest;

	for (size_t i = 0; i < m->n_items; i++) {
		const struct item *t = &m->items[i];
		_cleanup_str_ struct str path = STR_INIT;

		if (t->place == PLACE_SCRIPTS)
			continue;
		str_addf(&path, "%s%s%s", dirs[t->place], *dirs[t->place] ? "/" : "",
			 t->path);
		/* What stays is replaced by the file of the same name. */
		if (!str_failed(&path))
			(void)!tree_unlink(in->w->root, str_text(&path));
	}
}

/* Scripts are written rather than placed, so they are looked at here. */
static bool scripts_are_whole(const struct install *in)
{
	const struct manifest *m = &in->entry.manifest;
	char path[PATH_MAX];

	for (size_t i = 0; i < m->n_items && !in->entry.looked_at; i++) {
		const struct item *t = &m->items[i];

		if (t->place == PLACE_SCRIPTS &&
		    (snprintf(path, sizeof(path), "%s/%s", place_name(PLACE_SCRIPTS),
			      t->path) >= (int)sizeof(path) ||
		     !entry_file_is_whole(&in->entry, in->entry.fd, path, t)))
			return false;
	}
	return true;
}

static bool has_files(const struct manifest *m, enum place place)
{
	for (size_t i = 0; i < m->n_items; i++) {
		if (m->items[i].place == place)
			return true;
	}
	return false;
}

static int place_all(struct install *in)
{
	const char *const dirs[PLACES] = {
		[PLACE_SITE] = in->site, [PLACE_DATA] = "", [PLACE_HEADERS] = in->headers
	};
	/* What is built for this environment alone cannot be shared. */
	enum link_mode mode = in->entry.temporary ? LINK_COPY : in->w->link_mode;
	int r = scripts_are_whole(in) ? 0 : PLACE_DAMAGED;
	struct pack pack = PACK_INIT;

	for (int place = 0; !r && place < PLACES; place++) {
		int to = place == PLACE_SITE ? in->site_fd : in->w->root;

		if (place == PLACE_SCRIPTS || !has_files(&in->entry.manifest, place))
			continue;
		if (place == PLACE_HEADERS)
			to = tree_make_dirs(in->w->root, in->headers);
		r = to < 0 ? error_errno(in->err, -to, "cannot make '%s'", dirs[place])
			   : place_files(in->s, in->w, &in->entry, (enum place)place, to,
					 &mode, &pack, in->err);
		if (place == PLACE_HEADERS && to >= 0)
			close(to);
	}
	pack_close(&pack);
	if (r == PLACE_DAMAGED)
		take_back(in, dirs);
	return r;
}

/* A script or a data file in the place of the interpreter, or of what activates it. */
static int check_names(const struct store *s, const struct store_wheel *w,
		       const struct manifest *m, struct venv_error *err)
{
	for (size_t i = 0; i < m->n_points + m->n_items; i++) {
		bool is_point = i < m->n_points;
		const struct item *t = is_point ? NULL : &m->items[i - m->n_points];
		const char *path = is_point ? m->points[i].name : t->path;

		if (is_point || t->place == PLACE_SCRIPTS)
			path = path_join(s->arena, w->bin, path);
		else if (t->place != PLACE_DATA)
			continue;
		if (!path)
			return error_nomem(err);
		if (w->is_owned(w->data, path))
			return error_set(err, VENV_ERR_INTEGRITY,
					 "'%s' would replace '%s' of the environment",
					 path_base(w->path), path);
	}
	return 0;
}

/* The package of one file that leads into the store. */
static int write_stub(struct install *in)
{
	_cleanup_close_ int fd = tree_make_dirs(in->site_fd, SHARED_PACKAGE);
	_cleanup_str_ struct str text = STR_INIT;

	if (fd < 0)
		return error_errno(in->err, -fd, "cannot open '" SHARED_PACKAGE "'");
	shared_stub(&in->entry, &text);
	if (str_failed(&text))
		return error_nomem(in->err);
	log_info(in->s->log, "pip %s is shared: it lies in '%s'",
		 in->entry.manifest.version, in->entry.path);
	return write_own(in, fd, "__init__.py", SHARED_PACKAGE "/__init__.py", text.s,
			 text.len, 0666);
}

static int install(struct install *in)
{
	int r = name_places(in);

	if (!r)
		r = add_placed_rows(in);
	if (!r) {
		in->digest = module_get(in->s->modules, MODULE_DIGEST, in->err);
		r = in->digest ? 0 : VENV_ERR_UNSUPPORTED;
	}
	if (!r) {
		in->site_fd = tree_make_dirs(in->w->root, in->site);
		if (in->site_fd < 0)
			r = error_errno(in->err, -in->site_fd, "cannot make '%s'",
					in->site);
	}
	if (!r)
		r = place_all(in);
	if (!r && in->w->link_mode == LINK_SHARED)
		r = write_stub(in);
	if (!r)
		r = console_scripts(in->s, in->w, &in->entry, write_script, in, in->err);
	return r ? r : write_info(in);
}

/*
 * Who tries a wheel installs it next.  The entry stays open until then, so that it is found,
 * read and looked through once.
 */
struct store_kept {
	struct store_kept *next;
	const char *path, *sha256; /* the wheel, as it was asked for */
	enum link_mode link_mode;  /* which can be had */
	struct entry entry;
};

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool take_kept(struct store *s, struct store_wheel *w, struct entry *e)
{
	for (struct store_kept **p = &s->kept; *p; p = &(*p)->next) {
		struct store_kept *k = *p;

		if (!is_same(k->path, w->path) || !is_same(k->sha256, w->sha256))
			continue;
		*p = k->next;
		if (w->look_first && !k->entry.looked_at) {
			entry_close(&k->entry);
			return false;
		}
		*e = k->entry;
		w->link_mode = k->link_mode;
		return true;
	}
	return false;
}

/* Or close it, if it is nothing to keep. */
static void keep(struct store *s, const struct store_wheel *w, struct entry *e)
{
	struct store_kept *k = e->fd < 0 || e->temporary
				       ? NULL
				       : arena_alloc(s->arena, sizeof(*k));

	if (k)
		*k = (struct store_kept){ s->kept, arena_strdup(s->arena, w->path),
					  w->sha256 ? arena_strdup(s->arena, w->sha256)
						    : NULL,
					  w->link_mode, *e };
	if (!k || !k->path || (w->sha256 && !k->sha256))
		entry_close(e);
	else
		s->kept = k;
}

void store_release(struct store *s)
{
	for (struct store_kept *k = s->kept; k; k = k->next)
		entry_close(&k->entry);
	s->kept = NULL;
}

/* The entry of W, whose link mode is from then on one that can be had. */
static int open_entry(struct store *s, struct store_wheel *w, struct entry *e,
		      struct venv_error *err)
{
	bool kept = take_kept(s, w, e);
	int r = kept ? 0 : shared_choose(s, w, err);

	for (int tries = 0;; tries++, kept = false) {
		if (!r && !kept)
			r = entry_open(s, w, e, err);
		if (r || w->link_mode != LINK_SHARED)
			return r;
		r = shared_keep(s, w, e, err);
		if (!r)
			return 0;
		entry_close(e);
		if (r < 0)
			return r;
		r = tries < 10 ? 0
			       : error_set(err, VENV_ERR_FAILED,
					   "the entry of '%s' is gone as soon as it is "
					   "made",
					   path_base(w->path));
	}
}

/* Install what IN->entry has: STORE_*, PLACE_DAMAGED with nothing placed, or an error. */
static int install_entry(struct install *in, bool again)
{
	const struct manifest *m = &in->entry.manifest;
	int r = check_names(in->s, in->w, m, in->err);

	/* What is to be removed was named the first time. */
	if (!r && !again)
		r = existing_check(in->s, in->w, m, in->err);
	if (!r && !in->w->try_only)
		r = install(in);
	if (in->site_fd >= 0)
		close(in->site_fd);
	if (in->bin >= 0)
		close(in->bin);
	in->site_fd = in->bin = -1;
	return r;
}

int store_install(struct store *s, const struct store_wheel *wheel,
		  struct venv_error *err)
{
	struct store_wheel own = *wheel;
	const struct store_wheel *w = &own;
	struct install in = { .s = s, .w = w, .err = err, .site_fd = -1, .bin = -1 };
	bool again = false;
	int r;

	/* In an environment that is in use nothing can be begun again. */
	own.look_first = !w->try_only && w->root == w->existing;
	for (;; again = own.look_first = true) {
		r = open_entry(s, &own, &in.entry, err);
		if (r)
			return r;
		r = install_entry(&in, again);
		if (r != PLACE_DAMAGED)
			break;
		/* The look at all of it finds that again, and has it repaired. */
		entry_close(&in.entry);
	}
	if (!r && w->try_only)
		keep(s, w, &in.entry);
	else
		entry_close(&in.entry);
	return r;
}
