/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "build.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "fs/fs.h"
#include "load/load.h"
#include "compile.h"
#include "csv.h"
#include "entry.h"
#include "metadata.h"
#include "modules/digest.h"

/* MS-DOS has no years before. */
#define YEAR_1980 315532800

struct build {
	struct store *s;
	const struct store_wheel *w;
	enum build_for what;
	struct archive ar;
	struct manifest *m;
	struct venv_error *err;
	const struct digest_module *digest;
	const char *data_dir; /* "pip-24.2.data/" */
	int64_t now;
	/* The directory that is being filled. */
	int root, dir;
	const char *dir_name;
};

/* Where a file of the archive goes; false if it is left out. */
static int place_of(struct build *b, const char *name, enum place *place,
		    const char **path)
{
	static const struct {
		const char *dir;
		enum place place;
	} dirs[] = {
		{ "purelib/", PLACE_SITE },    { "platlib/", PLACE_SITE },
		{ "scripts/", PLACE_SCRIPTS }, { "data/", PLACE_DATA },
		{ "headers/", PLACE_HEADERS },
	};
	size_t n = strlen(b->data_dir);

	*place = PLACE_SITE;
	*path = name;
	if (strncmp(name, b->data_dir, n) != 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		size_t m = strlen(dirs[i].dir);
		bool other = i < 2 && (i == 0) != b->m->purelib;

		if (strncmp(name + n, dirs[i].dir, m) != 0)
			continue;
		if (other && strcmp(b->w->purelib, b->w->platlib) != 0)
			return store_needs_pip(
				b->s, b->w, "it has files for purelib and for platlib");
		*place = dirs[i].place;
		*path = name + n + m;
		if (dirs[i].place == PLACE_SCRIPTS && strchr(*path, '/'))
			return store_needs_pip(b->s, b->w,
					       "it has directories of scripts");
		return **path ? 0
			      : store_needs_pip(b->s, b->w,
						"its .data directory is not understood");
	}
	return store_needs_pip(b->s, b->w, "its .data directory is not understood");
}

/* Rows of RECORD by path. */
struct row {
	const char *path, *hash;
};

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct row *)a)->path, ((const struct row *)b)->path);
}

static int read_record(struct build *b, char *text, struct row **out, size_t *n_out)
{
	const char *fields[CSV_FIELDS];
	struct row *rows;
	size_t n = 0, max = 1;
	int r = 0;

	for (const char *p = text; *p; p++)
		max += *p == '\n';
	rows = arena_alloc(b->s->arena, max * sizeof(*rows));
	if (!rows)
		return error_nomem(b->err);
	while (n < max && (r = csv_next(&text, fields)) > 0)
		rows[n++] = (struct row){ arena_strdup(b->s->arena, fields[0]),
					  arena_strdup(b->s->arena, fields[1]) };
	if (r < 0)
		return error_set(b->err, VENV_ERR_INTEGRITY, "'%s': RECORD is not CSV",
				 b->w->path);
	for (size_t i = 0; i < n; i++) {
		if (!rows[i].path || !rows[i].hash)
			return error_nomem(b->err);
	}
	if (n > 1)
		qsort(rows, n, sizeof(*rows), by_path);
	*out = rows;
	*n_out = n;
	return 0;
}

/* The descriptor of the directory that holds PATH; kept while files of it come. */
static int open_dir(struct build *b, enum place place, const char *path,
		    const char **base)
{
	const char *slash = strrchr(path, '/');
	const char *dir = arena_printf(b->s->arena, "%s%s%.*s", place_name(place),
				       slash ? "/" : "", slash ? (int)(slash - path) : 0,
				       path);

	*base = slash ? slash + 1 : path;
	if (!dir)
		return -ENOMEM;
	if (b->dir >= 0 && !strcmp(dir, b->dir_name))
		return b->dir;
	if (b->dir >= 0)
		close(b->dir);
	b->dir_name = dir;
	b->dir = tree_make_dirs(b->root, dir);
	return b->dir;
}

/* Nobody changes a file of the store; one of an environment follows the umask. */
static int create(const struct build *b, int dir, const char *base, const struct item *t,
		  const char *data)
{
	bool own = b->what == BUILD_ENVIRONMENT;
	mode_t mode = own ? 0666 : 0444;

	if (t->executable)
		mode |= 0111;
	return file_create_at(dir, base, data, (size_t)t->size, mode, !own);
}

static int write_item(struct build *b, const struct item *t, const char *data)
{
	const struct timespec times[2] = { { .tv_sec = t->mtime },
					   { .tv_sec = t->mtime } };
	const char *base;
	int dir = open_dir(b, t->place, t->path, &base);
	int r = dir < 0 ? dir : create(b, dir, base, t, data);

	if (!r && utimensat(dir, base, times, AT_SYMLINK_NOFOLLOW))
		r = -errno;
	return r ? error_errno(b->err, -r, "cannot write '%s' to the store", t->path) : 0;
}

static int check_row(struct build *b, const struct archive_file *f, const struct row *row)
{
	if (!row)
		return error_set(b->err, VENV_ERR_INTEGRITY,
				 "'%s': RECORD does not list '%s'", b->w->path, f->name);
	if (strncmp(row->hash, "sha256=", 7) != 0)
		return store_needs_pip(b->s, b->w,
				       "RECORD has digests that are not SHA-256");
	return 0;
}

