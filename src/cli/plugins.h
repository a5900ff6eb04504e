/* SPDX-License-Identifier: MIT */
/* plugins.h - the commands behind `venvctl plugins`, one file each */
#pragma once

#include "cli.h"

/* What `venvctl plugins COMMAND` was given. */
struct plugins_args {
	struct venv_builder *b; /* its configuration is read */
	struct arena *arena;
	struct strlist words; /* behind COMMAND */
	bool json;
	bool autotools, meson; /* of new */
	const char *with; /* of check: plugins that another needs, separated by ',' */
	struct strlist options; /* of check: NAME.KEY=VALUE */
};

/* "allowed-plugins in FILE:LINE", by which no plugin comes from DIR; NULL: they may. */
const char *plugins_dir_rule(struct venv_builder *b, struct arena *a,
			     const struct registry *r, const struct plugin_dir *dir);

/* Each returns an exit status. */
int plugins_list(const struct plugins_args *a);
int plugins_info(const struct plugins_args *a);
int plugins_new(const struct plugins_args *a);
int plugins_check(const struct plugins_args *a);

/*
 * plugins_exports.c: what the file at PATH exports beside its entry, and how to build it so
 * that it does not; NULL if nothing.  *GO: it has the runtime of Go in it.
 */
const char *plugins_exports(struct arena *a, const char *path, bool *go);

/* "a b c"; "" for an empty list. */
const char *plugins_words(struct arena *a, const struct strlist *list);

/* The same as a JSON array. */
void plugins_put_list(struct json *j, void *object, const char *key,
		      const struct strlist *list);

/*
 * The file of a plugin or an instance, or of a path (with a '/'); *INSTANCE is the name
 * of its section.
 */
int plugins_find(const struct plugins_args *a, const char *name, const char **instance,
		 struct candidate *out, struct venv_error *err) _must_check_;
