/* SPDX-License-Identifier: MIT */
/* create.c - venvctl create, and upgrade */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "load/load.h"
#include "batch.h"
#include "config/config.h"
#include "create.h"
#include "environment/environment.h"
#include "fs/fs.h"
#include "jobs.h"
#include "steps/steps.h"
#include "supervisor.h"

struct create {
	struct arena arena;
	struct venv_builder *b;
	struct json *json;
	const char *command;
	struct args args;
	struct targets targets;
	const char *dir; /* the one at work */
};

/* Say that the create of DIR failed; the exit status. */
static int tell(void *data, const char *dir, const struct venv_error *err)
{
	struct create *c = data;

	if (c->json)
		json_print_error(c->json, c->command, dir, err);
	/* A signal is its own message. */
	return err->code == VENV_ERR_CANCELLED ? EXIT_FAILED
	       : c->json		       ? exit_status(err->code)
					       : ui_error(err);
}

/* The same of what ends the command before its first target. */
static int tell_all(struct create *c, struct venv_error *err)
{
	int r = exit_status(err->code);

	if (c->json)
		json_print_error(c->json, c->command, NULL, err);
	else
		r = ui_error(err);
	venv_error_clear(err);
	return r;
}

static int create_one(void *data, const char *dir)
{
	struct create *c = data;
	struct arena a = ARENA_INIT;
	struct strlist before = STRLIST_INIT;
	const struct reporting w = { c->b,   &a, c->json, c->command, c->args.dry_run,
				     &before };
	struct venv_error err = VENV_ERROR_INIT;
	int r = 0;

	c->dir = dir;
	if (c->json && !c->args.dry_run)
		r = installed_list(&a, dir, &before);
	if (r)
		r = error_errno(&err, -r, "cannot look for what is installed in '%s'",
				dir);
	else
		r = venv_builder_create(c->b, dir, &err);

	if (r) {
		r = tell(c, dir, &err);
	} else if (c->json) {
		report_json(&w);
	} else if (c->args.dry_run) {
		report_plan(&w);
	} else {
		struct report rep;

		builder_report(c->b, &rep);
		if (ui.level >= UI_VERBOSE && rep.published)
			ui_log(NULL, VENV_LOG_INFO,
			       arena_printf(&a, "created '%s' (%s, publication: %s)", dir,
					    rep.target_case, rep.published));
		hint_made(&rep, dir);
		hint_activate(&rep);
	}
	venv_error_clear(&err);
	ui_check_arena(&a);
	arena_release(&a);
	/* Made, but not all that was to be said of it. */
	return !r && ui_results.starved ? ui_nomem() : r;
}

/* ---- several at a time ---- */

/* What this command is with a builder of its own, on a thread of its own. */
static bool begin_worker(struct create *w, struct create *c)
{
	*w = (struct create){ .command = c->command, .args = c->args };
	w->b = builder_twin(c->b, NULL);
	w->json = w->b && c->json ? json_open(NULL) : NULL;
	if (w->b && !c->json)
		venv_builder_set_progress(w->b, ui_progress_beside, &w->dir);
	return w->b && (w->json || !c->json);
}

static void end_worker(struct create *w)
{
	if (w->b)
		ui_check_builder(w->b);
	json_close(w->json);
	venv_builder_free(w->b);
}

static int make_beside(void *data, size_t i, const char *target)
{
	struct create *workers = data;

	return create_one(&workers[i], target);
}

/* On N threads; -1 where there can be none, or where what is wrong each target is to say. */
static int create_beside(struct create *c, size_t n, bool keep_going)
{
	struct create *workers = calloc(n, sizeof(*workers));
	struct jobs j = { &c->targets.dirs, keep_going, 0, make_beside, workers };
	int r;

	while (workers && j.n < n && begin_worker(&workers[j.n], c))
		j.n++;
	r = j.n ? jobs_run(&j) : -1;
	for (size_t i = 0; workers && i < n; i++)
		end_worker(&workers[i]);
	free(workers);
	return r;
}

/* How many are made at a time. */
static size_t count_jobs(const struct create *c)
{
	const char *text = config_text(builder_config(c->b), "create", "jobs");
	size_t n = text ? strtoul(text, NULL, 10) : 1, most = c->targets.dirs.n;

	/* A plan is no work. */
	if (most < 2 || c->args.dry_run)
		return 1;
	n = n ? n : (size_t)process_processors();
	most = most < BATCH_JOBS_MAX ? most : BATCH_JOBS_MAX;
	return n < most ? n : most;
}

/* ---- all of them ---- */

static int create_in_turn(struct create *c, bool keep_going)
{
	int first = EXIT_OK;

	for (size_t i = 0; i < c->targets.dirs.n; i++) {
		int r = create_one(c, c->targets.dirs.v[i]);

		if (r && !first)
			first = r;
		signals_deliver();
		if (r && !keep_going)
			break;
	}
	return first;
}

