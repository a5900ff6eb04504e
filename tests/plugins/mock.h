/* SPDX-License-Identifier: MIT */
/*
 * mock.h - hooks that write down that they were called, and do what options tell them
 *
 * For plugins that differ in the hooks they have and nothing else.  A line of the log is
 * "TAG HOOK", with "staged" or "final" behind it: whether the environment is published.
 */
#ifndef MOCK_H
#define MOCK_H

#include <venvctl/plugin.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mock {
	const struct venv_host *host;
	struct venv_session *session;
	const struct venv_context *ctx;
};

static void mock_say(const struct mock *m, const char *text)
{
	const char *log = m->host->option(m->session, "log");
	FILE *f = log ? fopen(log, "a") : NULL;

	if (!f)
		return;
	fprintf(f, "%s %s\n", m->host->option(m->session, "tag"), text);
	fclose(f);
}

static void mock_show(const struct mock *m, const char *name, const char *value)
{
	char line[4096];

	snprintf(line, sizeof(line), "%s=%s", name, value ? value : "(null)");
	mock_say(m, line);
}

/* What the options are for the plugin. */
static void mock_values(const struct mock *m)
{
	static const char *const names[] = { "text",	 "path",       "url",
					     "location", "sha256",     "choice",
					     "site",	 "undeclared", NULL };
	const struct venv_host *h = m->host;
	const char *const *items = h->option_list(m->session, "items");
	char number[32];

	for (const char *const *n = names; *n; n++)
		mock_show(m, *n, h->option(m->session, *n));
	mock_show(m, "flag", h->option_bool(m->session, "flag") ? "true" : "false");
	snprintf(number, sizeof(number), "%" PRId64, h->option_int(m->session, "number"));
	mock_show(m, "number", number);
	mock_show(m, "first", h->option(m->session, "items"));
	for (; items && *items; items++)
		mock_show(m, "item", *items);
	/* A test sees that the value arrived, and that it is nowhere else. */
	if (h->option(m->session, "secret"))
		mock_say(m, "secret is set");
}

static int mock_run(const struct mock *m, const char *program)
{
	const char *const argv[] = { program, "-c", "pass", NULL };
	struct venv_run run;

	memset(&run, 0, sizeof(run));
	run.struct_size = sizeof(run);
	run.argv = argv;
	return m->host->run(m->session, &run);
}

/* Each service fails with the message of the host: its result is passed on. */
static int mock_act(const struct mock *m)
{
	const struct venv_host *h = m->host;
	const char *path = h->option(m->session, "write");
	const char *program = h->option(m->session, "run");
	const char *set = h->option(m->session, "set");
	const char *eq = set ? strchr(set, '=') : NULL;
	char key[64];
	int r = path ? h->write_file(m->session, path, "mock\n", 5, 0666) : VENV_OK;

	if (!r && eq && (size_t)(eq - set) < sizeof(key)) {
		memcpy(key, set, (size_t)(eq - set));
		key[eq - set] = '\0';
		r = h->config_set(m->session, key, eq + 1);
	}
	if (!r && program)
		r = mock_run(m, strcmp(program, "python") ? program : m->ctx->env_exe);
	if (r && h->option_bool(m->session, "careless"))
		r = VENV_OK;
	if (!r && h->option_bool(m->session, "interrupt"))
		raise(SIGINT);
	if (!r && h->option_bool(m->session, "crash"))
		raise(SIGKILL);
	return r;
}

/* Write the line of HOOK; at the hook that `at` names, do what it was told. */
static int mock_hook(const struct mock *m, const char *hook)
{
	const struct venv_host *h = m->host;
	const char *at = h->option(m->session, "at");
	const char *fail = h->option(m->session, "fail");
	const char *message = h->option(m->session, "message");
	char line[128];
	int r;

	snprintf(line, sizeof(line), "%s %s", hook,
		 strcmp(m->ctx->stage_dir, m->ctx->env_dir) ? "staged" : "final");
	mock_say(m, line);
	if (fail && !strcmp(fail, hook))
		return VENV_ERR_FAILED;
	if (!at || strcmp(at, hook) != 0)
		return VENV_OK;
	r = mock_act(m);
	if (r)
		return r;
	if (message)
		h->error(m->session, message);
	return (int)h->option_int(m->session, "result");
}

