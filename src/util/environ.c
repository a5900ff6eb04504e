/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "util.h"

#include <string.h>

static const char *value_of(const char *entry, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(entry, name, n) && entry[n] == '=' ? entry + n + 1 : NULL;
}

const char *env_get(const char *const *env, const char *name)
{
	for (; env && *env; env++) {
		const char *value = value_of(*env, name);

		if (value)
			return *value ? value : NULL;
	}
	return NULL;
}

static void drop(struct strlist *env, size_t i)
{
	memmove(env->v + i, env->v + i + 1, (env->n - i) * sizeof(*env->v));
	env->n--;
}

bool env_set(struct arena *a, struct strlist *env, const char *name, const char *value)
{
	const char *entry = NULL;
	bool placed = false;

	if (value) {
		entry = arena_printf(a, "%s=%s", name, value);
		if (!entry)
			return false;
	}
	/* Some processes are given a name twice: all but one go. */
	for (size_t i = 0; i < env->n;) {
		if (!value_of(env->v[i], name)) {
			i++;
		} else if (entry && !placed) {
			env->v[i++] = entry;
			placed = true;
		} else {
			drop(env, i);
		}
	}
	return !entry || placed || strlist_add(a, env, entry);
}

void env_drop_prefix(struct strlist *env, const char *prefix)
{
	for (size_t i = 0; i < env->n;) {
		if (!strncmp(env->v[i], prefix, strlen(prefix)))
			drop(env, i);
		else
			i++;
	}
}
