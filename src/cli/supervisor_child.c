/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "supervisor_child.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "guard.h"

/* It is one process, and these are called without a place for their own data. */
static struct {
	const struct supervised *s;
	struct page *page;
	struct guard guard;
	int socket;
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

/* Whether a message to the tool was sent. */
static void sent(bool ok)
{
	child.mute |= !ok;
}

static void on_lock(void *data, int fd)
{
	(void)data;
	sent(message_lock(child.socket, fd));
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
	sent(message_text(child.socket, text.s, text.len));
	sent(message_done(child.socket, status));
}

/* The next target; false if there is none. */
static bool be_told(size_t *target)
{
	struct message m;
	int r;

	do {
		r = message_receive(child.socket, 0, &m);
	} while (r == -EINTR && !signals_came());
	if (r != 1 || m.kind != MESSAGE_MAKE)
		return false;
	*target = m.target;
	return true;
}

void supervisor_child(const struct supervised *s, struct page *page, int socket,
		      pid_t parent)
{
	static const struct plugin_watch watch = { on_enter, on_leave, NULL };
	size_t target;

	child.s = s;
	child.page = page;
	child.socket = socket;
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
