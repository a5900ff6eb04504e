/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "archive.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "fs/fs.h"
#include "load/load.h"
#include "modules/wheel.h"
#include "util/util.h"

#define FILES_MAX 200000u
#define SIZE_EACH (UINT64_C(512) << 20)
#define SIZE_ALL  (UINT64_C(2) << 30)
/* deflate cannot do better than about 1032 to 1; text never comes near. */
#define RATIO_MAX  400u
#define RATIO_FROM (UINT64_C(16) << 20)

static int bad(const struct archive *ar, struct venv_error *err, const char *name,
	       const char *why)
{
	return error_set(err, VENV_ERR_INTEGRITY, "'%s': the file '%s' %s", ar->path,
			 name, why);
}

const char *archive_name_fault(const char *name)
{
	if (!utf8_valid(name, strlen(name)))
		return "has a name that is not UTF-8";
	if (*name == '/')
		return "has an absolute name";
	if (strchr(name, '\\'))
		return "has a backslash in its name";
	if (!path_is_inside(name))
		return "would lead out of the environment";
	for (const char *p = name; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return "has a control character in its name";
	}
	if (!utf8_all_printable(name))
		return "has a character in its name that cannot be shown";
	for (const char *p = name; *p; p += strcspn(p, "/"), p += *p == '/') {
		if (strcspn(p, "/") > 255)
			return "has a name that is too long";
	}
	return NULL;
}

static int add_file(struct archive *ar, uint64_t i, uint64_t *total,
		    struct venv_error *err)
{
	struct wheel_file f;
	const char *why = NULL;
	size_t len;

	if (ar->module->stat(ar->zip, i, &f))
		return error_set(err, VENV_ERR_INTEGRITY,
				 "'%s': entry %llu cannot be read", ar->path,
				 (unsigned long long)i);
	len = strlen(f.name);
	/* Directories are made for the files in them. */
	if (len && f.name[len - 1] == '/')
		return 0;
	*total += f.size;
	why = archive_name_fault(f.name);
	if (!why && S_ISLNK(f.mode))
		why = "is a link";
	else if (!why && S_IFMT & f.mode && !S_ISREG(f.mode))
		why = "is a special file";
	else if (!why && f.encrypted)
		why = "is encrypted";
	else if (!why && (f.size > SIZE_EACH || *total > SIZE_ALL))
		why = "is larger than any wheel should be";
	else if (!why && f.size > RATIO_FROM && f.size / RATIO_MAX > f.packed)
		why = "grows suspiciously when it is unpacked";
	if (why)
		return bad(ar, err, f.name, why);
	ar->files[ar->n++] =
		(struct archive_file){ .name = arena_strdup(ar->arena, f.name),
				       .index = i,
				       .size = f.size,
				       .mtime = f.mtime,
				       .executable = S_ISREG(f.mode) && (f.mode & 0111) };
	return ar->files[ar->n - 1].name ? 0 : error_nomem(err);
}

static int by_name(const void *a, const void *b)
{
	const struct archive_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int by_folded_name(const void *a, const void *b)
{
	const struct archive_file *const *x = a, *const *y = b;

	return strcasecmp((*x)->name, (*y)->name);
}

/* The directories of the file F: none may be the name of another. */
static int check_directories(struct archive *ar, const struct archive_file **folded,
			     const struct archive_file *f, struct venv_error *err)
{
	char *dir = arena_strdup(ar->arena, f->name), *slash;
	const struct archive_file key = { .name = dir }, *wanted = &key;

	if (!dir)
		return error_nomem(err);
	while ((slash = strrchr(dir, '/'))) {
		*slash = '\0';
		if (bsearch(&wanted, folded, ar->n, sizeof(*folded), by_folded_name))
			return bad(ar, err, dir, "stands where a directory has to be");
	}
	return 0;
}

/*
 * Two names that are one on some file system; a file where others need a directory.  Only
 * ASCII is folded: what a file system makes one beyond that (accents, normal forms) differs
 * between them, and where the store lies on such a one O_EXCL finds it.
 */
static int check_clashes(struct archive *ar, struct venv_error *err)
{
	const struct archive_file **folded = arena_alloc(ar->arena,
							 (ar->n + 1) * sizeof(*folded));

	if (!folded)
		return error_nomem(err);
	for (size_t i = 0; i < ar->n; i++)
		folded[i] = &ar->files[i];
	if (ar->n > 1)
		qsort(folded, ar->n, sizeof(*folded), by_folded_name);
	for (size_t i = 1; i < ar->n; i++) {
		const struct archive_file *before = folded[i - 1], *file = folded[i];

		if (before && file && !strcasecmp(before->name, file->name))
			return bad(ar, err, file->name, "is there twice");
	}
	for (size_t i = 0; ar->files && i < ar->n; i++) {
		const char *name = ar->files[i].name;
		const char *slash = strrchr(name, '/');
		int r;

		/* Files of one directory stand together: look once. */
		if (!slash || (i && !strncmp(ar->files[i - 1].name, name,
					     (size_t)(slash - name) + 1)))
			continue;
		r = check_directories(ar, folded, &ar->files[i], err);
		if (r)
			return r;
	}
	return 0;
}

int archive_open(struct archive *ar, struct store *s, int fd, const char *path,
		 struct venv_error *err)
{
	uint64_t n, total = 0;
	char why[128];
	int r = 0;

	*ar = (struct archive){ .path = path, .arena = s->arena };
	ar->module = module_get(s->modules, MODULE_WHEEL, err);
	if (!ar->module)
		return VENV_ERR_UNSUPPORTED;
	ar->zip = ar->module->open(fd, why);
	if (!ar->zip)
		return error_set(err, VENV_ERR_INTEGRITY, "'%s' is no wheel: %s", path,
				 why);
	n = ar->module->count(ar->zip);
	if (n > FILES_MAX)
		r = error_set(err, VENV_ERR_INTEGRITY, "'%s' has too many files", path);
	ar->files = r ? NULL : arena_alloc(s->arena, (n + 1) * sizeof(*ar->files));
	if (!r && !ar->files)
		r = error_nomem(err);
	for (uint64_t i = 0; !r && ar->files && i < n; i++)
		r = add_file(ar, i, &total, err);
	if (!r && ar->files && ar->n > 1)
		qsort(ar->files, ar->n, sizeof(*ar->files), by_name);
	if (!r)
		r = check_clashes(ar, err);
	if (r)
		archive_close(ar);
	return r;
}

void archive_close(struct archive *ar)
{
	if (ar->zip)
		ar->module->close(ar->zip);
	ar->zip = NULL;
}

const struct archive_file *archive_find(const struct archive *ar, const char *name)
{
	const struct archive_file key = { .name = name };

	return ar->n ? bsearch(&key, ar->files, ar->n, sizeof(key), by_name) : NULL;
}

char *archive_read(const struct archive *ar, const struct archive_file *f,
		   struct venv_error *err)
{
	char *data = malloc((size_t)f->size + 1), why[128];

	if (!data) {
		error_nomem(err);
		return NULL;
	}
	data[f->size] = '\0';
	if (ar->module->read(ar->zip, f->index, data, f->size, why)) {
		free(data);
		bad(ar, err, f->name, why);
		return NULL;
	}
	return data;
}
