/* SPDX-License-Identifier: MIT */
/*
 * plugins_check.c - venvctl plugins check: is this plugin made as it should be?
 *
 * What its file says, then its option table, then scratch environments: as it is, with
 * each service failing, cancelled at each of them, and without a network.
 */
#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "load/load.h"
#include "fs/fs.h"
#include "plugin/plugin.h"
#include "plugins.h"
#include "trial.h"

/* More calls than this are the same over and over. */
#define CALLS_MAX    24
#define SECONDS	     120
#define STOP_SECONDS 20

struct check {
	const struct plugins_args *args;
	struct json *json;
	void *checks; /* of the file at work */
	const char *given;
	const char *scratch;
	struct candidate file;
	struct inspected plugin;
	unsigned failed;
};

enum outcome { PASSED, WARNING, SKIPPED, FAILED };

static void say(struct check *c, enum outcome outcome, const char *what, const char *why)
{
	static const char *const words[] = { "ok", "warning", "skipped", "FAILED" };
	static const char *const keys[] = { "ok", "warning", "skipped", "failed" };
	void *o;

	c->failed += outcome == FAILED;
	if (!c->json) {
		ui_print("  %-8s %s%s%s\n", words[outcome], what, why ? ": " : "",
			 why ? why : "");
		return;
	}
	o = json_new_object(c->json);
	json_text(c->json, o, "check", what);
	json_text(c->json, o, "result", keys[outcome]);
	json_text(c->json, o, "message", why);
	json_append(c->json, c->checks, o);
}

static void say_error(struct check *c, const char *what, struct venv_error *err)
{
	const char *text = venv_error_message(err);

	if (err->hint)
		text = arena_printf(c->args->arena, "%s (%s)", text, err->hint);
	say(c, FAILED, what, text);
	venv_error_clear(err);
}

/* Whatever it exports can clash with what another plugin exports. */
static void check_exports(struct check *c)
{
	_cleanup_close_ int fd = open(c->file.path, O_RDONLY | O_CLOEXEC);
	struct strlist names = STRLIST_INIT;
	struct elf elf;
	const char *name;

	if (fd < 0 || elf_open(&elf, fd))
		return;
	for (size_t i = 0; (name = elf_exported(&elf, &i));) {
		size_t n = strlen(name), s = strlen("_LTX_venv_plugin_v1");

		if (n > s && !strcmp(name + n - s, "_LTX_venv_plugin_v1"))
			continue;
		if (names.n == 5)
			name = "...";
		if (names.n > 5 || !strlist_add(c->args->arena, &names,
						arena_strdup(c->args->arena, name)))
			break;
	}
	elf_close(&elf);
	if (names.n)
		say(c, WARNING, "exports",
		    arena_printf(c->args->arena,
				 "beside its entry: %s (build with "
				 "-fvisibility=hidden)",
				 plugins_words(c->args->arena, &names)));
	else
		say(c, PASSED, "exports", NULL);
}

static const char *option_fault(struct check *c, size_t at)
{
	const struct venv_option *o = &c->plugin.options[at];
	static const char *const taken[] = { "use", "provides", "after", "enabled" };
	struct venv_error err = VENV_ERROR_INIT;
	const char *why = NULL;
	struct strlist items;

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		if (!strcmp(o->name, taken[i]))
			return "every plugin has an option of this name already";
	}
	for (size_t i = 0; i < at; i++) {
		if (!strcmp(o->name, c->plugin.options[i].name))
			return "it is declared twice";
	}
	if (!o->help || !*o->help)
		return "it has no help";
	if (isupper((unsigned char)o->help[0]) && !isupper((unsigned char)o->help[1]))
		return "its help begins with a capital";
	if (o->help[strlen(o->help) - 1] == '.')
		return "its help ends with a full stop";
	if (strchr(o->help, '\n'))
		return "its help has more than one line";
	if (o->default_value && (o->flags & VENV_OPTION_REQUIRED))
		return "it has to be set, and has a default";
	if (config_plugin_default(builder_config(c->args->b), o, &items, &err))
		why = arena_printf(c->args->arena, "its default '%s': %s",
				   o->default_value, venv_error_message(&err));
	venv_error_clear(&err);
	return why;
}

