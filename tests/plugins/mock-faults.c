/* SPDX-License-Identifier: MIT */
/*
 * mock-faults.c - a plugin with one fault at a time: tests/fault/plugins.py has the table
 *
 * `do` names the fault and `at` the hook; while it is loaded MOCK_FAULTS_LOAD names one.  What
 * cannot change once it is compiled is a macro.
 */
#include <venvctl/plugin.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <locale.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PROVIDES
#define PROVIDES ""
#endif
#ifndef REQUIRES
#define REQUIRES ""
#endif

struct faults {
	const struct venv_host *host;
	struct venv_session *session;
	const struct venv_context *ctx;
	const char *what, *at;
};

/* The help is the plugin's own memory, which a fault writes to. */
static char help[] = "which fault";
static struct venv_option options[];

static void *stay(void *data)
{
	(void)data;
	for (;;)
		pause();
	return NULL;
}

static void nothing(int sig)
{
	(void)sig;
}

/* A process that stays: of its own session, a child of this one or an orphan. */
static int leave_process(int orphan)
{
	pid_t pid = fork();

	if (pid < 0)
		return VENV_ERR_FAILED;
	if (pid) {
		if (orphan)
			waitpid(pid, NULL, 0);
		return VENV_OK;
	}
	if (orphan && fork())
		_exit(0);
	setsid();
	/* Who waits for the end of the tool's output is not to wait for this. */
	for (int fd = 0; fd < 64; fd++)
		close(fd);
	sleep(20);
	_exit(0);
}

static int make_file(const char *dir, const char *name)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : ".", name);
	f = fopen(path, "a");
	if (!f)
		return VENV_ERR_FAILED;
	fputs("faulty\n", f);
	return fclose(f) ? VENV_ERR_FAILED : VENV_OK;
}

static int make_deep(const char *dir)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/.config", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/.config/faulty", dir);
	mkdir(path, 0700);
	return make_file(path, "settings");
}

/* Without end, which no compiler is to see. */
static int overflow(volatile char *above);
static int (*volatile again)(volatile char *above) = overflow;
static int overflow(volatile char *above)
{
	volatile char here[4096];

	here[0] = *above;
	return again(here) + here[0];
}

static int change_process(const char *what)
{
	if (!strcmp(what, "umask"))
		umask(0);
	else if (!strcmp(what, "chdir"))
		return chdir("/") ? VENV_ERR_FAILED : VENV_OK;
	else if (!strcmp(what, "locale"))
		setlocale(LC_ALL, "C.UTF-8");
	else if (!strcmp(what, "thread-locale"))
		uselocale(newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0));
	else if (!strcmp(what, "sigmask")) {
		sigset_t all;

		sigfillset(&all);
		sigprocmask(SIG_BLOCK, &all, NULL);
	} else if (!strcmp(what, "handler"))
		signal(SIGUSR1, nothing);
	else if (!strcmp(what, "handlers")) {
		signal(SIGUSR1, nothing);
		signal(SIGUSR2, nothing);
		signal(SIGPIPE, SIG_IGN);
	} else if (!strcmp(what, "setenv")) {
		setenv("FAULTY", "1", 1);
		setenv("FAULTY_TOO", "1", 1);
	} else if (!strcmp(what, "unsetenv"))
		unsetenv("PATH");
	else if (!strcmp(what, "descriptor"))
		return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 ? VENV_ERR_FAILED
								   : VENV_OK;
	else if (!strcmp(what, "descriptors")) {
		for (int i = 0; i < 12; i++)
			(void)!open("/dev/null", O_RDONLY | O_CLOEXEC);
	} else if (!strcmp(what, "close-stdin"))
		close(0);
	else if (!strcmp(what, "close-stdout"))
		close(1);
	else if (!strcmp(what, "close-stderr"))
		close(2);
	else if (!strcmp(what, "close-all")) {
		for (int fd = 3; fd < 256; fd++)
			close(fd);
	} else if (!strcmp(what, "itimer")) {
		const struct itimerval hour = { { 0, 0 }, { 3600, 0 } };

		setitimer(ITIMER_REAL, &hour, NULL);
	} else if (!strcmp(what, "timer")) {
		struct sigevent none = { .sigev_notify = SIGEV_NONE };
		const struct itimerspec hour = { { 0, 0 }, { 3600, 0 } };
		timer_t t;

		if (timer_create(CLOCK_MONOTONIC, &none, &t) ||
		    timer_settime(t, 0, &hour, NULL))
			return VENV_ERR_FAILED;
	} else if (!strcmp(what, "limit")) {
		struct rlimit limit;

		getrlimit(RLIMIT_NOFILE, &limit);
		limit.rlim_cur = 64;
		setrlimit(RLIMIT_NOFILE, &limit);
	} else if (!strcmp(what, "session"))
		setsid();
	else if (!strcmp(what, "subreaper"))
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	else if (!strcmp(what, "thread")) {
		pthread_t t;

		return pthread_create(&t, NULL, stay, NULL) ? VENV_ERR_FAILED : VENV_OK;
	} else if (!strcmp(what, "child"))
		return leave_process(0);
	else if (!strcmp(what, "orphan"))
		return leave_process(1);
	else if (!strcmp(what, "zombie")) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
	} else if (!strcmp(what, "leak")) {
		char *p = malloc(10000);

		if (p)
			p[0] = 1;
		/* Nobody knows where it is any more. */
		__asm__ volatile("" : : "r"(p) : "memory");
	} else if (!strcmp(what, "stdout")) {
		puts("said by a hook");
		fflush(stdout);
	} else if (!strcmp(what, "stderr"))
		fputs("said by a hook\n", stderr);
	else
		return 1;
	return VENV_OK;
}

