/* SPDX-License-Identifier: MIT */
/* mock-step.c - a step that changes the environment and then fails, waits or succeeds */
#include <venvctl/plugin.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct step {
	const struct venv_host *host;
	struct venv_session *session;
	const struct venv_context *ctx;
};

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct step *s = host->alloc(session, sizeof(*s));

	if (!s)
		return VENV_ERR_NOMEM;
	s->host = host;
	s->session = session;
	s->ctx = ctx;
	*data = s;
	return VENV_OK;
}

static int is(struct step *s, const char *what)
{
	return !strcmp(s->host->option(s->session, "do"), what);
}

static int fail(struct step *s, const char *message)
{
	s->host->error(s->session, message);
	return VENV_ERR_FAILED;
}

/* As an installer would: behind the host's back, into files that are there. */
static int spoil(struct step *s)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/activate", s->ctx->bin_path);
	if (unlink(path))
		return fail(s, "cannot remove a script");
	snprintf(path, sizeof(path), "%s/spoiled", s->ctx->lib_path);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		return fail(s, "cannot make a file");
	close(fd);
	return VENV_OK;
}

static int seed(void *data)
{
	struct step *s = data;

	if (is(s, "fail-in-seed"))
		return s->host->write_file(s->session, "seeded", "x\n", 2, 0666)
			       ? VENV_ERR_FAILED
			       : fail(s, "it was asked to fail");
	return is(s, "seed") ? VENV_OK : VENV_LATER;
}

static int post_setup(void *data)
{
	static const char *const argv[] = { "/bin/sleep", "90", NULL };
	struct venv_run run = { .struct_size = sizeof(run), .argv = argv };
	struct step *s = data;

	if (spoil(s))
		return VENV_ERR_FAILED;
	if (is(s, "wait")) {
		/* The test waits for this line. */
		s->host->progress(s->session, VENV_STREAM_MAIN, "waiting\n");
		return s->host->run(s->session, &run);
	}
	return is(s, "succeed") ? VENV_OK : fail(s, "it was asked to fail");
}

static const char *const what[] = { "fail", "fail-in-seed", "wait",
				    "seed", "succeed",	    NULL };

static const struct venv_option options[] = {
	{ "do", VENV_OPTION_CHOICE, 0, "fail", "what to do", NULL, what }, VENV_OPTION_END
};

VENV_PLUGIN_DEFINE(mock_step, "1.0",
		   .summary = "change the environment, then end somehow",
		   .options = options, .open = begin, .seed = seed,
		   .post_setup = post_setup);
