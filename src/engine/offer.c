/* SPDX-License-Identifier: MIT */
/* offer.c - which plugins there are and which would run, for commands that only look */
#include <config.h>

#include "builder.h"
#include "engine.h"

int builder_registry(struct venv_builder *b, struct registry **out,
		     struct venv_error *err)
{
	int r = config_load_policy(&b->config, err);

	if (!r)
		r = steps_init(&b->steps, &b->config, &b->arena, &b->log, err);
	*out = &b->steps.registry;
	return r;
}

int builder_order(struct venv_builder *b, const struct step **first,
		  struct venv_error *err)
{
	struct registry *registry;
	int r = settings_resolve(&b->settings, &b->config, true, err);

	if (!r)
		r = builder_registry(b, &registry, err);
	if (!r)
		r = steps_select(&b->steps, &b->settings, err);
	*first = r ? NULL : b->steps.first;
	return r;
}