static void check_options(struct check *c)
{
	unsigned faults = 0;

	if (!c->plugin.summary || !*c->plugin.summary)
		say(c, WARNING, "summary",
		    "it has none, so lists cannot say what it is for");
	for (size_t i = 0; i < c->plugin.n_options; i++) {
		const char *why = option_fault(c, i);

		if (why)
			say(c, FAILED,
			    arena_printf(c->args->arena, "option %s",
					 c->plugin.options[i].name),
			    why);
		faults += why != NULL;
	}
	if (!faults)
		say(c, PASSED, "options", NULL);
}

/* The option that has to be set and is not; NULL if there is none. */
static const char *missing_option(struct check *c)
{
	struct config *config = builder_config(c->args->b);
	const char *section = config_plugin_section(config, c->file.name);

	for (size_t i = 0; section && i < c->plugin.n_options; i++) {
		const struct venv_option *o = &c->plugin.options[i];

		if ((o->flags & VENV_OPTION_REQUIRED) &&
		    !config_find(config, section, o->name))
			return o->name;
	}
	return NULL;
}

static bool trial(struct check *c, struct trial *t, struct trial_result *r)
{
	struct venv_error err = VENV_ERROR_INIT;
	const char *user = config_user_file(builder_config(c->args->b));

	t->plugin = c->file.path;
	t->scratch = c->scratch;
	t->config = user && !access(user, R_OK) ? user : NULL;
	t->seconds = t->seconds ? t->seconds : SECONDS;
	if (!trial_run(c->args->arena, t, r, &err))
		return true;
	say_error(c, "trial", &err);
	return false;
}

/* What it left behind; true if nothing. */
static bool say_findings(struct check *c, const char *what, const struct trial_result *r)
{
	for (size_t i = 0; i < r->findings.n; i++)
		say(c, FAILED, what, r->findings.v[i]);
	return !r->findings.n;
}

/* As it is; the number of services that it calls. */
static bool check_run(struct check *c, unsigned *calls)
{
	struct trial_result r;
	struct trial t = { 0 };

	if (!trial(c, &t, &r))
		return false;
	*calls = r.calls < CALLS_MAX ? r.calls : CALLS_MAX;
	/* It says itself that it has to be told something first, or needs a network. */
	if (r.result == VENV_ERR_CONFIG || r.result == VENV_ERR_USAGE ||
	    r.result == VENV_ERR_NETWORK)
		say(c, SKIPPED, "environment", r.message);
	else if (r.result)
		say(c, FAILED, "environment", r.message);
	if (say_findings(c, "environment", &r) && !r.result)
		say(c, PASSED, "environment", "made, and nothing left behind");
	return !r.result;
}

static void check_failures(struct check *c, unsigned calls)
{
	unsigned faults = c->failed;

	for (unsigned n = 1; n <= calls; n++) {
		struct trial t = { .fail_at = n };
		struct trial_result r;
		const char *what;

		if (!trial(c, &t, &r))
			return;
		what = arena_printf(c->args->arena, "failure of call %u%s%s", n,
				    r.service ? ", host->" : "",
				    r.service ? r.service : "");
		if (r.died)
			say(c, FAILED, what, r.message);
		else if (!r.result && r.service && strcmp(r.service, "cache_dir") != 0)
			say(c, WARNING, what, "it went on as if nothing had happened");
		say_findings(c, what, &r);
	}
	if (faults == c->failed)
		say(c, PASSED, "failing services",
		    arena_printf(c->args->arena, "%u, each rolled back", calls));
}

