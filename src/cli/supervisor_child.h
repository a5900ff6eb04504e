/* SPDX-License-Identifier: MIT */
/* supervisor_child.h - the process in which plugins that are none of venvctl's own run */
#pragma once

#include "supervisor.h"
#include "supervisor_messages.h"

/*
 * Right after the fork from PARENT: be that process.  It makes the targets that it is told over
 * SOCKET one by one, writes on PAGE which hook of which plugin runs, and ends when it is told no
 * more.
 */
_noreturn_ void supervisor_child(const struct supervised *s, struct page *page,
				 int socket, pid_t parent);
