/* SPDX-License-Identifier: MIT */
/* plugins_new.c - venvctl plugins new: a plugin's sources, from the template */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "fs/fs.h"
#include "load/load.h"
#include "util/util.h"
#include "plugins.h"

#define FILE_MAX (1024 * 1024)

/* The ways to build one; the first is the default. */
static const struct variant {
	const char *name;
	const char *build; /* what builds and tests it */
	const char *built; /* where the plugin is then, %s being its name */
	const char *install;
	const char *packages; /* what its CI needs, as Debian calls it */
} variants[] = {
	{ "make", "make check", "./%s.so", "make install", "gcc make" },
	{ "autotools", "autoreconf -fi && ./configure && make check", ".libs/%s.so",
	  "make install", "autoconf automake gcc libtool make" },
	{ "meson", "meson setup build && meson test -C build", "build/%s.so",
	  "meson install -C build", "gcc meson" },
};

static const struct file {
	const char *from; /* below plugin-template */
	const char *to;	  /* below the new directory, %s being the name */
	mode_t mode;
	const char *variant; /* NULL: of all */
} files[] = {
	{ "common/NAME.c", "%s.c", 0666, NULL },
	{ "common/test.sh", "test.sh", 0777, NULL },
	{ "common/README.md", "README.md", 0666, NULL },
	{ "common/ci.yml", ".github/workflows/ci.yml", 0666, NULL },
	{ "make/Makefile", "Makefile", 0666, "make" },
	{ "make/gitignore", ".gitignore", 0666, "make" },
	{ "autotools/configure.ac", "configure.ac", 0666, "autotools" },
	{ "autotools/Makefile.am", "Makefile.am", 0666, "autotools" },
	{ "autotools/gitignore", ".gitignore", 0666, "autotools" },
	/* Of its own: aclocal looks in the directory of few installations. */
	{ "autotools/venvctl.m4", "m4/venvctl.m4", 0666, "autotools" },
	{ "meson/meson.build", "meson.build", 0666, "meson" },
	{ "meson/gitignore", ".gitignore", 0666, "meson" },
};

struct new_plugin {
	struct arena *arena;
	const struct variant *variant;
	const char *name;
	const char *values[7][2]; /* placeholder, text */
	int templates, target;
};

/* TEXT with its one "%s" replaced. */
static const char *with_name(struct new_plugin *n, const char *text)
{
	const char *hole = strstr(text, "%s");

	return hole ? arena_printf(n->arena, "%.*s%s%s", (int)(hole - text), text,
				   n->name, hole + 2)
		    : text;
}

/* "acme_setup" for "acme-setup" */
static const char *c_name(struct arena *a, const char *name)
{
	char *copy = arena_strdup(a, name);

	for (char *p = copy; p && *p; p++)
		*p = *p == '-' ? '_' : *p;
	return copy;
}

static int fill_values(struct new_plugin *n, struct venv_error *err)
{
	const char *values[][2] = {
		{ "@NAME@", n->name },
		{ "@C_NAME@", c_name(n->arena, n->name) },
		{ "@ABI@", arena_printf(n->arena, "%d.%d", VENV_PLUGIN_ABI_MAJOR,
					VENV_PLUGIN_ABI_MINOR) },
		{ "@BUILD@", n->variant->build },
		{ "@BUILT@", with_name(n, n->variant->built) },
		{ "@INSTALL@", n->variant->install },
		{ "@PACKAGES@", n->variant->packages },
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		if (!values[i][1])
			return error_nomem(err);
	}
	memcpy(n->values, values, sizeof(values));
	return 0;
}

static void expand(struct new_plugin *n, const char *text, struct str *out)
{
	while (*text) {
		size_t len = strcspn(text, "@"), i;

		str_add_n(out, text, len);
		text += len;
		for (i = 0; *text && i < ARRAY_SIZE(n->values); i++) {
			const char *name = n->values[i][0];

			if (!name || strncmp(text, name, strlen(name)) != 0)
				continue;
			str_add(out, n->values[i][1]);
			text += strlen(name);
			break;
		}
		if (*text == '@' && i == ARRAY_SIZE(n->values))
			str_add_char(out, *text++);
	}
}

