/* SPDX-License-Identifier: MIT */
/* context.c - EnvBuilder's context object */
#include <config.h>

#include <string.h>

#include "base/path.h"
#include "engine.h"

/*
 * What the documentation of venv calls nodist: where setuptools has an installer of its
 * own, pip is not installed without it.
 */
static bool is_nodist(const struct venv_builder *b)
{
	for (const struct step *t = b->steps.first; t && !b->settings.setuptools;
	     t = t->next) {
		const struct strlist *provides = &t->file.note.provides;

		if (strlist_find(provides, "setuptools") >= 0 &&
		    strlist_find(provides, "pip") < 0)
			return true;
	}
	return false;
}

bool context_wants_pip(const struct venv_builder *b)
{
	bool brought = !b->settings.without_pip;

	for (const struct step *t = b->steps.first; !brought && t; t = t->next)
		brought = strlist_find(&t->provides, "pip") >= 0;
	return brought && b->settings.pip && !is_nodist(b);
}

static uint32_t flags(const struct venv_builder *b)
{
	const struct settings *s = &b->settings;
	const struct target *t = &b->build.target;
	uint32_t f = 0;

	f |= s->system_site_packages ? VENV_CONTEXT_SYSTEM_SITE_PACKAGES : 0;
	f |= t->kind == TARGET_REPLACE ? VENV_CONTEXT_CLEAR : 0;
	f |= s->symlinks ? VENV_CONTEXT_SYMLINKS : 0;
	f |= s->upgrade ? VENV_CONTEXT_UPGRADE : 0;
	f |= context_wants_pip(b) ? VENV_CONTEXT_WITH_PIP : 0;
	f |= s->setuptools ? VENV_CONTEXT_WITH_SETUPTOOLS : 0;
	f |= s->upgrade_deps ? VENV_CONTEXT_UPGRADE_DEPS : 0;
	f |= s->verbose ? VENV_CONTEXT_VERBOSE : 0;
	f |= s->offline ? VENV_CONTEXT_OFFLINE : 0;
	f |= t->kind == TARGET_IN_PLACE ? VENV_CONTEXT_EXISTING : 0;
	return f;
}

/* Absolute path of the tree as it lies now. */
static char *stage_path(struct venv_builder *b)
{
	const struct transaction *tx = &b->build.tx;

	if (tx->way == WAY_MERGE)
		return arena_printf(&b->build.arena, "%s/%s/env", b->build.target.real,
				    tx->box_name);
	return path_join(&b->build.arena, b->build.target.parent, tx->stage);
}

int context_staged(struct venv_builder *b, struct venv_error *err)
{
	b->build.stage_path = stage_path(b);
	b->build.context.stage_dir = b->build.stage_path;
	return b->build.stage_path ? 0 : error_nomem(err);
}

int context_fill(struct venv_builder *b, struct venv_error *err)
{
	struct build *e = &b->build;
	struct arena *a = &e->arena;
	const struct python *p = &e->python;
	const char *dir = e->target.env_dir;
	struct venv_context *c = &e->context;

	*c = (struct venv_context){
		.struct_size = sizeof(*c),
		.flags = flags(b),
		.env_dir = dir,
		.env_name = path_base(dir),
		.prompt = e->prompt,
		.executable = p->executable,
		.python_dir = path_dir(a, p->executable),
		.python_exe = path_base(p->executable),
		.inc_path = path_join(a, dir, e->layout.inc_dir),
		.lib_path = path_join(a, dir, e->layout.purelib),
		.platlib_path = path_join(a, dir, e->layout.platlib),
		.bin_path = path_join(a, dir, e->layout.bin_name),
		.bin_name = e->layout.bin_name,
		.cfg_path = path_join(a, dir, CFG_FILE),
		.base_prefix = p->prefix,
		.stdlib_dir = p->stdlib,
		.implementation = p->implementation,
		.cache_tag = p->cache_tag,
		.wheel_dir = p->wheel_dir,
		.python_version = p->hexversion,
	};
	c->env_exe = c->bin_path ? path_join(a, c->bin_path, c->python_exe) : NULL;
	c->env_exec_cmd = c->env_exe;
	return !context_staged(b, err) && c->python_dir && c->inc_path && c->lib_path &&
			       c->platlib_path && c->env_exe && c->cfg_path
		       ? 0
		       : error_nomem(err);
}

void context_published(struct venv_builder *b)
{
	b->build.published = true;
	b->build.context.stage_dir = b->build.context.env_dir;
}
