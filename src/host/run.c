/* SPDX-License-Identifier: MIT */
/*
 * run.c - a child process of a plugin: its environment, its output, its end
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "util/util.h"
#include "fs/fs.h"
#include "load/load.h"
#include "session.h"

#define DEFAULT_TIMEOUT_MS (10 * 60 * 1000)
/* What is kept of the output, for the message and the log of a failure. */
#define OUTPUT_MAX (1024u * 1024u)
#define TAIL_LINES 20

struct output {
	struct venv_session *s;
	struct venv_run *run;
	struct str text; /* the last OUTPUT_MAX bytes or so */
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

static bool add_network(struct venv_session *s, struct strlist *env)
{
	struct host *h = s->host;
	const char *proxy = config_text(&h->config, "network", "proxy");
	const char *ca = config_text(&h->config, "network", "ca-file");

	if (h->settings.offline && !env_set(&s->arena, env, "PIP_NO_INDEX", "1"))
		return false;
	if (proxy && !env_set(&s->arena, env, "PIP_PROXY", proxy))
		return false;
	return !ca || env_set(&s->arena, env, "PIP_CERT", ca);
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
	     (!index || add_network(s, env));
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

	if (o->text.len > OUTPUT_MAX) {
		memmove(o->text.s, o->text.s + o->text.len / 2,
			o->text.len - o->text.len / 2 + 1);
		o->text.len -= o->text.len / 2;
	}
	str_add_n(&o->text, line, len);
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

/* The last lines, without the line end of the last one. */
static const char *tail(const struct str *text, size_t *len)
{
	size_t end = text->len, at, lines = 0;

	while (end && text->s[end - 1] == '\n')
		end--;
	for (at = end; at; at--) {
		if (text->s[at - 1] == '\n' && ++lines == TAIL_LINES)
			break;
	}
	*len = end - at;
	return text->s + at;
}

/* Where logs are kept; NULL where there is no place for them. */
static const char *log_dir(struct venv_session *s)
{
	const char *state = env_get(s->host->env, "XDG_STATE_HOME");
	const char *home = env_get(s->host->env, "HOME"), *dir = NULL;

	if (geteuid() == 0)
		dir = paths_logdir();
	else if (state && *state == '/')
		dir = path_join(&s->arena, state, "venvctl/log");
	else if (home && *home == '/')
		dir = path_join(&s->arena, home, ".local/state/venvctl/log");
	return dir ? path_absolute(&s->arena, "/", dir) : NULL;
}

/* A new log in DIR, named by the time, and a number if two fail in the same second. */
static int new_log(int dir, char name[64])
{
	time_t now = time(NULL);
	char stem[48];
	struct tm tm;
	int fd, n = 0;

	if (!gmtime_r(&now, &tm))
		return -errno;
	snprintf(stem, sizeof(stem), "%04d%02d%02dT%02d%02d%02d-%ld", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (long)getpid());
	do {
		if (n)
			snprintf(name, 64, "%s-%d.log", stem, n);
		else
			snprintf(name, 64, "%s.log", stem);
		fd = openat(dir, name,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	} while (fd < 0 && errno == EEXIST && ++n < 1000);
	return fd < 0 ? -errno : fd;
}

/* Open the log that was asked for (*FILE), else a new one, which goes to *FILE. */
static int open_log(struct venv_session *s, const char **file)
{
	const char *dir = *file ? NULL : log_dir(s);
	_cleanup_close_ int dirfd = -1;
	char name[64];
	int fd;

	if (*file) {
		fd = open(*file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		return fd < 0 ? -errno : fd;
	}
	if (!dir)
		return -ENOENT;
	*file = dir;
	dirfd = tree_make_path(dir, 0700);
	fd = dirfd < 0 ? dirfd : new_log(dirfd, name);
	if (fd >= 0)
		*file = path_join(&s->arena, dir, name);
	return fd;
}

/* Keep the whole output in a file; its path, or NULL. */
static const char *write_log(struct venv_session *s, const struct str *text)
{
	const char *asked = s->host->settings.log_file, *file = asked;
	_cleanup_close_ int fd = asked || s->host->keeps_logs ? open_log(s, &file)
							      : -ENOENT;
	int r = fd < 0 ? fd : file_write_fd(fd, str_text(text), text->len);

	if (!r || !file)
		return file;
	(asked ? log_warn : log_info)(&s->host->log, "no log is kept in '%s': %s", file,
				      strerror(-r));
	return NULL;
}

void host_tell_child(struct venv_session *s)
{
	if (s->last_lines)
		log_warn(&s->host->log, "%s", s->last_lines);
	free(s->last_lines);
	s->last_lines = NULL;
}

/* For venv_builder_failed_child(); where memory is short there is none. */
static void remember(struct host *h, const struct venv_run *run, const struct str *text)
{
	struct arena *a = &h->build.arena;
	struct venv_child *child = arena_alloc(a, sizeof(*child));
	struct strlist argv = STRLIST_INIT;
	char *output = arena_strndup(a, str_text(text), text->len);

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
				      .output_len = text->len };
	h->build.failed = child;
}

static int failed(struct venv_session *s, const struct venv_run *run,
		  const struct str *text, struct venv_error *err)
{
	const char *file = write_log(s, text);
	const char *what = path_base(run->argv[0]);
	struct str lines = STR_INIT;

	remember(s->host, run, text);
	if (text->len) {
		size_t n;
		const char *last = tail(text, &n);

		str_add_n(&lines, last, n);
	}
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
		error_hint(err, VENV_ERR_FAILED, "its whole output is in '%s'", file);
	str_release(&lines);
	return VENV_ERR_FAILED;
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
		write_log(s, &o.text);
	str_release(&o.text);
	return r;
}