static void check_cancel(struct check *c, unsigned calls)
{
	unsigned faults = c->failed;

	for (unsigned n = 1; n <= calls; n++) {
		struct trial t = { .cancel_at = n, .seconds = STOP_SECONDS };
		const char *what = arena_printf(c->args->arena, "cancelled at call %u",
						n);
		struct trial_result r;

		if (!trial(c, &t, &r))
			return;
		if (r.died)
			say(c, FAILED, what, r.message);
		else if (r.result != VENV_ERR_CANCELLED)
			say(c, FAILED, what, r.message ? r.message : "it went on");
		say_findings(c, what, &r);
	}
	if (faults == c->failed)
		say(c, PASSED, "cancellation", NULL);
}

static void check_offline(struct check *c)
{
	struct trial t = { .offline = true };
	struct trial_result r;

	if (!trial(c, &t, &r))
		return;
	if (r.no_network_to_take)
		say(c, SKIPPED, "offline", "the network cannot be taken away here");
	else if (r.result && r.result != VENV_ERR_NETWORK)
		say(c, FAILED, "offline", r.message);
	else if (say_findings(c, "offline", &r))
		say(c, PASSED, "offline", r.message);
}

static void check_trials(struct check *c)
{
	const char *missing = missing_option(c);
	unsigned calls = 0;

	if (missing) {
		say(c, SKIPPED, "environment",
		    arena_printf(c->args->arena,
				 "the option '%s' has to be set: in [plugin:%s] of the "
				 "configuration",
				 missing, c->file.name));
		return;
	}
	if (!check_run(c, &calls))
		return;
	check_failures(c, calls);
	check_cancel(c, calls);
	check_offline(c);
}

static void check_file(struct check *c)
{
	struct venv_error err = VENV_ERROR_INIT;
	const char *instance;
	/* A file of the current directory needs no "./" here: nothing is searched. */
	const char *path = strchr(c->given, '/')
				   ? c->given
				   : arena_printf(c->args->arena, "./%s", c->given);

	if (!path || plugins_find(c->args, path, &instance, &c->file, &err)) {
		say_error(c, "file", &err);
		return;
	}
	say(c, PASSED, "file",
	    arena_printf(c->args->arena, "%s %s, ABI %u.%u, trusted", c->file.name,
			 c->file.note.version, c->file.note.abi_version >> 16,
			 c->file.note.abi_version & 0xffff));
	if (plugin_inspect(c->args->arena, &c->file, &c->plugin, &err)) {
		say_error(c, "loading", &err);
		return;
	}
	say(c, PASSED, "loading", NULL);
	check_exports(c);
	check_options(c);
	check_trials(c);
}

static int check_all(struct check *c)
{
	void *all = NULL, *array = NULL;
	unsigned failed = 0;

	if (c->json) {
		all = json_new_object(c->json);
		array = json_new_array(c->json);
	}
	for (size_t i = 0; i < c->args->words.n; i++) {
		c->given = c->args->words.v[i];
		c->failed = 0;
		if (c->json)
			c->checks = json_new_array(c->json);
		else
			ui_print("%s\n", c->given);
		check_file(c);
		failed += c->failed;
		if (c->json) {
			void *o = json_new_object(c->json);

			json_text(c->json, o, "file", c->given);
			json_bool(c->json, o, "ok", !c->failed);
			json_put(c->json, o, "checks", c->checks);
			json_append(c->json, array, o);
		}
	}
	if (c->json) {
		json_int(c->json, all, "schema", 1);
		json_bool(c->json, all, "ok", !failed);
		json_put(c->json, all, "plugins", array);
		json_print(c->json, all);
	}
	return failed ? EXIT_FAILED : EXIT_OK;
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
	scratch = arena_printf(a->arena, "%s/venvctl-check-XXXXXX",
			       tmp && *tmp ? tmp : "/tmp");
	if (!scratch || !mkdtemp(scratch)) {
		error_errno(&err, errno, "cannot make a directory for the trials");
		return ui_error(&err);
	}
	c.scratch = scratch;
	if (a->json && !(c.json = json_open(&err)))
		r = ui_error(&err);
	else
		r = check_all(&c);
	json_close(c.json);
	tree_remove_at(AT_FDCWD, scratch, NULL);
	return r;
}
