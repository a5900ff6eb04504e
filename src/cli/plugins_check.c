/* SPDX-License-Identifier: MIT */
/*
 * plugins_check.c - venvctl plugins check: is this plugin made as it should be?
 *
 * What its file says, then its option table, then scratch environments (check_trials.c).
 */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <unistd.h>

#include "load/load.h"
#include "fs/fs.h"
#include "plugins_check.h"

void check_say(struct check *c, enum outcome outcome, const char *what, const char *why)
{
	static const char *const words[] = { "ok", "warning", "skipped", "UNTRIED",
					     "FAILED" };
	static const char *const keys[] = { "ok", "warning", "skipped", "untried",
					    "failed" };
	void *o;

	c->failed += outcome == FAILED;
	if (!c->json) {
		ui_print("  %-8s %s%s%s\n", words[outcome], what, why ? ": " : "",
			 why ? why : "");
		for (size_t i = 0; c->lines && i < c->lines->n; i++)
			ui_print("           | %s\n", c->lines->v[i]);
		return;
	}
	o = json_new_object(c->json);
	json_text(c->json, o, "check", what);
	json_text(c->json, o, "result", keys[outcome]);
	json_text(c->json, o, "message", why);
	if (c->lines && c->lines->n)
		plugins_put_list(c->json, o, "output", c->lines);
	json_append(c->json, c->checks, o);
}

void check_say_error(struct check *c, const char *what, struct venv_error *err)
{
	const char *text = ui_reason(err);

	if (err->hint)
		text = arena_printf(c->args->arena, "%s (%s)", text, err->hint);
	check_say(c, FAILED, what, text);
	venv_error_clear(err);
}

/* What reads badly in help and completions. */
static const char *bad_help(const char *help)
{
	if (!help || !*help)
		return "it has no help";
	if (isupper((unsigned char)help[0]) && !isupper((unsigned char)help[1]))
		return "its help begins with a capital";
	if (help[strlen(help) - 1] == '.')
		return "its help ends with a full stop";
	if (strchr(help, '\n'))
		return "its help has more than one line";
	return NULL;
}

static bool check_option(struct check *c, const struct venv_option *o)
{
	const char *what = arena_printf(c->args->arena, "option %s", o->name);
	struct venv_error err = VENV_ERROR_INIT;
	struct strlist items;
	bool ok;

	if (bad_help(o->help))
		check_say(c, WARNING, what, bad_help(o->help));
	ok = !config_plugin_default(builder_config(c->args->b), o, &items, &err);
	if (!ok)
		check_say(c, FAILED, what,
			  arena_printf(c->args->arena, "its default '%s': %s",
				       o->default_value, ui_reason(&err)));
	venv_error_clear(&err);
	return ok;
}

/* False if no create would take them: plugin/loader.c refuses what is worse. */
static bool check_options(struct check *c)
{
	bool ok = true;

	if (!c->plugin.summary || !*c->plugin.summary)
		check_say(c, WARNING, "summary",
			  "it has none, so lists cannot say what it is for");
	for (size_t i = 0; i < c->plugin.n_options; i++)
		ok &= check_option(c, &c->plugin.options[i]);
	if (ok)
		check_say(c, PASSED, "options", NULL);
	return ok;
}

/* Was a plugin named rather than its file? */
static void hint_file(const struct check *c, struct venv_error *err)
{
	struct candidate file;
	struct registry *registry;

	if (strchr(c->given, '/') || file_look_at(AT_FDCWD, c->given) ||
	    builder_registry(c->args->b, &registry, NULL))
		return;
	if (!registry_find(registry, c->given, &file, NULL))
		error_hint(err, err->code, "this needs a file: %s", file.path);
	else
		registry_hint_file(registry, ".", c->given, err->code, err);
}

static void check_file(struct check *c)
{
	struct venv_error err = VENV_ERROR_INIT;
	const char *instance, *exports;
	/* A file of the current directory needs no "./" here: nothing is searched. */
	const char *path = strchr(c->given, '/')
				   ? c->given
				   : arena_printf(c->args->arena, "./%s", c->given);

	if (!path || plugins_find(c->args, path, &instance, &c->file, &err)) {
		hint_file(c, &err);
		check_say_error(c, "file", &err);
		return;
	}
	check_say(c, PASSED, "file",
		  arena_printf(c->args->arena, "%s %s, ABI %u.%u, trusted", c->file.name,
			       c->file.note.version, c->file.note.abi_version >> 16,
			       c->file.note.abi_version & 0xffff));
	if (plugin_inspect(c->args->arena, &c->file, &c->plugin, &err)) {
		check_say_error(c, "loading", &err);
		return;
	}
	check_say(c, PASSED, "loading", NULL);
	exports = plugins_exports(c->args->arena, c->file.path, &c->go);
	check_say(c, exports ? WARNING : PASSED, "exports", exports);
	if (c->go)
		check_say(c, PASSED, "runtime",
			  "Go's, with signal handlers, threads, a poller and a limit of "
			  "its "
			  "own: "
			  "not counted");
	if (check_options(c))
		check_trials(c);
}