static int write_file(struct new_plugin *n, const struct file *f, struct venv_error *err)
{
	_cleanup_str_ struct str in = STR_INIT, out = STR_INIT;
	const char *to = with_name(n, f->to);
	_cleanup_close_ int dir = -1;
	const char *parent;
	int r = file_read_at(n->templates, f->from, FILE_MAX, &in);

	if (r)
		return error_errno(err, -r, "cannot read '%s' of the template", f->from);
	expand(n, str_text(&in), &out);
	parent = to ? path_dir(n->arena, to) : NULL;
	if (!parent || str_failed(&out))
		return error_nomem(err);
	dir = strcmp(parent, ".") ? tree_make_dirs(n->target, parent) : dup(n->target);
	r = dir < 0 ? dir
		    : file_create_at(dir, path_base(to), str_text(&out), out.len, f->mode,
				     false);
	return r ? error_errno(err, -r, "cannot write '%s/%s'", n->name, to) : 0;
}

static int make(struct new_plugin *n, struct venv_error *err)
{
	const char *program = paths_program(n->arena);
	const char *data = paths_datadir(n->arena, program);
	const char *dir = data ? path_join(n->arena, data, "plugin-template") : NULL;
	_cleanup_close_ int templates = -1, target = -1;
	int r = fill_values(n, err);

	if (r)
		return r;
	if (!dir)
		return error_nomem(err);
	templates = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (templates < 0)
		return error_errno(err, errno, "cannot open the template '%s'", dir);
	if (mkdir(n->name, 0777)) {
		r = errno == EEXIST ? VENV_ERR_CONFLICT : VENV_ERR_FAILED;
		error_errno(err, errno, "cannot make the directory '%s'", n->name);
		err->code = r;
		return r;
	}
	target = tree_open_dir(AT_FDCWD, n->name);
	if (target < 0)
		return error_errno(err, errno, "cannot open '%s'", n->name);
	n->templates = templates;
	n->target = target;
	for (size_t i = 0; !r && i < ARRAY_SIZE(files); i++) {
		if (!files[i].variant || !strcmp(files[i].variant, n->variant->name))
			r = write_file(n, &files[i], err);
	}
	/* All of it or nothing. */
	if (r)
		tree_remove_at(AT_FDCWD, n->name, NULL);
	return r;
}

/* meson has targets of these names, and a plugin's file is named by its target. */
static bool is_target_of_meson(const char *name)
{
	static const char *const targets[] = {
		"all",		 "benchmark",	 "clean",	"clean-ctlist",
		"clean-gcda",	 "clean-gcno",	 "coverage",	"coverage-html",
		"coverage-text", "coverage-xml", "dist",	"distcheck",
		"install",	 "phony",	 "reconfigure", "scan-build",
		"test",		 "uninstall",
	};

	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		if (!strcmp(name, targets[i]))
			return true;
	}
	return false;
}

int plugins_new(const struct plugins_args *a)
{
	struct new_plugin n = { .arena = a->arena, .variant = &variants[0] };
	struct venv_error err = VENV_ERROR_INIT;
	int r;

	if (a->autotools && a->meson)
		return ui_usage(NULL,
				"you cannot supply --autotools and --meson together");
	if (a->words.n != 1)
		return ui_usage("venvctl plugins new acme-setup",
				"'plugins new' needs the name of the plugin");
	n.name = a->words.v[0];
	if (!option_is_name(n.name))
		return ui_usage(
			"a small letter, then small letters, digits and '-', 31 in all",
			"'%s' cannot name a plugin", n.name);
	if (a->meson && is_target_of_meson(n.name))
		return ui_usage("another name, or without --meson",
				"'%s' cannot name a plugin with --meson, which has a "
				"target of this name",
				n.name);
	if (a->autotools)
		n.variant = &variants[1];
	else if (a->meson)
		n.variant = &variants[2];
	r = make(&n, &err);
	if (r) {
		r = ui_error(&err);
		venv_error_clear(&err);
		return r;
	}
	ui_print("made '%s'; try it: cd %s && %s\n", n.name, n.name, n.variant->build);
	return EXIT_OK;
}
