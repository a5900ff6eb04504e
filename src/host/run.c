/* SPDX-License-Identifier: MIT */
/*
 * run.c - a child process of a plugin: its environment, its output, its end
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "util/util.h"
#include "fs/fs.h"
#include "output.h"
#include "session.h"

#define DEFAULT_TIMEOUT_MS (10 * 60 * 1000)

struct output {
	struct venv_session *s;
	struct venv_run *run;
	struct output_text text;
	struct host *host;
};

static bool is_passed(const struct host *h, const char *entry)
{
	for (size_t i = 0; i < h->settings.pass_env.n; i++) {
		const char *name = h->settings.pass_env.v[i];
		size_t n = strlen(name);

		if (!strncmp(entry, name, n) && entry[n] == '=')
			return true;
	}
	return false;
}

/* Variables that decide which Python the child is, and where it looks for modules. */
static bool is_dropped(const struct host *h, const char *entry, bool index)
{
	static const char *const prefixes[] = { "PYTHON",
						"__PYVENV_LAUNCHER__=", "VIRTUAL_ENV" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (!strncmp(entry, prefixes[i], strlen(prefixes[i])))
			return !is_passed(h, entry);
	}
	/* Without an index pip's settings are dropped, as ensurepip drops them. */
	return !strncmp(entry, "PIP_", 4) && (!index || pip_is_led_by(entry)) &&
	       !is_passed(h, entry);
}

static int make_env(struct venv_session *s, const struct venv_run *run,
		    struct strlist *env, struct venv_error *err)
{
	const struct venv_context *c = &s->host->build.context;
	const char *path = env_get(s->host->env, "PATH");
	bool index = run->flags & VENV_RUN_INDEX, ok = true;
	int r;

	for (const char *const *e = s->host->env; ok && e && *e; e++) {
		if (!is_dropped(s->host, *e, index))
			ok = strlist_add(&s->arena, env, *e);
	}
	ok = ok && env_set(&s->arena, env, "VIRTUAL_ENV", c->env_dir) &&
	     env_set(&s->arena, env, "PATH",
		     path ? arena_printf(&s->arena, "%s:%s", c->bin_path, path)
			  : c->bin_path) &&
	     (!index || network_of_children(s, env));
	r = ok && index ? pip_lead(s, env, err) : 0;
	if (r)
		return r;
	/* Those that the plugin sets come last and win. */
	for (const char *const *e = run->env; ok && e && *e; e++) {
		const char *eq = strchr(*e, '=');
		const char *name = eq ? arena_strndup(&s->arena, *e, (size_t)(eq - *e))
				      : *e;

		ok = name && env_set(&s->arena, env, name, eq ? eq + 1 : NULL);
	}
	return ok ? 0 : error_nomem(err);
}

static void on_line(void *data, int stream, const char *line, size_t len)
{
	struct output *o = data;

	output_add(&o->text, line, len);
	if (o->run->on_line)
		o->run->on_line(o->run->data, stream, line, len);
	else if (!(o->run->flags & VENV_RUN_QUIET))
		host_progress(o->host, stream, line, len);
}

static bool is_cancelled(void *data)
{
	struct output *o = data;

	return host_is_cancelled(o->host);
}

/* For venv_builder_failed_child(); where memory is short there is none. */
static void remember(struct host *h, const struct venv_run *run,
		     const struct output_text *text)
{
	struct arena *a = &h->build.arena;
	struct venv_child *child = arena_alloc(a, sizeof(*child));
	struct strlist argv = STRLIST_INIT;
	struct str all = STR_INIT;
	size_t len;
	char *output;

	output_add_all(text, &all);
	len = all.len;
	output = str_to_arena(&all, a);
	h->build.failed = NULL;
	for (const char *const *arg = run->argv; *arg; arg++) {
		const char *copy = arena_strdup(a, *arg);

		if (!copy || !strlist_add(a, &argv, copy))
			return;
	}
	if (!child || !output)
		return;
	*child = (struct venv_child){ .struct_size = sizeof(*child),
				      .exit_status = run->exit_status,
				      .argv = argv.v,
				      .output = output,
				      .output_len = len };
	h->build.failed = child;
}

static int failed(struct venv_session *s, const struct venv_run *run,
		  const struct output_text *text, struct venv_error *err)
{
	const char *what = path_base(run->argv[0]), *file = output_log(s, text);
	struct str lines = STR_INIT;

	remember(s->host, run, text);
	output_add_tail(text, &lines);
	if (run->exit_status > 128)
		error_set(err, VENV_ERR_FAILED, "'%s' was ended by signal %d", what,
			  run->exit_status - 128);
	else
		error_set(err, VENV_ERR_FAILED, "'%s' ended with status %d", what,
			  run->exit_status);
	if (lines.len) {
		/* Not now, when a line of progress is open: see host_tell_child(). */
		free(s->last_lines);
		if (asprintf(&s->last_lines, "the last lines of '%s':\n%s", what,
			     str_text(&lines)) < 0)
			s->last_lines = NULL;
	}
	if (file)
		error_hint(err, VENV_ERR_FAILED,
			   text->left_out ? "the beginning and the end of its output are "
					    "in '%s'"
					  : "its whole output is in '%s'",
			   file);
	str_release(&lines);
	return VENV_ERR_FAILED;
}

void host_tell_child(struct venv_session *s)
{
	if (s->last_lines)
		log_warn(&s->host->log, "%s", s->last_lines);
	free(s->last_lines);
	s->last_lines = NULL;
}

/* Before publication nothing of an environment runs: its final paths do not exist. */
static bool runs_too_early(const struct venv_session *s, const char *program)
{
	const struct build *e = &s->host->build;

	return !e->published && (path_is_below(program, e->context.env_dir) ||
				 path_is_below(program, e->tx.dir));
}

int host_run(struct venv_session *s, struct venv_run *run, struct venv_error *err)
{
	struct output o = { .s = s, .run = run, .host = s->host };
	struct strlist env = STRLIST_INIT;
	struct process p = { .argv = run->argv,
			     .cwd = run->cwd ? run->cwd : s->host->build.context.env_dir,
			     .stdin_data = run->stdin_data,
			     .stdin_len = run->stdin_len,
			     .timeout_ms = run->timeout_ms ? run->timeout_ms
							   : DEFAULT_TIMEOUT_MS,
			     .cancelled = is_cancelled,
			     .on_line = on_line,
			     .data = &o };
	int r;

	if (!run->argv || !run->argv[0] || run->argv[0][0] != '/')
		return error_set(err, VENV_ERR_FAILED,
				 "a program to run needs an absolute path");
	if (runs_too_early(s, run->argv[0]))
		return error_set(err, VENV_ERR_UNSUPPORTED,
				 "'%s' cannot run before the environment is published",
				 run->argv[0]);
	if (!run->cwd && !s->host->build.published)
		p.cwd = "/";
	r = make_env(s, run, &env, err);
	if (r)
		return r;
	p.env = env.v;
	log_info(&s->host->log, "running '%s'", run->argv[0]);
	r = process_run(&p, &run->exit_status, err);
	if (!r && run->exit_status && !(run->flags & VENV_RUN_ALLOW_FAILURE))
		r = failed(s, run, &o.text, err);
	else if (s->host->settings.log_file)
		output_log(s, &o.text);
	output_release(&o.text);
	return r;
}