static int mock_open(const struct venv_host *host, struct venv_session *session,
		     const struct venv_context *ctx, void **data)
{
	struct mock *m = host->alloc(session, sizeof(*m));

	if (!m)
		return VENV_ERR_NOMEM;
	m->host = host;
	m->session = session;
	m->ctx = ctx;
	*data = m;
	if (host->option_bool(session, "values"))
		mock_values(m);
	if (host->option_bool(session, "temp"))
		mock_show(m, "temp", host->temp_dir(session));
	return mock_hook(m, "open");
}

static void mock_close(void *data, int result)
{
	char line[32];

	snprintf(line, sizeof(line), "close %d", result);
	mock_say(data, line);
}

static const char *const mock_choices[] = { "red", "green", NULL };

/* clang-format off */
#define MOCK_OPTIONS                                                                       \
	{ "log", VENV_OPTION_PATH, 0, NULL, "where to write the hooks", NULL, NULL },      \
	{ "tag", VENV_OPTION_STRING, 0, "mock", "first word of each line", NULL, NULL },   \
	{ "at", VENV_OPTION_STRING, 0, NULL, "the hook that does something", NULL, NULL }, \
	{ "result", VENV_OPTION_INT, 0, "0", "what it returns", NULL, NULL },              \
	{ "fail", VENV_OPTION_STRING, 0, NULL, "the hook that just fails", NULL, NULL },   \
	{ "message", VENV_OPTION_STRING, 0, NULL, "what it gives as error", NULL, NULL },  \
	{ "write", VENV_OPTION_STRING, 0, NULL, "a file that it writes", NULL, NULL },     \
	{ "set", VENV_OPTION_STRING, 0, NULL, "what it puts into pyvenv.cfg", NULL, NULL },\
	{ "run", VENV_OPTION_STRING, 0, NULL, "a program that it runs", NULL, NULL },      \
	{ "careless", VENV_OPTION_BOOL, 0, "no", "take no notice of that", NULL, NULL },   \
	{ "interrupt", VENV_OPTION_BOOL, 0, "no", "interrupt the tool", NULL, NULL },      \
	{ "crash", VENV_OPTION_BOOL, 0, "no", "end the tool at once", NULL, NULL },        \
	{ "values", VENV_OPTION_BOOL, 0, "no", "write the values of these", NULL, NULL },  \
	{ "temp", VENV_OPTION_BOOL, 0, "no", "write the private directory", NULL, NULL },  \
	{ "text", VENV_OPTION_STRING, 0, NULL, "any text", NULL, NULL },                   \
	{ "path", VENV_OPTION_PATH, 0, NULL, "a path", NULL, NULL },                       \
	{ "url", VENV_OPTION_URL, 0, NULL, "an address", NULL, NULL },                     \
	{ "location", VENV_OPTION_LOCATION, 0, NULL, "a path or an address", NULL, NULL }, \
	{ "sha256", VENV_OPTION_SHA256, 0, NULL, "a digest", NULL, NULL },                 \
	{ "choice", VENV_OPTION_CHOICE, 0, "red", "a colour", NULL, mock_choices },        \
	{ "flag", VENV_OPTION_BOOL, 0, "yes", "yes or no", NULL, NULL },                   \
	{ "number", VENV_OPTION_INT, 0, "-7", "a number", NULL, NULL },                    \
	{ "items", VENV_OPTION_STRING, VENV_OPTION_LIST, "one two", "words", NULL, NULL }, \
	{ "site", VENV_OPTION_STRING, VENV_OPTION_SYSTEM_ONLY, "built-in",                 \
	  "the site's alone", NULL, NULL },                                                \
	{ "secret", VENV_OPTION_STRING, VENV_OPTION_SECRET, NULL, "a secret", NULL, NULL }
/* clang-format on */

#endif
