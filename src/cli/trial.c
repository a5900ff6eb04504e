/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#endif

#include "fs/fs.h"
#include "util/util.h"
#include "builder/builder.h"
#include "process_state.h"
#include "trial_host.h"

#define ANSWER_MAX (1024u * 1024u)

static void finding(struct str *out, const char *text)
{
	str_addf(out, "finding %s\n", text);
}

/* Files where none belong. */
static void look_for_files(struct arena *a, const struct trial *t, int result,
			   struct str *out)
{
	static const char *const places[] = { "home", "tmp", "work", "." };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const char *dir = path_join(a, t->scratch, places[i]);
		_cleanup_dir_ DIR *d = dir ? opendir(dir) : NULL;
		bool top = !strcmp(places[i], ".");
		struct dirent *e;

		while (d && (e = readdir(d))) {
			static const char *const ours[] = { ".",   "..",   "home",
							    "tmp", "work", "cache",
							    "out", "log" };
			bool known = false;

			for (size_t k = 0; k < (top ? ARRAY_SIZE(ours) : 2); k++)
				known |= !strcmp(e->d_name, ours[k]);
			if (known || (top && !result && !strcmp(e->d_name, "env")))
				continue;
			finding(out,
				arena_printf(a, "it left '%s' in %s", e->d_name,
					     top ? "the directory of the environment"
					     : !strcmp(places[i], "home")
						     ? "the home directory"
					     : !strcmp(places[i], "tmp")
						     ? "the directory of temporary files"
						     : "the working directory"));
		}
	}
}

#ifdef __linux__
static void write_map(const char *path, unsigned id)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
	char text[32];
	int n = snprintf(text, sizeof(text), "%u %u 1\n", id, id);

	if (fd >= 0)
		(void)!write(fd, text, (size_t)n);
}
#endif

/* Go where there is no network, under the same user; false where that is not allowed. */
static bool take_network_away(void)
{
#ifdef __linux__
	unsigned uid = geteuid(), gid = getegid();

	if (!uid)
		return !unshare(CLONE_NEWNET);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	write_map("/proc/self/uid_map", uid);
	{
		_cleanup_close_ int fd = open("/proc/self/setgroups",
					      O_WRONLY | O_CLOEXEC);

		if (fd >= 0)
			(void)!write(fd, "deny", 4);
	}
	write_map("/proc/self/gid_map", gid);
	return geteuid() == uid;
#else
	return false;
#endif
}

/* The process as the plugin finds it. */
static bool settle(struct arena *a, const struct trial *t)
{
	static const char *const unset[] = { "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
					     "XDG_STATE_HOME", "XDG_DATA_HOME" };
	const char *out = path_join(a, t->scratch, "out");
	const char *work = path_join(a, t->scratch, "work");
	const char *home = path_join(a, t->scratch, "home");
	const char *tmp = path_join(a, t->scratch, "tmp");
	const char *cache = path_join(a, t->scratch, "cache");
	const struct rlimit none = { 0, 0 };
	int null, fd;

	if (!out || !work || !home || !tmp || !cache || chdir(work))
		return false;
	setenv("HOME", home, 1);
	setenv("TMPDIR", tmp, 1);
	setenv("VENVCTL_CACHE_DIR", cache, 1);
	for (size_t i = 0; i < ARRAY_SIZE(unset); i++)
		unsetenv(unset[i]);
	if (t->config)
		setenv("VENVCTL_CONFIG", t->config, 1);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (null < 0 || fd < 0)
		return false;
	dup2(null, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	close(null);
	close(fd);
	setrlimit(RLIMIT_CORE, &none);
	return true;
}

static int create(struct arena *a, const struct trial *t, int answer,
		  struct venv_error *err)
{
	struct venv_host host;
	struct venv_builder *b = venv_builder_new(err);
	const char *env = path_join(a, t->scratch, "env"),
		   *log = path_join(a, t->scratch, "log");
	int r;

	if (!b || !env || !log)
		return error_nomem(err);
	trial_host(&host, t, b, answer);
	builder_set_host(b, &host);
	r = venv_builder_set(b, "plugin", t->plugin, err);
	if (!r)
		r = venv_builder_set(b, "log-file", log, err);
	if (!r && t->offline)
		r = venv_builder_set(b, "offline", "yes", err);
	if (!r)
		r = builder_use_tool_defaults(b, NULL, err);
	if (!r)
		r = venv_builder_load_config(b, err);
	if (!r)
		r = venv_builder_create(b, env, err);
	venv_builder_free(b);
	return r;
}

static _noreturn_ void be_child(struct arena *a, const struct trial *t, int to)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct str out = STR_INIT;
	struct process_state before;
	struct stat st;
	int r;

	if (!settle(a, t))
		_exit(1);
	if (t->offline && !take_network_away())
		str_add(&out, "network\n");
	process_state_take(a, &before);
	r = create(a, t, to, &err);
	fflush(NULL);
	process_state_compare(a, &before, finding, &out);
	if (!fstat(1, &st) && st.st_size)
		finding(&out, "it wrote to standard output or standard error");
	look_for_files(a, t, r, &out);
	str_addf(&out, "calls %u\nresult %d\n", trial_host_calls(), r);
	/* Last, because a message may be of any form. */
	if (r)
		str_addf(&out, "message %s", venv_error_message(&err));
	(void)!file_write_fd(to, str_text(&out), out.len);
	_exit(0);
}

