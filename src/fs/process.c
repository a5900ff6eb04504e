/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#ifdef __linux__
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

/* How often `cancelled` is asked while the child runs. */
#define TICK_MS 50
/* From TERM to KILL. */
#define GRACE_MS 5000
/* After the child's end a grandchild may hold its pipes open: how long to read on. */
#define DRAIN_MS 500
/* A line longer than this is handed on in parts. */
#define LINE_MAX_BYTES 65536u

struct stream {
	int fd;
	int number;
	struct str line;
};

struct child {
	const struct process *p;
	pid_t pid;
	int pidfd; /* readable once the child has ended; -1 if the system has none */
	struct stream streams[2];
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void hand_on(const struct process *p, struct stream *s, size_t n)
{
	if (p->on_line)
		p->on_line(p->data, s->number, s->line.s, n);
	memmove(s->line.s, s->line.s + n, s->line.len - n + 1);
	s->line.len -= n;
}

/* Read what is there; closes the stream at its end. */
static void drain(const struct process *p, struct stream *s)
{
	char buf[8192];
	ssize_t n = read(s->fd, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) {
		char *end;

		str_add_n(&s->line, buf, (size_t)n);
		if (str_failed(&s->line)) {
			/* Losing output is better than losing the child. */
			str_clear(&s->line);
			return;
		}
		while (s->line.len && (end = memchr(s->line.s, '\n', s->line.len)))
			hand_on(p, s, (size_t)(end - s->line.s) + 1);
		if (s->line.len >= LINE_MAX_BYTES)
			hand_on(p, s, s->line.len);
		return;
	}
	if (s->line.len)
		hand_on(p, s, s->line.len);
	close(s->fd);
	s->fd = -1;
}

/* A file that holds DATA and is gone with its descriptor: no pipe to feed, no SIGPIPE. */
static int open_input(const void *data, size_t len)
{
	int fd;

	if (!len)
		return open("/dev/null", O_RDONLY | O_CLOEXEC);
#ifdef __linux__
	fd = memfd_create("stdin", MFD_CLOEXEC);
#else
	char name[] = "/tmp/venvctl-XXXXXX";

	fd = mkstemp(name);
	if (fd >= 0)
		unlink(name);
#endif
	if (fd >= 0 && (file_write_fd(fd, data, len) || lseek(fd, 0, SEEK_SET))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Between fork and exec: nothing here but async-signal-safe calls. */
static _noreturn_ void become(const struct process *p, int in, int out, int err,
			      int report, pid_t parent)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t none;
	int e;

	setpgid(0, 0);
#ifdef __linux__
	/* When the parent is killed, so is the child.  Has it died before this call? */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	if (getppid() != parent)
		_exit(127);
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0 &&
	    (!p->cwd || !chdir(p->cwd)))
		execve(p->argv[0], (char *const *)(uintptr_t)p->argv,
		       (char *const *)(uintptr_t)p->env);
	e = errno;
	(void)!write(report, &e, sizeof(e));
	_exit(127);
}

static void close_pair(int fds[2])
{
	for (int i = 0; i < 2; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

static int start(struct child *c, struct venv_error *err)
{
	int out[2] = { -1, -1 }, errs[2] = { -1, -1 }, report[2] = { -1, -1 };
	_cleanup_close_ int in = -1;
	pid_t self = getpid();
	sigset_t all, old;
	int e = 0;

	in = open_input(c->p->stdin_data, c->p->stdin_len);
	if (in < 0 || pipe2(out, O_CLOEXEC) || pipe2(errs, O_CLOEXEC) ||
	    pipe2(report, O_CLOEXEC)) {
		e = errno;
		goto out;
	}
	/*
	 * The handlers of this process must not run in the child: blocked over the
	 * fork, they are reset there before anything can arrive.
	 */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	c->pid = fork();
	if (!c->pid)
		become(c->p, in, out[1], errs[1], report[1], self);
	e = c->pid < 0 ? errno : 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (e)
		goto out;
	/* Both set the child's group: either may need it before the other has run. */
	setpgid(c->pid, c->pid);
	close(report[1]);
	report[1] = -1;
	while (read(report[0], &e, sizeof(e)) < 0 && errno == EINTR)
		;
	if (e) {
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
		goto out;
	}
	c->streams[0] = (struct stream){ steal_fd(&out[0]), VENV_STREAM_STDOUT,
					 STR_INIT };
	c->streams[1] = (struct stream){ steal_fd(&errs[0]), VENV_STREAM_STDERR,
					 STR_INIT };
	for (int i = 0; i < 2; i++)
		fcntl(c->streams[i].fd, F_SETFL, O_NONBLOCK);
#ifdef SYS_pidfd_open
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
#endif
out:
	close_pair(out);
	close_pair(errs);
	close_pair(report);
	return e ? error_errno(err, e, "cannot run '%s'", c->p->argv[0]) : 0;
}

/* Wait for output or the child's end, for at most MS; true if a stream is open still. */
static bool attend(struct child *c, int ms)
{
	/* poll() passes over descriptors below 0. */
	struct pollfd fds[3] = {
		{ .fd = c->streams[0].fd, .events = POLLIN },
		{ .fd = c->streams[1].fd, .events = POLLIN },
		{ .fd = c->pidfd, .events = POLLIN },
	};
	bool open = c->streams[0].fd >= 0 || c->streams[1].fd >= 0;

	/* Neither output nor a pidfd will tell of the child's end: look again soon. */
	if (!open && c->pidfd < 0 && ms > 2)
		ms = 2;
	if (poll(fds, ARRAY_SIZE(fds), ms) > 0) {
		for (int i = 0; i < 2; i++) {
			if (fds[i].revents)
				drain(c->p, &c->streams[i]);
		}
	}
	return open;
}

/*
 * Has it ended?  It is not waited for yet: as long as it is not, its number is that of its
 * group and of nobody else's.  *FAILED if it did not exit with 0, as far as that is known.
 */
static bool ended(const struct child *c, bool *failed)
{
	siginfo_t info = { 0 };
	int r;

	do {
		r = waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	} while (r < 0 && errno == EINTR);
	*failed = !r && (info.si_code != CLD_EXITED || info.si_status);
	return r < 0 || info.si_pid == c->pid;
}

static int reap(const struct child *c)
{
	int raw = 0;
	pid_t r;

	do {
		r = waitpid(c->pid, &raw, 0);
	} while (r < 0 && errno == EINTR);
	/* ECHILD: the program ignores SIGCHLD, or waits for any child: the status is lost. */
	return r < 0 ? 0x7f00 : raw;
}

/* End the group: TERM, GRACE_MS to comply, KILL. */
static void stop(struct child *c)
{
	int64_t until = now_ms() + GRACE_MS;
	bool failed;

	kill(-c->pid, SIGTERM);
	while (!ended(c, &failed)) {
		if (now_ms() >= until) {
			kill(-c->pid, SIGKILL);
			until = INT64_MAX;
		}
		attend(c, TICK_MS);
	}
}

int process_run(const struct process *p, int *status, struct venv_error *err)
{
	struct child c = { .p = p, .pidfd = -1 };
	int64_t deadline = p->timeout_ms < 0 ? INT64_MAX : now_ms() + p->timeout_ms;
	int raw, r = start(&c, err);
	bool failed = true;
	int64_t end;

	if (r)
		return r;
	while (!ended(&c, &failed)) {
		if (p->cancelled && p->cancelled(p->data)) {
			stop(&c);
			r = error_set(err, VENV_ERR_CANCELLED, "'%s' was cancelled",
				      p->argv[0]);
			break;
		}
		if (now_ms() >= deadline) {
			stop(&c);
			r = error_set(err, VENV_ERR_FAILED,
				      "'%s' was stopped after %d seconds", p->argv[0],
				      p->timeout_ms / 1000);
			break;
		}
		attend(&c, TICK_MS);
	}
	/* The pidfd of an ended child stays readable: poll() would not wait any more. */
	if (c.pidfd >= 0)
		close(steal_fd(&c.pidfd));
	/* What it left running is no part of anything that goes on. */
	failed |= r != 0;
	if (failed)
		kill(-c.pid, SIGTERM);
	end = now_ms() + DRAIN_MS;
	while (now_ms() < end && attend(&c, TICK_MS))
		;
	if (failed)
		kill(-c.pid, SIGKILL);
	raw = reap(&c);
	for (int i = 0; i < 2; i++) {
		struct stream *s = &c.streams[i];

		if (s->line.len)
			hand_on(p, s, s->line.len);
		if (s->fd >= 0)
			close(s->fd);
		str_release(&s->line);
	}
	*status = WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
	return r;
}

/* What a container's limit leaves of N processors: "max 100000", or so many us of 100000. */
static long limit_processors(long n)
{
	_cleanup_str_ struct str text = STR_INIT;
	long quota, period;

	if (file_read_at(AT_FDCWD, "/sys/fs/cgroup/cpu.max", 256, &text) ||
	    sscanf(str_text(&text), "%ld %ld", &quota, &period) != 2 || period <= 0)
		return n;
	quota = (quota + period - 1) / period;
	return quota < n ? quota : n;
}

int process_processors(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
#ifdef CPU_COUNT
	cpu_set_t set;

	if (!sched_getaffinity(0, sizeof(set), &set))
		n = CPU_COUNT(&set);
#endif
	n = limit_processors(n);
	return n < 1 ? 1 : (int)n;
}
