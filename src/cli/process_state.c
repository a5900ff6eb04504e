/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/prctl.h>
#endif

#include "fs/fs.h"
#include "cli.h"

/* Of a long list this many are named. */
#define NAMED_MAX 5

static mode_t current_umask(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return mask;
}

static void list_fds(struct arena *a, struct strlist *out)
{
	_cleanup_dir_ DIR *d = opendir("/proc/self/fd");
	struct dirent *e;

	while (d && (e = readdir(d))) {
		_cleanup_free_ char *target = file_readlink_at(dirfd(d), e->d_name);

		if (!target || atoi(e->d_name) == dirfd(d))
			continue;
		if (!strlist_add(a, out, arena_printf(a, "%s (%s)", e->d_name, target)))
			return;
	}
}

static unsigned count_threads(void)
{
	_cleanup_dir_ DIR *d = opendir("/proc/self/task");
	unsigned n = 0;
	struct dirent *e;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	return n;
}

/* Those of setitimer(), which alarm() sets as well, and those of timer_create(). */
static unsigned count_timers(void)
{
	static const int kinds[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
	_cleanup_str_ struct str text = STR_INIT;
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct itimerval t;

		n += !getitimer(kinds[i], &t) &&
		     (t.it_value.tv_sec || t.it_value.tv_usec);
	}
	if (!file_read_at(AT_FDCWD, "/proc/self/timers", 65536, &text)) {
		for (const char *p = str_text(&text); (p = strstr(p, "ID: ")); p += 4)
			n++;
	}
	return n;
}

static int is_subreaper(void)
{
	int value = 0;

#ifdef PR_GET_CHILD_SUBREAPER
	if (prctl(PR_GET_CHILD_SUBREAPER, &value))
		return 0;
#endif
	return value;
}

void process_state_take_handlers(struct process_state *s)
{
	for (int n = 1; n < PROCESS_SIGNALS; n++) {
		struct sigaction sa;

		s->handlers[n] = sigaction(n, NULL, &sa) ? SIG_DFL : sa.sa_handler;
	}
}

void process_state_take(struct arena *a, struct process_state *s)
{
	const char *locale = setlocale(LC_ALL, NULL);

	*s = (struct process_state){ .mask = current_umask() };
	if (!getcwd(s->cwd, sizeof(s->cwd)))
		s->cwd[0] = '\0';
	list_fds(a, &s->fds);
	for (char **e = environ; e && *e; e++) {
		if (!strlist_add(a, &s->env, arena_strdup(a, *e)))
			break;
	}
	process_state_take_handlers(s);
	sigprocmask(SIG_SETMASK, NULL, &s->blocked);
	s->locale = arena_strdup(a, locale ? locale : "C");
	s->thread_locale = uselocale((locale_t)0);
	for (int n = 0; n < PROCESS_LIMITS; n++)
		(void)getrlimit(n, &s->limits[n]);
	s->group = getpgrp();
	s->session = getsid(0);
	s->threads = count_threads();
	s->timers = count_timers();
	s->subreaper = is_subreaper();
}

/* "a, b, c and 4 more", one after the other. */
struct items {
	struct str text;
	unsigned n;
};

static void add_item(struct items *i, const char *item)
{
	if (i->n++ < NAMED_MAX)
		str_addf(&i->text, "%s%s", i->n > 1 ? ", " : "", item);
}

static void found_items(finding_fn *found, struct str *out, struct items *i,
			const char *what)
{
	_cleanup_str_ struct str line = STR_INIT;

	if (i->n > NAMED_MAX)
		str_addf(&line, "%s%s and %u more", what, ui_built(&i->text),
			 i->n - NAMED_MAX);
	else if (i->n)
		str_addf(&line, "%s%s", what, ui_built(&i->text));
	if (i->n)
		found(out, ui_built(&line));
	str_release(&i->text);
}

/* What AFTER has and BEFORE has not. */
static void new_items(finding_fn *found, struct str *out, const struct strlist *before,
		      const struct strlist *after, const char *what)
{
	struct items items = { 0 };

	for (size_t i = 0; i < after->n; i++) {
		if (strlist_find(before, after->v[i]) < 0)
			add_item(&items, after->v[i]);
	}
	found_items(found, out, &items, what);
}

#ifdef __linux__
/*
 * The descriptor by which Go wakes the thread that waits in EPOLL; -1 for none.  What programs
 * open themselves it waits for with EPOLLET.
 */
static int wakes(int epoll)
{
	_cleanup_str_ struct str text = STR_INIT;
	char name[64];
	unsigned events;
	int fd;

	snprintf(name, sizeof(name), "/proc/self/fdinfo/%d", epoll);
	if (file_read_at(AT_FDCWD, name, 65536, &text))
		return -1;
	for (const char *p = str_text(&text); (p = strstr(p, "tfd:")); p += 4) {
		if (sscanf(p, "tfd: %d events: %x", &fd, &events) == 2 &&
		    !(events & EPOLLET))
			return fd;
	}
	return -1;
}

/*
 * Go's runtime waits for files, sockets and timers in one epoll, which it makes for the first
 * of them and keeps, with a pipe or an eventfd.
 */
