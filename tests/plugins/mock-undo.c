/* SPDX-License-Identifier: MIT */
/*
 * mock-undo.c - a plugin that only looks in open, takes back, reads and removes
 *
 * Each hook writes a line into the file `log`: what the services answered in it.  `fail` names
 * the hook that fails.  Built by tests with another NAME and REQUIRES as well.
 */
#include <venvctl/plugin.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#ifndef NAME
#define NAME mock_undo
#endif
#ifndef REQUIRES
#define REQUIRES ""
#endif
#ifndef FLAGS
#define FLAGS VENV_PLUGIN_LOOKS
#endif
#define DEFINE_(...) VENV_PLUGIN_DEFINE_ORDERED(__VA_ARGS__)

struct mock {
	const struct venv_host *host;
	struct venv_session *s;
	const char *log;
	int answer; /* of a service that was called on another thread */
};

static void say(const struct mock *m, const char *hook, const char *what, int number)
{
	FILE *f = m->log ? fopen(m->log, "a") : NULL;

	if (!f)
		return;
	fprintf(f, "%s: %s %d\n", hook, what, number);
	fclose(f);
}

static int fails(struct mock *m, const char *hook)
{
	const char *fail = m->host->option(m->s, "fail");

	if (!fail || strcmp(fail, hook) != 0)
		return VENV_OK;
	m->host->error(m->s, "it was asked to fail");
	return VENV_ERR_FAILED;
}

/* What every service that changes something answers. */
static void try_all(struct mock *m, const char *hook)
{
	static const char *const argv[] = { "/bin/true", NULL };
	struct venv_run run = { .struct_size = sizeof(run), .argv = argv };
	struct venv_wheel wheel = { .struct_size = sizeof(wheel),
				    .path = "/nonexistent.whl" };
	struct venv_download d = { .struct_size = sizeof(d), .url = "/etc/hostname" };
	const struct venv_host *h = m->host;

	say(m, hook, "write_file", h->write_file(m->s, "share/x", "x", 1, 0666));
	say(m, hook, "remove_file", h->remove_file(m->s, "share/placed"));
	say(m, hook, "run", h->run(m->s, &run));
	say(m, hook, "install_tree", h->install_tree(m->s, "/etc/venvctl-none", 0));
	say(m, hook, "install_scripts", h->install_scripts(m->s, "/etc/venvctl-none", 0));
	say(m, hook, "install_wheel", h->install_wheel(m->s, &wheel));
	say(m, hook, "download", h->download(m->s, &d));
	say(m, hook, "temp_dir", h->temp_dir(m->s) != NULL);
}

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct mock *m = host->alloc(session, sizeof(*m));

	(void)ctx;
	if (!m)
		return VENV_ERR_NOMEM;
	m->host = host;
	m->s = session;
	m->log = host->option(session, "log");
	*data = m;
	say(m, "open", "called", 0);
	if (host->option_bool(session, "try"))
		try_all(m, "open");
	return fails(m, "open");
}

/* Read one file and remove another, as the options say. */
static int change(struct mock *m, const char *hook)
{
	const struct venv_host *h = m->host;
	const char *read = h->option(m->s, "read"), *remove = h->option(m->s, "remove");
	const void *data;
	size_t len;
	int r = VENV_OK;

	if (h->option(m->s, "at") && strcmp(h->option(m->s, "at"), hook) != 0)
		return VENV_OK;
	if (read) {
		r = h->read_file(m->s, read, &data, &len);
		say(m, hook, r ? "unread" : data, r ? r : (int)len);
	}
	if (!r && remove)
		r = h->remove_file(m->s, remove);
	return r;
}

static int seed(void *data)
{
	struct mock *m = data;
	int r = m->host->write_file(m->s, "share/seeded", "seeded", 6, 0666);

	r = r ? r : change(m, "seed");
	return r ? r : fails(m, "seed");
}

static void *on_thread(void *data)
{
	struct mock *m = data;

	m->answer = m->host->write_file(m->s, "share/thread", "x", 1, 0666);
	return NULL;
}

static int post_setup(void *data)
{
	struct mock *m = data;
	int r = m->host->write_file(m->s, "share/placed", "placed", 6, 0666);
	pthread_t t;

	say(m, "post_setup", "called", r);
	if (!r && m->host->option_bool(m->s, "thread") &&
	    !pthread_create(&t, NULL, on_thread, m)) {
		pthread_join(t, NULL);
		say(m, "post_setup", "thread", m->answer);
	}
	r = r ? r : change(m, "post_setup");
	return r ? r : fails(m, "post_setup");
}

static int undo(void *data)
{
	struct mock *m = data;
	const void *text;
	size_t len;

	/* The files are still there, and whoever asked to stop is not in the way. */
	say(m, "undo", "placed", m->host->read_file(m->s, "share/placed", &text, &len));
	say(m, "undo", "cancelled", m->host->cancelled(m->s));
	return fails(m, "undo");
}

static void end(void *data, int result)
{
	struct mock *m = data;

	say(m, "close", "result", result);
	if (m->host->option_bool(m->s, "try"))
		try_all(m, "close");
}

static const struct venv_option options[] = {
	{ "log", VENV_OPTION_PATH, 0, NULL, "where to write", NULL, NULL },
	{ "fail", VENV_OPTION_STRING, 0, NULL, "the hook that fails", NULL, NULL },
	{ "try", VENV_OPTION_BOOL, 0, "no", "try what may not be done", NULL, NULL },
	{ "thread", VENV_OPTION_BOOL, 0, "no", "call from another thread", NULL, NULL },
	{ "at", VENV_OPTION_STRING, 0, NULL, "where to read and remove", NULL, NULL },
	{ "read", VENV_OPTION_STRING, 0, NULL, "a file to read", NULL, NULL },
	{ "remove", VENV_OPTION_STRING, 0, NULL, "a file to remove", NULL, NULL },
	VENV_OPTION_END
};

DEFINE_(NAME, "1.0", "", "", REQUIRES, .flags = FLAGS, .summary = "take back",
	.options = options, .open = begin, .close = end,
#ifdef SEEDS
	.seed = seed,
#else
	.setup_scripts = seed, .post_setup = post_setup,
#endif
	.undo = undo);
