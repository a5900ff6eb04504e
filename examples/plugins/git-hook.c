/* SPDX-License-Identifier: MIT */
/*
 * git-hook - let git run the environment's python before each commit
 *
 * A step that runs a program, git, to learn where the hooks of the repository are. The hook lies
 * outside the environment: undo takes it back, and one that is there already stays.
 */
#include <venvctl/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct hook {
	const struct venv_host *host;
	struct venv_session *session;
	const struct venv_context *ctx;
	char path[4096];
	size_t len;
	int made;
};

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct hook *k = host->alloc(session, sizeof(*k));

	if (!k)
		return VENV_ERR_NOMEM;
	k->host = host;
	k->session = session;
	k->ctx = ctx;
	*data = k;
	/* No quoting to get wrong: the path is to stand between single quotes. */
	if (strchr(ctx->env_exe, '\'')) {
		host->error(session, "the path of the environment has a quote in it");
		return VENV_ERR_UNSUPPORTED;
	}
	return VENV_OK;
}

/* git says one line: the directory of hooks. */
static void on_line(void *data, int stream, const char *line, size_t len)
{
	struct hook *k = data;

	if (stream != VENV_STREAM_STDOUT || k->len)
		return;
	while (len && line[len - 1] == '\n')
		len--;
	if (len < sizeof(k->path) - 16) {
		memcpy(k->path, line, len);
		k->len = len;
	}
}

static int find(struct hook *k)
{
	const char *argv[] = { NULL,	     "rev-parse", "--path-format=absolute",
			       "--git-path", "hooks",	  NULL };
	struct venv_run run;

	memset(&run, 0, sizeof(run));
	run.struct_size = sizeof(run);
	argv[0] = k->host->option(k->session, "git");
	run.argv = argv;
	run.cwd = k->host->option(k->session, "repository");
	run.on_line = on_line;
	run.data = k;
	return k->host->run(k->session, &run);
}

static int post_setup(void *data)
{
	struct hook *k = data;
	char text[4352];
	FILE *f;
	int r = find(k);

	if (r)
		return r;
	memcpy(k->path + k->len, "/pre-commit", sizeof("/pre-commit"));
	f = fopen(k->path, "wx");
	if (!f && errno == EEXIST) {
		k->host->log(k->session, VENV_LOG_WARNING,
			     "there is a pre-commit hook already: it stays");
		return VENV_OK;
	}
	if (f) {
		k->made = 1;
		fprintf(f, "#!/bin/sh\nexec '%s' -m %s\n", k->ctx->env_exe,
			k->host->option(k->session, "module"));
	}
	if (!f || fclose(f) || chmod(k->path, 0755)) {
		snprintf(text, sizeof(text), "cannot write '%s': %s", k->path,
			 strerror(errno));
		k->host->error(k->session, text);
		return VENV_ERR_FAILED;
	}
	return VENV_OK;
}

static int undo(void *data)
{
	struct hook *k = data;

	if (k->made)
		unlink(k->path);
	return VENV_OK;
}

static const char *const modules[] = { "unittest", "compileall", NULL };

static const struct venv_option options[] = {
	{ "repository", VENV_OPTION_PATH, VENV_OPTION_REQUIRED, NULL,
	  "a directory of the repository", NULL, NULL },
	{ "module", VENV_OPTION_CHOICE, 0, "unittest", "what the hook runs", NULL,
	  modules },
	{ "git", VENV_OPTION_PATH, 0, "/usr/bin/git", "the program git", NULL, NULL },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE(git_hook, "1.0", .summary = "run a module before each commit",
		   .options = options, .open = begin, .post_setup = post_setup,
		   .undo = undo);
