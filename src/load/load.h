/* SPDX-License-Identifier: MIT */
/*
 * load.h - shared objects and where they lie: ELF files, modules, the installation's paths
 *
 * Knows of libltdl, in dso.c alone; nothing of Python or plugins.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/util.h"

/*
 * ---- paths.c: where things were installed ----
 *
 * SYSCONFDIR is compiled in, for a relocated copy as well: a copied binary must
 * not shed the site's policy.  Everything else is looked for beside the file that
 * this code runs from first, so that an unpacked tree works anywhere.
 */

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

/*
 * ---- elf.c: what an ELF file says about itself, without any of its code being run ----
 *
 * Every number in the file is checked against its size before it is used: a
 * truncated file that dlopen() would die of (SIGBUS) is refused here.
 */

struct elf {
	const unsigned char *map;
	size_t size;
	size_t phdr_offset;
	unsigned phdr_count;
	bool shared; /* ET_DYN */
};

/*
 * Map the file behind FD.  NULL, or why it is not whole ELF for this machine: "not
 * an ELF file", "for another kind of machine", "truncated".
 */
const char *elf_open(struct elf *e, int fd) _must_check_;
void elf_close(struct elf *e);

/* The first note of OWNER and TYPE: its description, *borrows*; NULL if none. */
const unsigned char *elf_note(const struct elf *e, const char *owner, uint32_t type,
			      size_t *len);

/*
 * Copy the first N bytes of the exported data symbol NAME; false if it is not
 * defined here or smaller.
 */
bool elf_symbol(const struct elf *e, const char *name, void *value, size_t n);

/*
 * The first exported symbol (of global or weak binding, defined here) from number *I on,
 * which is moved behind it; begin with 0.  NULL if there is no more; *borrows*.
 */
const char *elf_exported(const struct elf *e, size_t *i);

/* The N-th needed library, NULL beyond the last; *borrows*. */
const char *elf_needed(const struct elf *e, unsigned n);

/* RUNPATH, else RPATH, else NULL; *borrows*. */
const char *elf_runpath(const struct elf *e);

/*
 * ---- dso.c: shared objects: the only file that knows libltdl ----
 *
 * Files are opened by absolute path, with all symbols bound at once and kept to
 * themselves.  libltdl's state is global and not thread-safe: one mutex here.
 */

struct dso; /* an open shared object */

/* Open PATH (absolute); the error has the linker's own words.  NULL on failure. */
struct dso *dso_open(const char *path, struct venv_error *err) _must_check_;

/*
 * Address of SYMBOL; NULL if it has none.  Looked for as STEM_LTX_SYMBOL first,
 * STEM being the file's name with '_' for what a C name cannot have.
 */
void *dso_symbol(struct dso *d, const char *symbol);

/* Unload it; NULL is allowed. */
void dso_close(struct dso *d);

/*
 * ---- module.c: libraries that most runs do not need, loaded when one first does ----
 *
 * A module is a shared object in PKGLIBDIR/modules with one exported function,
 * venvctl_module_NAME_VERSION, which returns its table of functions (the header of
 * that table lies beside the module, in modules/NAME.h).  The version in the name
 * keeps a stray file of another release out.
 */

enum module {
	MODULE_DIGEST, /* modules/digest.h: SHA-256 (nettle or libcrypto) */
	MODULE_WHEEL,  /* modules/wheel.h: zip archives (libzip) */
	MODULE_JSON,   /* modules/json.h: JSON (jansson) */
	MODULE_FETCH,  /* modules/fetch.h: HTTPS (libcurl) */
	MODULE_COUNT
};

struct modules {
	struct arena *arena;
	struct dso *open[MODULE_COUNT];
	const void *table[MODULE_COUNT];
};

/*
 * The table of a module, loading it at the first call; *borrows*.  NULL with
 * UNSUPPORTED if it is not installed or cannot be loaded.
 */
const void *module_get(struct modules *m, enum module which, struct venv_error *err);
void modules_release(struct modules *m);

/* In a module: define its entry. */
#define MODULE_ENTRY_NAME_(name, version) venvctl_module_##name##_##version
#define MODULE_ENTRY_(name, version)	  MODULE_ENTRY_NAME_(name, version)
#define MODULE_DEFINE(name, table)                                                 \
	VENV_EXPORT const void *MODULE_ENTRY_(name, VENVCTL_MODULE_VERSION)(void); \
	const void *MODULE_ENTRY_(name, VENVCTL_MODULE_VERSION)(void)              \
	{                                                                          \
		return &(table);                                                   \
	}                                                                          \
	struct module_entry_takes_the_semicolon_