static void without_poller(struct arena *a, const struct process_state *old,
			   struct strlist *fds)
{
	static const char poller[] = " (anon_inode:[eventpoll])";
	struct strlist rest = STRLIST_INIT;
	const char *epoll = NULL, *pipe = NULL;
	int waker = -1;

	for (size_t i = 0; waker < 0 && i < fds->n; i++) {
		epoll = fds->v[i];
		if (strlist_find(&old->fds, epoll) < 0 && strstr(epoll, poller))
			waker = wakes(atoi(epoll));
	}
	for (size_t i = 0; waker >= 0 && i < fds->n; i++) {
		if (atoi(fds->v[i]) == waker)
			pipe = strstr(fds->v[i], " (pipe:");
	}
	for (size_t i = 0; waker >= 0 && i < fds->n; i++) {
		const char *fd = fds->v[i];

		/* Both ends of a pipe have one name. */
		if (fd == epoll || atoi(fd) == waker ||
		    (pipe && !strcmp(strchr(fd, ' '), pipe)))
			continue;
		if (!strlist_add(a, &rest, fd))
			return;
	}
	if (waker >= 0)
		*fds = rest;
}
#else
static void without_poller(struct arena *a, const struct process_state *old,
			   struct strlist *fds)
{
	(void)a, (void)old, (void)fds;
}
#endif

/* Go's package os asks for as many descriptors as it may have. */
static void without_limit(const struct process_state *old, struct process_state *new)
{
	const struct rlimit *was = &old->limits[RLIMIT_NOFILE];
	struct rlimit *now = &new->limits[RLIMIT_NOFILE];

	if (now->rlim_max == was->rlim_max && now->rlim_cur == now->rlim_max)
		now->rlim_cur = was->rlim_cur;
}

static void compare_signals(const struct process_state *old,
			    const struct process_state *new, finding_fn *found,
			    struct str *out)
{
	_cleanup_str_ struct str handlers = STR_INIT, blocked = STR_INIT;
	_cleanup_str_ struct str line = STR_INIT;

	for (int n = 1; n < PROCESS_SIGNALS; n++) {
		if (old->handlers[n] != new->handlers[n])
			str_addf(&handlers, " %d", n);
		if (sigismember(&old->blocked, n) != sigismember(&new->blocked, n))
			str_addf(&blocked, " %d", n);
	}
	if (handlers.len) {
		str_addf(&line, "it changed what signals do:%s", ui_built(&handlers));
		found(out, ui_built(&line));
	}
	str_clear(&line);
	if (blocked.len) {
		str_addf(&line, "it changed which signals are blocked:%s",
			 ui_built(&blocked));
		found(out, ui_built(&line));
	}
}

/* A thread that was told to end, or one that waits for a child, may take a moment. */
static bool has_more_threads(const struct process_state *old)
{
	const struct timespec moment = { 0, 10 * 1000 * 1000 };

	for (int i = 0; i < 20; i++) {
		if (count_threads() <= old->threads)
			return false;
		nanosleep(&moment, NULL);
	}
	return true;
}

static void compare_children(finding_fn *found, struct str *out)
{
	const struct timespec moment = { 0, 10 * 1000 * 1000 };
	siginfo_t info = { 0 };

	/*
	 * The host waits for what it starts: whoever is there is the plugin's.  One that is
	 * about to end gets a moment for that.
	 */
	for (int i = 0; i < 20 && !info.si_pid; i++) {
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT))
			return;
		if (!info.si_pid)
			nanosleep(&moment, NULL);
	}
	found(out, info.si_pid ? "it left a child that nobody waits for (a zombie)"
			       : PROCESS_STAYS);
}

void process_state_compare(struct arena *a, const struct process_state *old, bool runtime,
			   finding_fn *found, struct str *out)
{
	struct process_state new;

	process_state_take(a, &new);
	if (strcmp(old->cwd, new.cwd) != 0)
		found(out, "it changed the working directory");
	if (old->mask != new.mask)
		found(out, "it changed the umask");
	if (strcmp(old->locale, new.locale) != 0 ||
	    old->thread_locale != new.thread_locale)
		found(out, "it changed the locale");
	if (runtime) {
		without_poller(a, old, &new.fds);
		without_limit(old, &new);
	}
	new_items(found, out, &old->fds, &new.fds, "it left descriptors open: ");
	new_items(found, out, &new.fds, &old->fds, "it closed descriptors: ");
	new_items(found, out, &old->env, &new.env, "it changed the environment: ");
	new_items(found, out, &new.env, &old->env,
		  "it changed the environment, where there was ");
	compare_signals(old, &new, found, out);
	if (memcmp(old->limits, new.limits, sizeof(new.limits)) != 0)
		found(out, "it changed a limit of the process");
	if (old->group != new.group || old->session != new.session)
		found(out, "it left the process group, which a terminal's signals reach");
	if (old->timers != new.timers)
		found(out, "it left a timer");
	if (old->subreaper != new.subreaper)
		found(out, "it made the process a subreaper");
	if (!runtime && has_more_threads(old))
		found(out, "it left a thread");
	compare_children(found, out);
}
