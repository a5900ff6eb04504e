/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "fs/fs.h"

#define PREFIX "new-"

/* From 2 ms, each time more, up to 50: a compilation takes a second or two. */
#define TICK_MS	    2
#define TICK_MAX_MS 50
/* A builder that was stopped ends nothing: after that everybody builds for himself. */
#define WAIT_MS (2 * 60 * 1000)

/* Is FD what NAME means in the directory STORE? */
static bool is_named(int fd, int store, const char *name)
{
	struct stat st, now;

	return !fstat(fd, &st) && !fstatat(store, name, &now, AT_SYMLINK_NOFOLLOW) &&
	       st.st_dev == now.st_dev && st.st_ino == now.st_ino;
}

void store_sweep(int store)
{
	_cleanup_dir_ DIR *d = tree_walk(store);
	struct dirent *e;
	int r = 0;

	while (d && (e = tree_next(d, &r))) {
		int fd;

		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		fd = tree_open_dir(store, e->d_name);
		/* Without locks nobody can tell: then it stays. */
		if (fd >= 0 && !lock_try(fd) && is_named(fd, store, e->d_name))
			tree_remove_at(store, e->d_name, NULL);
		lock_close(&fd);
	}
}

int store_forget(int store, const char *name, unsigned how)
{
	char away[NAME_MAX + 1];
	int fd = tree_open_dir(store, name), r = 0;

	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP
			       ? tree_remove_at(store, name, NULL)
			       : -errno;
	/* Where there are no locks nobody says that he is at work. */
	if ((lock_try(fd) == -EWOULDBLOCK && (how & FORGET_UNUSED)) ||
	    (!(how & FORGET_SHARED) && store_is_shared(fd)))
		r = -EBUSY;
	else if (snprintf(away, sizeof(away), "%sold-%s", PREFIX, name) >=
		 (int)sizeof(away))
		r = -ENAMETOOLONG;
	/* Nobody finds half of it; who has it open goes on with what he has opened. */
	else
		r = is_named(fd, store, name) ? file_rename_new(store, name, store, away)
					      : -ENOENT;
	if (!r && !(how & FORGET_UNUSED) && lock_wait(fd, NULL, NULL) == -EINTR)
		r = -EINTR;
	/*
	 * Who marks one looks afterwards whether it is still there: one that was marked since the
	 * first look, for want of locks, goes back.
	 */
	if (!r && !(how & FORGET_SHARED) && store_is_shared(fd) &&
	    !file_rename_new(store, away, store, name))
		r = -EBUSY;
	if (!r)
		r = tree_remove_at(store, away, NULL);
	lock_close(&fd);
	/* Somebody else is removing it. */
	return r == -EEXIST ? -ENOENT : r;
}

/* A new one that is locked, with a name that no other builder has. */
static int make_own(struct scratch *x, struct store *s, int store)
{
	for (;;) {
		int r;

		x->path = arena_printf(s->arena, "%s/store/" PREFIX "XXXXXX",
				       s->cache->path);
		if (!x->path)
			return -ENOMEM;
		if (!mkdtemp(x->path))
			return -errno;
		x->fd = tree_open_dir(store, path_base(x->path));
		if (x->fd < 0 && errno != ENOENT)
			return -errno;
		r = x->fd < 0 ? -ENOENT : lock_try(x->fd);
		/* Before it was locked another one may have taken it for a leftover. */
		if (x->fd >= 0 && r != -EWOULDBLOCK &&
		    is_named(x->fd, store, path_base(x->path)))
			return r ? -ENOLCK : 0;
		scratch_release(x);
	}
}

/*
 * Wait until the builder of BASE, which is open as FD, has put it under its name, has given up
 * or is dead.  Looked for, not locked: all who wait go on at once.  1; 0: dead, and the lock is
 * ours; -EINTR; -ETIMEDOUT; or -errno where there are no locks.
 */
static int wait_for(struct store *s, int store, const char *base, int fd)
{
	int tick = TICK_MS, waited = 0, r;
	bool told = false;

	while ((r = lock_try(fd)) == -EWOULDBLOCK || r == -EINTR) {
		struct timespec pause = { .tv_nsec = tick * 1000L * 1000 };

		if (!is_named(fd, store, base)) {
			r = 1;
			break;
		}
		if (s->cancelled && s->cancelled(s->cancel_data)) {
			r = -EINTR;
			break;
		}
		if (waited >= WAIT_MS) {
			r = -ETIMEDOUT;
			break;
		}
		if (!told && s->busy)
			s->busy("waiting for another venvctl, which compiles");
		told = true;
		nanosleep(&pause, NULL);
		waited += tick;
		tick = tick * 2 > TICK_MAX_MS ? TICK_MAX_MS : tick * 2;
	}
	if (told && s->busy)
		s->busy(NULL);
	/* It was renamed or removed before this got the lock. */
	if (!r && !is_named(fd, store, base))
		r = 1;
	return r;
}

/*
 * Is another builder at work on BASE?  Then wait for it, with the results of wait_for(), of which
 * 0 says here that there is none.
 */
static int wait_for_other(struct store *s, int store, const char *base)
{
	int fd = tree_open_dir(store, base);
	int r = fd >= 0 ? wait_for(s, store, base, fd) : errno == ENOENT ? 0 : -errno;

	/* What a dead one left. */
	if (fd >= 0 && !r)
		r = tree_remove_at(store, base, NULL);
	lock_close(&fd);
	return r;
}

int scratch_make(struct scratch *x, struct store *s, int store, const char *name)
{
	const char *base = arena_printf(s->arena, PREFIX "%s", name);
	const char *path =
		base ? arena_printf(s->arena, "%s/store/%s", s->cache->path, base) : NULL;
	int r;

	if (!path)
		return -ENOMEM;
	store_sweep(store);
	do {
		r = wait_for_other(s, store, base);
		if (r == 1 || r == -EINTR)
			return r;
		/* Without locks, or patience: nobody waits for this one either. */
		if (r < 0)
			break;
		r = make_own(x, s, store);
		if (r)
			break;
		/* It has that name as long as it is locked: who finds it so waits. */
		r = file_rename_new(store, path_base(x->path), store, base);
		if (!r) {
			x->path = arena_strdup(s->arena, path);
			return x->path ? 0 : -ENOMEM;
		}
		unlinkat(store, path_base(x->path), AT_REMOVEDIR);
		scratch_release(x);
	} while (r == -EEXIST);
	if (r == -ENOLCK && x->fd >= 0)
		return 0;
	r = make_own(x, s, store);
	return r == -ENOLCK ? 0 : r;
}

void scratch_release(struct scratch *x)
{
	lock_close(&x->fd);
}
