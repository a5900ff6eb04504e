/* SPDX-License-Identifier: MIT */
/* metadata.c - what a wheel says of itself: WHEEL, METADATA, entry_points.txt */
#include <config.h>

#include "metadata.h"

#include <string.h>
#include <strings.h>

#include "fs/fs.h"
#include "util/pep440.h"

struct reading {
	struct store *s;
	const struct store_wheel *w;
	const struct archive *ar;
	struct manifest *m;
	struct venv_error *err;
};

int store_needs_pip(struct store *s, const struct store_wheel *w, const char *why)
{
	log_info(s->log, "'%s': %s", w->path, why);
	return STORE_NEEDS_PIP;
}

char *metadata_file(struct store *s, const struct archive *ar, const struct manifest *m,
		    const char *name, struct venv_error *err)
{
	const char *path = path_join(s->arena, m->dist_info, name);
	const struct archive_file *f = path ? archive_find(ar, path) : NULL;

	return f ? archive_read(ar, f, err) : NULL;
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && !strcmp(s + n - m, suffix);
}

/* "pip-24.2.dist-info": the one directory of that kind. */
static int find_dist_info(struct reading *b)
{
	const char *found = NULL;

	for (size_t i = 0; i < b->ar->n; i++) {
		const char *name = b->ar->files[i].name, *slash = strchr(name, '/');
		char *dir = slash ? arena_strndup(b->s->arena, name,
						  (size_t)(slash - name))
				  : NULL;

		if (!dir || !ends_with(dir, ".dist-info") ||
		    (found && !strcmp(found, dir)))
			continue;
		if (found)
			return store_needs_pip(b->s, b->w,
					       "it has several .dist-info directories");
		found = dir;
	}
	if (!found)
		return error_set(b->err, VENV_ERR_INTEGRITY,
				 "'%s' is no wheel: no .dist-info", b->w->path);
	b->m->dist_info = found;
	return 0;
}

static char *read_info(struct reading *b, const char *name)
{
	return metadata_file(b->s, b->ar, b->m, name, b->err);
}

/* The value of a header "Name: value" in TEXT; in the arena. */
static const char *header(struct reading *b, const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *line = text; line && *line; line = strchr(line, '\n') + 1) {
		if (!strncmp(line, name, n) && line[n] == ':') {
			const char *value = line + n + 1 + strspn(line + n + 1, " \t");

			return arena_strndup(b->s->arena, value, strcspn(value, "\r\n"));
		}
		/* The body of METADATA is a text. */
		if (*line == '\n' || !strchr(line, '\n'))
			break;
	}
	return NULL;
}

static bool one_line(const char *text)
{
	return text && *text && !text[strcspn(text, " \t\r\n")];
}

/* The name of a project becomes a directory of its headers. */
static bool is_project(const char *text)
{
	return text && *text && *text != '.' &&
	       !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01"
				  "23456789_.-")];
}

static bool is_of_project(struct reading *b)
{
	const char *dir = b->m->dist_info, *project = b->m->project;

	return pep440_same_project(dir, strcspn(dir, "-"), project, strlen(project));
}

static int read_metadata(struct reading *b)
{
	_cleanup_free_ char *wheel = read_info(b, "WHEEL"),
			    *metadata = read_info(b, "METADATA");
	const char *version = wheel ? header(b, wheel, "Wheel-Version") : NULL, *purelib;

	if (!wheel || !metadata)
		return b->err && b->err->code
			       ? b->err->code
			       : error_set(
					 b->err, VENV_ERR_INTEGRITY,
					 "'%s' is no wheel: WHEEL or METADATA is missing",
					 b->w->path);
	if (!version || strncmp(version, "1.", 2) != 0)
		return store_needs_pip(b->s, b->w,
				       "its version of the wheel format is not known");
	purelib = header(b, wheel, "Root-Is-Purelib");
	b->m->purelib = purelib && !strcasecmp(purelib, "true");
	b->m->project = header(b, metadata, "Name");
	b->m->version = header(b, metadata, "Version");
	if (!is_project(b->m->project) || !one_line(b->m->version))
		return error_set(b->err, VENV_ERR_INTEGRITY,
				 "'%s' is no wheel: it has no name and version",
				 b->w->path);
	/* What an environment has of a project is found by the name of the directory. */
	if (!is_of_project(b))
		return store_needs_pip(
			b->s, b->w,
			"its .dist-info directory is named after another project");
	return 0;
}

static bool is_identifier(const char *s)
{
	return *s && !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01"
				  "23456789_.")];
}

/* Without blanks around it, in place. */
static char *trimmed(char *s)
{
	size_t n;

	s += strspn(s, " \t\r");
	for (n = strlen(s); n && strchr(" \t\r", s[n - 1]); n--)
		s[n - 1] = '\0';
	return s;
}

/* "name = package.module:attribute [extra]" */
static int add_point(struct reading *b, char *line)
{
	char *module = strchr(line, '='),
	     *attribute = module ? strchr(module, ':') : NULL;
	const char *name;

	if (!attribute)
		return store_needs_pip(b->s, b->w,
				       "its entry_points.txt is not understood");
	*module++ = '\0';
	*attribute++ = '\0';
	attribute[strcspn(attribute, "[")] = '\0';
	name = trimmed(line);
	module = trimmed(module);
	attribute = trimmed(attribute);
	/* It becomes a file, which is listed on terminals; pip would make that, too. */
	if (!utf8_all_printable(name))
		return error_set(b->err, VENV_ERR_INTEGRITY,
				 "'%s': the entry point '%s' has a character in its name "
				 "that cannot be shown",
				 b->w->path, name);
	if (!is_identifier(module) || !is_identifier(attribute) || !*name ||
	    strpbrk(name, "/ \t") || *name == '.' || archive_name_fault(name))
		return store_needs_pip(b->s, b->w,
				       "its entry_points.txt is not understood");
	return manifest_add_point(b->m, arena_strdup(b->s->arena, name),
				  arena_strdup(b->s->arena, module),
				  arena_strdup(b->s->arena, attribute))
		       ? 0
		       : error_nomem(b->err);
}

static int read_entry_points(struct reading *b)
{
	_cleanup_free_ char *text = read_info(b, "entry_points.txt");
	bool wanted = false;
	char *rest, *line;
	int r = 0;

	for (line = text ? strtok_r(text, "\n", &rest) : NULL; !r && line;
	     line = strtok_r(NULL, "\n", &rest)) {
		line += strspn(line, " \t\r");
		if (*line == '[')
			wanted = !strncmp(line, "[console_scripts]", 17) ||
				 !strncmp(line, "[gui_scripts]", 13);
		else if (wanted && *line && !strchr("#;", *line))
			r = add_point(b, line);
	}
	return r;
}

int metadata_read(struct store *s, const struct store_wheel *w, const struct archive *ar,
		  struct manifest *m, struct venv_error *err)
{
	struct reading b = { s, w, ar, m, err };
	int r = find_dist_info(&b);

	if (!r)
		r = read_metadata(&b);
	return r ? r : read_entry_points(&b);
}
