/* SPDX-License-Identifier: MIT */
/* put.h - how the layers give their values to the configuration (config.c) */
#pragma once

#include "config.h"

/*
 * Check and keep a value of an option: TEXT on one line, else LINES.  CONFIG, with
 * a message that does not say where; NOMEM.
 */
int config_put(struct config *c, const struct option_def *o, bool inverted,
	       const char *text, const struct strlist *lines, const struct origin *origin,
	       struct venv_error *err) _must_check_;

/*
 * `KEY += ITEMS`, of one file, behind config_put() or config_put_plugin(): the newest value
 * has before it what lower layers and files have.  CONFIG for what is no list.
 */
int config_append(struct config *c, const struct option_def *o, struct venv_error *err)
	_must_check_;
int config_append_plugin(struct config *c, const char *section, const char *key,
			 struct venv_error *err) _must_check_;

/* The value of a key that was given last, whatever its layer; NULL if there is none. */
struct value *config_newest(const struct config *c, const char *section, const char *key);

/* Of NEWEST, which may be NULL, and those before it, the one that holds below a layer. */
const struct value *value_below(const struct value *newest, enum layer below);

/* Put BASE and its origins before the items of V; none is there twice. */
int config_join(struct config *c, struct value *v, const struct strlist *base,
		const struct value *base_value, struct venv_error *err) _must_check_;

/* Split TEXT at any of SEPARATORS into ITEMS; empty ones are left out. */
int config_split(struct config *c, const char *text, const char *separators,
		 struct strlist *items, struct venv_error *err) _must_check_;

/* Keep a value of [plugin:NAME] unchecked. */
int config_put_plugin(struct config *c, const char *section, const char *key,
		      const char *text, const struct strlist *lines,
		      const struct origin *origin, struct venv_error *err) _must_check_;

/*
 * What a part of the configuration failed with, R: 0 if it was told C's REPORT, and what is left
 * can be read.
 */
int config_tell(struct config *c, int r, struct venv_error *err);

/* The layers that are files, in their order (files.c). */
int config_load_files(struct config *c, struct venv_error *err) _must_check_;

/* VENVCTL_* (variables.c). */
int config_load_variables(struct config *c, struct venv_error *err) _must_check_;