static int create_all(struct create *c)
{
	struct venv_error err = VENV_ERROR_INIT;
	size_t jobs = count_jobs(c);
	bool keep_going, foreign;
	int r = targets_check(&c->targets, c->b, &err);

	if (r)
		return tell_all(c, &err);
	keep_going = config_bool(builder_config(c->b), "create", "keep-going");
	/* What is wrong with the selection each target is told. */
	if (!builder_select(c->b, &foreign, NULL) && foreign) {
		const struct supervised s = { c->b,	  &c->targets.dirs, jobs,
					      keep_going, create_one,	    tell,
					      c };

		if (jobs > 1 && !c->json)
			venv_builder_set_progress(c->b, ui_progress_beside, &c->dir);
		if (jobs > 1)
			builder_set_download(c->b, NULL);
		if (jobs > 1)
			builder_set_busy(c->b, NULL);
		r = supervise(&s);
	} else {
		r = jobs > 1 ? create_beside(c, jobs, keep_going) : -1;
		if (r < 0)
			r = create_in_turn(c, keep_going);
	}
	signals_deliver();
	return r;
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

/* One file cannot name several environments. */
static int check_redirect(const struct create *c)
{
	const struct config *config = builder_config(c->b);
	const char *mode = config_text(config, "create", "venv-redirect");
	const char *root = config_text(config, "create", "project-root");

	if (c->targets.dirs.n < 2 || (!root && strcmp(mode, "always") != 0))
		return EXIT_OK;
	return ui_usage("--no-venv-redirect makes them without one",
			root ? "--project-root is for one ENV_DIR"
			     : "venv-redirect = always is for one ENV_DIR");
}

static bool is_upgrade(const struct create *c)
{
	return !strcmp(c->command, "upgrade");
}

static int begin_upgrade(struct create *c, struct venv_error *err)
{
	struct config *config = builder_config(c->b);
	int r = config_set_arg(config, "create", "upgrade", "yes", "upgrade", err);

	return r ? r
		 : config_set_arg(config, "create", "as-created", "yes", "upgrade", err);
}

/* GIVEN may be a redirect; NULL: the environment that we are in. */
static int find_dir(struct create *c, const char *given, const char **dir,
		    struct venv_error *err)
{
	struct environment e;
	struct python_env pe;
	int r;

	builder_python_env(c->b, &pe);
	r = environment_find(&e, &pe, given, err);
	if (!r)
		r = environment_trust(&e, &pe, err);
	if (!r)
		r = environment_open(&e, &pe, err);
	if (!r)
		environment_close(&e);
	*dir = r ? NULL : arena_strdup(&c->arena, e.dir);
	return r || *dir ? r : error_nomem(err);
}

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* What upgrade is to work on: what is named may also be nothing yet, which is made. */
static int find_dirs(struct create *c, struct venv_error *err)
{
	const char *dir;
	int r = 0;

	for (size_t i = 0; !r && i < c->targets.dirs.n; i++) {
		if (is_file(c->targets.dirs.v[i]))
			r = find_dir(c, c->targets.dirs.v[i], &c->targets.dirs.v[i], err);
	}
	if (r || c->targets.dirs.n)
		return r;
	r = find_dir(c, NULL, &dir, err);
	return r || strlist_add(&c->arena, &c->targets.dirs, dir) ? r : error_nomem(err);
}

/* Where none is named: `.venv`; but the tools that we may be called as want a name. */
static int add_default_dir(struct create *c, const char *program)
{
	if (c->targets.dirs.n || c->targets.file || is_upgrade(c))
		return EXIT_OK;
	if (args_is_creator(program))
		return ui_usage("venvctl create .venv", "ENV_DIR is missing");
	return strlist_add(&c->arena, &c->targets.dirs, ".venv") ? EXIT_OK : ui_nomem();
}

static int take_targets(struct create *c, const char *program)
{
	const char *file = config_text(builder_config(c->b), "create", "from-file");
	struct venv_error err = VENV_ERROR_INIT;
	int r;

	c->targets = (struct targets){ .arena = &c->arena, .dirs = c->args.dirs };
	r = file ? targets_read(&c->targets, file, &err) : 0;
	r = r ? ui_error(&err) : add_default_dir(c, program);
	venv_error_clear(&err);
	return r;
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
		builder_set_like_virtualenv(c->b);
	if (!r && is_upgrade(c))
		r = begin_upgrade(c, &err);
	if (!r)
		r = args_parse(&c->args, c->command, c->b, &c->arena, argc, argv);
	if (r)
		return r < 0 ? ui_error(&err) : r;
	if (c->args.help) {
		usage_command(commands_find(c->command));
		return ui_finish(EXIT_OK);
	}
	r = take_targets(c, argv[0]);
	if (r)
		return r;
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
	if (!r && is_upgrade(c))
		r = find_dirs(c, &err);
	if (r)
		return tell_all(c, &err);
	ui_init(config_text(builder_config(c->b), "create", "color"));
	r = check_redirect(c);
	if (r)
		return r;
	signals_catch(c->b);
	r = create_all(c);
	if (c->args.dry_run)
		ui_check_builder(c->b);
	ui_check_arena(&c->arena);
	return ui_finish(r);
}

static int create_command(const char *command, int argc, char **argv)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct create c = { .b = venv_builder_new(&err), .command = command };
	int r;

	if (!c.b)
		return ui_error(&err);
	r = run(&c, argc, argv);
	json_close(c.json);
	signals_forget();
	targets_release(&c.targets);
	venv_builder_free(c.b);
	arena_release(&c.arena);
	return r;
}

int cmd_create(int argc, char **argv)
{
	return create_command("create", argc, argv);
}

int cmd_upgrade(int argc, char **argv)
{
	return create_command("upgrade", argc, argv);
}
