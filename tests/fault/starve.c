/* SPDX-License-Identifier: MIT */
/*
 * starve.c - an allocation that fails, for memory.py, which preloads it
 *
 * STARVE_AT=N lets the N-th allocation of the program fail, STARVE_FROM=N it and all that
 * come after it.  STARVE_LOG names a file that gets how many there were, and where the
 * program was when it crashed.  Children of the program are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static atomic_ulong count;
static unsigned long at, from;
static int report = -1;
static int on;

static int fails(void)
{
	unsigned long n;

	if (!on)
		return 0;
	n = atomic_fetch_add(&count, 1) + 1;
	if (n != at && !(from && n >= from))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	return fails() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	return fails() ? NULL : __libc_realloc(p, size);
}

/* The files that the crash came through, the innermost first. */
static void on_crash(int sig)
{
	void *frames[64];
	int n = backtrace(frames, 64);

	on = 0;
	dprintf(report, "signal %d\n", sig);
	for (int i = 0; i < n; i++) {
		Dl_info info;

		if (dladdr(frames[i], &info) && info.dli_fname)
			dprintf(report, "in %s+%#lx %s\n", info.dli_fname,
				(unsigned long)((char *)frames[i] -
						(char *)info.dli_fbase),
				info.dli_sname ? info.dli_sname : "");
	}
	signal(sig, SIG_DFL);
	raise(sig);
}

static unsigned long number(const char *name)
{
	const char *text = getenv(name);
	unsigned long n = text ? strtoul(text, NULL, 10) : 0;

	unsetenv(name);
	return n;
}

__attribute__((constructor)) static void begin(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL };
	const char *log = getenv("STARVE_LOG");
	void *frame[1];

	if (!log)
		return;
	report = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	at = number("STARVE_AT");
	from = number("STARVE_FROM");
	unsetenv("STARVE_LOG");
	unsetenv("LD_PRELOAD");
	/* It loads a library when it is called first. */
	backtrace(frame, 1);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], on_crash);
	on = 1;
}

__attribute__((destructor)) static void end(void)
{
	if (on)
		dprintf(report, "count %lu\n", atomic_load(&count));
}
