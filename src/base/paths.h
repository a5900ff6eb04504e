/* SPDX-License-Identifier: MIT */
/*
 * paths.h - where things were installed
 *
 * SYSCONFDIR is compiled in, for a relocated copy as well: a copied binary must
 * not shed the site's policy.  Everything else is looked for beside the file that
 * this code runs from first, so that an unpacked tree works anywhere.
 */
#pragma once

#include "arena.h"

/* As configured; in paths.c alone, which the tests link another version of. */
const char *paths_sysconfdir(void); /* /etc/venvctl */
const char *paths_bindir(void);	    /* /usr/bin */
const char *paths_pkglibdir(void);  /* /usr/lib/venvctl */
const char *paths_pkgdatadir(void); /* /usr/share/venvctl */
const char *paths_logdir(void);	    /* root's: /var/log/venvctl */

/*
 * The directory of plugins, modules and drop-ins ("plugins", "modules", "conf.d"
 * below it): beside the running program or library if there is one, else as
 * configured.  PROGRAM is what paths_program() said, if this is the program's own
 * code; NULL to find out.  *Borrows* from the arena; NULL when memory ran out.
 */
const char *paths_libdir(struct arena *a, const char *program) _must_check_;

/*
 * The same for what is read as data ("plugin-template" below it), of a program alone;
 * NULL when memory ran out.
 */
const char *paths_datadir(struct arena *a, const char *program) _must_check_;

/* Absolute path of the running program; NULL if it cannot be known. */
const char *paths_program(struct arena *a) _must_check_;
