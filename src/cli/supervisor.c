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

#include "fs/fs.h"
#include "batch.h"
#include "supervisor_blame.h"
#include "supervisor_child.h"
#include "supervisor_messages.h"

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
	struct message msg;
	int r = m->socket < 0 ? 0 : message_receive(m->socket, MSG_DONTWAIT, &msg);

	if (r != 1)
		return r == -EINTR;
	if (msg.fd >= 0)
		add_lock(m, msg.fd);
	if (msg.kind == MESSAGE_TEXT)
		str_add_n(&m->text, msg.text, msg.len);
	else if (msg.kind == MESSAGE_DONE && m->at_work)
		settle(v, m, msg.status);
	return true;
}

static const char *target_of(const struct supervisor *v, const struct maker *m)
{
	return v->s->targets->v[m->target];
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
		supervisor_blame_deaf(m->page, &err);
	else
		supervisor_blame(v->s->b, m->page, target_of(v, m), status, &err);
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
		supervisor_child(v->s, m->page, pair[1], self);
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
	/* If it is gone, that is found out when it is waited for. */
	(void)message_make(m->socket, m->target);
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
