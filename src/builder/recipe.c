/* SPDX-License-Identifier: MIT */
/*
 * recipe.c - from what an environment was made, as a number
 *
 * `venvctl-recipe` of pyvenv.cfg; --existing reuse leaves an environment alone whose
 * number is the one that this create would give it.  What is updated in its time is not in
 * it: neither venvctl's version nor a plugin's, nor the last part of the Python's; and an
 * interpreter is what it really is, not the name by which it was asked for.
 */
#include <config.h>

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "fs/fs.h"
#include "util/util.h"
#include "private.h"

static uint64_t add_flag(uint64_t h, bool value)
{
	return hash_add(h, value ? "1" : "0", 1);
}

static uint64_t add_text(uint64_t h, const char *text)
{
	return hash_add_str(h, text ? text : "");
}

#define REQUIREMENTS_MAX  (1u << 20)
#define REQUIREMENTS_DEEP 10

/* The file that LINE of a requirements file names, by one of pip's options; or NULL. */
static char *named_file(struct arena *a, const char *dir, const char *line, size_t n)
{
	static const char *const options[] = { "--requirement", "--constraint", "-r",
					       "-c" };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		size_t len = strlen(options[i]);
		const char *name = line + len;

		if (n <= len || strncmp(line, options[i], len) != 0)
			continue;
		name += strspn(name, " \t=");
		n -= (size_t)(name - line);
		/* A comment, and what is blank before it. */
		for (size_t j = 0; j + 1 < n; j++) {
			if ((name[j] == ' ' || name[j] == '\t') && name[j + 1] == '#')
				n = j;
		}
		while (n && strchr(" \t\r", name[n - 1]))
			n--;
		return path_absolute(a, dir, arena_strndup(a, name, n));
	}
	return NULL;
}

/* What is in the requirements file PATH, and in those that it names. */
static uint64_t add_file(uint64_t h, struct arena *a, const char *path, int deep)
{
	_cleanup_str_ struct str text = STR_INIT;
	const char *dir = path_dir(a, path);

	if (!dir || file_read_at(AT_FDCWD, path, REQUIREMENTS_MAX, &text))
		return add_text(h, NULL);
	h = hash_add(h, str_text(&text), text.len);
	for (const char *line = str_text(&text); *line && deep;) {
		size_t n;
		char *other;

		line += strspn(line, " \t");
		n = strcspn(line, "\n");
		other = named_file(a, dir, line, n);
		if (other)
			h = add_file(h, a, other, deep - 1);
		line += n + (line[n] == '\n');
	}
	return h;
}

/* Options that name files of requirements: what these say is what is asked for. */
static bool names_requirements(const char *key)
{
	return !strcmp(key, "requirements") || !strcmp(key, "constraints");
}

/* A plugin with every value that was set for it, the strongest of each key. */
static uint64_t add_step(uint64_t h, struct venv_builder *b, const struct step *t)
{
	const char *section = config_plugin_section(&b->host.config, t->instance);

	h = add_text(h, t->instance);
	h = add_text(h, t->file.name);
	/* With --without-pip the plugin wheels leaves pip out of its list. */
	h = add_flag(h, step_provides(t, "pip"));
	for (const struct value *v = section ? config_section(&b->host.config, section)
					     : NULL;
	     v; v = v->after) {
		if (config_find(&b->host.config, section, v->key) != v)
			continue;
		h = add_text(h, v->key);
		for (size_t i = 0; i < v->items.n; i++) {
			h = add_text(h, v->items.v[i]);
			if (names_requirements(v->key))
				h = add_file(h, &b->host.build.arena, v->items.v[i],
					     REQUIREMENTS_DEEP);
		}
	}
	return h;
}

const char *recipe_make(struct venv_builder *b)
{
	const struct settings *s = &b->host.settings;
	const struct build *e = &b->host.build;
	const uint32_t xy = PYTHON_XY(&e->python);
	uint64_t h = HASH_INIT;

	h = add_text(h, e->python.real);
	h = hash_add(h, &xy, sizeof(xy));
	/* One that may be moved is the same wherever it is. */
	h = e->relocatable ? add_flag(h, true) : add_text(h, e->tx.target.env_dir);
	h = add_text(h, e->prompt);
	h = add_flag(h, e->system_site_packages);
	h = add_flag(h, e->symlinks);
	h = add_flag(h, s->pip);
	h = add_flag(h, s->setuptools);
	h = add_flag(h, s->upgrade_deps);
	h = add_flag(h, s->scm_ignore_files);
	h = add_flag(h, s->cachedir_tag);
	h = add_flag(h, s->compile);
	h = hash_add(h, &s->activators, sizeof(s->activators));
	for (const struct step *t = b->host.steps.first; t; t = t->next)
		h = add_step(h, b, t);
	return arena_printf(&b->host.build.arena, "%016" PRIx64, h);
}
