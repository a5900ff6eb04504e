/* SPDX-License-Identifier: MIT */
/* trial.c - start the process of a trial, wait for it, and read its answer */
#include <config.h>

#include "trial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fs/fs.h"
#include "util/util.h"
#include "process_state.h"
#include "trial_child.h"

#define ANSWER_MAX (1024u * 1024u)
/* A create that takes longer hangs. */
#define SECONDS 120

static const char *after(const char *line, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(line, word, n) ? line + n : NULL;
}

static bool add(struct arena *a, struct strlist *list, const char *text)
{
	return strlist_find(list, text) >= 0 ||
	       strlist_add(a, list, arena_strdup(a, text));
}

/* 1 if it came to a result, 0 if not. */
static int parse(struct arena *a, pid_t pid, char *text, struct trial_result *r,
		 struct venv_error *err)
{
	const char *value;
	int ended = 0;

	while (text && *text) {
		char *end = strchr(text, '\n');
		bool ok = true;
		long by;

		value = after(text, "message ");
		if (value) {
			r->message = arena_strdup(a, value);
			break;
		}
		if (end)
			*end = '\0';
		if ((value = after(text, "finding ")))
			ok = add(a, &r->findings, value);
		else if ((value = after(text, "outside ")))
			ok = add(a, &r->outside, value);
		else if ((value = after(text, "change ")))
			ok = add(a, &r->changes, value);
		else if ((value = after(text, "line ")))
			ok = strlist_add(a, &r->lines, arena_strdup(a, value));
		else if ((value = after(text, "hint ")))
			r->hint = arena_strdup(a, value);
		else if ((value = after(text, "calls ")))
			r->calls = (unsigned)strtoul(value, NULL, 10);
		else if ((value = after(text, "service ")))
			r->service = arena_strdup(a, value);
		else if (after(text, "network "))
			r->no_network_to_take = true;
		else if (after(text, "apart "))
			r->not_apart = true;
		else if (after(text, "memory "))
			r->no_memory_to_see = true;
		/* What a hook forked may have gone on with the trial: that is not its end. */
		else if ((value = after(text, "result ")) &&
			 sscanf(value, "%d %ld", &r->result, &by) == 2)
			ended = by == (long)pid;
		if (!ok)
			return error_nomem(err);
		text = end ? end + 1 : NULL;
	}
	return ended;
}

