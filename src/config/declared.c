/* SPDX-License-Identifier: MIT */
/* declared.c - the values of a plugin's section, against the options that it declares */
#include <config.h>

#include <string.h>

#include "util/util.h"
#include "config.h"
#include "put.h"

static const struct venv_option *find_declared(const struct venv_option *options,
					       const char *key)
{
	const struct venv_option *own = option_of_instances(key);

	if (own)
		return own;
	for (; options && options->name; options++) {
		if (!strcmp(options->name, key))
			return options;
	}
	return NULL;
}

/* Of `+=`.  What lower layers have was checked before: it came earlier. */
static int append(struct config *c, struct value *v, const struct venv_option *def,
		  struct venv_error *err)
{
	struct strlist base = STRLIST_INIT;
	int r = 0;

	if (v->base)
		base = v->base->items;
	else
		r = config_plugin_default(c, def, &base, err);
	v->origins = NULL;
	return r ? r : config_join(c, v, &base, v->base, err);
}

static int check_plugin_value(struct config *c, const char *instance, struct value *v,
			      const struct venv_option *def, struct venv_error *err)
{
	struct strlist given = v->items, items = STRLIST_INIT;
	int code = origin_error(&v->origin), r;

	if ((def->flags & VENV_OPTION_SYSTEM_ONLY) && v->origin.layer != LAYER_SITE) {
		error_set(err, code,
			  "'%s.%s' can be set in the site's configuration only", instance,
			  v->key);
		return code;
	}
	if (v->appends && !(def->flags & VENV_OPTION_LIST))
		return error_set(err, code, "'%s.%s' takes one value: '+=' is for lists",
				 instance, v->key);
	if (!(def->flags & VENV_OPTION_LIST)) {
		if (!v->text)
			return error_set(err, code, "'%s.%s' takes one value, not a list",
					 instance, v->key);
		given = (struct strlist)STRLIST_INIT;
		if (!strlist_add(&c->arena, &given, v->text))
			return error_nomem(err);
	} else if (v->text) {
		/*
		 * -o gives one whole item, which may have blanks and commas (arguments, paths,
		 * "acme>=1,<2"): it has no other way to give one.  A line of a file gives several.
		 */
		given = (struct strlist)STRLIST_INIT;
		if (v->origin.layer == LAYER_ARG
			    ? !strlist_add(&c->arena, &given, v->text)
			    : config_split(c, v->text, " \t", &given, err) != 0)
			return error_nomem(err);
	}
	for (size_t i = 0; i < given.n; i++) {
		const char *item;

		r = option_check(&c->arena, def, 0, given.v[i], v->origin.dir, &item,
				 err);
		if (r == VENV_ERR_CONFIG && err) {
			err->code = r = code;
			if (def->flags & VENV_OPTION_SECRET)
				error_prefix(err, r, "this is no value for '%s.%s'",
					     instance, v->key);
			else
				error_prefix(err, r, "'%s' is no value for '%s.%s'",
					     option_shown(&c->arena, def, given.v[i]),
					     instance, v->key);
			/* On one line of a file these would be several. */
			if ((def->flags & VENV_OPTION_LIST) &&
			    v->origin.layer == LAYER_ARG && strpbrk(given.v[i], ", \t"))
				error_hint(err, r,
					   "each '-o %s.%s=...' is one item of the list",
					   instance, v->key);
		}
		if (r)
			return r;
		if (!strlist_add(&c->arena, &items, item))
			return error_nomem(err);
	}
	v->items = items;
	return v->appends ? append(c, v, def, err) : 0;
}

int config_check_plugin(struct config *c, const char *instance,
			const struct venv_option *options, struct venv_error *err)
{
	const char *section = config_plugin_section(c, instance);

	if (!section)
		return error_nomem(err);
	for (struct value *v = config_section(c, section); v; v = v->after) {
		const struct venv_option *def;
		int r = 0;

		def = find_declared(options, v->key);
		if (!def) {
			struct suggest s = SUGGEST_INIT(v->key);

			for (const struct venv_option *o = options; o && o->name; o++)
				suggest_offer(&s, o->name);
			r = error_set(err, origin_error(&v->origin),
				      "'%s' has no option '%s'", instance, v->key);
			if (s.best)
				error_hint(err, r, "did you mean '%s'?", s.best);
		} else if (def != option_of_instances(v->key)) {
			r = check_plugin_value(c, instance, v, def, err);
		}
		if (r)
			return error_prefix(err, r, "%s",
					    origin_text(&c->arena, &v->origin));
	}
	return 0;
}

int config_plugin_default(struct config *c, const struct venv_option *def,
			  struct strlist *out, struct venv_error *err)
{
	struct strlist given = STRLIST_INIT;
	int r = 0;

	*out = (struct strlist)STRLIST_INIT;
	if (!def->default_value)
		return 0;
	if (def->flags & VENV_OPTION_LIST)
		r = config_split(c, def->default_value, " \t", &given, err);
	else if (!strlist_add(&c->arena, &given, def->default_value))
		r = error_nomem(err);
	for (size_t i = 0; !r && i < given.n; i++) {
		const char *item;

		r = option_check(&c->arena, def, 0, given.v[i], c->cwd, &item, err);
		if (!r && !strlist_add(&c->arena, out, item))
			r = error_nomem(err);
	}
	return r;
}
