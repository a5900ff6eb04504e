/* SPDX-License-Identifier: MIT */
/* create_report.c - what a create or an upgrade did or would do, as text and as JSON */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "config/config.h"
#include "create.h"
#include "steps/steps.h"

/* Why it was this interpreter. */
static const char *python_reason(const struct reporting *w, const struct report *r)
{
	const struct value *v = config_find(builder_config(w->b), "create", "python");

	if (r->settings->upgrade && !r->settings->pythons.n &&
	    !strcmp(r->target_case, "in-place"))
		return "the one that the environment was made from";
	if (!v || !v->items.n)
		return "the first python3 on PATH";
	return arena_printf(w->arena, "asked for by %s",
			    origin_text(w->arena, &v->origin));
}

static void plan_target(const struct report *r)
{
	static const struct {
		const char *kind, *text;
	} texts[] = {
		{ "new", "nothing is there" },
		{ "empty", "an empty directory" },
		{ "beside", "a directory with other things, which stay" },
		{ "in-place", "an environment, of which the packages stay" },
		{ "replace", "its whole content is replaced" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (!strcmp(texts[i].kind, r->target_case))
			ui_print("target   %s: %s, %s\n", r->env_dir, texts[i].kind,
				 texts[i].text);
	}
}

static bool is_address(const struct venv_option *o)
{
	return o->type == VENV_OPTION_URL || o->type == VENV_OPTION_LOCATION;
}

static void plan_plugin(const struct reporting *w, const struct step *t, bool *waits)
{
	const struct venv_plugin *p = &t->plugin->table;
	const char *section = config_plugin_section(builder_config(w->b), t->instance);
	const char *phase = !p->seed && !p->post_setup ? "hooks only"
			    : !p->seed		       ? "after publication"
			    : *waits ? "after publication, behind one that waits"
				     : "before publication";

	*waits |= !p->seed && p->post_setup;
	ui_print("plugin   %s %s: %s, %s, from %s\n", t->instance, p->version, phase,
		 origin_text(w->arena, &t->origin), t->file.path);
	for (size_t i = 0; i < t->plugin->n_options; i++) {
		const struct venv_option *o = &p->options[i];
		const struct value *v = section ? config_find(builder_config(w->b),
							      section, o->name)
						: NULL;

		/* The address that it would ask for: of this Python, with all filled in. */
		bool asks = t->fetches && is_address(o) && !(o->flags & VENV_OPTION_LIST);

		for (size_t j = 0; v && j < v->items.n; j++)
			ui_print("         %s = %s (%s)\n", o->name,
				 asks ? t->fetches
				      : option_shown(w->arena, o, v->items.v[j]),
				 origin_text(w->arena, &v->origin));
		/* Where it would connect to is told also when nobody chose that. */
		if (!v && o->default_value && is_address(o))
			ui_print("         %s = %s (built in)\n", o->name,
				 asks ? t->fetches : o->default_value);
	}
}

static void plan_rule(const char *key, const struct origin *o)
{
	ui_print("policy   %s in %s:%u: nothing refused\n", key, o->name, o->line);
}

/* The site's rules, all of which the plan has passed; of a list, each file's. */
static void plan_policy(const struct config *c)
{
	static const char *const lists[] = { "allowed-plugins", "allowed-hosts",
					     "http-hosts" };
	struct policy *p = c->policy;
	const struct {
		const char *key;
		const struct rule *rule;
	} numbers[] = {
		{ "require-sha256", &p->require_sha256 },
		{ "max-download", &p->max_download },
		{ "timeout", &p->timeout },
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct value *v = NULL;

		while ((v = policy_next(p, lists[i], v)))
			plan_rule(lists[i], &v->origin);
	}
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct rule *r = numbers[i].rule;

		if (r->set)
			plan_rule(numbers[i].key, &r->origin);
	}
	for (size_t i = 0; i < p->required_plugins.items.n; i++) {
		const char *name = p->required_plugins.items.v[i];
		const struct origin *who;

		if (policy_requires_plugin(c, name, &who))
			ui_print("policy   %s is required by %s:%u\n", name, who->name,
				 who->line);
	}
}

