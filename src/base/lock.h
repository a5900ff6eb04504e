/* SPDX-License-Identifier: MIT */
/* lock.h - a courtesy between our own processes: correctness comes from rename */
#pragma once

#include <stdbool.h>

/*
 * Take the lock of an open, writable file without waiting: 0 taken, -EWOULDBLOCK
 * somebody has it, another -errno where the file system has no locks.  The kernel
 * drops it when the last copy of the descriptor is closed, so nothing goes stale.
 */
int lock_try(int fd);

/*
 * The same, waiting until it is there or CANCELLED says so (-EINTR).  It is asked again and
 * again: a signal just before a call that blocks would not be noticed, and one that another
 * thread got not at all.
 */
int lock_wait(int fd, bool (*cancelled)(void *data), void *data);
