/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "trial_files.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <venvctl/plugin.h>

#include "fs/fs.h"
#include "cli.h"

#define NAMED_MAX 3
#define FILE_MAX  (16u * 1024u * 1024u)

/* "'a', 'b' and 2 more" */
struct names {
	struct arena *a;
	struct str text;
	unsigned n;
	const char
		*directory; /* the last that was visited, as long as nothing is in it */
	const char *needle;
};

static void add_name(struct names *f, const char *name)
{
	if (f->n++ < NAMED_MAX)
		str_addf(&f->text, "%s'%s'", f->n > 1 ? ", " : "", name);
}

static void end_names(struct names *f)
{
	if (f->n > NAMED_MAX)
		str_addf(&f->text, " and %u more", f->n - NAMED_MAX);
}

/* Files, and directories that have none: the others are told by what is in them. */
static int add_leaf(void *data, const struct tree_entry *e, struct venv_error *err)
{
	struct names *f = data;

	(void)err;
	if (f->directory && !path_is_below(e->path, f->directory))
		add_name(f, f->directory);
	f->directory = NULL;
	if (S_ISDIR(e->st.st_mode))
		f->directory = arena_strdup(f->a, e->path);
	else
		add_name(f, e->path);
	return 0;
}

static void look(struct names *f, const char *dir)
{
	_cleanup_close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && !tree_visit(fd, dir, add_leaf, f, NULL) && f->directory)
		add_name(f, f->directory);
}

/* Beside the environment, whatever lies there whole. */
static void look_beside(struct names *f, const char *dir, bool env)
{
	static const char *const ours[] = { "home", "tmp", "work", "cache",
					    "out",  "log", "over" };
	struct strlist entries = STRLIST_INIT;

	if (tree_names(f->a, dir, &entries))
		return;
	for (size_t i = 0; i < entries.n; i++) {
		bool known = env && !strcmp(entries.v[i], "env");

		for (size_t k = 0; k < ARRAY_SIZE(ours); k++)
			known |= !strcmp(entries.v[i], ours[k]);
		if (!known)
			add_name(f, entries.v[i]);
	}
}

void trial_files_outside(struct arena *a, const struct trial *t, bool env,
			 struct strlist *out)
{
	static const struct {
		const char *name, *words;
	} places[] = {
		{ "home", "the home directory" },
		{ "tmp", "the directory of temporary files" },
		{ "work", "the working directory" },
		{ ".", "the directory of the environment" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct names f = { .a = a };
		const char *dir = path_join(a, t->scratch, places[i].name), *line;

		if (!dir)
			continue;
		if (!strcmp(places[i].name, "."))
			look_beside(&f, dir, env);
		else
			look(&f, dir);
		end_names(&f);
		line = f.n ? arena_printf(a, "it left %s in %s", ui_built(&f.text),
					  places[i].words)
			   : NULL;
		if (line)
			(void)!strlist_add(a, out, line);
		str_release(&f.text);
	}
}

static bool has(const struct str *text, const char *needle)
{
	return text->len && memmem(text->s, text->len, needle, strlen(needle));
}

static int add_staging(void *data, const struct tree_entry *e, struct venv_error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct names *f = data;

	(void)err;
	if (S_ISLNK(e->st.st_mode)) {
		_cleanup_free_ char *target = file_readlink_at(e->dir, e->name);

		str_add(&text, target ? target : "");
	} else if (S_ISREG(e->st.st_mode)) {
		(void)!file_read_at(e->dir, e->name, FILE_MAX, &text);
	}
	if (has(&text, f->needle))
		add_name(f, e->path);
	return 0;
}

const char *trial_files_staging(struct arena *a, const struct trial *t)
{
	const char *env = path_join(a, t->scratch, "env"), *line = NULL;
	_cleanup_close_ int fd = env ? open(env, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	_cleanup_free_ char *real = realpath(t->scratch, NULL);
	struct names f = { .a = a };

	f.needle = arena_printf(a, "%s/.venvctl-", real ? real : t->scratch);
	if (fd < 0 || !f.needle || tree_visit(fd, env, add_staging, &f, NULL))
		return NULL;
	end_names(&f);
	if (f.n)
		line = arena_printf(a, "the path of the staging directory is in %s",
				    ui_built(&f.text));
	str_release(&f.text);
	return line;
}

/* PEP 503, as far as it takes: "My_Project.x" is "my-project-x". */
static bool same_project(const char *a, size_t n, const char *b)
{
	for (size_t i = 0; i < n; i++, b++) {
		char x = strchr("_.", a[i]) ? '-' : (char)tolower((unsigned char)a[i]);
		char y = strchr("_.", *b) ? '-' : (char)tolower((unsigned char)*b);

		if (!*b || x != y)
			return false;
	}
	return !*b;
}

static bool has_project(struct arena *a, const char *dir, const char *name)
{
	struct strlist entries = STRLIST_INIT;

	if (tree_names(a, dir, &entries))
		return false;
	for (size_t i = 0; i < entries.n; i++) {
		const char *e = entries.v[i], *end = strrchr(e, '.');

		/* Of "pip-24.0.dist-info" the name ends where the version begins. */
		if (end && (!strcmp(end, ".dist-info") || !strcmp(end, ".egg-info")) &&
		    same_project(e, strcspn(e, "-"), name))
			return true;
	}
	return false;
}

/* The finished environment's python can import it. */
static bool imports(struct arena *a, const struct venv_context *c, const char *name)
{
	const char *argv[] = { c->env_exe, "-I", "-c", NULL, NULL };
	struct process p = { .argv = argv,
			     .env = (const char *const *)environ,
			     .timeout_ms = 60 * 1000 };
	int status = 1;

	argv[3] = arena_printf(a, "import %s", name);
	return argv[3] && !process_run(&p, &status, NULL) && !status;
}

bool trial_files_provides(struct arena *a, const struct venv_context *c, const char *name)
{
	static const char *const modules[] = { "pip", "setuptools", "wheel" };

	/* Of these a create asks the same, however they came. */
	for (size_t i = 0; i < ARRAY_SIZE(modules); i++) {
		if (!strcmp(name, modules[i]))
			return imports(a, c, name);
	}
	if (!has_project(a, c->lib_path, name) &&
	    !has_project(a, c->platlib_path, name)) {
		/* What is no project may be a program. */
		const char *program = path_join(a, c->bin_path, name);

		return program && !access(program, X_OK);
	}
	return true;
}
