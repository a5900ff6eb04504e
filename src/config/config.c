/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "config.h"

#include <string.h>

#include "fs/fs.h"
#include "put.h"

void config_init(struct config *c, const char *const *env, const char *cwd)
{
	*c = (struct config){ .env = env, .cwd = cwd };
	c->tail = &c->values;
	c->trust.arena = &c->arena;
}

void config_release(struct config *c)
{
	arena_release(&c->arena);
	*c = (struct config){ 0 };
}

int config_mark(struct config *c, struct config_mark *mark, struct venv_error *err)
{
	struct value *copy;

	*mark = (struct config_mark){ .n_files = c->files.n };
	for (const struct value *v = c->values; v; v = v->next)
		mark->n++;
	mark->values = copy = arena_alloc(&c->arena, (mark->n + 1) * sizeof(*copy));
	for (const struct value *v = c->values; copy && v; v = v->next, copy++) {
		*copy = *v;
		copy->items = (struct strlist)STRLIST_INIT;
		/* A list of its own: one that grows does so in place. */
		for (size_t i = 0; i < v->items.n; i++) {
			if (!strlist_add(&c->arena, &copy->items, v->items.v[i]))
				return error_nomem(err);
		}
	}
	return copy ? 0 : error_nomem(err);
}

/* Append a value, and have it found. */
static bool keep(struct config *c, struct value *v)
{
	void **key = index_slot(&c->arena, &c->keys, v->section, v->key);
	void **section = index_slot(&c->arena, &c->sections, v->section, "");
	struct chain *chain;

	if (key && section && !*section)
		*section = arena_alloc(&c->arena, sizeof(*chain));
	if (!key || !section || !*section)
		return false;
	chain = *section;
	v->before = *key;
	*key = v;
	v->next = v->after = NULL;
	*(chain->last ? &chain->last->after : &chain->first) = v;
	chain->last = v;
	*c->tail = v;
	c->tail = &v->next;
	return true;
}

/* The newest values were taken off the list: have none of them found any more. */
static void forget(struct config *c)
{
	struct value *v = c->values;

	c->keys = c->sections = (struct index){ 0 };
	c->tail = &c->values;
	while (v) {
		struct value *next = v->next;

		/* Memory ran out: what is not found is as if it had not been given. */
		if (!keep(c, v))
			break;
		v = next;
	}
	*c->tail = NULL;
}

void config_reset(struct config *c, const struct config_mark *mark)
{
	c->tail = &c->values;
	for (size_t i = 0; i < mark->n; i++) {
		struct value *v = *c->tail;

		v->items = mark->values[i].items;
		v->text = mark->values[i].text;
		c->tail = &v->next;
	}
	*c->tail = NULL;
	forget(c);
	c->files.n = mark->n_files;
	if (c->files.v)
		c->files.v[c->files.n] = NULL;
}

void config_read_no_more(struct config *c)
{
	c->loaded = true;
}

int config_load(struct config *c, struct venv_error *err)
{
	struct config_mark mark;
	int r;

	if (c->loaded)
		return 0;
	r = config_mark(c, &mark, err);
	if (r)
		return r;
	c->policy = NULL;
	r = config_load_files(c, err);
	if (!r)
		r = config_load_variables(c, err);
	if (r)
		config_reset(c, &mark);
	c->loaded = !r;
	return r;
}

const char *origin_text(struct arena *a, const struct origin *o)
{
	if (o->layer == LAYER_DEFAULT)
		return "built in";
	if (!o->line)
		return o->name;
	return arena_printf(a, "%s:%u", o->name, o->line);
}

int origin_error(const struct origin *o)
{
	return o->layer == LAYER_ARG ? VENV_ERR_USAGE : VENV_ERR_CONFIG;
}

struct value *config_newest(const struct config *c, const char *section, const char *key)
{
	return index_find(&c->keys, section, key);
}

const struct value *value_below(const struct value *newest, enum layer below)
{
	const struct value *best = NULL;

	/* Later ones of the same layer are stronger: drop-ins are read in their order. */
	for (const struct value *v = newest; v; v = v->before) {
		if (v->origin.layer < below &&
		    (!best || v->origin.layer > best->origin.layer))
			best = v;
	}
	return best;
}

const struct value *config_find_below(const struct config *c, const char *section,
				      const char *key, enum layer below)
{
	return value_below(config_newest(c, section, key), below);
}

struct value *config_section(const struct config *c, const char *section)
{
	const struct chain *chain = index_find(&c->sections, section, "");

	return chain ? chain->first : NULL;
}

