/* SPDX-License-Identifier: MIT */
/* config_cmd.h - what the parts of `venvctl config` share */
#pragma once

#include "cli.h"
#include "plugin/plugin.h"

/* Read all that a create would read; the exit status. */
int config_load_all(struct venv_builder *b);

/*
 * The plugin of an instance, with what it declares; NULL if that cannot be told, with *THERE
 * if there is such a plugin.  KNOWN: those that were looked at, by their names.
 */
const struct inspected *config_inspect(struct venv_builder *b, struct arena *a,
				       struct index *known, const char *instance,
				       bool *there, struct venv_error *err);

/* `config check`: of the FILES behind the first word, or of what a create would read. */
int config_check(struct venv_builder *b, const struct strlist *files);
