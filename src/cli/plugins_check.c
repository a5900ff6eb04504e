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
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <unistd.h>

#include "load/load.h"
#include "fs/fs.h"
#include "plugin/plugin.h"
#include "plugins.h"
#include "trial.h"

/* More calls than this are the same over and over. */
#define CALLS_MAX 24
/* So many environments in one process, each of which takes more memory, are a leak. */
#define TIMES 64

struct check {
	const struct plugins_args *args;
	struct json *json;
	void *checks; /* of the file at work */
	const char *given;
	const char *scratch;
	struct candidate file;
	struct inspected plugin;
	bool links;		     /* SCRATCH can have hard links */
	bool go;		     /* it brings the runtime of Go */
	struct strlist with;	     /* what create's --plugin gets before it */
	struct strlist told;	     /* the faults of this file */
	const struct strlist *lines; /* of a child, to be told with the next */
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

static void say_error(struct check *c, const char *what, struct venv_error *err)
{
	const char *text = venv_error_message(err);

	if (err->hint)
		text = arena_printf(c->args->arena, "%s (%s)", text, err->hint);
	say(c, FAILED, what, text);
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
		say(c, WARNING, what, bad_help(o->help));
	ok = !config_plugin_default(builder_config(c->args->b), o, &items, &err);
	if (!ok)
		say(c, FAILED, what,
		    arena_printf(c->args->arena, "its default '%s': %s", o->default_value,
				 venv_error_message(&err)));
	venv_error_clear(&err);
	return ok;
}

/* False if no create would take them: plugin/loader.c refuses what is worse. */
static bool check_options(struct check *c)
{
	bool ok = true;

	if (!c->plugin.summary || !*c->plugin.summary)
		say(c, WARNING, "summary",
		    "it has none, so lists cannot say what it is for");
	for (size_t i = 0; i < c->plugin.n_options; i++)
		ok &= check_option(c, &c->plugin.options[i]);
	if (ok)
		say(c, PASSED, "options", NULL);
	return ok;
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

/* Tell a fault, but one that was told already: one line a fault, however often it is met. */
static void fault(struct check *c, const char *what, const char *text)
{
	if (!text || strlist_find(&c->told, text) >= 0)
		return;
	(void)!strlist_add(c->args->arena, &c->told, text);
	say(c, FAILED, what, text);
}

/* Which descriptors, variables or signals it were may differ from trial to trial. */
static void finding(struct check *c, const char *what, const char *text)
{
	const char *kind = arena_strndup(c->args->arena, text, strcspn(text, ":"));

	if (!kind || strlist_find(&c->told, kind) >= 0)
		return;
	(void)!strlist_add(c->args->arena, &c->told, kind);
	say(c, FAILED, what, text);
}

static bool trial(struct check *c, struct trial *t, struct trial_result *r)
{
	struct venv_error err = VENV_ERROR_INIT;
	const char *user = config_user_file(builder_config(c->args->b));

	t->file = &c->file;
	t->with = c->with;
	t->scratch = c->scratch;
	t->config = user && !access(user, R_OK) ? user : NULL;
	t->runtime = c->go;
	/* Where the environment is looked through it is made as others are. */
	t->links = c->links && !t->whole && !t->apart;
	if (!trial_run(c->args->arena, t, r, &err))
		return true;
	say_error(c, "trial", &err);
	return false;
}

/* What it did that it should not, and left where it should not. */
static void say_findings(struct check *c, const char *what, const struct trial_result *r)
{
	for (size_t i = 0; i < r->findings.n; i++)
		finding(c, what, r->findings.v[i]);
	for (size_t i = 0; i < r->outside.n; i++) {
		/* Of an environment that is finished that may be just what it is for. */
		if (r->result || !c->plugin.has_undo)
			finding(c, what, r->outside.v[i]);
	}
}

/*
 * First of all, so that the user's own directories stay as they are: false if it writes there,
 * which the trials behind this one would let it do.
 */
static bool check_elsewhere(struct check *c)
{
	struct trial t = { .apart = true };
	struct trial_result r;

	if (!trial(c, &t, &r))
		return false;
	for (size_t i = 0; i < r.changes.n; i++) {
		const char *text = arena_printf(c->args->arena, "it changed '%s'",
						r.changes.v[i]);

		/* Where they are not covered somebody else may have written there. */
		if (r.not_apart)
			say(c, WARNING, "elsewhere",
			    arena_printf(c->args->arena,
					 "'%s' was changed meanwhile, by whomever",
					 r.changes.v[i]));
		else
			fault(c, "elsewhere", text);
	}
	return r.not_apart || !r.changes.n;
}

/* As it is; the number of services that it calls. */
static bool check_run(struct check *c, unsigned *calls)
{
	struct trial_result r;
	struct trial t = { .whole = true };
	unsigned faults = c->failed;

	if (!trial(c, &t, &r))
		return false;
	*calls = r.calls < CALLS_MAX ? r.calls : CALLS_MAX;
	c->lines = &r.lines;
	/* It says itself that it has to be told something first, or needs a network. */
	if (r.result == VENV_ERR_CONFIG || r.result == VENV_ERR_USAGE ||
	    r.result == VENV_ERR_NETWORK)
		say(c, SKIPPED, "environment", r.message);
	else if (r.result)
		say(c, FAILED, "environment", r.message);
	c->lines = NULL;
	say_findings(c, "environment", &r);
	if (faults == c->failed && !r.result && r.outside.n)
		say(c, PASSED, "environment",
		    arena_printf(c->args->arena, "made; %s, which it has an undo for",
				 plugins_words(c->args->arena, &r.outside)));
	else if (faults == c->failed && !r.result)
		say(c, PASSED, "environment", "made, and nothing left behind");
	return !r.result;
}

/* What it does outside the environment after publication, and takes back. */
static void check_undo(struct check *c)
{
	struct trial t = { .cancel_last = true };
	unsigned faults = c->failed;
	struct trial_result r;

	if (!c->plugin.has_undo || !trial(c, &t, &r))
		return;
	if (r.died || (r.result && r.result != VENV_ERR_CANCELLED))
		fault(c, "undo", r.message);
	say_findings(c, "undo", &r);
	if (faults == c->failed)
		say(c, PASSED, "undo", "nothing left behind");
}

/* The interpreter is a copy of its own then, so that it is seen who opens it. */
static void check_publication(struct check *c)
{
	struct trial t = { .copies = true };
	unsigned faults = c->failed;
	struct trial_result r;

	if (!trial(c, &t, &r))
		return;
	if (r.result)
		fault(c, "with --copies", r.message);
	say_findings(c, "before publication", &r);
	if (faults == c->failed)
		say(c, PASSED, "before publication", NULL);
}

static void check_memory(struct check *c)
{
	struct trial t = { .times = TIMES };
	unsigned faults = c->failed;
	struct trial_result r;

	if (!trial(c, &t, &r))
		return;
	if (r.no_memory_to_see) {
		say(c, SKIPPED, "memory", "it cannot be counted here");
		return;
	}
	if (r.result)
		fault(c, "again and again", r.message);
	say_findings(c, "memory", &r);
	if (faults == c->failed)
		say(c, PASSED, "memory", c->go ? "of C's; Go's own is not seen" : NULL);
}

static void check_failures(struct check *c, unsigned calls)
{
	struct strlist ignored = STRLIST_INIT;
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
			fault(c, what, r.message);
		else if (!r.result && r.service && strcmp(r.service, "cache_dir") != 0 &&
			 strlist_find(&ignored, r.service) < 0) {
			(void)!strlist_add(c->args->arena, &ignored, r.service);
			say(c, WARNING, what, "it went on as if nothing had happened");
		}
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
		struct trial t = { .cancel_at = n };
		const char *what = arena_printf(c->args->arena, "cancelled at call %u",
						n);
		struct trial_result r;

		if (!trial(c, &t, &r))
			return;
		if (r.died || r.result != VENV_ERR_CANCELLED)
			fault(c, what, r.message ? r.message : "it went on");
		say_findings(c, what, &r);
		/* Each of these takes long, and is the same fault. */
		if (r.died)
			break;
	}
	if (faults == c->failed)
		say(c, PASSED, "cancellation", NULL);
}

static void check_offline(struct check *c)
{
	struct trial t = { .offline = true };
	unsigned faults = c->failed;
	struct trial_result r;

	if (!trial(c, &t, &r))
		return;
	if (r.no_network_to_take) {
		say(c, SKIPPED, "offline", "the network cannot be taken away here");
		return;
	}
	/* Also what it reads and is not trusted there: trial_apart.h. */
	if (r.result == VENV_ERR_CONFIG || r.result == VENV_ERR_USAGE) {
		say(c, SKIPPED, "offline", r.message);
		return;
	}
	if (r.result && r.result != VENV_ERR_NETWORK)
		fault(c, "offline", r.message);
	say_findings(c, "offline", &r);
	if (faults == c->failed)
		say(c, PASSED, "offline", r.message);
}

/* What a create would run besides, which the trials leave out. */
static void say_configured(struct check *c)
{
	const struct value *v = config_find(builder_config(c->args->b), "create",
					    "post-setup");
	struct arena *a = c->args->arena;
	struct str names = STR_INIT;
	const char *list;

	for (size_t i = 0; v && i < v->items.n; i++) {
		if (strcmp(v->items.v[i], c->file.name) != 0 &&
		    strlist_find(&c->with, v->items.v[i]) < 0)
			str_addf(&names, "%s%s", names.len ? "," : "", v->items.v[i]);
	}
	list = str_to_arena(&names, a);
	if (list && *list)
		say(c, SKIPPED, "post-setup",
		    arena_printf(a, "of %s is not run here; to have it run: --with %s",
				 origin_text(a, &v->origin), list));
}

static void check_trials(struct check *c)
{
	const char *missing = missing_option(c);
	unsigned calls = 0;

	say_configured(c);
	if (missing) {
		say(c, SKIPPED, "environment",
		    arena_printf(c->args->arena,
				 "the option '%s' has to be set: in [plugin:%s] of the "
				 "configuration",
				 missing, c->file.name));
		return;
	}
	if (!check_elsewhere(c)) {
		say(c, SKIPPED, "environment", "it would be written there again");
		return;
	}
	if (!check_run(c, &calls))
		return;
	check_undo(c);
	check_publication(c);
	check_failures(c, calls);
	check_cancel(c, calls);
	check_offline(c);
	/* What it did to the process would be in the way of the second environment. */
	if (c->failed)
		say(c, SKIPPED, "memory", "after these faults");
	else
		check_memory(c);
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
	exports = plugins_exports(c->args->arena, c->file.path, &c->go);
	say(c, exports ? WARNING : PASSED, "exports", exports);
	if (c->go)
		say(c, PASSED, "runtime",
		    "Go's, with signal handlers, threads, a poller and a limit of its "
		    "own: "
		    "not counted");
	if (check_options(c))
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
		c->go = false;
		c->told = (struct strlist)STRLIST_INIT;
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
	if (a->json && !(c.json = json_open(&err)))
		r = ui_error(&err);
	else
		r = check_all(&c);
	json_close(c.json);
	tree_remove_at(AT_FDCWD, scratch, NULL);
	return r;
}
