/* SPDX-License-Identifier: MIT */
/*
 * trial_apart.h - a place without a network, or one where the user's directories are copies
 *
 * The second has an overlay on each of the directories that a plugin could take for its own:
 * HOME, TMPDIR, /tmp, /var/tmp and the working directory.  What is written there goes into
 * memory, where it can be looked at, and nobody else sees it.
 */
#pragma once

#include "util/util.h"

/* Go where there is no network, under the same user; false where that is not allowed. */
bool apart_network(void);

/* Find those directories: before HOME, TMPDIR and the working directory are changed. */
void apart_find(struct arena *a, const char *scratch);

/*
 * Cover them, but not SCRATCH.  False where that is not allowed: then they are looked at, to
 * be compared.
 *
 * In a namespace of users files of root are nobody's, as those of other users are, and no file
 * is trusted any more: what has to be is judged before that.
 */
bool apart_files(struct arena *a, const char *scratch);

/* The paths that were written since. */
void apart_changes(struct arena *a, struct strlist *paths);
