/* SPDX-License-Identifier: MIT */
/*
 * loader.h - a plugin's shared object opened, and its structure taken over
 *
 * The other side may be older or newer: its structures are copied up to the
 * smaller size into zeroed ones of ours.
 */
#pragma once

#include <venvctl/plugin.h>

#include "base/dso.h"
#include "registry.h"

struct plugin {
	struct plugin *next;
	const char *name; /* with '-' */
	const char *path;
	struct plugin_note note;
	struct dso *dso;
	struct venv_plugin table; /* our copy; its options are ours as well */
	size_t n_options;
	struct strlist *defaults; /* of each option; read by who knows types */
};

/*
 * Load a candidate.  PLUGIN if its code cannot be loaded or its structure is not
 * what it should be.  *Returns new* in the arena; unload with plugin_close.
 */
int plugin_open(struct arena *a, const struct candidate *c, struct plugin **out,
		struct venv_error *err) _must_check_;
void plugin_close(struct plugin *p);