/* An empty place; byte code and interpreters are learnt once for all trials. */
static int sweep(struct arena *a, const struct trial *t, struct venv_error *err)
{
	static const char *const fresh[] = { "home", "tmp", "work" };
	_cleanup_close_ int dir = open(t->scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = dir < 0 ? -errno : tree_empty(dir, "cache", NULL);

	if (r)
		return error_errno(err, -r, "cannot empty '%s'", t->scratch);
	for (size_t i = 0; i < ARRAY_SIZE(fresh); i++) {
		if (mkdirat(dir, fresh[i], 0700))
			return error_errno(err, errno, "cannot make '%s'",
					   path_join(a, t->scratch, fresh[i]));
	}
	return 0;
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct child {
	pid_t pid;
	int from, status;
	bool ended, silent; /* SILENT: nothing more comes from it */
	long long deadline;
	bool stopping; /* it was told to */
	struct str text;
};

/* The last that it said of that. */
static bool is_stopping(const char *text)
{
	bool yes = false;

	for (const char *p = text; (p = strstr(p, "stopping "));) {
		p += strlen("stopping ");
		yes = *p == 'y';
	}
	return yes;
}

/* What it says; a hook that is told to stop has less time than a create. */
static void hear(struct child *c)
{
	char buf[4096];
	ssize_t n = read(c->from, buf, sizeof(buf));
	bool stopping;

	if (n <= 0) {
		c->silent = !n || (errno != EINTR && errno != EAGAIN);
		return;
	}
	if (c->text.len < ANSWER_MAX)
		str_add_n(&c->text, buf, (size_t)n);
	stopping = is_stopping(str_text(&c->text));
	if (stopping)
		c->deadline = now_ms() + TRIAL_STOP_SECONDS * 1000;
	else if (c->stopping)
		c->deadline = now_ms() + SECONDS * 1000;
	c->stopping = stopping;
}

static bool has_ended(struct child *c)
{
	pid_t pid = c->ended ? c->pid : waitpid(c->pid, &c->status, WNOHANG);

	c->ended = pid == c->pid || (pid < 0 && errno == ECHILD);
	return c->ended;
}

/*
 * Until it has ended; false if it did not do so in time.  It could ignore any alarm, and
 * what it forked may keep its end of the pipe.
 */
static bool wait_for(struct child *c)
{
	c->deadline = now_ms() + SECONDS * 1000;
	while (!has_ended(c)) {
		struct pollfd p = { .fd = c->silent ? -1 : c->from, .events = POLLIN };

		if (now_ms() >= c->deadline)
			return false;
		if (poll(&p, 1, c->silent ? 1 : 20) > 0)
			hear(c);
	}
	for (;;) {
		struct pollfd p = { .fd = c->from, .events = POLLIN };

		if (c->silent || poll(&p, 1, 0) <= 0)
			return true;
		hear(c);
	}
}

/* Kill each process that has us for its parent. */
static void kill_children(void)
{
	_cleanup_dir_ DIR *d = opendir("/proc");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		_cleanup_str_ struct str text = STR_INIT;
		char name[64];
		const char *p;
		long parent;

		if (e->d_name[0] < '1' || e->d_name[0] > '9')
			continue;
		snprintf(name, sizeof(name), "%.20s/stat", e->d_name);
		/* "12 (name) S 1 ...": the name may have anything in it. */
		if (file_read_at(dirfd(d), name, 4096, &text) ||
		    !(p = strrchr(str_text(&text), ')')) ||
		    sscanf(p, ") %*c %ld", &parent) != 1)
			continue;
		if (parent == (long)getpid())
			kill((pid_t)atol(e->d_name), SIGKILL);
	}
}

/* Processes whose parent was the child are ours now (plugins_check): were there any? */
static bool end_orphans(void)
{
	const struct timespec moment = { 0, 1000 * 1000 };
	bool found = false;
	pid_t pid;

	for (int i = 0; i < 1000 && (pid = waitpid(-1, NULL, WNOHANG)) >= 0; i++) {
		if (pid)
			continue;
		found = true;
		kill_children();
		nanosleep(&moment, NULL);
	}
	return found;
}

/* What became of it, where it did not come to a result. */
static const char *describe_end(struct arena *a, const struct child *c, bool in_time)
{
	if (!in_time && c->stopping)
		return arena_printf(a,
				    "it did not stop within %d seconds of being asked to",
				    TRIAL_STOP_SECONDS);
	if (!in_time)
		return "it hung";
	if (WIFSIGNALED(c->status))
		return arena_printf(a, "it crashed (%s)", strsignal(WTERMSIG(c->status)));
	return WEXITSTATUS(c->status) == TRIAL_MUTE
		       ? "it closed descriptors that are not its own"
		       : "it ended the process";
}

int trial_run(struct arena *a, const struct trial *t, struct trial_result *result,
	      struct venv_error *err)
{
	struct child c = { 0 };
	int fds[2], r = sweep(a, t, err);
	bool in_time, orphans;

	*result = (struct trial_result){ 0 };
	if (r)
		return r;
	if (pipe2(fds, O_CLOEXEC))
		return error_errno(err, errno, "cannot start a trial");
	fflush(NULL);
	c.from = fds[0];
	c.pid = fork();
	if (!c.pid) {
		close(fds[0]);
		trial_child(a, t, fds[1]);
	}
	close(fds[1]);
	if (c.pid < 0) {
		close(fds[0]);
		return error_errno(err, errno, "cannot start a trial");
	}
	in_time = wait_for(&c);
	if (!in_time)
		kill(c.pid, SIGKILL);
	while (!c.ended && waitpid(c.pid, &c.status, 0) < 0 && errno == EINTR)
		;
	close(c.from);
	orphans = end_orphans();
	r = parse(a, c.pid, c.text.s, result, err);
	if (r >= 0 && (!r || !in_time)) {
		*result =
			(struct trial_result){ .died = true,
					       .result = VENV_ERR_FAILED,
					       .service = result->service,
					       .message = describe_end(a, &c, in_time) };
		r = 0;
	} else if (r > 0) {
		r = !orphans || add(a, &result->findings, PROCESS_STAYS)
			    ? 0
			    : error_nomem(err);
	}
	str_release(&c.text);
	return r;
}