static int check_digest(struct build *b, const struct archive_file *f, const char *data,
			const struct row *row, char digest[RECORD_DIGEST_SIZE])
{
	unsigned char hash[SHA256_SIZE];

	b->digest->sha256(data, (size_t)f->size, hash);
	record_digest(hash, digest);
	if (strcmp(row->hash + 7, digest) != 0)
		return error_set(b->err, VENV_ERR_INTEGRITY,
				 "'%s': '%s' is not what RECORD says", b->w->path,
				 f->name);
	return 0;
}

static const struct row *find_row(const struct row *rows, size_t n, const char *path)
{
	const struct row key = { path, NULL };

	return n ? bsearch(&key, rows, n, sizeof(*rows), by_path) : NULL;
}

static int unpack_file(struct build *b, const struct archive_file *f,
		       const struct row *rows, size_t n_rows)
{
	const struct row *row = find_row(rows, n_rows, f->name);
	_cleanup_free_ char *data = NULL;
	struct item t = { .executable = f->executable, .size = (int64_t)f->size };
	char digest[RECORD_DIGEST_SIZE];
	struct item *added;
	int r = place_of(b, f->name, &t.place, &t.path);

	if (!r)
		r = check_row(b, f, row);
	if (r)
		return r;
	if (b->what != BUILD_NOTHING) {
		data = archive_read(&b->ar, f, b->err);
		if (!data)
			return b->err ? b->err->code : VENV_ERR_INTEGRITY;
		r = check_digest(b, f, data, row, digest);
		if (r)
			return r;
		t.digest = arena_strdup(b->s->arena, digest);
		if (!t.digest)
			return error_nomem(b->err);
	}
	/* Byte code is tied to this time. */
	t.mtime = f->mtime < YEAR_1980 || f->mtime > b->now ? b->now : f->mtime;
	added = manifest_add(b->m);
	if (!added)
		return error_nomem(b->err);
	*added = t;
	return data ? write_item(b, &t, data) : 0;
}

/* Files that an installer writes itself, or that sign what it replaces. */
static bool is_left_out(const struct build *b, const char *name)
{
	static const char *const names[] = {
		"RECORD",    "RECORD.jws", "RECORD.p7s",
		"INSTALLER", "REQUESTED",  "direct_url.json"
	};
	size_t n = strlen(b->m->dist_info);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strncmp(name, b->m->dist_info, n) && name[n] == '/' &&
		    !strcmp(name + n + 1, names[i]))
			return true;
	}
	return false;
}

static int unpack(struct build *b)
{
	const char *info = b->m->dist_info;
	_cleanup_free_ char *record = metadata_file(b->s, &b->ar, b->m, "RECORD", b->err);
	struct row *rows = NULL;
	size_t n = 0;
	int r;

	b->data_dir = arena_printf(b->s->arena, "%.*s.data/",
				   (int)(strlen(info) - strlen(".dist-info")), info);
	if (!b->data_dir)
		return error_nomem(b->err);
	if (!record)
		return b->err && b->err->code
			       ? b->err->code
			       : error_set(b->err, VENV_ERR_INTEGRITY,
					   "'%s' is no wheel: RECORD is missing",
					   b->w->path);
	r = read_record(b, record, &rows, &n);
	for (size_t i = 0; !r && i < b->ar.n; i++) {
		if (b->s->cancelled && b->s->cancelled(b->s->cancel_data))
			return error_set(b->err, VENV_ERR_CANCELLED, "cancelled");
		if (!is_left_out(b, b->ar.files[i].name))
			r = unpack_file(b, &b->ar.files[i], rows, n);
	}
	for (size_t i = 0; !r && i < n; i++) {
		size_t len = strlen(rows[i].path);

		/* A row for what is not there: the archive is not whole. */
		if (len && rows[i].path[len - 1] != '/' &&
		    !archive_find(&b->ar, rows[i].path))
			r = error_set(b->err, VENV_ERR_INTEGRITY,
				      "'%s': RECORD lists '%s', which is not there",
				      b->w->path, rows[i].path);
	}
	return r;
}

static int write_index(struct build *b)
{
	_cleanup_str_ struct str text = STR_INIT;
	int r;

	index_write(b->m, &text);
	r = str_failed(&text)
		    ? -ENOMEM
		    : file_create_at(b->root, INDEX_FILE, text.s, text.len, 0444, true);
	return r ? error_errno(b->err, -r, "cannot write to the store") : 0;
}

int store_build(struct store *s, const struct store_wheel *w, enum build_for what, int fd,
		int dir, const char *dir_path, struct manifest *m, struct venv_error *err)
{
	struct venv_error own = VENV_ERROR_INIT;
	struct build b = { .s = s,
			   .w = w,
			   .what = what,
			   .m = m,
			   .err = err ? err : &own,
			   .now = time(NULL),
			   .root = dir,
			   .dir = -1 };
	int r;

	*m = (struct manifest){ .arena = s->arena };
	b.digest = module_get(s->modules, MODULE_DIGEST, b.err);
	if (!b.digest)
		return VENV_ERR_UNSUPPORTED;
	r = archive_open(&b.ar, s, fd, w->path, b.err);
	if (r)
		return r;
	r = metadata_read(s, w, &b.ar, m, b.err);
	if (!r)
		r = unpack(&b);
	archive_close(&b.ar);
	if (b.dir >= 0)
		close(b.dir);
	if (!r && what != BUILD_NOTHING && w->compile)
		r = store_compile(s, w, dir, dir_path, what == BUILD_STORE, m, b.err);
	if (!r && what != BUILD_NOTHING && !manifest_finish(m))
		r = error_nomem(b.err);
	if (!r && what == BUILD_STORE)
		r = write_index(&b);
	venv_error_clear(&own);
	return r;
}
