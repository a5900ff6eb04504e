/* SPDX-License-Identifier: MIT */
/*
 * relative-python - replace setup_python: the interpreter as a relative link
 *
 * For trees that hold interpreter and environments and are moved as a whole.  This is how
 * a stage is overridden: before_stage says VENV_SKIP, and the stage's own hook does the
 * work in its place.
 */
#include <venvctl/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX 4096

struct state {
	const struct venv_host *host;
	struct venv_session *session;
	const struct venv_context *ctx;
};

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct state *st = host->alloc(session, sizeof(*st));

	if (!st)
		return VENV_ERR_NOMEM;
	st->host = host;
	st->session = session;
	st->ctx = ctx;
	*data = st;
	return VENV_OK;
}

static int before_stage(void *data, int stage)
{
	(void)data;
	return stage == VENV_STAGE_SETUP_PYTHON ? VENV_SKIP : VENV_OK;
}

static int fail(struct state *st, const char *what)
{
	char text[MAX];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(errno));
	st->host->error(st->session, text);
	return VENV_ERR_FAILED;
}

/* The way from the directory FROM to the file TO, both absolute. */
static int relative(const char *from, const char *to, char *out, size_t size)
{
	size_t common = 0, n = 0;

	for (size_t i = 0;; i++) {
		if ((!from[i] || from[i] == '/') && to[i] == '/')
			common = i;
		if (!from[i] || from[i] != to[i])
			break;
	}
	out[0] = '\0';
	for (const char *p = from + common; *p; p++) {
		if (*p == '/')
			n += (size_t)snprintf(out + n, n < size ? size - n : 0, "../");
		if (n >= size)
			return -1;
	}
	n += (size_t)snprintf(out + n, size - n, "%s", to + common + 1);
	return n < size ? 0 : -1;
}

static int setup_python(void *data)
{
	struct state *st = data;
	const struct venv_context *c = st->ctx;
	char target[MAX], path[MAX];
	const char *names[] = { "python", "python3", c->python_exe };

	/* Text that goes into the environment is made from final paths ... */
	if (relative(c->bin_path, c->executable, target, sizeof(target))) {
		st->host->error(st->session, "the path of the interpreter is too long");
		return VENV_ERR_UNSUPPORTED;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		/* ... and the files are, for now, below stage_dir. */
		snprintf(path, sizeof(path), "%s/%s/%s", c->stage_dir, c->bin_name,
			 names[i]);
		if (symlink(target, path) && errno != EEXIST)
			return fail(st, path);
	}
	return VENV_OK;
}

VENV_PLUGIN_DEFINE(relative_python, "1.0",
		   .summary = "link the interpreter by a relative path", .open = begin,
		   .before_stage = before_stage, .setup_python = setup_python);
