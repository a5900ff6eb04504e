/* SPDX-License-Identifier: MIT */
/*
 * registry.h - which plugins there are, and where
 *
 * A plugin NAME is the file NAME.so in one of the directories of the search path;
 * the first one wins, and what is wrong with it is an error, not a reason to look
 * further.  Nothing is loaded to find out: the ELF note tells.
 */
#pragma once

#include "base/error.h"
#include "base/log.h"
#include "base/trust.h"
#include "elfnote.h"

struct plugin_dir {
	const char *path;
	const char
		*origin; /* who named it: "/etc/venvctl/venvctl.ini:3", "--plugin-path" */
	bool built_in;	 /* the installation's own */
	bool sites;	 /* named in the site's configuration */
};

struct registry {
	struct arena *arena;
	struct trust *trust;
	struct plugin_dir *dirs;
	size_t n_dirs;
	bool sites_only; /* policy: no directory but the site's and the built-in one */
};

/* A file that was found to be a plugin, and may be loaded. */
struct candidate {
	const char *name;
	const char *path; /* resolved: what was judged is what is opened */
	struct plugin_note note;
};

/* Add a directory at the end of the search path. */
int registry_add_dir(struct registry *r, const char *path, const char *origin, bool sites,
		     bool built_in, struct venv_error *err) _must_check_;

/* Find a plugin by name.  PLUGIN: not found (with "did you mean"), or refused and why. */
int registry_find(struct registry *r, const char *name, struct candidate *out,
		  struct venv_error *err) _must_check_;

/* A plugin named by a path (with a '/'); PLUGIN if it is none or not trusted. */
int registry_open_path(struct registry *r, const char *path, struct candidate *out,
		       struct venv_error *err) _must_check_;

/* What lies in the directories, for `plugins list`. */
struct listed {
	struct listed *next;
	const char *name; /* the file's stem */
	const char *path;
	const struct plugin_dir *dir;
	const char *refused;	 /* why; NULL if it is fine */
	const char *shadowed;	 /* path of the one that wins; NULL if this does */
	struct plugin_note note; /* if not refused for what it is */
};

/* All files *.so of the search path; PLUGIN only if memory runs out. */
int registry_list(struct registry *r, struct listed **out, struct venv_error *err);
