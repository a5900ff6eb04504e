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

/* A message from the child: a head, and for TEXT a part of what the target's result is. */
enum kind {
	KIND_LOCK, /* with a descriptor of what was locked */
	KIND_TEXT, /* a part of what belongs on standard output */
	KIND_DONE  /* the target's exit status: the last word about it */
};
struct head {
	uint32_t kind;
	int32_t status;
};
#define PART_MAX 32768u

struct supervisor {
	const struct supervised *s;
	struct page *page;
	int socket; /* of the pair: this process's end */
	pid_t pid;
	size_t target; /* the child is at work on */
	struct str text;
	int *locks; /* descriptors of what the child locked for that target */
	size_t n_locks, locks_size;
	int first; /* exit status of the first target that failed */
	bool over; /* no further target */
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

static int make_one(const struct supervised *s, const char *target)
{
	char *text = NULL;
	size_t len = 0;
	int status;

	ui.out = open_memstream(&text, &len);
	status = s->make(s->data, target);
	if (ui.out)
		fclose(ui.out);
	ui.out = NULL;
	fflush(stdout);
	for (size_t at = 0; at < len; at += PART_MAX)
		say(KIND_TEXT, 0, text + at, len - at < PART_MAX ? len - at : PART_MAX,
		    -1);
	free(text);
	say(KIND_DONE, status, NULL, 0, -1);
	return status;
}

static _noreturn_ void be_child(struct supervisor *v, int to, pid_t parent)
{
	static const struct plugin_watch watch = { on_enter, on_leave, NULL };
	const struct supervised *s = v->s;

	child.s = s;
	child.page = v->page;
	child.to = to;
	v->page->pid = getpid();
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
	for (size_t i = v->target; i < s->targets->n; i++) {
		int status = make_one(s, s->targets->v[i]);

		if (child.mute)
			_exit(EXIT_FAILED);
		v->page->plugin[0] = '\0';
		v->page->finished = false;
		if ((status && !s->keep_going) || signals_came())
			break;
	}
	signals_deliver();
	/* No code of a plugin any more: not even what would run when it is unloaded. */
	_exit(EXIT_OK);
}

/* ---- this process ---- */

static void add_lock(struct supervisor *v, int fd)
{
	if (v->n_locks == v->locks_size) {
		size_t size = v->locks_size * 2 + 8;
		int *more = realloc(v->locks, size * sizeof(*more));

		if (!more) {
			close(fd);
			return;
		}
		v->locks = more;
		v->locks_size = size;
	}
	v->locks[v->n_locks++] = fd;
}

/* Whoever has these descriptors, too, has no lock any more. */
static void give_locks_back(struct supervisor *v)
{
	while (v->n_locks)
		lock_close(&v->locks[--v->n_locks]);
}

/* The last word about a target was said. */
static void settle(struct supervisor *v, int status)
{
	give_locks_back(v);
	if (v->text.len)
		fwrite(str_text(&v->text), 1, v->text.len, stdout);
	fflush(stdout);
	str_clear(&v->text);
	if (status && !v->first)
		v->first = status;
	v->target++;
	v->over |= v->target == v->s->targets->n || (status && !v->s->keep_going) ||
		   signals_came();
}

/* Take one message; false if there is none. */
static bool hear(struct supervisor *v)
{
	char part[PART_MAX];
	struct head head;
	struct iovec iov[2] = { { &head, sizeof(head) }, { part, sizeof(part) } };
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr m = { .msg_iov = iov,
			    .msg_iovlen = 2,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control.room) };
	ssize_t n = recvmsg(v->socket, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct cmsghdr *c;
	int fd;

	if (n < (ssize_t)sizeof(head))
		return n < 0 && errno == EINTR;
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_type == SCM_RIGHTS) {
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		add_lock(v, fd);
	}
	if (head.kind == KIND_TEXT)
		str_add_n(&v->text, part, (size_t)n - sizeof(head));
	else if (head.kind == KIND_DONE && v->target < v->s->targets->n)
		settle(v, head.status);
	return true;
}