static int end_process(const char *what)
{
	if (!strcmp(what, "exit"))
		exit(0);
	if (!strcmp(what, "_exit"))
		_exit(0);
	if (!strcmp(what, "exit-3"))
		exit(3);
	if (!strcmp(what, "crash"))
		raise(SIGSEGV);
	if (!strcmp(what, "abort"))
		abort();
	if (!strcmp(what, "kill"))
		raise(SIGKILL);
	if (!strcmp(what, "divide"))
		raise(SIGFPE);
	if (!strcmp(what, "daemon"))
		return daemon(1, 1) ? VENV_ERR_FAILED : VENV_OK;
	if (!strcmp(what, "overflow")) {
		char top = 0;

		return overflow(&top);
	}
	if (!strcmp(what, "hang"))
		stay(NULL);
	return 1;
}

static int write_elsewhere(struct faults *f)
{
	const char *where = f->host->option(f->session, "where");
	const char *what = f->what;

	if (!strcmp(what, "home"))
		return make_file(getenv("HOME"), ".faulty");
	if (!strcmp(what, "homes")) {
		make_file(getenv("HOME"), ".faulty");
		return make_file(getenv("HOME"), ".faulty-too");
	}
	if (!strcmp(what, "home-deep"))
		return make_deep(getenv("HOME"));
	if (!strcmp(what, "tmp"))
		return make_file(getenv("TMPDIR"), "faulty");
	if (!strcmp(what, "cwd"))
		return make_file(".", "faulty");
	if (!strcmp(what, "beside"))
		return make_file(f->ctx->stage_dir, "../beside");
	if (!strcmp(what, "final"))
		return mkdir(f->ctx->env_dir, 0700) ? VENV_ERR_FAILED : VENV_OK;
	/* Wherever the table says: the user's own, past HOME and TMPDIR. */
	if (!strcmp(what, "where"))
		return make_file(where, "faulty");
	if (!strcmp(what, "where-deep"))
		return make_deep(where);
	if (!strcmp(what, "where-remove")) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/mine", where);
		return remove(path) ? VENV_ERR_FAILED : VENV_OK;
	}
	return 1;
}

static int harm_environment(struct faults *f)
{
	const struct venv_host *h = f->host;
	const char *what = f->what;
	char text[8192];

	if (!strcmp(what, "stage-path")) {
		snprintf(text, sizeof(text), "prefix = %s\n", f->ctx->stage_dir);
		return h->write_file(f->session, "share/prefix", text, strlen(text),
				     0666);
	}
	if (!strcmp(what, "stage-link")) {
		snprintf(text, sizeof(text), "%s/bin/tool", f->ctx->stage_dir);
		return symlink(f->ctx->stage_dir, text) ? VENV_ERR_FAILED : VENV_OK;
	}
	if (!strcmp(what, "cfg"))
		return make_file(f->ctx->stage_dir, "pyvenv.cfg");
	if (!strcmp(what, "cfg-remove")) {
		snprintf(text, sizeof(text), "%s/pyvenv.cfg", f->ctx->stage_dir);
		return remove(text) ? VENV_ERR_FAILED : VENV_OK;
	}
	/* The context is the host's, and not in memory that cannot be written. */
	if (!strcmp(what, "context")) {
		((struct venv_context *)(uintptr_t)f->ctx)->prompt = "faulty";
		return VENV_OK;
	}
	if (!strcmp(what, "context-text")) {
		((char *)(uintptr_t)f->ctx->cache_tag)[0] = 'X';
		return VENV_OK;
	}
	if (!strcmp(what, "table")) {
		options[1].default_value = "open";
		return VENV_OK;
	}
	if (!strcmp(what, "strings")) {
		help[0] = 'W';
		return VENV_OK;
	}
	return 1;
}

