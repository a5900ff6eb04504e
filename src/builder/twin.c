/* SPDX-License-Identifier: MIT */
/* twin.c - several builders that make environments alike, each on a thread of its own */
#include <config.h>

#include "private.h"

/*
 * What was decided is read by all of them and changed by none: values, policy, settings and
 * plugins stay the first one's.  What a create adds to goes to the twin's own arenas.
 */
static void part(struct venv_builder *t)
{
	struct host *h = &t->host;
	struct config *c = &h->config;

	h->arena = (struct arena)ARENA_INIT;
	h->modules = (struct modules){ .arena = &h->arena };
	h->cache.fd = -1;
	h->build = (struct build){ .bin = -1, .tx = TRANSACTION_INIT };
	c->arena = (struct arena)ARENA_INIT;
	c->log = &h->log;
	c->trust.arena = &c->arena;
	c->trust.walked = (struct strlist)STRLIST_INIT;
	h->steps.arena = &h->arena;
	h->steps.config = c;
	h->steps.log = &h->log;
	/* Whoever loaded them lets them go. */
	h->steps.loaded = NULL;
	h->progress = NULL;
	h->on_download = NULL;
	h->on_busy = NULL;
	t->running_stage = -1;
	t->marked = t->in_hand = false;
}

/* A step says what became of it in the create at work. */
static bool copy_steps(struct venv_builder *t)
{
	struct step **at = &t->host.steps.first;

	for (const struct step *s = *at; s; s = s->next) {
		*at = arena_alloc(&t->host.arena, sizeof(**at));
		if (!*at)
			return false;
		**at = *s;
		at = &(*at)->next;
	}
	return true;
}

struct venv_builder *builder_twin(struct venv_builder *b, struct venv_error *err)
{
	struct venv_builder *t;

	if (builder_prepare(b, err))
		return NULL;
	/* What is wrong with it each create says itself. */
	if (!b->host.settings.upgrade)
		(void)!builder_choose_python(b, NULL);
	t = calloc(1, sizeof(*t));
	if (!t) {
		error_nomem(err);
		return NULL;
	}
	*t = *b;
	part(t);
	t->host.stop = b->host.stop ? b->host.stop : &b->host.stopped;
	if (copy_steps(t))
		return t;
	venv_builder_free(t);
	error_nomem(err);
	return NULL;
}
