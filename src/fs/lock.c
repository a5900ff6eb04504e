/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <errno.h>
#include <sys/file.h>
#include <time.h>

int lock_try(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;
}

void lock_close(int *fd)
{
	if (*fd < 0)
		return;
	(void)flock(*fd, LOCK_UN);
	close(steal_fd(fd));
}

int lock_share(int fd)
{
	return flock(fd, LOCK_SH | LOCK_NB) ? -errno : 0;
}

static int wait_with(int (*take)(int fd), int fd, bool (*cancelled)(void *data),
		     void *data)
{
	struct timespec pause = { .tv_nsec = 5 * 1000 * 1000 };
	int r;

	while ((r = take(fd)) == -EWOULDBLOCK || r == -EINTR) {
		if (cancelled && cancelled(data))
			return -EINTR;
		nanosleep(&pause, NULL);
		/* Who waits long is in no hurry. */
		if (pause.tv_nsec < 200 * 1000 * 1000)
			pause.tv_nsec *= 2;
	}
	return r;
}

int lock_wait(int fd, bool (*cancelled)(void *data), void *data)
{
	return wait_with(lock_try, fd, cancelled, data);
}

int lock_wait_shared(int fd, bool (*cancelled)(void *data), void *data)
{
	return wait_with(lock_share, fd, cancelled, data);
}
