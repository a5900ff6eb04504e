/* SPDX-License-Identifier: MIT */
/* variables.c - the layer that is the process environment: VENVCTL_<OPTION> */
#include <config.h>

#include <string.h>

#include "put.h"

#define PREFIX "VENVCTL_"

/* Variables that are no options. */
static const char *const others[] = { "CONFIG", "CACHE_DIR" };

/* "PLUGIN_PATH" is "plugin-path"; false if it cannot be an option's name. */
static bool to_name(const char *variable, size_t n, char *name, size_t size)
{
	if (!n || n >= size)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = variable[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		else if (c == '_')
			c = '-';
		else if (c < '0' || c > '9')
			return false;
		name[i] = c;
	}
	name[n] = '\0';
	return true;
}

static bool is_other(const char *variable, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (strlen(others[i]) == n && !memcmp(others[i], variable, n))
			return true;
	}
	return false;
}

static const struct option_def *find(const char *name, bool *inverted)
{
	const struct option_def *o = options_find("create", name, inverted);

	if (!o)
		o = options_find("venvctl", name, inverted);
	return o && (o->use & OPTION_CONF) ? o : NULL;
}

static int load_one(struct config *c, const char *entry, struct venv_error *err)
{
	const char *rest = entry + strlen(PREFIX);
	size_t n = strcspn(rest, "=");
	struct origin origin = { LAYER_ENV,
				 arena_strndup(&c->arena, entry, strlen(PREFIX) + n), 0,
				 c->cwd };
	const struct option_def *o;
	const char *value;
	char name[64];
	bool inverted;
	int r;

	if (!origin.name)
		return error_nomem(err);
	if (!rest[n] || is_other(rest, n))
		return 0;
	value = rest + n + 1;
	o = to_name(rest, n, name, sizeof(name)) ? find(name, &inverted) : NULL;
	if (!o) {
		log_warn(c->log, "there is no variable '%s'", origin.name);
		return 0;
	}
	/* Empty is unset, as for every variable. */
	if (!*value)
		return 0;
	r = config_put(c, o, inverted, value, NULL, &origin, err);
	return r ? error_prefix(err, r, "%s", origin.name) : 0;
}

int config_load_variables(struct config *c, struct venv_error *err)
{
	for (const char *const *e = c->env; e && *e; e++) {
		int r = strncmp(*e, PREFIX, strlen(PREFIX)) ? 0 : load_one(c, *e, err);

		r = config_tell(c, r, err);

		if (r)
			return r;
	}
	return 0;
}
