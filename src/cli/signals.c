/* SPDX-License-Identifier: MIT */
/* signals.c - what interrupts us: roll back first, then die of it */
#include <config.h>

#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "cli.h"

/* Two that come at once are one: a sender may send to us and to our group. */
#define TOGETHER_MS 50

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
static struct venv_builder *volatile builder;
static volatile sig_atomic_t received;

/* Of the supervisor: */
static volatile sig_atomic_t count;
static volatile int64_t last_ms;
static sigset_t before; /* what was blocked */
static struct sigaction before_child;

static void on_signal(int sig)
{
	struct venv_builder *b = builder;

	received = sig;
	if (b)
		builder_stop(b);
}

static void catch (const struct sigaction *sa)
{
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++) {
		struct sigaction old;

		/* What our parent had ignored (nohup) stays ignored. */
		if (!sigaction(caught[i], sa, &old) && old.sa_handler == SIG_IGN)
			sigaction(caught[i], &old, NULL);
	}
}

void signals_catch(struct venv_builder *b)
{
	/* Not SA_RESTART: whoever waits for a lock wants to hear of it. */
	struct sigaction sa = { .sa_handler = on_signal };

	builder = b;
	catch (&sa);
}

void signals_forget(void)
{
	builder = NULL;
}

static void on_counted(int sig)
{
	struct timespec t;
	int64_t now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	received = sig;
	if (!count || now - last_ms >= TOGETHER_MS)
		count++;
	last_ms = now;
}

static void on_child(int sig)
{
	(void)sig;
}

void signals_hold(void)
{
	struct sigaction sa = { .sa_handler = on_counted };
	struct sigaction child = { .sa_handler = on_child };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		sigaddset(&set, caught[i]);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &before);
	catch (&sa);
	/* Also where it was ignored, in which case nobody would hear what became of it. */
	sigaction(SIGCHLD, &child, &before_child);
	count = received != 0;
}

void signals_release(void)
{
	sigaction(SIGCHLD, &before_child, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void signals_unblocked(sigset_t *mask)
{
	*mask = before;
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++)
		sigdelset(mask, caught[i]);
	sigdelset(mask, SIGCHLD);
}

unsigned signals_count(int *last)
{
	*last = received;
	return (unsigned)count;
}

bool signals_take(int sig)
{
	for (size_t i = 0; i < ARRAY_SIZE(caught); i++) {
		if (caught[i] == sig) {
			received = sig;
			return true;
		}
	}
	return false;
}

bool signals_came(void)
{
	return received != 0;
}

void signals_deliver(void)
{
	struct sigaction sa = { .sa_handler = SIG_DFL };
	sigset_t set;

	if (!received)
		return;
	sigaction(received, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, received);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(received);
}
