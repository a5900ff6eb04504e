/* SPDX-License-Identifier: MIT */
/* targets.c - the directories that --from-file names, and whether all can be targets */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "create.h"

/* No name is so long: what is read is no list. */
#define LINE_MAX_BYTES 65536u

static const char *shown_name(const struct targets *t)
{
	return strcmp(t->file, "-") ? t->file : "standard input";
}

static int refuse_line(const struct targets *t, size_t line, const char *why,
		       struct venv_error *err)
{
	return error_set(err, VENV_ERR_USAGE, "%s:%zu: %s", shown_name(t), line, why);
}

/* A line without its end.  It is taken as it stands. */
static int add_line(struct targets *t, const struct str *text, size_t line,
		    struct venv_error *err)
{
	const char *name = str_text(text);

	if (str_failed(text))
		return error_nomem(err);
	if (strlen(name) != text->len)
		return refuse_line(t, line, "a name contains NUL", err);
	if (!text->len || *name == '#')
		return 0;
	name = arena_strdup(t->arena, name);
	if (!name || !strlist_add(t->arena, &t->dirs, name))
		return error_nomem(err);
	if (t->n_lines == t->lines_size) {
		size_t size = t->lines_size * 2 + 64;
		size_t *more = realloc(t->lines, size * sizeof(*more));

		if (!more)
			return error_nomem(err);
		t->lines = more;
		t->lines_size = size;
	}
	t->lines[t->n_lines++] = line;
	return 0;
}

static int read_lines(struct targets *t, FILE *f, struct venv_error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	size_t line = 1;
	int c, r = 0;

	while (!r && (c = getc_unlocked(f)) != EOF) {
		if (c != '\n') {
			str_add_char(&text, (char)c);
			if (text.len > LINE_MAX_BYTES)
				r = refuse_line(t, line, "this is no name", err);
			continue;
		}
		r = add_line(t, &text, line++, err);
		str_clear(&text);
	}
	if (!r && ferror(f))
		return error_errno(err, errno, "cannot read '%s'", shown_name(t));
	return r ? r : add_line(t, &text, line, err);
}

int targets_read(struct targets *t, const char *file, struct venv_error *err)
{
	FILE *f;
	int r;

	t->file = file;
	t->typed = t->dirs.n;
	f = strcmp(file, "-") ? fopen(file, "re") : stdin;
	if (!f)
		return error_errno(err, errno, "cannot read '%s'", file);
	r = read_lines(t, f, err);
	if (f != stdin)
		fclose(f);
	return r;
}

void targets_release(struct targets *t)
{
	free(t->lines);
	t->lines = NULL;
}

/* The line of a directory that was not typed; 0 for one that was. */
static size_t line_of(const struct targets *t, size_t at)
{
	return t->file && at >= t->typed && at < t->dirs.n ? t->lines[at - t->typed] : 0;
}

int targets_check(const struct targets *t, struct venv_builder *b, struct venv_error *err)
{
	size_t at, other, line;
	int r = 0;

	if (t->dirs.n > 1 || t->file)
		r = builder_check_targets(b, t->dirs.v, t->dirs.n, &at, &other, err);
	if (!r)
		return 0;
	line = line_of(t, other);
	if (line)
		r = error_hint(err, r, "the first of them is %s:%zu", shown_name(t),
			       line);
	line = line_of(t, at);
	return line ? error_prefix(err, r, "%s:%zu", shown_name(t), line) : r;
}
