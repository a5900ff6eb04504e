/* SPDX-License-Identifier: MIT */
/* mock-rude.c - a plugin that does, one at a time, what a plugin must not do */
#include <venvctl/plugin.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct rude {
	const struct venv_host *host;
	struct venv_session *session;
	const struct venv_context *ctx;
};

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct rude *r = host->alloc(session, sizeof(*r));

	if (!r)
		return VENV_ERR_NOMEM;
	r->host = host;
	r->session = session;
	r->ctx = ctx;
	*data = r;
	return VENV_OK;
}

static int seed(void *data)
{
	struct rude *r = data;
	const char *what = r->host->option(r->session, "do");
	int wrote;

	if (!strcmp(what, "descriptor"))
		return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 ? VENV_ERR_FAILED
								   : VENV_OK;
	if (!strcmp(what, "directory"))
		return chdir("/") ? VENV_ERR_FAILED : VENV_OK;
	if (!strcmp(what, "umask"))
		umask(0);
	if (!strcmp(what, "environment"))
		setenv("RUDE", "1", 1);
	if (!strcmp(what, "signal"))
		signal(SIGUSR1, SIG_IGN);
	if (!strcmp(what, "output"))
		puts("rude");
	if (!strcmp(what, "home")) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/.rude", getenv("HOME"));
		return mkdir(path, 0700) ? VENV_ERR_FAILED : VENV_OK;
	}
	/* Beside the environment, and where others' temporary files are. */
	if (!strcmp(what, "beside"))
		return mkdir("../beside", 0700) ? VENV_ERR_FAILED : VENV_OK;
	if (!strcmp(what, "work"))
		return mkdir("here", 0700) ? VENV_ERR_FAILED : VENV_OK;
	if (!strcmp(what, "tmp")) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/rude", getenv("TMPDIR"));
		return mkdir(path, 0700) ? VENV_ERR_FAILED : VENV_OK;
	}
	if (!strcmp(what, "error-output"))
		fputs("rude\n", stderr);
	/* The environment's final place belongs to nobody before publication. */
	if (!strcmp(what, "final"))
		return mkdir(r->ctx->env_dir, 0700) ? VENV_ERR_FAILED : VENV_OK;
	if (!strcmp(what, "crash"))
		raise(SIGSEGV);
	if (!strcmp(what, "exit"))
		_exit(0);
	/* A datagram socket needs nobody at the other end, only a network. */
	if (!strcmp(what, "network")) {
		const struct sockaddr_in to = { .sin_family = AF_INET,
						.sin_port = htons(9),
						.sin_addr.s_addr =
							htonl(INADDR_LOOPBACK) };
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		int failed = connect(fd, (const struct sockaddr *)&to, sizeof(to));

		close(fd);
		return failed ? VENV_ERR_FAILED : VENV_OK;
	}
	wrote = r->host->write_file(r->session, "rude", "x\n", 2, 0666);
	if (!strcmp(what, "ignore"))
		return VENV_OK;
	/* What the user wants is nothing to this one, nor is an alarm. */
	if (!strcmp(what, "deaf") && r->host->cancelled(r->session)) {
		signal(SIGALRM, SIG_IGN);
		for (;;)
			pause();
	}
	if (!strcmp(what, "die-of-failure") && wrote)
		raise(SIGSEGV);
	return wrote;
}

static const char *const what[] = {
	"nothing",	  "descriptor", "directory", "umask",  "environment", "signal",
	"output",	  "home",	"final",     "crash",  "exit",	      "ignore",
	"die-of-failure", "network",	"deaf",	     "beside", "work",	      "tmp",
	"error-output",	  NULL
};

static const struct venv_option options[] = { { "do", VENV_OPTION_CHOICE, 0, "nothing",
						"what to do", NULL, what },
					      VENV_OPTION_END };

VENV_PLUGIN_DEFINE(mock_rude, "1.0", .summary = "misbehave", .options = options,
		   .open = begin, .seed = seed);
