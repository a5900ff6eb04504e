/* SPDX-License-Identifier: MIT */
/* append.c - `KEY += ITEMS`: a list behind what lower layers have */
#include <config.h>

#include <string.h>

#include "config.h"
#include "put.h"
#include "util/util.h"

const struct origin *value_origin(const struct value *v, size_t i)
{
	return v->origins ? &v->origins[i] : &v->origin;
}

const char *value_origins_text(struct arena *a, const struct value *v)
{
	struct strlist seen = STRLIST_INIT;
	struct str out = STR_INIT;
	const char *text;

	if (!v->origins || !v->items.n)
		return origin_text(a, &v->origin);
	for (size_t i = 0; i < v->items.n; i++) {
		const char *one = origin_text(a, &v->origins[i]);

		if (!one || strlist_find(&seen, one) >= 0)
			continue;
		if (!strlist_add(a, &seen, one))
			break;
		str_addf(&out, "%s%s", out.len ? ", " : "", one);
	}
	text = str_to_arena(&out, a);
	return text ? text : "";
}

int config_join(struct config *c, struct value *v, const struct strlist *base,
		const struct value *base_value, struct venv_error *err)
{
	static const struct origin built_in = { LAYER_DEFAULT, NULL, 0, NULL };
	struct strlist all = STRLIST_INIT;
	size_t n = base->n + v->items.n;
	struct origin *origins = arena_alloc(&c->arena, (n + 1) * sizeof(*origins));

	for (size_t i = 0; origins && i < n; i++) {
		const char *item = i < base->n ? base->v[i] : v->items.v[i - base->n];

		if (strlist_find(&all, item) >= 0)
			continue;
		origins[all.n] = i >= base->n ? *value_origin(v, i - base->n)
				 : base_value ? *value_origin(base_value, i)
					      : built_in;
		if (!strlist_add(&c->arena, &all, item))
			return error_nomem(err);
	}
	if (!origins)
		return error_nomem(err);
	v->items = all;
	v->origins = origins;
	return 0;
}

int config_append(struct config *c, const struct option_def *o, struct venv_error *err)
{
	struct value *v = config_newest(c, o->section, o->def.name);
	/* What is there already, in files that were read before. */
	const struct value *base = value_below(v->before, LAYER_ENV);
	struct strlist items = STRLIST_INIT;
	int r;

	if (!strcmp(o->section, "policy"))
		return error_set(err, VENV_ERR_CONFIG,
				 "'+=' is not for [policy]: all of its files hold");
	if (!(o->def.flags & VENV_OPTION_LIST))
		return error_set(err, VENV_ERR_CONFIG,
				 "'%s' takes one value: '+=' is for lists", v->key);
	/* This one adds up by itself. */
	if (!strcmp(v->key, "plugin-path"))
		return 0;
	if (base)
		items = base->items;
	else if (o->def.default_value &&
		 (r = config_split(c, o->def.default_value, " \t", &items, err)))
		return r;
	return config_join(c, v, &items, base, err);
}

int config_append_plugin(struct config *c, const char *section, const char *key,
			 struct venv_error *err)
{
	struct value *v = config_newest(c, section, key);
	const struct venv_option *own = option_of_instances(key);

	v->base = value_below(v->before, LAYER_ENV);
	v->appends = true;
	/* The type of what the plugin declares is known once that is: see declared.c. */
	if (!own)
		return 0;
	if (!(own->flags & VENV_OPTION_LIST))
		return error_set(err, VENV_ERR_CONFIG,
				 "'%s' takes one value: '+=' is for lists", v->key);
	/* Without one, what the plugin's note says is the lowest layer. */
	v->appends = !v->base || v->base->appends;
	return v->base ? config_join(c, v, &v->base->items, v->base, err) : 0;
}
