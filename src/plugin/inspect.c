/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fs/fs.h"
#include "util/util.h"

/* A plugin that takes longer to be loaded hangs. */
#define SECONDS	   10
#define NO_TEXT	   UINT32_MAX
#define ANSWER_MAX (4u * 1024u * 1024u)
/* The exit status of a child that could not build its answer. */
#define NO_MEMORY 3

static void put_number(struct str *out, uint64_t n)
{
	str_add_n(out, &n, sizeof(n));
}

static void put_text(struct str *out, const char *text)
{
	uint32_t n = text ? (uint32_t)strlen(text) : NO_TEXT;

	str_add_n(out, &n, sizeof(n));
	if (text)
		str_add_n(out, text, n);
}

void plugin_describe(const struct plugin *p, struct str *out)
{
	size_t n;

	put_text(out, p->table.version);
	put_text(out, p->table.summary);
	put_text(out, p->table.help);
	put_number(out, p->table.flags);
	put_number(out, p->table.undo != NULL);
	put_number(out, p->n_options);
	for (size_t i = 0; i < p->n_options; i++) {
		const struct venv_option *o = &p->table.options[i];

		put_text(out, o->name);
		put_number(out, o->type);
		put_number(out, o->flags);
		put_text(out, o->default_value);
		put_text(out, o->help);
		put_text(out, o->metavar);
		for (n = 0; o->choices && o->choices[n]; n++)
			;
		put_number(out, n);
		for (n = 0; o->choices && o->choices[n]; n++)
			put_text(out, o->choices[n]);
	}
}

/* The child's answer: "" and the plugin, or why it could not be loaded. */
static void answer(struct arena *a, const struct candidate *c, struct str *out)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct plugin *p;

	if (plugin_open(a, c, &p, &err)) {
		put_text(out, venv_error_message(&err));
		return;
	}
	put_text(out, "");
	plugin_describe(p, out);
}

struct reader {
	struct arena *a;
	const char *p, *end;
	bool bad;
};

static uint64_t get_number(struct reader *r)
{
	uint64_t n = 0;

	if (r->bad || (size_t)(r->end - r->p) < sizeof(n)) {
		r->bad = true;
		return 0;
	}
	memcpy(&n, r->p, sizeof(n));
	r->p += sizeof(n);
	return n;
}

static const char *get_text(struct reader *r)
{
	uint32_t n = 0;
	const char *text;

	if (r->bad || (size_t)(r->end - r->p) < sizeof(n)) {
		r->bad = true;
		return NULL;
	}
	memcpy(&n, r->p, sizeof(n));
	r->p += sizeof(n);
	if (n == NO_TEXT)
		return NULL;
	if (n > (size_t)(r->end - r->p)) {
		r->bad = true;
		return NULL;
	}
	text = arena_strndup(r->a, r->p, n);
	r->bad |= !text;
	r->p += n;
	return text;
}

static bool get_options(struct reader *r, struct inspected *out)
{
	uint64_t n = get_number(r);

	if (r->bad || n > 100000)
		return false;
	out->options = arena_alloc(r->a, (n + 1) * sizeof(*out->options));
	for (size_t i = 0; out->options && i < n && !r->bad; i++) {
		struct venv_option *o = &out->options[i];
		struct strlist choices = STRLIST_INIT;

		o->name = get_text(r);
		o->type = (uint32_t)get_number(r);
		o->flags = (uint32_t)get_number(r);
		o->default_value = get_text(r);
		o->help = get_text(r);
		o->metavar = get_text(r);
		for (uint64_t left = get_number(r); left && !r->bad; left--) {
			const char *text = get_text(r);

			r->bad |= !text || !strlist_add(r->a, &choices, text);
		}
		o->choices = choices.v;
	}
	out->n_options = (size_t)n;
	return out->options && !r->bad;
}

static int parse(struct arena *a, const char *path, const struct str *text,
		 struct inspected *out, struct venv_error *err)
{
	struct reader r = { a, str_text(text), str_text(text) + text->len, false };
	const char *why = get_text(&r);

	if (!r.bad && why && *why)
		return error_set(err, VENV_ERR_PLUGIN, "%s", why);
	out->version = get_text(&r);
	out->summary = get_text(&r);
	out->help = get_text(&r);
	out->flags = get_number(&r);
	out->has_undo = get_number(&r);
	if (!r.bad && get_options(&r, out))
		return 0;
	return a->failed ? error_nomem(err)
			 : error_set(err, VENV_ERR_PLUGIN,
				     "'%s' ended while it was being loaded", path);
}

static _noreturn_ void be_child(struct arena *a, const struct candidate *c, int to)
{
	const struct rlimit none = { 0, 0 };
	struct str out = STR_INIT;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* Whatever it does while it is loaded leaves no core and is not seen. */
	setrlimit(RLIMIT_CORE, &none);
	alarm(SECONDS);
	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
	}
	answer(a, c, &out);
	if (str_failed(&out) || a->failed)
		_exit(NO_MEMORY);
	(void)!file_write_fd(to, str_text(&out), out.len);
	_exit(0);
}

int plugin_inspect(struct arena *a, const struct candidate *c, struct inspected *out,
		   struct venv_error *err)
{
	struct str text = STR_INIT;
	char buf[4096];
	int fds[2], status = 0, r;
	ssize_t n;
	pid_t pid;

	*out = (struct inspected){ 0 };
	if (pipe2(fds, O_CLOEXEC))
		return error_errno(err, errno, "cannot look at '%s'", c->path);
	pid = fork();
	if (!pid)
		be_child(a, c, fds[1]);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return error_errno(err, errno, "cannot look at '%s'", c->path);
	}
	while ((n = read(fds[0], buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0 && text.len < ANSWER_MAX)
			str_add_n(&text, buf, (size_t)n);
	}
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (str_failed(&text) || (WIFEXITED(status) && WEXITSTATUS(status) == NO_MEMORY))
		r = error_nomem(err);
	else if (WIFSIGNALED(status))
		r = error_set(err, VENV_ERR_PLUGIN, "'%s' %s while it was being loaded",
			      c->path, WTERMSIG(status) == SIGALRM ? "hung" : "crashed");
	else
		r = parse(a, c->path, &text, out, err);
	out->shipped = c->shipped;
	str_release(&text);
	return r;
}
