/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "lock.h"

#include <errno.h>
#include <sys/file.h>

int lock_try(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;
}

int lock_wait(int fd)
{
	return flock(fd, LOCK_EX) ? -errno : 0;
}