static const char *after(const char *line, const char *word)
{
	size_t n = strlen(word);

	return !strncmp(line, word, n) ? line + n : NULL;
}

/* 1 if it came to a result, 0 if not. */
static int parse(struct arena *a, char *text, struct trial_result *r,
		 struct venv_error *err)
{
	const char *value;
	int ended = 0;

	while (text && *text) {
		char *end = strchr(text, '\n');

		value = after(text, "message ");
		if (value) {
			r->message = arena_strdup(a, value);
			break;
		}
		if (end)
			*end = '\0';
		if ((value = after(text, "finding "))) {
			if (!strlist_add(a, &r->findings, arena_strdup(a, value)))
				return error_nomem(err);
		} else if ((value = after(text, "calls "))) {
			r->calls = (unsigned)strtoul(value, NULL, 10);
		} else if ((value = after(text, "result "))) {
			r->result = atoi(value);
			ended = 1;
		} else if ((value = after(text, "service "))) {
			r->service = arena_strdup(a, value);
		} else if (!strcmp(text, "network")) {
			r->no_network_to_take = true;
		}
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

/* The child's answer; false if it did not end in time. It could ignore any alarm. */
static bool listen_to(int from, unsigned seconds, struct str *text)
{
	long long end = now_ms() + (long long)seconds * 1000;

	for (;;) {
		struct pollfd p = { .fd = from, .events = POLLIN };
		long long left = end - now_ms();
		char buf[4096];
		ssize_t n;

		if (left <= 0)
			return false;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(from, buf, sizeof(buf));
		if (!n || (n < 0 && errno != EINTR))
			return true;
		if (n > 0 && text->len < ANSWER_MAX)
			str_add_n(text, buf, (size_t)n);
	}
}

int trial_run(struct arena *a, const struct trial *t, struct trial_result *result,
	      struct venv_error *err)
{
	_cleanup_str_ struct str text = STR_INIT;
	int fds[2], status = 0, r = sweep(a, t, err);
	bool in_time;
	pid_t pid;

	*result = (struct trial_result){ 0 };
	if (r)
		return r;
	if (pipe2(fds, O_CLOEXEC))
		return error_errno(err, errno, "cannot start a trial");
	fflush(NULL);
	pid = fork();
	if (!pid)
		be_child(a, t, fds[1]);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return error_errno(err, errno, "cannot start a trial");
	}
	in_time = listen_to(fds[0], t->seconds, &text);
	if (!in_time)
		kill(pid, SIGKILL);
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	r = parse(a, text.s, result, err);
	if (r < 0)
		return r;
	if (!r || !in_time) {
		result->died = true;
		result->result = VENV_ERR_FAILED;
		result->message = !in_time ? "it hung"
				  : !WIFSIGNALED(status)
					  ? "it ended the process"
					  : arena_printf(a, "it crashed (%s)",
							 strsignal(WTERMSIG(status)));
	}
	return 0;
}
