/* SPDX-License-Identifier: MIT */
/* create.c - venvctl create */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "load/load.h"
#include "cli.h"
#include "config/config.h"
#include "steps/steps.h"
#include "supervisor.h"

struct create {
	struct arena arena;
	struct venv_builder *b;
	struct json *json;
	struct args args;
};

/* Why it was this interpreter. */
static const char *python_reason(struct create *c, const struct report *r)
{
	const struct value *v = config_find(builder_config(c->b), "create", "python");

	if (r->settings->upgrade && !r->settings->pythons.n)
		return "the one that the environment was made from";
	if (!v || !v->items.n)
		return "the first python3 on PATH";
	return arena_printf(&c->arena, "asked for by %s",
			    origin_text(&c->arena, &v->origin));
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

static void plan_plugin(struct create *c, const struct step *t, bool *waits)
{
	const struct venv_plugin *p = &t->plugin->table;
	const char *section = config_plugin_section(builder_config(c->b), t->instance);
	const char *phase = !p->seed && !p->post_setup ? "hooks only"
			    : !p->seed		       ? "after publication"
			    : *waits ? "after publication, behind one that waits"
				     : "before publication";

	*waits |= !p->seed && p->post_setup;
	ui_print("plugin   %s %s: %s, %s, from %s\n", t->instance, p->version, phase,
		 origin_text(&c->arena, &t->origin), t->file.path);
	for (size_t i = 0; i < t->plugin->n_options; i++) {
		const struct venv_option *o = &p->options[i];
		const struct value *v = section ? config_find(builder_config(c->b),
							      section, o->name)
						: NULL;

		/* The address that it would ask for: of this Python, with all filled in. */
		bool asks = t->fetches && is_address(o) && !(o->flags & VENV_OPTION_LIST);

		for (size_t j = 0; v && j < v->items.n; j++)
			ui_print("         %s = %s (%s)\n", o->name,
				 asks ? t->fetches
				      : option_shown(&c->arena, o, v->items.v[j]),
				 origin_text(&c->arena, &v->origin));
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
static void print_plan(struct create *c)
{
	const struct config *config = builder_config(c->b);
	struct report r;
	bool waits = false;

	builder_report(c->b, &r);
	ui_print("python   %s: %s %s, %s\n", r.python->executable,
		 r.python->implementation, r.python_version, python_reason(c, &r));
	plan_target(&r);
	if (!r.changed) {
		ui_print("result   nothing to do: it was made from the same\n");
		return;
	}
	for (const struct step *t = r.steps->first; t; t = t->next)
		plan_plugin(c, t, &waits);
	if (r.upgrade_deps)
		ui_print("upgrade  %s, from the package index\n",
			 r.python->hexversion >> 16 < 0x030c ? "pip and setuptools"
							     : "pip");
	if (config->policy)
		plan_policy(config);
}

static void print_json(struct create *c)
{
	struct json *j = c->json;
	void *o = json_new_object(j), *plugins = json_new_array(j);
	struct report r;

	builder_report(c->b, &r);
	json_int(j, o, "schema", 1);
	json_bool(j, o, "ok", true);
	json_text(j, o, "command", "create");
	json_bool(j, o, "dry_run", c->args.dry_run);
	json_text(j, o, "env_dir", r.env_dir);
	json_bool(j, o, "changed", r.changed);
	json_text(j, o, "case", r.target_case);
	json_text(j, o, "published", r.published);
	json_int(j, o, "removed_packages", r.removed);
	json_bool(j, o, "upgrade_deps", r.upgrade_deps);
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
		json_text(j, p, "origin", origin_text(&c->arena, &t->origin));
		if (t->fetches)
			json_text(j, p, "fetches", t->fetches);
		if (!c->args.dry_run)
			json_text(j, p, "phase",
				  strlist_find(r.later, t->instance) >= 0 ? "post_setup"
									  : "seed");
		json_append(j, plugins, p);
	}
	json_put(j, o, "plugins", plugins);
	ui_check_builder(c->b);
	ui_check_arena(&c->arena);
	json_print(j, o);
}

/* Say that the create of DIR failed; the exit status. */
static int tell(void *data, const char *dir, const struct venv_error *err)
{
	struct create *c = data;

	if (c->json)
		json_print_error(c->json, "create", dir, err);
	/* A signal is its own message. */
	return err->code == VENV_ERR_CANCELLED ? EXIT_FAILED
	       : c->json		       ? exit_status(err->code)
					       : ui_error(err);
}

static int create_one(void *data, const char *dir)
{
	struct create *c = data;
	struct venv_error err = VENV_ERROR_INIT;
	int r = venv_builder_create(c->b, dir, &err);

	if (r) {
		r = tell(c, dir, &err);
	} else if (c->json) {
		print_json(c);
	} else if (c->args.dry_run) {
		print_plan(c);
	} else {
		struct report rep;

		builder_report(c->b, &rep);
		if (ui.level >= UI_VERBOSE && rep.published)
			ui_log(NULL, VENV_LOG_INFO,
			       arena_printf(&c->arena,
					    "created '%s' (%s, publication: %s)", dir,
					    rep.target_case, rep.published));
		hint_made(&rep, dir);
		hint_activate(&rep);
	}
	venv_error_clear(&err);
	/* Made, but not all that was to be said of it. */
	return !r && ui.starved ? ui_nomem() : r;
}

static int create_all(struct create *c)
{
	struct venv_error err = VENV_ERROR_INIT;
	int first = EXIT_OK, r;
	bool keep_going, foreign;

	if (c->args.dirs.n > 1) {
		r = builder_check_targets(c->b, c->args.dirs.v, c->args.dirs.n, &err);
		if (r) {
			if (c->json)
				json_print_error(c->json, "create", NULL, &err);
			r = c->json ? exit_status(err.code) : ui_error(&err);
			venv_error_clear(&err);
			return r;
		}
	}
	keep_going = config_bool(builder_config(c->b), "create", "keep-going");
	/* What is wrong with the selection each target is told. */
	if (!builder_select(c->b, &foreign, NULL) && foreign) {
		const struct supervised s = { c->b,	  &c->args.dirs, keep_going,
					      create_one, tell,		 c };

		first = supervise(&s);
		signals_deliver();
		return first;
	}
	for (size_t i = 0; i < c->args.dirs.n; i++) {
		r = create_one(c, c->args.dirs.v[i]);
		if (r && !first)
			first = r;
		signals_deliver();
		if (r && !keep_going)
			break;
	}
	return first;
}

/* The option table's names of what was asked for twice in contradiction. */
static int check_pairs(struct create *c)
{
	const struct config *config = builder_config(c->b);
	const char *seen = NULL;

	/* --symlinks and --copies are one option; both on one command line are an error. */
	for (const struct value *v = config->values; v; v = v->next) {
		if (v->origin.layer != LAYER_ARG || strcmp(v->key, "symlinks") != 0)
			continue;
		if (seen && strcmp(seen, v->origin.name) != 0 &&
		    (strstr(seen, "cop") || strstr(v->origin.name, "cop")))
			return ui_usage(NULL, "you cannot supply %s and %s together",
					seen, v->origin.name);
		seen = v->origin.name;
	}
	return EXIT_OK;
}

static int run(struct create *c, int argc, char **argv)
{
	struct venv_error err = VENV_ERROR_INIT;
	const char *program = paths_program(&c->arena);
	int r;

	ui_init(NULL);
	venv_builder_set_log(c->b, VENV_LOG_WARNING, ui_log, NULL);
	r = c->arena.failed ? error_nomem(&err)
			    : builder_use_tool_defaults(c->b, program, &err);
	if (args_is_virtualenv(argv[0]))
		builder_set_version_info(c->b);
	if (!r)
		r = args_parse(&c->args, c->b, &c->arena, argc, argv);
	if (r)
		return r < 0 ? ui_error(&err) : r;
	if (c->args.help) {
		usage_command(commands_find("create"));
		return ui_finish();
	}
	if (!c->args.dirs.n)
		return ui_usage("venvctl create .venv", "ENV_DIR is missing");
	/* What is wrong with the files is said in the colours of the command line. */
	ui_init(config_text(builder_config(c->b), "create", "color"));
	r = check_pairs(c);
	if (r)
		return r;
	venv_builder_set_log(c->b, ui_log_level(), ui_log, NULL);
	if (!c->args.json)
		venv_builder_set_progress(c->b, ui_progress, NULL);
	if (!c->args.json)
		builder_set_download(c->b, ui_download);
	if (!c->args.json)
		builder_set_busy(c->b, ui_busy);
	if (c->args.json && !(c->json = json_open(&err)))
		r = err.code;
	if (!r)
		r = venv_builder_load_config(c->b, &err);
	if (r) {
		if (c->json)
			json_print_error(c->json, "create", NULL, &err);
		r = c->json ? exit_status(err.code) : ui_error(&err);
		venv_error_clear(&err);
		return r;
	}
	ui_init(config_text(builder_config(c->b), "create", "color"));
	signals_catch(c->b);
	r = create_all(c);
	if (c->args.dry_run)
		ui_check_builder(c->b);
	ui_check_arena(&c->arena);
	return r ? r : ui_finish();
}

int cmd_create(int argc, char **argv)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct create c = { .b = venv_builder_new(&err) };
	int r;

	if (!c.b)
		return ui_error(&err);
	r = run(&c, argc, argv);
	json_close(c.json);
	signals_forget();
	venv_builder_free(c.b);
	arena_release(&c.arena);
	return r;
}
