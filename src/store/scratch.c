/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"

#define PREFIX "new-"

void store_sweep(int store)
{
	_cleanup_dir_ DIR *d = tree_walk(store);
	struct dirent *e;
	int r = 0;

	while (d && (e = tree_next(d, &r))) {
		_cleanup_close_ int fd = -1;

		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0)
			continue;
		fd = tree_open_dir(store, e->d_name);
		/* Without locks nobody can tell: then it stays. */
		if (fd >= 0 && !lock_try(fd))
			tree_remove_at(store, e->d_name, NULL);
	}
}

int scratch_make(struct scratch *x, struct store *s, int store)
{
	struct stat st, now;

	store_sweep(store);
	for (;;) {
		x->path = arena_printf(s->arena, "%s/store/" PREFIX "XXXXXX",
				       s->cache->path);
		if (!x->path)
			return -ENOMEM;
		if (!mkdtemp(x->path))
			return -errno;
		x->fd = tree_open_dir(AT_FDCWD, x->path);
		/* Before it is locked another one may take it for a leftover. */
		if (x->fd >= 0 && lock_try(x->fd) != -EWOULDBLOCK && !fstat(x->fd, &st) &&
		    !fstatat(store, path_base(x->path), &now, AT_SYMLINK_NOFOLLOW) &&
		    st.st_dev == now.st_dev && st.st_ino == now.st_ino)
			return 0;
		if (x->fd < 0 && errno != ENOENT)
			return -errno;
		scratch_release(x);
	}
}

void scratch_release(struct scratch *x)
{
	if (x->fd >= 0)
		close(steal_fd(&x->fd));
}
