/* SPDX-License-Identifier: MIT */
/*
 * others.c - what tools pass to virtualenv, venv and uv
 *
 * Each does here what it does there, or is refused by its name; none is misread.  What
 * means nothing here is taken, and said with --verbose.
 */
#include <config.h>

#include <string.h>

#include "config/config.h"
#include "others.h"

int others_put(const struct others *o, const char *section, const char *key,
	       const char *value, const char *shown)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r = config_set_arg(builder_config(o->b), section, key, value, shown, &err);

	if (r) {
		error_prefix(&err, r, "%s", shown);
		r = ui_error(&err);
	}
	venv_error_clear(&err);
	return r;
}

/* "none", "bundle", "embed", or a version. */
static int set_seed(struct others *o, const char **version, const char *key,
		    const char *shown, const char *value)
{
	bool none = !strcmp(value, "none");

	*version = NULL;
	if (!none && strcmp(value, "bundle") != 0 && strcmp(value, "embed") != 0)
		*version = arena_strdup(o->arena, value);
	return others_put(o, "create", key, none ? "yes" : "no", shown);
}

static int set_pip(struct others *o, const char *shown, const char *value)
{
	return set_seed(o, &o->pip, "no-pip", shown, value);
}

static int set_setuptools(struct others *o, const char *shown, const char *value)
{
	return set_seed(o, &o->setuptools, "no-setuptools", shown, value);
}

static int add_dir(struct others *o, const char *shown, const char *value)
{
	(void)shown;
	value = arena_strdup(o->arena, value);
	return value && strlist_add(o->arena, &o->dirs, value) ? EXIT_OK : ui_nomem();
}

static int set_activators(struct others *o, const char *shown, const char *value)
{
	static const char *const names[][2] = { { "bash", "sh" },
						{ "batch", "cmd" },
						{ "cshell", "csh" } };
	struct str out = STR_INIT;
	const char *list;

	for (size_t n; *value; value += n, value += strspn(value, ", \t\n")) {
		const char *word;

		n = strcspn(value, ", \t\n");
		word = arena_strndup(o->arena, value, n);
		for (size_t i = 0; word && i < ARRAY_SIZE(names); i++) {
			if (!strcmp(word, names[i][0]))
				word = names[i][1];
		}
		if (out.len)
			str_add_char(&out, ',');
		str_add(&out, word);
	}
	list = str_to_arena(&out, o->arena);
	if (!list)
		return ui_nomem();
	return others_put(o, "create", "activators", *list ? list : "none", shown);
}

/* uv calls a clone what the others call a reflink. */
static int set_link_mode(struct others *o, const char *shown, const char *value)
{
	return others_put(o, "create", "link-mode",
			  strcmp(value, "clone") ? value : "reflink", shown);
}

static const struct other table[] = {
	{ .name = "always-copy", .key = "symlinks", .value = "no" },
	{ .name = "no-seed", .key = "without-pip", .value = "yes" },
	{ .name = "seed", .key = "without-pip", .value = "no" },
	{ .name = "allow-existing", .key = "existing", .value = "keep" },
	{ .name = "no-vcs-ignore", .key = "without-scm-ignore-files", .value = "yes" },
	{ .name = "download" },
	{ .name = "no-download" },
	{ .name = "no-periodic-update" },
	{ .name = "no-wheel" },
	/* uv */
	{ .name = "no-project" },
	{ .name = "no-config" },
	{ .name = "no-python-downloads" },
	{ .name = "no-managed-python" },
	{ .name = "python-preference", .has_arg = true },
	{ .name = "link-mode", .has_arg = true, .set = set_link_mode },
	{ .name = "managed-python",
	  .refused = true,
	  .value = "name the interpreter with --python" },
	{ .name = "system",
	  .refused = true,
	  .value = "--system-site-packages lets the system's packages be seen" },
	/* virtualenv */
	{ .name = "pip", .has_arg = true, .virtualenv = true, .set = set_pip },
	{ .name = "setuptools",
	  .has_arg = true,
	  .virtualenv = true,
	  .set = set_setuptools },
	{ .name = "wheel", .has_arg = true, .virtualenv = true },
	{ .name = "extra-search-dir",
	  .has_arg = true,
	  .virtualenv = true,
	  .set = add_dir },
	{ .name = "activators",
	  .has_arg = true,
	  .virtualenv = true,
	  .set = set_activators },
	{ .name = "creator", .has_arg = true, .virtualenv = true },
	{ .name = "seeder", .has_arg = true, .virtualenv = true },
	{ .name = "discovery", .has_arg = true, .virtualenv = true },
	{ .name = "app-data", .has_arg = true, .virtualenv = true },
	{ .name = "try-first-with", .has_arg = true, .virtualenv = true },
	{ .name = "reset-app-data", .virtualenv = true },
	{ .name = "read-only-app-data", .virtualenv = true },
	{ .name = "symlink-app-data", .virtualenv = true },
	{ .name = "with-traceback", .virtualenv = true },
	{ .name = "never-download", .virtualenv = true },
	{ .name = "upgrade-embed-wheels", .virtualenv = true },
};

const struct other *others_table(size_t *n)
{
	*n = ARRAY_SIZE(table);
	return table;
}

static int need_wheel(const struct others *o, const char *project, const char *version)
{
	char text[64];

	if (!version)
		return EXIT_OK;
	snprintf(text, sizeof(text), "%s==%s", project, version);
	return others_put(o, "plugin:wheels", "packages", text, project);
}

int others_finish(const struct others *o)
{
	int r;

	if (!o->pip && !o->setuptools)
		return EXIT_OK;
	if (!o->dirs.n)
		return ui_usage("name a directory that has the wheel with "
				"--extra-search-dir, or leave the version out",
				"--%s %s: that version is not here",
				o->pip ? "pip" : "setuptools",
				o->pip ? o->pip : o->setuptools);
	r = others_put(o, "create", "plugin", "wheels", "--extra-search-dir");
	if (!r)
		r = need_wheel(o, "pip", o->pip);
	if (!r)
		r = need_wheel(o, "setuptools", o->setuptools);
	for (size_t i = 0; !r && i < o->dirs.n; i++)
		r = others_put(o, "plugin:wheels", "find-links", o->dirs.v[i],
			       "--extra-search-dir");
	return r;
}