static int run(struct faults *f, const char *program, const char *option,
	       const char *argument)
{
	const char *argv[] = { program, option, argument, NULL };
	struct venv_run r;

	memset(&r, 0, sizeof(r));
	r.struct_size = sizeof(r);
	r.flags = VENV_RUN_QUIET;
	r.argv = argv;
	return f->host->run(f->session, &r);
}

static int run_early(struct faults *f)
{
	char text[8192];
	int status;
	pid_t pid;

	snprintf(text, sizeof(text), "%s/bin/python3", f->ctx->stage_dir);
	if (!strcmp(f->what, "early"))
		return run(f, text, "-c", "pass");
	if (!strcmp(f->what, "early-final")) {
		snprintf(text, sizeof(text), "%s/bin/python3", f->ctx->env_dir);
		return run(f, text, "-c", "pass");
	}
	if (!strcmp(f->what, "early-sh")) {
		snprintf(text, sizeof(text), "'%s'/bin/python3 -S -c pass",
			 f->ctx->stage_dir);
		return run(f, "/bin/sh", "-c", text);
	}
	if (!strcmp(f->what, "early-fork")) {
		pid = fork();
		if (!pid) {
			execl(text, text, "-S", "-c", "pass", (char *)NULL);
			_exit(127);
		}
		return waitpid(pid, &status, 0) != pid || status ? VENV_ERR_FAILED
								 : VENV_OK;
	}
	return 1;
}

static int write_file(struct faults *f, const char *path)
{
	return f->host->write_file(f->session, path, "x\n", 2, 0666);
}

static void *write_there(void *data)
{
	(void)write_file(data, "share/stray");
	return NULL;
}

static int misuse_services(struct faults *f)
{
	const struct venv_host *h = f->host;
	const char *what = f->what;

	if (!strcmp(what, "undeclared")) {
		(void)h->option(f->session, "colour");
		(void)h->option_bool(f->session, "colour");
		return VENV_OK;
	}
	if (!strcmp(what, "path-up"))
		return write_file(f, "../faulty");
	if (!strcmp(what, "path-absolute"))
		return write_file(f, "/tmp/faulty");
	if (!strcmp(what, "path-cfg"))
		return write_file(f, "pyvenv.cfg");
	if (!strcmp(what, "path-python"))
		return write_file(f, "bin/python3");
	if (!strcmp(what, "path-staging"))
		return write_file(f, ".venvctl-incomplete");
	if (!strcmp(what, "own-key"))
		return h->config_set(f->session, "home", "/elsewhere");
	if (!strcmp(what, "key-value"))
		return h->config_set(f->session, "faulty", "two\nlines");
	if (!strcmp(what, "late-key"))
		return h->config_set(f->session, "faulty", "1");
	if (!strcmp(what, "run-relative"))
		return run(f, "sh", "-c", "true");
	if (!strcmp(what, "run-missing"))
		return run(f, "/nowhere/program", "-c", "true");
	if (!strcmp(what, "run-fails"))
		return run(f, "/bin/sh", "-c",
			   "echo first words; echo last words >&2; exit 3");
	if (!strcmp(what, "tree-missing"))
		return h->install_tree(f->session, "/nowhere", 0);
	if (!strcmp(what, "stray")) {
		pthread_t t;

		if (pthread_create(&t, NULL, write_there, f))
			return VENV_ERR_FAILED;
		pthread_join(t, NULL);
		return VENV_OK;
	}
	if (!strcmp(what, "write"))
		return write_file(f, "share/late");
	if (!strcmp(what, "ignores")) {
		(void)write_file(f, "share/ignored");
		return VENV_OK;
	}
	if (!strcmp(what, "dies-of-failure")) {
		if (write_file(f, "share/file"))
			raise(SIGSEGV);
		return VENV_OK;
	}
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
	/* Once the user wants to stop, it takes its time. */
	if (!strcmp(what, "deaf")) {
		int r = write_file(f, "share/file");

		if (h->cancelled(f->session))
			sleep(15);
		return r;
	}
	return 1;
}

