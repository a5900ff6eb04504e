/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "process_state.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"

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

void process_state_take(struct arena *a, struct process_state *s)
{
	*s = (struct process_state){ .mask = current_umask() };
	if (!getcwd(s->cwd, sizeof(s->cwd)))
		s->cwd[0] = '\0';
	list_fds(a, &s->fds);
	for (char **e = environ; e && *e; e++) {
		if (!strlist_add(a, &s->env, arena_strdup(a, *e)))
			break;
	}
	for (int n = 1; n < 65; n++) {
		struct sigaction sa;

		s->handlers[n] = sigaction(n, NULL, &sa) ? SIG_DFL : sa.sa_handler;
	}
	sigprocmask(SIG_SETMASK, NULL, &s->blocked);
}

static void new_items(finding_fn *found, struct str *out, struct arena *a,
		      const struct strlist *before, const struct strlist *after,
		      const char *what)
{
	for (size_t i = 0; i < after->n; i++) {
		if (strlist_find(before, after->v[i]) < 0)
			found(out, arena_printf(a, "%s%s", what, after->v[i]));
	}
}

void process_state_compare(struct arena *a, const struct process_state *old,
			   finding_fn *found, struct str *out)
{
	struct process_state new;

	process_state_take(a, &new);
	if (strcmp(old->cwd, new.cwd) != 0)
		found(out, "it changed the working directory");
	if (old->mask != new.mask)
		found(out, "it changed the umask");
	new_items(found, out, a, &old->fds, &new.fds, "it left a descriptor open: ");
	new_items(found, out, a, &old->env, &new.env, "it changed the environment: ");
	new_items(found, out, a, &new.env, &old->env,
		  "it changed the environment, where there was ");
	for (int n = 1; n < 65; n++) {
		if (old->handlers[n] != new.handlers[n])
			found(out, arena_printf(a, "it changed what signal %d does", n));
		if (sigismember(&old->blocked, n) != sigismember(&new.blocked, n))
			found(out,
			      arena_printf(a, "it changed whether signal %d is blocked",
					   n));
	}
}
