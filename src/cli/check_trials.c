/* SPDX-License-Identifier: MIT */
/*
 * check_trials.c - the trials of `plugins check`: scratch environments with the plugin
 *
 * As it is, with each service failing, cancelled at each of them, and without a network.
 */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "plugins_check.h"

/* More calls than this are the same over and over. */
#define CALLS_MAX 24
/* So many environments in one process, each of which takes more memory, are a leak. */
#define TIMES 64

/* Tell a fault, but one that was told already: one line a fault, however often it is met. */
static void fault(struct check *c, const char *what, const char *text)
{
	if (!text || strlist_find(&c->told, text) >= 0)
		return;
	(void)!strlist_add(c->args->arena, &c->told, text);
	check_say(c, FAILED, what, text);
}

/* Which descriptors, variables or signals it were may differ from trial to trial. */
static void finding(struct check *c, const char *what, const char *text)
{
	const char *kind = arena_strndup(c->args->arena, text, strcspn(text, ":"));

	if (!kind || strlist_find(&c->told, kind) >= 0)
		return;
	(void)!strlist_add(c->args->arena, &c->told, kind);
	check_say(c, FAILED, what, text);
}

static bool trial(struct check *c, struct trial *t, struct trial_result *r)
{
	struct venv_error err = VENV_ERROR_INIT;
	const char *user = config_user_file(builder_config(c->args->b));

	t->file = &c->file;
	t->with = c->with;
	t->options = c->options;
	t->cwd = builder_config(c->args->b)->cwd;
	t->scratch = c->scratch;
	t->config = user && !access(user, R_OK) ? user : NULL;
	t->runtime = c->go;
	/* Where the environment is looked through it is made as others are. */
	t->links = c->links && !t->whole && !t->apart;
	if (!trial_run(c->args->arena, t, r, &err))
		return true;
	check_say_error(c, "trial", &err);
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
			check_say(c, WARNING, "elsewhere",
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
	    r.result == VENV_ERR_NETWORK) {
		c->untried = exit_status(r.result);
		check_say(c, UNTRIED, "environment",
			  r.hint ? arena_printf(c->args->arena, "%s (%s)", r.message,
						r.hint)
				 : r.message);
	} else if (r.result)
		check_say(c, FAILED, "environment", r.message);
	c->lines = NULL;
	say_findings(c, "environment", &r);
	if (faults == c->failed && !r.result && r.outside.n)
		check_say(c, PASSED, "environment",
			  arena_printf(c->args->arena,
				       "made; %s, which it has an undo for",
				       plugins_words(c->args->arena, &r.outside)));
	else if (faults == c->failed && !r.result)
		check_say(c, PASSED, "environment", "made, and nothing left behind");
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
		check_say(c, PASSED, "undo", "nothing left behind");
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
		check_say(c, PASSED, "before publication", NULL);
}

static void check_memory(struct check *c)
{
	struct trial t = { .times = TIMES };
	unsigned faults = c->failed;
	struct trial_result r;

	if (!trial(c, &t, &r))
		return;
	if (r.no_memory_to_see) {
		check_say(c, SKIPPED, "memory", "it cannot be counted here");
		return;
	}
	if (r.result)
		fault(c, "again and again", r.message);
	say_findings(c, "memory", &r);
	if (faults == c->failed)
		check_say(c, PASSED, "memory",
			  c->go ? "of C's; Go's own is not seen" : NULL);
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
			check_say(c, WARNING, what,
				  "it went on as if nothing had happened");
		}
		say_findings(c, what, &r);
	}
	if (faults == c->failed)
		check_say(c, PASSED, "failing services",
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
		check_say(c, PASSED, "cancellation", NULL);
}

static void check_offline(struct check *c)
{
	struct trial t = { .offline = true };
	unsigned faults = c->failed;
	struct trial_result r;

	if (!trial(c, &t, &r))
		return;
	if (r.no_network_to_take) {
		check_say(c, SKIPPED, "offline", "the network cannot be taken away here");
		return;
	}
	/* Also what it reads and is not trusted there: trial_apart.h. */
	if (r.result == VENV_ERR_CONFIG || r.result == VENV_ERR_USAGE) {
		check_say(c, SKIPPED, "offline", r.message);
		return;
	}
	if (r.result && r.result != VENV_ERR_NETWORK)
		fault(c, "offline", r.message);
	say_findings(c, "offline", &r);
	if (faults == c->failed)
		check_say(c, PASSED, "offline", r.message);
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
		check_say(c, SKIPPED, "post-setup",
			  arena_printf(a,
				       "of %s is not run here; to have it run: --with %s",
				       origin_text(a, &v->origin), list));
}

void check_trials(struct check *c)
{
	unsigned calls = 0;

	say_configured(c);
	if (!check_elsewhere(c)) {
		check_say(c, SKIPPED, "environment", "it would be written there again");
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
		check_say(c, SKIPPED, "memory", "after these faults");
	else
		check_memory(c);
}