/* One line a step: what would happen, and why. */
void report_plan(const struct reporting *w)
{
	const struct config *config = builder_config(w->b);
	struct report r;
	const char *reason;
	bool waits = false;

	builder_report(w->b, &r);
	reason = python_reason(w, &r);
	/* What memory ran out for is not printed as nothing. */
	ui_check_builder(w->b);
	ui_check_arena(w->arena);
	if (ui_results.starved)
		return;
	ui_print("python   %s: %s %s, %s\n", r.python->executable,
		 r.python->implementation, r.python_version, reason);
	plan_target(&r);
	if (r.redirect)
		ui_print("redirect %s: %s%s, %s\n", r.redirect,
			 r.redirect_reason ? "" : "would say ",
			 r.redirect_reason ? r.redirect_state : r.redirect_text,
			 r.redirect_reason ? r.redirect_reason
					   : "and lead to the environment");
	if (!r.changed) {
		ui_print("result   nothing to do: it was made from the same\n");
		return;
	}
	for (const struct step *t = r.steps->first; t; t = t->next)
		plan_plugin(w, t, &waits);
	if (r.upgrade_deps)
		ui_print("upgrade  %s, from the package index\n",
			 r.python->hexversion >> 16 < 0x030c ? "pip and setuptools"
							     : "pip");
	if (config->policy)
		plan_policy(config);
}

static void add_redirect(struct json *j, void *o, const struct report *r)
{
	void *redirect = json_new_object(j);

	json_text(j, redirect, "path", r->redirect);
	json_text(j, redirect, "target", r->redirect_text);
	json_text(j, redirect, "state", r->redirect_state);
	if (r->redirect_reason)
		json_text(j, redirect, "reason", r->redirect_reason);
	json_put(j, o, "venv_redirect", redirect);
}

void report_json(const struct reporting *w)
{
	struct json *j = w->json;
	void *o = json_new_result(j, true, w->command), *plugins = json_new_array(j);
	struct report r;

	builder_report(w->b, &r);
	json_bool(j, o, "dry_run", w->dry_run);
	json_text(j, o, "env_dir", r.env_dir);
	json_bool(j, o, "changed", r.changed);
	json_text(j, o, "case", r.target_case);
	json_text(j, o, "published", r.published);
	json_int(j, o, "removed_packages", r.removed);
	json_bool(j, o, "relocatable", r.relocatable);
	json_bool(j, o, "upgrade_deps", r.upgrade_deps);
	if (r.redirect)
		add_redirect(j, o, &r);
	json_bool(j, o, "compile", r.settings->compile);
	if (r.context) {
		json_text(j, o, "env_name", r.context->env_name);
		json_text(j, o, "prompt", r.context->prompt);
		json_text(j, o, "bin_path", r.context->bin_path);
		json_text(j, o, "env_exe", r.context->env_exe);
		json_text(j, o, "lib_path", r.context->lib_path);
		json_text(j, o, "inc_path", r.context->inc_path);
		json_text(j, o, "cfg_path", r.context->cfg_path);
	}
	json_text(j, o, "executable", r.python->executable);
	json_text(j, o, "implementation", r.python->implementation);
	json_text(j, o, "python_version", r.python_version);
	for (const struct step *t = r.steps->first; t; t = t->next) {
		void *p = json_new_object(j);

		json_text(j, p, "name", t->instance);
		json_text(j, p, "plugin", t->file.name);
		json_text(j, p, "version", t->file.note.version);
		json_text(j, p, "file", t->file.path);
		json_text(j, p, "origin", origin_text(w->arena, &t->origin));
		if (t->fetches)
			json_text(j, p, "fetches", t->fetches);
		if (!w->dry_run)
			json_text(j, p, "phase",
				  strlist_find(r.later, t->instance) >= 0 ? "post_setup"
									  : "seed");
		json_append(j, plugins, p);
	}
	json_put(j, o, "plugins", plugins);
	if (!w->dry_run) {
		struct strlist now = STRLIST_INIT;

		int failed = installed_list(w->arena, r.env_dir, &now);

		ui_results.starved |= failed == -ENOMEM;
		if (failed && failed != -ENOMEM)
			ui_log(NULL, VENV_LOG_WARNING,
			       arena_printf(
				       w->arena,
				       "cannot look for what is installed in '%s': %s",
				       r.env_dir, strerror(-failed)));
		json_put(j, o, "installed", installed_json(j, w->arena, w->before, &now));
	}
	ui_check_builder(w->b);
	ui_check_arena(w->arena);
	json_print(j, o);
}
