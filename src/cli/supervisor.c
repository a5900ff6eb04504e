/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "fs/fs.h"
#include "batch.h"
#include "guard.h"

/* What both processes see: written by the child, read when it is gone. */
struct page {
	pid_t pid;	 /* of the child */
	char plugin[64]; /* whose code runs, or ran last */
	char hook[32];
	char why[2048]; /* it is undone, "" while it is not */
	bool inside;	/* it runs */
	bool finished;	/* the environment is complete: nothing is undone any more */
	struct ui_line line;
};

/* A message: a head, and for TEXT a part of what the target's result is. */
enum kind {
	KIND_MAKE, /* to the child: the number of a target */
	KIND_LOCK, /* with a descriptor of what was locked */
	KIND_TEXT, /* a part of what belongs on standard output */
	KIND_DONE  /* the target's exit status: the last word about it */
};
struct head {
	uint32_t kind;
	int32_t status;
	uint64_t target;
};
#define PART_MAX 32768u

/* One child. */
struct maker {
	struct page *page;
	int socket; /* of the pair: this process's end; -1: it is to end */
	pid_t pid;  /* 0: there is none */
	bool at_work;
	size_t target; /* it is, or was last, at work on */
	size_t made;   /* targets about which it said its last word */
	struct str text;
	int *locks; /* descriptors of what it locked for that target */
	size_t n_locks, locks_size;
	unsigned asked; /* as many signals as it was told of */
};

struct supervisor {
	const struct supervised *s;
	struct page *pages;
	struct maker *makers;
	struct pollfd *fds;
	struct batch batch;
};

/* ---- the child ---- */

/* It is one process, and these are called without a place for their own data. */
static struct {
	const struct supervised *s;
	struct page *page;
	struct guard guard;
	int to;
	bool mute; /* nothing that it says is heard: a plugin closed the socket */
} child;