const struct value *config_find(const struct config *c, const char *section,
				const char *key)
{
	return config_find_below(c, section, key, LAYER_ARG + 1);
}

const char *config_text(const struct config *c, const char *section, const char *key)
{
	const struct value *v = config_find(c, section, key);
	const struct option_def *o;
	bool inverted;

	if (v)
		return v->items.n ? v->items.v[0] : NULL;
	o = options_find(section, key, &inverted);
	return o && !inverted ? o->def.default_value : NULL;
}

bool config_bool(const struct config *c, const char *section, const char *key)
{
	const char *text = config_text(c, section, key);

	return text && option_bool(text) == 1;
}

/* The plugin-path values of one layer, in the order of the files; *N of them. */
static const struct value **plugin_paths(struct config *c, enum layer layer, size_t *n)
{
	const struct value **found;
	size_t max = 1;

	for (const struct value *v = config_section(c, "venvctl"); v; v = v->after)
		max++;
	found = arena_alloc(&c->arena, max * sizeof(*found));
	*n = 0;
	for (const struct value *v = found ? config_section(c, "venvctl") : NULL; v;
	     v = v->after) {
		if (v->origin.layer == layer && !strcmp(v->key, "plugin-path"))
			found[(*n)++] = v;
	}
	return found;
}

int config_plugin_path(struct config *c, struct strlist *out, struct venv_error *err)
{
	for (int layer = LAYER_ARG; layer > LAYER_DEFAULT; layer--) {
		/* Within a layer the later file comes first, and an empty list forgets. */
		size_t n;
		const struct value **found = plugin_paths(c, (enum layer)layer, &n);

		if (!found)
			return error_nomem(err);
		while (n--) {
			if (!found[n]->items.n)
				return 0;
			for (size_t i = 0; i < found[n]->items.n; i++) {
				if (!strlist_add(&c->arena, out, found[n]->items.v[i]))
					return error_nomem(err);
			}
		}
	}
	return 0;
}

const char *config_plugin_section(struct config *c, const char *name)
{
	return arena_printf(&c->arena, "plugin:%s", name);
}

int config_instances(struct config *c, struct strlist *out, struct venv_error *err)
{
	for (const struct value *v = c->values; v; v = v->next) {
		if (strncmp(v->section, "plugin:", 7) != 0 ||
		    config_section(c, v->section) != v)
			continue;
		if (!strlist_add(&c->arena, out, v->section + 7))
			return error_nomem(err);
	}
	return 0;
}

int config_split(struct config *c, const char *text, const char *separators,
		 struct strlist *items, struct venv_error *err)
{
	while (*text) {
		size_t n = strcspn(text, separators);

		if (n) {
			const char *item = arena_strndup(&c->arena, text, n);

			if (!item || !strlist_add(&c->arena, items, item))
				return error_nomem(err);
		}
		text += n;
		text += *text != '\0';
	}
	return 0;
}

/* "no" for "yes" and the other way round. */
static void invert(struct strlist *items)
{
	items->v[0] = option_bool(items->v[0]) == 1 ? "no" : "yes";
}

/* A value of an option, checked; it is kept by keep(). */
static int make_value(struct config *c, const struct option_def *o, bool inverted,
		      const char *text, const struct strlist *lines,
		      const struct origin *origin, struct value **out,
		      struct venv_error *err)
{
	const struct venv_option *def = &o->def;
	struct strlist given = STRLIST_INIT;
	struct value *v = arena_alloc(&c->arena, sizeof(*v));
	int r;

	if (!v)
		return error_nomem(err);
	if (text && (def->flags & VENV_OPTION_LIST)) {
		bool path = def->type == VENV_OPTION_PATH;
		const char *separators = " \t";

		if (origin->layer == LAYER_ENV && path)
			separators = ":";
		else if (origin->layer == LAYER_ARG)
			separators = path ? ":" : o->use & OPTION_SPLIT ? ", \t" : "";
		if (!*text && !*separators)
			return error_set(err, VENV_ERR_CONFIG, "'%s' needs a value",
					 def->name);
		if ((r = config_split(c, text, separators, &given, err)))
			return r;
	} else if (text) {
		if (!*text && origin->layer != LAYER_ARG)
			return error_set(err, VENV_ERR_CONFIG, "'%s' needs a value",
					 def->name);
		if (!strlist_add(&c->arena, &given, text))
			return error_nomem(err);
	} else {
		if (!(def->flags & VENV_OPTION_LIST))
			return error_set(err, VENV_ERR_CONFIG,
					 "'%s' takes one value, not a list", def->name);
		given = *lines;
	}
	v->section = o->section;
	v->key = def->name;
	v->text = text;
	v->origin = *origin;
	for (size_t i = 0; i < given.n; i++) {
		const char *item;

		r = option_check(&c->arena, def, o->use, given.v[i], origin->dir, &item,
				 err);
		if (r)
			return error_prefix(err, r, "'%s' is no value for '%s'",
					    option_shown(&c->arena, def, given.v[i]),
					    def->name);
		if (!strlist_add(&c->arena, &v->items, item))
			return error_nomem(err);
	}
	if (inverted)
		invert(&v->items);
	*out = v;
	return 0;
}

