/* SPDX-License-Identifier: MIT */
/*
 * recipe.c - from what an environment was made, as a number
 *
 * `venvctl-recipe` of pyvenv.cfg; --existing reuse leaves an environment alone whose
 * number is the one that this create would give it.  What is updated in its time is not in
 * it: neither venvctl's version nor a plugin's, nor the last part of the Python's; and an
 * interpreter is what it really is, not the name by which it was asked for.
 */
#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "util/util.h"
#include "private.h"

static uint64_t add_flag(uint64_t h, bool value)
{
	return hash_add(h, value ? "1" : "0", 1);
}

static uint64_t add_text(uint64_t h, const char *text)
{
	return hash_add_str(h, text ? text : "");
}

/* A plugin with every value that was set for it, the strongest of each key. */
static uint64_t add_step(uint64_t h, struct venv_builder *b, const struct step *t)
{
	const char *section = config_plugin_section(&b->host.config, t->instance);

	h = add_text(h, t->instance);
	h = add_text(h, t->file.name);
	/* With --without-pip the plugin wheels leaves pip out of its list. */
	h = add_flag(h, step_provides(t, "pip"));
	for (const struct value *v = section ? config_section(&b->host.config, section)
					     : NULL;
	     v; v = v->after) {
		if (config_find(&b->host.config, section, v->key) != v)
			continue;
		h = add_text(h, v->key);
		for (size_t i = 0; i < v->items.n; i++)
			h = add_text(h, v->items.v[i]);
	}
	return h;
}

const char *recipe_make(struct venv_builder *b)
{
	const struct settings *s = &b->host.settings;
	const struct build *e = &b->host.build;
	const uint32_t xy = PYTHON_XY(&e->python);
	uint64_t h = HASH_INIT;

	h = add_text(h, e->python.real);
	h = hash_add(h, &xy, sizeof(xy));
	h = add_text(h, e->tx.target.env_dir);
	h = add_text(h, e->prompt);
	h = add_flag(h, e->system_site_packages);
	h = add_flag(h, e->symlinks);
	h = add_flag(h, s->pip);
	h = add_flag(h, s->setuptools);
	h = add_flag(h, s->upgrade_deps);
	h = add_flag(h, s->scm_ignore_files);
	h = add_flag(h, s->cachedir_tag);
	h = hash_add(h, &s->activators, sizeof(s->activators));
	for (const struct step *t = b->host.steps.first; t; t = t->next)
		h = add_step(h, b, t);
	return arena_printf(&b->host.build.arena, "%016" PRIx64, h);
}
