/* SPDX-License-Identifier: MIT */
/* private.h - struct venv_builder from the inside of this room */
#pragma once

#include "builder.h"
#include "host/host.h"

struct override {
	venv_stage_fn *fn;
	void *data;
};

struct venv_builder {
	struct host host;    /* with the environment that is being made: host.build */
	const char *program; /* for `command` of pyvenv.cfg */
	bool tool;	     /* defaults of the tool rather than of EnvBuilder */
	struct override overrides[HOST_STAGES];
	bool selected;		       /* the settings are resolved, the plugins chosen */
	bool prepared;		       /* ... and loaded */
	atomic_bool busy;	       /* a create is at work */
	struct config_mark unprepared; /* the configuration before that */
	struct python python;	       /* that --python chose, unless it is an upgrade */
	bool has_python;
	/* Of the environment that is being made, or was made last: */
	int running_stage; /* the one that venv_builder_stage() may run; -1 for none */
	const char *recipe;
	bool changed;
	unsigned removed; /* packages that went with a replaced environment */
};

/* Settings and plugins: what does not depend on the target. */
int builder_prepare(struct venv_builder *b, struct venv_error *err) _must_check_;

/* Look at a target and decide everything about it, before anything is written. */
int builder_examine(struct venv_builder *b, const char *env_dir, struct venv_error *err)
	_must_check_;
void builder_end(struct venv_builder *b);

/* EnvBuilder.create(): venv_builder_create() of venvctl.h. */
int builder_create(struct venv_builder *b, const char *env_dir, struct venv_error *err)
	_must_check_;

/* stages.c: the built-in work of a stage. */
int stage_run(struct venv_builder *b, int stage, struct venv_error *err) _must_check_;

/* When all files are in place: name the hooks of nushell in activate.nu. */
int hooks_name(struct venv_builder *b, struct venv_error *err) _must_check_;

/*
 * old.c: what another Python, or another place, left in an environment that is there.  Say
 * what stays of it and let go what must not; and have scripts follow to the new place.
 */
int old_python(struct venv_builder *b, struct venv_error *err) _must_check_;
int old_scripts(struct venv_builder *b, struct venv_error *err) _must_check_;

/* recipe.c: what --existing reuse compares, 16 hexadecimal digits. */
const char *recipe_make(struct venv_builder *b) _must_check_;

/* upgrade_deps.c: EnvBuilder.upgrade_dependencies(): is it wanted; and run it. */
bool upgrade_deps_wanted(const struct venv_builder *b);
int upgrade_deps(struct venv_builder *b, struct venv_error *err) _must_check_;
