/* SPDX-License-Identifier: MIT */
/*
 * turns.c - plugins that cannot be at work twice at the same time
 *
 * Builders on different threads may have the same plugin loaded, and with it its static
 * data.  One lock for all such plugins: with one for each, two builders that have two of
 * them could wait for each other.
 */
#include <config.h>

#include <pthread.h>

#include "engine.h"

static pthread_mutex_t mutex;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Recursive, because a stage's override may well create another environment. */
static void make_mutex(void)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&mutex, &attr);
	pthread_mutexattr_destroy(&attr);
}

void turn_take(struct venv_builder *b)
{
	bool parallel = true;

	for (const struct step *t = b->steps.first; t; t = t->next)
		parallel &= (t->plugin->table.flags & VENV_PLUGIN_PARALLEL) != 0;
	if (parallel)
		return;
	pthread_once(&once, make_mutex);
	pthread_mutex_lock(&mutex);
	b->build.has_turn = true;
}

void turn_give(struct venv_builder *b)
{
	if (!b->build.has_turn)
		return;
	b->build.has_turn = false;
	pthread_mutex_unlock(&mutex);
}
