/* SPDX-License-Identifier: MIT */
/* elfnote.h - what a plugin's ELF note says, without any of its code being run */
#pragma once

#include <stdint.h>

#include "base/arena.h"

struct plugin_note {
	const char *name; /* with '-', as users write it */
	const char *version;
	uint32_t abi_version;
	uint32_t struct_size;
	struct strlist provides;
	struct strlist after;
};

/*
 * Read the note of the file behind FD.  NULL, or why it is no plugin: "not a venvctl
 * plugin", "truncated", "for another kind of machine".
 */
const char *elfnote_read(struct arena *a, int fd, struct plugin_note *note);
