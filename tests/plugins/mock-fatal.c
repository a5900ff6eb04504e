/* SPDX-License-Identifier: MIT */
/*
 * mock-fatal.c - a plugin that does, in the hook that it is told, what harms its process
 *
 * `at` names the hook and `do` the deed.  While it is loaded there are no options: then
 * MOCK_FATAL_LOAD has the deed, and when it is unloaded MOCK_FATAL_UNLOAD.
 */
#include <venvctl/plugin.h>

#include <errno.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fatal {
	const struct venv_host *host;
	struct venv_session *session;
	const char *name; /* of the environment */
};

/* A process that has all that this one has open, and stays. */
static void leave_child(void)
{
	const char *file = getenv("MOCK_FATAL_PID");
	FILE *f;

	if (fork())
		return;
	setsid();
	/* Who waits for the end of the tool's output is not to wait for this. */
	if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
		_exit(1);
	close(3);
	f = file ? fopen(file, "w") : NULL;
	if (f) {
		fprintf(f, "%ld\n", (long)getpid());
		fclose(f);
	}
	sleep(60);
	_exit(0);
}

static void say_hanging(void)
{
	/* The test waits for this line. */
	fputs("hanging\n", stderr);
}

static void block_all(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
}

static void act(const char *deed)
{
	if (!strcmp(deed, "exit"))
		exit(0);
	if (!strcmp(deed, "_exit"))
		_exit(0);
	if (!strcmp(deed, "exit-3"))
		exit(3);
	/* The process is another program. */
	if (!strcmp(deed, "exec"))
		execl("/bin/true", "true", (char *)NULL);
	if (!strcmp(deed, "end-thread"))
		pthread_exit(NULL);
	if (!strcmp(deed, "abort"))
		abort();
	if (!strcmp(deed, "crash"))
		raise(SIGSEGV);
	if (!strcmp(deed, "kill"))
		raise(SIGKILL);
	if (!strcmp(deed, "daemon") && daemon(1, 1))
		abort();
	if (!strcmp(deed, "fork"))
		leave_child();
	if (!strcmp(deed, "fork-exit")) {
		leave_child();
		_exit(0);
	}
	/* Both go on. */
	if (!strcmp(deed, "twice") && fork() < 0)
		abort();
	if (!strcmp(deed, "umask"))
		umask(0);
	if (!strcmp(deed, "chdir") && chdir("/"))
		abort();
	if (!strcmp(deed, "locale") && !setlocale(LC_ALL, "C.UTF-8"))
		abort();
	if (!strcmp(deed, "block"))
		block_all();
	if (!strcmp(deed, "close") || !strcmp(deed, "close-hang")) {
		for (int fd = 3; fd < 256; fd++)
			close(fd);
	}
	if (!strcmp(deed, "print"))
		puts("printed by a hook");
	/* What the user wants is nothing to this one. */
	if (!strcmp(deed, "hang") || !strcmp(deed, "hang-deaf") ||
	    !strcmp(deed, "close-hang")) {
		if (!strcmp(deed, "hang-deaf"))
			block_all();
		say_hanging();
		for (;;)
			pause();
	}
	if (!strcmp(deed, "alarm"))
		alarm(1);
}

/* Until the user wants to stop. */
static int obey(const struct fatal *f)
{
	say_hanging();
	while (!f->host->cancelled(f->session))
		usleep(10000);
	return VENV_ERR_CANCELLED;
}

__attribute__((constructor)) static void loaded(void)
{
	const char *deed = getenv("MOCK_FATAL_LOAD");

	if (deed)
		act(deed);
}

__attribute__((destructor)) static void unloaded(void)
{
	const char *deed = getenv("MOCK_FATAL_UNLOAD");

	if (deed)
		act(deed);
}

static int reach(struct fatal *f, const char *hook)
{
	const char *deed = f->host->option(f->session, "do");

	const char *only = f->host->option(f->session, "only");

	if (strcmp(f->host->option(f->session, "at"), hook) != 0 ||
	    (only && strcmp(only, f->name) != 0))
		return VENV_OK;
	/* In a session of its own no terminal reaches it. */
	if (!strcmp(deed, "obey-apart"))
		setsid();
	if (!strncmp(deed, "obey", 4))
		return obey(f);
	act(deed);
	return VENV_OK;
}

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct fatal *f = host->alloc(session, sizeof(*f));

	if (!f)
		return VENV_ERR_NOMEM;
	f->host = host;
	f->session = session;
	f->name = ctx->env_name;
	*data = f;
	return reach(f, "open");
}

static int setup_scripts(void *data)
{
	return reach(data, "setup_scripts");
}

/* Then post_setup is called: there is no other way to have both hooks. */
static int seed(void *data)
{
	struct fatal *f = data;
	int r = reach(f, "seed");

	return r ? r : VENV_LATER;
}

static int post_setup(void *data)
{
	struct fatal *f = data;
	int r = f->host->write_file(f->session, "share/placed", "x\n", 2, 0666);

	return r ? r : reach(f, "post_setup");
}

static int undo(void *data)
{
	return reach(data, "undo");
}

static void end(void *data, int result)
{
	(void)result;
	reach(data, "close");
}

static const struct venv_option options[] = {
	{ "at", VENV_OPTION_STRING, 0, "nowhere", "the hook that does it", NULL, NULL },
	{ "do", VENV_OPTION_STRING, 0, "nothing", "what it does", NULL, NULL },
	{ "only", VENV_OPTION_STRING, 0, NULL, "the one environment", NULL, NULL },
	VENV_OPTION_END
};

#ifndef FLAGS
#define FLAGS 0
#endif
VENV_PLUGIN_DEFINE(mock_fatal, "1.0", .flags = FLAGS,
		   .summary = "harm the process that runs it", .options = options,
		   .open = begin, .close = end, .setup_scripts = setup_scripts,
		   .seed = seed, .post_setup = post_setup, .undo = undo);