static void copy_name(char *to, size_t size, const char *from)
{
	size_t n = strnlen(from, size - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

static void on_enter(void *data, const char *plugin, const char *hook)
{
	struct page *p = child.page;
	struct report r;

	(void)data;
	builder_report(child.s->b, &r);
	copy_name(p->plugin, sizeof(p->plugin), plugin);
	copy_name(p->hook, sizeof(p->hook), hook);
	copy_name(p->why, sizeof(p->why), r.failure ? r.failure : "");
	p->finished = r.changed && !r.settings->dry_run;
	p->inside = true;
}

static void on_leave(void *data, const char *plugin, const char *hook)
{
	_cleanup_str_ struct str who = STR_INIT;

	(void)data;
	/* Two processes came back from the hook: only one of them goes on. */
	if (getpid() != child.page->pid)
		_exit(0);
	fflush(stdout);
	if (!strcmp(hook, "load"))
		str_addf(&who, "plugin '%s': loading it", plugin);
	else
		str_addf(&who, "plugin '%s': its hook '%s'", plugin, hook);
	guard_put_back(&child.guard, str_text(&who));
	child.page->inside = false;
}

/* A message to the parent; FD goes along unless it is -1. */
static void say(enum kind kind, int status, const char *text, size_t len, int fd)
{
	struct head head = { .kind = kind, .status = status };
	struct iovec iov[2] = { { &head, sizeof(head) },
				{ (void *)(uintptr_t)text, len } };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	if (fd >= 0) {
		m.msg_control = &control;
		m.msg_controllen = sizeof(control.room);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	}
	while (sendmsg(child.to, &m, MSG_NOSIGNAL) < 0) {
		if (errno == EINTR)
			continue;
		child.mute = true;
		break;
	}
}

static void on_lock(void *data, int fd)
{
	(void)data;
	say(KIND_LOCK, 0, NULL, 0, fd);
}

static void make_one(const struct supervised *s, const char *target)
{
	_cleanup_str_ struct str text = STR_INIT;
	int status = EXIT_FAILED;

	if (ui_keep())
		status = s->make(s->data, target);
	ui_kept(&text);
	if (ui_results.starved && (!status || !ui_results.told))
		status = ui_nomem();
	fflush(stdout);
	for (size_t at = 0; at < text.len; at += PART_MAX)
		say(KIND_TEXT, 0, text.s + at,
		    text.len - at < PART_MAX ? text.len - at : PART_MAX, -1);
	say(KIND_DONE, status, NULL, 0, -1);
}

/* The next target; false if there is none. */
static bool be_told(size_t *target)
{
	struct head head;
	ssize_t n;

	do {
		n = recv(child.to, &head, sizeof(head), 0);
	} while (n < 0 && errno == EINTR && !signals_came());
	*target = (size_t)head.target;
	return n == (ssize_t)sizeof(head) && head.kind == KIND_MAKE;
}

static _noreturn_ void be_child(const struct supervised *s, struct page *page, int to,
				pid_t parent)
{
	static const struct plugin_watch watch = { on_enter, on_leave, NULL };
	size_t target;

	child.s = s;
	child.page = page;
	child.to = to;
	page->pid = getpid();
#ifdef __linux__
	/* Who kills the tool kills the create; the next one repairs what is left of it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	if (getppid() != parent)
		_exit(EXIT_FAILED);
	/* What a hook prints is no result. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	signals_catch(s->b);
	signals_release();
	guard_take(&child.guard);
	builder_set_watch(s->b, &watch, on_lock);
	while (!signals_came() && be_told(&target)) {
		make_one(s, s->targets->v[target]);
		if (child.mute)
			_exit(EXIT_FAILED);
		page->plugin[0] = '\0';
		page->finished = false;
	}
	signals_deliver();
	/* No code of a plugin any more: not even what would run when it is unloaded. */
	_exit(EXIT_OK);
}

/* ---- this process ---- */

static void add_lock(struct maker *m, int fd)
{
	if (m->n_locks == m->locks_size) {
		size_t size = m->locks_size * 2 + 8;
		int *more = realloc(m->locks, size * sizeof(*more));

		if (!more) {
			close(fd);
			return;
		}
		m->locks = more;
		m->locks_size = size;
	}
	m->locks[m->n_locks++] = fd;
}

/* Whoever has these descriptors, too, has no lock any more. */
static void give_locks_back(struct maker *m)
{
	while (m->n_locks)
		lock_close(&m->locks[--m->n_locks]);
}

/* The last word about its target was said. */
static void settle(struct supervisor *v, struct maker *m, int status)
{
	give_locks_back(m);
	batch_done(&v->batch, m->target, status, &m->text);
	m->at_work = false;
	m->made++;
}

/* Take one message; false if there is none. */
static bool hear(struct supervisor *v, struct maker *m)
{
	char part[PART_MAX];
	struct head head;
	struct iovec iov[2] = { { &head, sizeof(head) }, { part, sizeof(part) } };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr msg = { .msg_iov = iov,
			      .msg_iovlen = 2,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control.room) };
	ssize_t n = m->socket < 0
			    ? 0
			    : recvmsg(m->socket, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c;
	int fd;

	if (n < (ssize_t)sizeof(head))
		return n < 0 && errno == EINTR;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_type == SCM_RIGHTS) {
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		add_lock(m, fd);
	}
	if (head.kind == KIND_TEXT)
		str_add_n(&m->text, part, (size_t)n - sizeof(head));
	else if (head.kind == KIND_DONE && m->at_work)
		settle(v, m, head.status);
	return true;
}

static const char *target_of(const struct supervisor *v, const struct maker *m)
{
	return v->s->targets->v[m->target];
}

/* "crashed (Aborted)", "ended the process with status 0": what became of the child. */
static void describe_end(struct str *out, const char *what, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (!sig)
		str_addf(out, "ended%s with status %d", what, WEXITSTATUS(status));
	else if (sig == SIGKILL || sig == SIGTERM || sig == SIGINT || sig == SIGHUP)
		str_addf(out, "was killed (%s)", strsignal(sig));
	else
		str_addf(out, "crashed (%s)", strsignal(sig));
}

/* Whose fault it was, for a child that is gone without a word about its target. */
static int blame(const struct supervisor *v, const struct maker *m, int status,
		 struct venv_error *err)
{
	const struct page *p = m->page;
	_cleanup_str_ struct str end = STR_INIT;
	const char *when = "";
	struct report r;
	int code;

	if (*p->why)
		when = strcmp(p->hook, "close") ? "; while that was undone, "
						: "; when that was undone, ";
	describe_end(&end, p->inside ? " the process" : "", status);
	if (!p->plugin[0])
		code = error_set(err, VENV_ERR_FAILED, "the process that makes it %s",
				 str_text(&end));
	else if (p->inside && !strcmp(p->hook, "load"))
		return error_set(err, VENV_ERR_PLUGIN,
				 "the plugin '%s' %s while it was being loaded",
				 p->plugin, str_text(&end));
	else if (p->inside)
		code = error_set(
			err, VENV_ERR_STEP, "%s%splugin '%s': its hook '%s' %s%s", p->why,
			when, p->plugin, p->hook, str_text(&end),
			p->finished ? " after the environment was finished" : "");
	else
		code = error_set(err, VENV_ERR_STEP,
				 "plugin '%s': the process %s, after its '%s'", p->plugin,
				 str_text(&end), p->hook);
	builder_report(v->s->b, &r);
	return error_prefix(err, code, "cannot %s '%s'",
			    r.settings->upgrade ? "upgrade" : "create", target_of(v, m));
}

/* The user did not want to wait for it. */
static int blame_deaf(const struct page *p, struct venv_error *err)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (p->inside) {
		str_addf(&text, "plugin '%s': %s%s%s did not stop when it was asked to",
			 p->plugin, strcmp(p->hook, "load") ? "its hook '" : "loading it",
			 strcmp(p->hook, "load") ? p->hook : "",
			 strcmp(p->hook, "load") ? "'" : "");
		if (ui_log_level() >= VENV_LOG_WARNING)
			ui_log(NULL, VENV_LOG_WARNING, str_text(&text));
	}
	return error_set(err, VENV_ERR_CANCELLED, "cancelled");
}

