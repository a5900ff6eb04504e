/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "console.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "fs/fs.h"

#define SCRIPT_MAX (16u * 1024u * 1024u)

static void add_hashbang(struct str *out, const struct store_wheel *w)
{
	if (w->relocatable)
		hashbang_add_beside(out, path_base(w->python));
	else
		hashbang_add(out, w->python);
}

static void add_point(struct str *out, const struct store_wheel *w,
		      const struct entry_point *p)
{
	size_t n = strcspn(p->attribute, ".");

	add_hashbang(out, w);
	str_addf(out,
		 "import sys\n\nfrom %s import %.*s\n\n"
		 "if __name__ == \"__main__\":\n    sys.exit(%s())\n",
		 p->module, (int)n, p->attribute, p->attribute);
}

/* "pip", "pip3", "pip3.12" are names that depend on the interpreter, not on the wheel. */
static bool is_versioned(const char *name, const char *stem, const char *separator)
{
	size_t n = strlen(stem), m = strlen(separator);

	if (strncmp(name, stem, n) || strncmp(name + n, separator, m) != 0)
		return false;
	name += n + m;
	return isdigit((unsigned char)*name) && !name[strspn(name, "0123456789.")];
}

static const struct entry_point *find_point(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->n_points; i++) {
		if (!strcmp(m->points[i].name, name))
			return &m->points[i];
	}
	return NULL;
}

struct console {
	const struct store_wheel *w;
	/* The two projects whose scripts are named after a version; NULL: not of this wheel. */
	const struct entry_point *pip, *easy;
	console_fn *write;
	void *data;
	struct venv_error *err;
};

static int write_point(struct console *c, const struct entry_point *p, const char *name)
{
	_cleanup_str_ struct str text = STR_INIT;

	add_point(&text, c->w, p);
	return str_failed(&text) ? error_nomem(c->err)
				 : c->write(c->data, name, &text, c->err);
}

/* What pip makes of these. */
static int write_special(struct console *c)
{
	char name[64];
	int r = 0;

	if (c->pip) {
		r = write_point(c, c->pip, "pip");
		snprintf(name, sizeof(name), "pip%u", c->w->major);
		if (!r)
			r = write_point(c, c->pip, name);
		snprintf(name, sizeof(name), "pip%u.%u", c->w->major, c->w->minor);
		if (!r)
			r = write_point(c, c->pip, name);
	}
	if (c->easy && !r) {
		r = write_point(c, c->easy, "easy_install");
		snprintf(name, sizeof(name), "easy_install-%u.%u", c->w->major,
			 c->w->minor);
		if (!r)
			r = write_point(c, c->easy, name);
	}
	return r;
}

static bool is_special(const struct console *c, const char *name)
{
	return (c->pip && (!strcmp(name, "pip") || is_versioned(name, "pip", ""))) ||
	       (c->easy && (!strcmp(name, "easy_install") ||
			    is_versioned(name, "easy_install", "-")));
}

/* A script of the wheel itself; "#!python" stands for the environment's. */
static int write_own(struct console *c, const struct entry *e, const struct item *t)
{
	_cleanup_str_ struct str text = STR_INIT, out = STR_INIT;
	char path[PATH_MAX];
	const char *rest;
	int r;

	if (snprintf(path, sizeof(path), "%s/%s", place_name(PLACE_SCRIPTS), t->path) >=
	    (int)sizeof(path))
		return error_errno(c->err, ENAMETOOLONG, "cannot read '%s'", t->path);
	r = file_read_at(e->fd, path, SCRIPT_MAX, &text);
	if (r)
		return error_errno(c->err, -r, "cannot read '%s' in the store", t->path);
	rest = str_text(&text);
	if (!strncmp(rest, "#!python", 8)) {
		add_hashbang(&out, c->w);
		rest = memchr(rest, '\n', text.len);
		rest = rest ? rest + 1 : text.s + text.len;
	}
	str_add_n(&out, rest, text.len - (size_t)(rest - str_text(&text)));
	return str_failed(&out) ? error_nomem(c->err)
				: c->write(c->data, t->path, &out, c->err);
}

int console_scripts(struct store *s, const struct store_wheel *w, const struct entry *e,
		    console_fn *write, void *data, struct venv_error *err)
{
	const struct manifest *m = &e->manifest;
	struct console c = {
		w, find_point(m, "pip"), find_point(m, "easy_install"), write, data, err
	};
	int r = write_special(&c);

	(void)s;
	for (size_t i = 0; !r && i < m->n_points; i++) {
		if (!is_special(&c, m->points[i].name))
			r = write_point(&c, &m->points[i], m->points[i].name);
	}
	for (size_t i = 0; !r && i < m->n_items; i++) {
		if (m->items[i].place == PLACE_SCRIPTS)
			r = write_own(&c, e, &m->items[i]);
	}
	return r;
}
