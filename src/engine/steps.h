/* SPDX-License-Identifier: MIT */
/*
 * steps.h - which plugins run, and in which order
 *
 * --plugin replaces the configured list (post-setup), --add-plugin appends to it,
 * the site's required-plugins come last unless they are named already.  `after`
 * alone moves a step.  Everything that can be wrong is found here, before anything
 * is created.
 */
#pragma once

#include "config/config.h"
#include "plugin/loader.h"
#include "settings.h"

struct step {
	struct step *next;
	const char *instance;  /* its name for the user: a plugin's or an instance's */
	struct candidate file; /* where it comes from */
	struct plugin *plugin; /* NULL until loaded */
	struct origin origin;  /* who asked for it */
	struct strlist provides, after;
	const struct origin *lists_pip; /* a `wheels` that was told pip: by whom */
	bool on_command_line;
	bool required; /* by the site's policy */
	bool later;    /* of the session at work: waits for publication */
};

struct steps {
	struct arena *arena;
	struct config *config;
	const struct log *log;
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

/* True if NAME in `after`, or "pip", means T: its own name, or what it provides. */
bool step_provides(const struct step *t, const char *name);

/* ---- steps_pip.c ---- */

/* If T is a `wheels` that was told to install pip, it provides pip. */
int step_find_pip(struct steps *s, struct step *t, struct venv_error *err) _must_check_;

/* --without-pip drops what provides pip, unless it was asked for or is required. */
int steps_drop_pip(struct steps *s, const struct settings *set, struct venv_error *err)
	_must_check_;

/* --upgrade runs what provides pip, and what was asked for or is required. */
void steps_drop_for_upgrade(struct steps *s, const struct settings *set);

/* order.c: put them in running order; USAGE or CONFIG if some wait for each other. */
int steps_order(struct steps *s, struct venv_error *err) _must_check_;

/* Load them and check their options. */
int steps_load(struct steps *s, struct venv_error *err) _must_check_;
void steps_release(struct steps *s);
