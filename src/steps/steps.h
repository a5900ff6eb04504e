/* SPDX-License-Identifier: MIT */
/*
 * steps.h - the options of a create, and which plugins it runs in which order
 *
 * Knows configuration, policy and plugin files; runs no hook and writes nothing.
 */
#pragma once

#include "config/config.h"
#include "store/store.h"
#include "transaction/transaction.h"
#include "plugin/plugin.h"

/* ---- settings.c: the options of a create, typed, and which exclude which ---- */

enum redirect_mode { REDIRECT_AUTO, REDIRECT_ALWAYS, REDIRECT_NEVER };

struct settings {
	bool system_site_packages;
	bool symlinks;
	bool relocatable;
	bool clear, upgrade;
	bool without_pip; /* no plugin that provides pip */
	bool pip, setuptools;
	bool upgrade_deps;
	const char *prompt; /* as given; NULL: the directory's name */
	bool scm_ignore_files, cachedir_tag;
	enum existing existing;
	bool force, wait, durable, offline, keep_on_failure, verbose;
	enum link_mode link_mode;
	bool link_asked;     /* for the mode, on the command line or by the program */
	bool compile;	     /* byte code of what is installed */
	unsigned activators; /* ACTIVATE_* of layout.h */
	struct strlist pythons;
	struct strlist pass_env;
	bool no_plugins;
	bool dry_run;
	bool like_venv;	    /* upgrade any directory, as venv does */
	bool as_created;    /* ... and leave an environment of the kind that it is */
	bool pip_elsewhere; /* the program that embeds the library installs pip itself */
	const char *log_file;
	enum redirect_mode venv_redirect;
	bool redirect_asked;	  /* on the command line */
	const char *project_root; /* as given; NULL: the parent of each environment */
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

/*
 * ---- which plugins run, and in which order ----
 *
 * --plugin replaces the configured list (post-setup), --add-plugin appends to it,
 * the site's required-plugins come last unless they are named already.  `after`
 * alone moves a step.  Everything that can be wrong is found here, before anything
 * is created.
 */

struct step {
	struct step *next;
	const char *instance;  /* its name for the user: a plugin's or an instance's */
	struct candidate file; /* where it comes from */
	struct plugin *plugin; /* NULL until loaded */
	struct origin origin;  /* who asked for it */
	struct strlist provides, after;
	const struct origin *lists_pip; /* where a `wheels` is told to install pip */
	bool on_command_line;
	bool required;	     /* by the site's policy */
	bool later;	     /* in the create at work: runs after publication */
	const char *fetches; /* under -n: the address that its open asked for; or NULL */
};

struct steps {
	struct arena *arena;
	struct config *config;
	const struct log *log;
	const struct plugin_watch
		*watch; /* hears of plugins that are loaded; may be NULL */
	struct registry registry;
	struct step *first; /* in running order */
	struct plugin *loaded;
};

/* The search path: --plugin-path, environment, configuration, the installation's. */
int steps_init(struct steps *s, struct config *c, struct arena *a, const struct log *log,
	       struct venv_error *err) _must_check_;

/* Choose, order and check; nothing is loaded yet. */
int steps_select(struct steps *s, const struct settings *set, struct venv_error *err)
	_must_check_;

/* True if NAME, of an `after` or "pip", means T: its own name, or what it provides. */
bool step_provides(const struct step *t, const char *name);

/* True if T is what another plugin requires as NAME: also as an instance of that plugin. */
bool step_satisfies(const struct step *t, const char *name);

/* ---- pip.c ---- */

/* If T is of the plugin wheels and has pip in its list, let it provide pip. */
int step_find_pip(struct steps *s, struct step *t, struct venv_error *err) _must_check_;

/* --without-pip: drop what provides pip, but for what was asked for or is required. */
int steps_drop_pip(struct steps *s, const struct settings *set, struct venv_error *err)
	_must_check_;

/* --upgrade: keep what provides pip, and what was asked for or is required. */
void steps_drop_for_upgrade(struct steps *s, const struct settings *set);

/* order.c: put them in running order; USAGE or CONFIG if some wait for each other. */
int steps_order(struct steps *s, struct venv_error *err) _must_check_;

/* Load them and check their options. */
int steps_load(struct steps *s, struct venv_error *err) _must_check_;
void steps_release(struct steps *s);