static int return_wrong(struct faults *f)
{
	const char *what = f->what;

	if (!strcmp(what, "result-5"))
		return 5;
	if (!strcmp(what, "result-40"))
		return -40;
	if (!strcmp(what, "result-skip"))
		return VENV_SKIP;
	if (!strcmp(what, "silent"))
		return VENV_ERR_FAILED;
	if (!strcmp(what, "nobody-asked"))
		return VENV_ERR_CANCELLED;
	if (!strcmp(what, "late-later"))
		return write_file(f, "share/early") ? VENV_ERR_FAILED : VENV_LATER;
	if (!strcmp(what, "long-message")) {
		static char text[100000];

		memset(text, 'x', sizeof(text) - 1);
		f->host->error(f->session, text);
		return VENV_ERR_FAILED;
	}
	return VENV_OK;
}

/* The fault, if this is its hook. */
static int act(struct faults *f, const char *hook)
{
	int r;

	if (strcmp(f->at, hook) != 0)
		return VENV_OK;
	r = end_process(f->what);
	if (r > 0)
		r = change_process(f->what);
	if (r > 0)
		r = write_elsewhere(f);
	if (r > 0)
		r = harm_environment(f);
	if (r > 0)
		r = run_early(f);
	if (r > 0)
		r = misuse_services(f);
	return r > 0 ? return_wrong(f) : r;
}

__attribute__((constructor)) static void load(void)
{
	const char *what = getenv("MOCK_FAULTS_LOAD");

	if (!what || end_process(what) <= 0 || change_process(what) <= 0)
		return;
	if (!strcmp(what, "home"))
		make_file(getenv("HOME"), ".faulty");
}

static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct faults *f = host->alloc(session, sizeof(*f));

	if (!f)
		return VENV_ERR_NOMEM;
	f->host = host;
	f->session = session;
	f->ctx = ctx;
	f->what = host->option(session, "do");
	f->at = host->option(session, "at");
	*data = f;
	return act(f, "open");
}

static int setup_scripts(void *data)
{
	return act(data, "setup_scripts");
}

static int place(struct faults *f)
{
	return write_file(f, "share/faults");
}

static int seed(void *data)
{
	struct faults *f = data;
	int r;

	if (!strcmp(f->at, "post_setup"))
		return VENV_LATER;
	r = act(f, "seed");
	return r ? r : place(f);
}

#ifndef NO_POST_SETUP
static int post_setup(void *data)
{
	struct faults *f = data;
	int r = act(f, "post_setup");

	return r ? r : place(f);
}
#endif

#ifdef UNDO
/* Take nothing back. */
static int undo(void *data)
{
	(void)data;
	return VENV_OK;
}
#endif

static void end(void *data, int result)
{
	(void)result;
	act(data, "close");
}

static const char *const hooks[] = { "open",	   "setup_scripts", "seed",
				     "post_setup", "close",	    NULL };

static struct venv_option options[] = {
	{ "do", VENV_OPTION_STRING, 0, "nothing", help, NULL, NULL },
	{ "at", VENV_OPTION_CHOICE, 0, "seed", "the hook", NULL, hooks },
	{ "where", VENV_OPTION_PATH, 0, NULL, "a directory of the user", NULL, NULL },
#ifdef OPTION
	OPTION,
#endif
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE_ORDERED(mock_faults, "1.0", PROVIDES, "", REQUIRES,
#ifndef NO_SUMMARY
			   .summary = "have a fault",
#endif
#ifndef NO_POST_SETUP
			   .post_setup = post_setup,
#endif
#ifdef UNDO
			   .undo = undo,
#endif
			   .options = options, .open = begin, .close = end,
			   .setup_scripts = setup_scripts, .seed = seed);

#ifdef EXPORTS
VENV_EXPORT int mock_faults_helper(void);
int mock_faults_helper(void)
{
	return 0;
}
#endif
#ifdef LACKS
int mock_faults_lacks(void);
VENV_EXPORT int mock_faults_calls(void);
int mock_faults_calls(void)
{
	return mock_faults_lacks();
}
#endif
