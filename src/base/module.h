/* SPDX-License-Identifier: MIT */
/*
 * module.h - libraries that most runs do not need, loaded when one first does
 *
 * A module is a shared object in PKGLIBDIR/modules with one exported function,
 * venvctl_module_NAME_VERSION, which returns its table of functions (the header of
 * that table lies beside the module, in modules/NAME.h).  The version in the name
 * keeps a stray file of another release out.
 */
#pragma once

#include "arena.h"
#include "dso.h"

enum module {
	MODULE_DIGEST, /* modules/digest.h: SHA-256 (libcrypto) */
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
