/* SPDX-License-Identifier: MIT */
/* settings.h - the options of a create with their types, and which exclude which */
#pragma once

#include "config/config.h"
#include "layout/scripts.h"
#include "store/store.h"
#include "target.h"

struct settings {
	bool system_site_packages;
	bool symlinks;
	bool clear, upgrade;
	bool without_pip; /* no plugin that provides pip */
	bool pip, setuptools;
	bool upgrade_deps;
	const char *prompt; /* as given; NULL: the directory's name */
	bool scm_ignore_files, cachedir_tag;
	enum existing existing;
	bool force, wait, durable, offline, keep_on_failure, verbose;
	enum link_mode link_mode;
	unsigned activators; /* ACTIVATE_* */
	struct strlist pythons;
	struct strlist pass_env;
	bool no_plugins;
	const char *log_file;
};

/*
 * Resolve them.  TOOL: the defaults are those of the tool, not of EnvBuilder.  USAGE
 * or CONFIG where two exclude each other.
 */
int settings_resolve(struct settings *s, struct config *c, bool tool,
		     struct venv_error *err) _must_check_;

/* The prompt's bare text: "." is the current directory's name. */
const char *settings_prompt(const struct settings *s, const char *cwd,
			    const char *env_name);