/* Its target failed with ERR: what is printed of that comes when it is its turn. */
static void fail(struct supervisor *v, struct maker *m, const struct venv_error *err)
{
	bool kept = ui_keep();
	int status = v->s->tell(v->s->data, target_of(v, m), err);

	if (kept)
		ui_kept(&m->text);
	settle(v, m, status);
}

/* The child is gone: what it left of its target is undone, and told. */
static void bury(struct supervisor *v, struct maker *m, int status)
{
	struct venv_error err = VENV_ERROR_INIT;

	give_locks_back(m);
	str_clear(&m->text);
	builder_recover(v->s->b, target_of(v, m));
	if (m->asked > 1)
		blame_deaf(m->page, &err);
	else
		blame(v, m, status, &err);
	fail(v, m, &err);
	venv_error_clear(&err);
}

static void hang_up(struct maker *m)
{
	if (m->socket >= 0)
		close(m->socket);
	m->socket = -1;
}

/* If the child of M is gone, settle what it was at. */
static void look_after(struct supervisor *v, struct maker *m)
{
	int status = 0;
	pid_t pid = waitpid(m->pid, &status, WNOHANG);

	if (pid != m->pid && !(pid < 0 && errno == ECHILD))
		return;
	/* What it said before it went. */
	while (hear(v, m))
		;
	hang_up(m);
	m->pid = 0;
	/* A signal that only the child got: it has rolled back, and died of it. */
	if (WIFSIGNALED(status) && m->made && !m->page->plugin[0] &&
	    signals_take(WTERMSIG(status))) {
		v->batch.over = true;
		if (m->at_work)
			settle(v, m, -1);
	}
	if (m->at_work)
		bury(v, m, status);
}

/* The first signal asks a child to stop, the second ends it. */
static bool pass_signals(struct maker *m)
{
	int last;
	unsigned came = signals_count(&last);

	if (came > 1 && m->asked <= 1)
		kill(m->pid, SIGKILL);
	else if (came && !m->asked)
		/* It may have that of a terminal, or of a whole group, already. */
		kill(m->pid, last);
	if (came == m->asked)
		return false;
	m->asked = came;
	return true;
}

/* Above the three standard ones, which may be closed: the child has a use for these. */
static int lift(int fd)
{
	int high = fd > STDERR_FILENO ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (high != fd)
		close(fd);
	return high;
}

/* In a child that has just begun: what is between this process and others is not its. */
static void drop_others(const struct supervisor *v)
{
	for (size_t i = 0; i < v->s->jobs; i++) {
		const struct maker *m = &v->makers[i];

		if (m->pid && m->socket >= 0)
			close(m->socket);
		for (size_t n = 0; n < m->n_locks; n++)
			close(m->locks[n]);
	}
}