/* Does OPTION, NAME.KEY=VALUE, name the plugin of the file GIVEN? */
static bool is_option_of(const char *option, const char *given)
{
	const char *base = path_base(given);
	size_t n = strcspn(option, ".");

	return !strncmp(base, option, n) && !strcmp(base + n, ".so");
}

/* Those of -o but for what names another of the files: a create refuses what it does not run. */
static bool take_options(struct check *c)
{
	const struct strlist *given = &c->args->options, *files = &c->args->words;

	c->options = (struct strlist)STRLIST_INIT;
	for (size_t i = 0; i < given->n; i++) {
		bool others = false;

		for (size_t f = 0; f < files->n; f++)
			others |= is_option_of(given->v[i], files->v[f]);
		if ((!others || is_option_of(given->v[i], c->given)) &&
		    !strlist_add(c->args->arena, &c->options, given->v[i]))
			return false;
	}
	return true;
}

/* The exit status of all files: a fault says more than one that was not tried. */
static int add_status(int status, const struct check *c)
{
	if (c->failed)
		return EXIT_FAILED;
	return status ? status : c->untried;
}

static int check_all(struct check *c)
{
	void *all = NULL, *array = NULL;
	int status = EXIT_OK;

	if (c->json) {
		all = json_new_object(c->json);
		array = json_new_array(c->json);
	}
	for (size_t i = 0; i < c->args->words.n; i++) {
		c->given = c->args->words.v[i];
		c->failed = 0;
		c->untried = 0;
		c->go = false;
		c->told = (struct strlist)STRLIST_INIT;
		if (c->json)
			c->checks = json_new_array(c->json);
		else
			ui_print("%s\n", c->given);
		if (!take_options(c))
			return ui_nomem();
		check_file(c);
		status = add_status(status, c);
		if (c->json) {
			void *o = json_new_object(c->json);

			json_text(c->json, o, "file", c->given);
			json_bool(c->json, o, "ok", !c->failed && !c->untried);
			json_put(c->json, o, "checks", c->checks);
			json_append(c->json, array, o);
		}
	}
	if (c->json) {
		json_int(c->json, all, "schema", 1);
		json_bool(c->json, all, "ok", !status);
		json_put(c->json, all, "plugins", array);
		json_print(c->json, all);
	}
	return status;
}

/* --with: names, and paths, which the trials have another directory for. */
static int take_with(struct check *c, struct venv_error *err)
{
	struct arena *a = c->args->arena;
	const char *cwd = builder_config(c->args->b)->cwd;

	for (const char *p = c->args->with; p && *p;) {
		size_t n = strcspn(p, ",");
		const char *name = arena_strndup(a, p, n);

		if (name && strchr(name, '/'))
			name = path_absolute(a, cwd, name);
		if (!strlist_add(a, &c->with, name))
			return error_nomem(err);
		p += n;
		p += *p == ',';
	}
	return 0;
}

/* Unless somebody has decided on that. */
static bool can_link(const struct check *c)
{
	const char *from = path_join(c->args->arena, c->scratch, "from");
	const char *to = path_join(c->args->arena, c->scratch, "to");
	_cleanup_close_ int fd = -1;

	if (!from || !to ||
	    config_find(builder_config(c->args->b), "create", "link-mode"))
		return false;
	fd = open(from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd >= 0 && !link(from, to);
}

int plugins_check(const struct plugins_args *a)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct check c = { .args = a };
	const char *tmp = getenv("TMPDIR");
	char *scratch;
	int r;

	if (!a->words.n)
		return ui_usage("venvctl plugins check ./acme-setup.so",
				"'plugins check' needs the file of a plugin");
	r = take_with(&c, &err);
	if (r)
		return ui_error(&err);
	scratch = arena_printf(a->arena, "%s/venvctl-check-XXXXXX",
			       tmp && *tmp ? tmp : "/tmp");
	if (!scratch || !mkdtemp(scratch)) {
		error_errno(&err, errno, "cannot make a directory for the trials");
		return ui_error(&err);
	}
	c.scratch = scratch;
	c.links = can_link(&c);
#ifdef __linux__
	/* What a plugin forked and left comes to us. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
#endif
	if (a->json)
		c.json = json_begin(&r);
	if (!r)
		r = check_all(&c);
	json_close(c.json);
	tree_remove_at(AT_FDCWD, scratch, NULL);
	return r;
}
