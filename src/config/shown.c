/* SPDX-License-Identifier: MIT */
/* shown.c - what of an option's value may be shown */
#include <config.h>

#include "config.h"

#include <string.h>

#include "util/shown.h"

static bool is_address(const struct venv_option *def)
{
	return def->type == VENV_OPTION_URL || def->type == VENV_OPTION_LOCATION ||
	       (def->metavar && !strcmp(def->metavar, "URL"));
}

const char *option_shown(struct arena *a, const struct venv_option *def,
			 const char *value)
{
	const char *at;
	char *text;

	if (!def)
		return "(not shown)";
	if (def->flags & VENV_OPTION_SECRET)
		return "(secret)";
	/* Nothing in a path is secret. */
	if (*value == '/' && value[1] != '/')
		return value;
	text = arena_strdup(a, value);
	if (!text)
		return "(not shown)";
	shown_cut(text);
	/* A proxy may be written without a scheme, and have a user without a password. */
	at = is_address(def) ? memrchr(text, '@', strcspn(text, "/?#")) : NULL;
	return at ? at + 1 : text;
}