static int start(struct supervisor *v, struct maker *m, struct venv_error *err)
{
	pid_t self = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return error_errno(err, errno, "cannot start a process");
	pair[0] = lift(pair[0]);
	pair[1] = lift(pair[1]);
	m->page->plugin[0] = '\0';
	m->page->inside = m->page->finished = false;
	m->made = 0;
	m->asked = 0;
	fflush(NULL);
	m->pid = fork();
	if (!m->pid) {
		close(pair[0]);
		drop_others(v);
		be_child(v->s, m->page, pair[1], self);
	}
	close(pair[1]);
	m->socket = pair[0];
	if (m->pid > 0)
		return 0;
	m->pid = 0;
	error_errno(err, errno, "cannot start a process");
	hang_up(m);
	return err->code;
}

/* ---- all of them ---- */

/* No further child can be had: those that are there go on, else nothing more is begun. */
static void give_up(struct supervisor *v, struct maker *m, const struct venv_error *err)
{
	bool any = false;

	for (size_t i = 0; i < v->s->jobs; i++)
		any |= v->makers[i].pid != 0;
	if (any) {
		m->at_work = false;
		v->batch.next--;
		return;
	}
	fail(v, m, err);
	v->batch.over = true;
}

/* What it is to do is told M, which is begun if there is something. */
static void give_work(struct supervisor *v, struct maker *m)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct head head = { .kind = KIND_MAKE };

	v->batch.over |= signals_came();
	if (!batch_next(&v->batch, &m->target)) {
		/* It is to end, if it is sure that there will be nothing. */
		if (v->batch.over || v->batch.next == v->batch.n)
			hang_up(m);
		return;
	}
	m->at_work = true;
	if (!m->pid && start(v, m, &err)) {
		give_up(v, m, &err);
		venv_error_clear(&err);
		return;
	}
	head.target = m->target;
	/* If it is gone, that is found out when it is waited for. */
	(void)!send(m->socket, &head, sizeof(head), MSG_NOSIGNAL);
}

/* Wait for a message or a signal. */
static void wait_for_any(struct supervisor *v, const sigset_t *mask)
{
	for (size_t i = 0; i < v->s->jobs; i++)
		v->fds[i] = (struct pollfd){ .fd = v->makers[i].socket,
					     .events = POLLIN };
	if (ppoll(v->fds, v->s->jobs, NULL, mask) <= 0)
		return;
	for (size_t i = 0; i < v->s->jobs; i++) {
		struct maker *m = &v->makers[i];

		if (!(v->fds[i].revents & POLLHUP))
			continue;
		/* Nobody has the other end any more: its end comes as a signal. */
		while (hear(v, m))
			;
		hang_up(m);
	}
}

/* Until all children are gone. */
static void attend(struct supervisor *v)
{
	sigset_t mask;

	signals_unblocked(&mask);
	for (;;) {
		bool any = false, passed = false;

		for (size_t i = 0; i < v->s->jobs; i++) {
			struct maker *m = &v->makers[i];

			while (hear(v, m))
				;
			if (m->pid)
				look_after(v, m);
			if (!m->at_work && (!m->pid || m->socket >= 0))
				give_work(v, m);
			if (m->pid)
				passed |= pass_signals(m);
			any |= m->pid != 0;
		}
		if (!any)
			return;
		if (!passed)
			wait_for_any(v, &mask);
	}
}

static bool begin(struct supervisor *v)
{
	size_t n = v->s->jobs;

	v->makers = calloc(n, sizeof(*v->makers));
	v->fds = calloc(n, sizeof(*v->fds));
	v->pages = mmap(NULL, n * sizeof(*v->pages), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!v->makers || !v->fds || v->pages == MAP_FAILED)
		return false;
	for (size_t i = 0; i < n; i++)
		v->makers[i] = (struct maker){ .page = &v->pages[i], .socket = -1 };
	v->batch.n = v->s->targets->n;
	v->batch.keep_going = v->s->keep_going;
	return true;
}

int supervise(const struct supervised *s)
{
	struct supervisor *v = calloc(1, sizeof(*v));
	int r;

	if (!v || (v->s = s, !begin(v))) {
		struct venv_error err = VENV_ERROR_INIT;

		error_errno(&err, errno, "cannot start a process");
		r = s->tell(s->data, s->targets->v[0], &err);
		venv_error_clear(&err);
	} else {
		v->pages->line = *ui.line;
		ui.line = &v->pages->line;
		ui.parent = getppid();
		signals_hold();
		attend(v);
		r = v->batch.first;
		for (size_t i = 0; i < s->jobs; i++) {
			free(v->makers[i].locks);
			str_release(&v->makers[i].text);
		}
	}
	if (v) {
		free(v->makers);
		free(v->fds);
	}
	free(v);
	return r;
}