static const char *target_of(const struct supervisor *v)
{
	return v->s->targets->v[v->target];
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
static int blame(const struct supervisor *v, int status, struct venv_error *err)
{
	const struct page *p = v->page;
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
			    r.settings->upgrade ? "upgrade" : "create", target_of(v));
}

/* The user did not want to wait for it. */
static int blame_deaf(const struct supervisor *v, struct venv_error *err)
{
	const struct page *p = v->page;
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

/* The child is gone: what it left of its target is undone, and told. */
static void bury(struct supervisor *v, int status, bool ended)
{
	struct venv_error err = VENV_ERROR_INIT;

	give_locks_back(v);
	str_clear(&v->text);
	builder_recover(v->s->b, target_of(v));
	if (ended)
		blame_deaf(v, &err);
	else
		blame(v, status, &err);
	settle(v, v->s->tell(v->s->data, target_of(v), &err));
	venv_error_clear(&err);
}

/* Until the child is gone.  The first signal asks it to stop, the second ends it. */
static void attend(struct supervisor *v)
{
	struct pollfd p = { .fd = v->socket, .events = POLLIN };
	unsigned asked = 0;
	int status = 0;
	sigset_t mask;

	signals_unblocked(&mask);
	for (;;) {
		unsigned came;
		int last;
		pid_t pid;

		while (hear(v))
			;
		pid = waitpid(v->pid, &status, WNOHANG);
		if (pid == v->pid || (pid < 0 && errno == ECHILD))
			break;
		came = signals_count(&last);
		if (came > 1 && asked <= 1)
			kill(v->pid, SIGKILL);
		else if (came && !asked)
			/* It may have that of a terminal, or of a whole group, already. */
			kill(v->pid, last);
		if (came != asked) {
			asked = came;
			continue;
		}
		p.revents = 0;
		ppoll(&p, 1, NULL, &mask);
		/* Nobody has the other end any more: its end comes as a signal. */
		if (p.revents & POLLHUP)
			p.fd = -1;
	}
	/* What it said before it went. */
	while (hear(v))
		;
	/* A signal that only the child got: it has rolled back, and died of it. */
	if (WIFSIGNALED(status) && v->target && !v->page->plugin[0] &&
	    signals_take(WTERMSIG(status)))
		v->over = true;
	if (!v->over)
		bury(v, status, asked > 1);
}

/* Above the three standard ones, which may be closed: the child has a use for these. */
static int lift(int fd)
{
	int high = fd > STDERR_FILENO ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (high != fd)
		close(fd);
	return high;
}

static int start(struct supervisor *v, struct venv_error *err)
{
	pid_t self = getpid();
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return error_errno(err, errno, "cannot start a process");
	pair[0] = lift(pair[0]);
	pair[1] = lift(pair[1]);
	v->page->plugin[0] = '\0';
	v->page->inside = v->page->finished = false;
	fflush(NULL);
	v->pid = fork();
	if (!v->pid) {
		close(pair[0]);
		be_child(v, pair[1], self);
	}
	close(pair[1]);
	v->socket = pair[0];
	if (v->pid > 0)
		return 0;
	close(v->socket);
	return error_errno(err, errno, "cannot start a process");
}

int supervise(const struct supervised *s)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct supervisor v = { .s = s };
	int r = 0;

	v.page = mmap(NULL, sizeof(*v.page), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (v.page == MAP_FAILED) {
		error_errno(&err, errno, "cannot start a process");
		v.first = s->tell(s->data, target_of(&v), &err);
		venv_error_clear(&err);
		return v.first;
	}
	v.page->line = *ui.line;
	ui.line = &v.page->line;
	ui.parent = getppid();
	signals_hold();
	while (!v.over && !r) {
		r = start(&v, &err);
		if (r)
			settle(&v, s->tell(s->data, target_of(&v), &err));
		else
			attend(&v);
		if (!r)
			close(v.socket);
	}
	free(v.locks);
	str_release(&v.text);
	venv_error_clear(&err);
	return v.first;
}
