/* SPDX-License-Identifier: MIT */
/*
 * plugin.h - plugin files: found, read without being run, loaded
 *
 * Knows what a file offers; which plugins run, and when, is steps' and host's.
 */
#pragma once

#include <stdint.h>

#include <venvctl/plugin.h>

#include "util/util.h"

struct dso;
struct trust;

/* ---- elfnote.c: what a plugin's ELF note says, without any of its code being run ---- */

struct plugin_note {
	const char *name; /* with '-', as users write it */
	const char *version;
	uint32_t abi_version;
	uint32_t struct_size;
	struct strlist provides;
	struct strlist after;
	struct strlist requires;
};

/*
 * Read the note of the file behind FD.  NULL, or why it is no plugin: "not a venvctl
 * plugin", "truncated", "for another kind of machine".
 */
const char *elfnote_read(struct arena *a, int fd, struct plugin_note *note);

/*
 * ---- registry.c: which plugins there are, and where ----
 *
 * A plugin NAME is the file NAME.so in one of the directories of the search path;
 * the first one wins, and what is wrong with it is an error, not a reason to look
 * further.  Nothing is loaded to find out: the ELF note tells.
 */

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

/* Does policy let plugins come from DIR, one of the search path? */
bool registry_searches(const struct registry *r, const struct plugin_dir *dir);

/* A file that was found to be a plugin, and may be loaded. */
struct candidate {
	const char *name;
	const char *path; /* resolved: what was judged is what is opened */
	bool shipped;	  /* one of venvctl's own, in its own directory */
	struct plugin_note note;
};

/* Add a directory at the end of the search path. */
int registry_add_dir(struct registry *r, const char *path, const char *origin, bool sites,
		     bool built_in, struct venv_error *err) _must_check_;

/* Find a plugin by name.  PLUGIN: not found (with "did you mean"), or refused and why. */
int registry_find(struct registry *r, const char *name, struct candidate *out,
		  struct venv_error *err) _must_check_;

/*
 * Where NAME is no plugin of the search path and DIR has a file NAME or NAME.so, ERR, which is
 * CODE, gets the hint that a file is named with a '/'.  Returns CODE.
 */
int registry_hint_file(struct registry *r, const char *dir, const char *name, int code,
		       struct venv_error *err);

/* Is there a file for NAME, whatever is wrong with it? */
bool registry_has(struct registry *r, const char *name);

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

/*
 * Hear when code of a plugin begins to run and has ended: HOOK of the plugin INSTANCE; "load"
 * while it is loaded.  The tool's supervisor knows by this whose fault it was.
 */
struct plugin_watch {
	void (*enter)(void *data, const char *instance, const char *hook);
	void (*leave)(void *data, const char *instance, const char *hook);
	void *data;
};

/*
 * ---- loader.c: a plugin's shared object opened, and its structure taken over ----
 *
 * The other side may be older or newer: its structures are copied up to the
 * smaller size into zeroed ones of ours.
 */

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

/*
 * ---- inspect.c: a plugin's option table, read in a child process ----
 *
 * For commands that look at plugins without running an environment's steps: a
 * plugin that crashes or hangs while it is loaded is a line of the answer.
 */

struct inspected {
	const char *version, *summary, *help;
	uint64_t flags;
	bool has_undo;
	struct venv_option *options; /* ends with a NULL name */
	size_t n_options;
	bool shipped; /* as the candidate */
};

/*
 * All of P that its author wrote, its texts and its options, as bytes: equal as long as
 * nobody changes them.
 */
void plugin_describe(const struct plugin *p, struct str *out);

/* PLUGIN with what happened if it cannot be loaded; strings are in the arena. */
int plugin_inspect(struct arena *a, const struct candidate *c, struct inspected *out,
		   struct venv_error *err) _must_check_;
