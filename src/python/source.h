/* SPDX-License-Identifier: MIT */
/* source.h - who installs interpreters, beside the system and pyenv, and where */
#pragma once

#include "python.h"

/* The directory in which uv keeps those that it installed; NULL if that cannot be known. */
const char *uv_dir(const struct python_env *pe);

/* The directories of these and of conda's base, as far as they are there, newest first. */
int source_prefixes(const struct python_env *pe, struct strlist *dirs,
		    struct venv_error *err) _must_check_;