int config_put(struct config *c, const struct option_def *o, bool inverted,
	       const char *text, const struct strlist *lines, const struct origin *origin,
	       struct venv_error *err)
{
	struct value *v = NULL;
	int r = make_value(c, o, inverted, text, lines, origin, &v, err);

	return r ? r : v && keep(c, v) ? 0 : error_nomem(err);
}

/* A key of [plugin:NAME]: its type is known once the plugin is. */
int config_put_plugin(struct config *c, const char *section, const char *key,
		      const char *text, const struct strlist *lines,
		      const struct origin *origin, struct venv_error *err)
{
	struct value *v = arena_alloc(&c->arena, sizeof(*v));
	const struct venv_option *own;
	const char *item;
	int r;

	if (!v || !(v->section = arena_strdup(&c->arena, section)) ||
	    !(v->key = arena_strdup(&c->arena, key)) ||
	    (text && !(v->text = arena_strdup(&c->arena, text))))
		return error_nomem(err);
	if (lines)
		v->items = *lines;
	v->origin = *origin;
	/* Keys of every instance have a type already. */
	own = option_of_instances(key);
	if (own && text && (own->flags & VENV_OPTION_LIST)) {
		r = config_split(c, v->text, ", \t", &v->items, err);
		if (r)
			return r;
	} else if (own && text) {
		r = option_check(&c->arena, own, 0, v->text, origin->dir, &item, err);
		if (r)
			return error_prefix(err, r, "'%s' is no value for '%s'",
					    option_shown(&c->arena, own, v->text), key);
		if (!*v->text)
			return error_set(err, VENV_ERR_CONFIG, "'%s' needs a value", key);
		if (!strlist_add(&c->arena, &v->items, item))
			return error_nomem(err);
	}
	return keep(c, v) ? 0 : error_nomem(err);
}

/* The value of an earlier use of the same option on this command line. */
static struct value *earlier_arg(struct config *c, const char *section, const char *key)
{
	struct value *v = config_newest(c, section, key);

	while (v && v->origin.layer != LAYER_ARG)
		v = v->before;
	return v;
}

int config_set_arg(struct config *c, const char *section, const char *key,
		   const char *text, const char *name, struct venv_error *err)
{
	struct origin origin = { LAYER_ARG, arena_strdup(&c->arena, name), 0, c->cwd };
	const struct option_def *o;
	struct value *before, *v = NULL;
	bool inverted;
	int r;

	text = arena_strdup(&c->arena, text);
	if (!origin.name || !text)
		return error_nomem(err);
	if (!strncmp(section, "plugin:", 7)) {
		before = earlier_arg(c, section, key);
		if (before) {
			/* Each is one whole item: only the plugin knows if it takes several. */
			if ((!before->items.n &&
			     !strlist_add(&c->arena, &before->items, before->text)) ||
			    !strlist_add(&c->arena, &before->items, text))
				return error_nomem(err);
			before->text = NULL;
			return 0;
		}
		return config_put_plugin(c, section, key, text, NULL, &origin, err);
	}
	o = options_find(section, key, &inverted);
	if (!o)
		return error_set(err, VENV_ERR_USAGE, "there is no option '%s'", key);
	r = make_value(c, o, inverted, text, NULL, &origin, &v, err);
	if (r == VENV_ERR_CONFIG) {
		r = VENV_ERR_USAGE;
		if (err)
			err->code = r;
	}
	if (r || !v)
		return r ? r : error_nomem(err);
	/* A repeated list is one list. */
	before = o->def.flags & VENV_OPTION_LIST ? earlier_arg(c, section, o->def.name)
						 : NULL;
	if (!before)
		return keep(c, v) ? 0 : error_nomem(err);
	for (size_t i = 0; i < v->items.n; i++) {
		if (!strlist_add(&c->arena, &before->items, v->items.v[i]))
			return error_nomem(err);
	}
	return 0;
}
