/* SPDX-License-Identifier: MIT */
/*
 * order.c - the selected steps in running order, then loaded, their options checked
 *
 * The order is that of the list, moved only by `after`.
 */
#include <config.h>

#include <string.h>

#include "util/util.h"
#include "steps.h"

/* Is O what T comes after, or requires? */
static bool comes_after(const struct step *t, const struct step *o)
{
	const struct strlist *requires = &t->file.note.requires;

	for (size_t i = 0; i < t->after.n; i++) {
		if (step_provides(o, t->after.v[i]))
			return true;
	}
	for (size_t i = 0; i < requires->n; i++) {
		if (step_satisfies(o, requires->v[i]))
			return true;
	}
	return false;
}

/* The first step of the list that T has to wait for; NULL if it may run. */
static const struct step *blocker(const struct steps *s, const struct step *t)
{
	for (const struct step *o = s->first; o; o = o->next) {
		if (o != t && comes_after(t, o))
			return o;
	}
	return NULL;
}

/* Every step that is left waits for another one of them: name those of one circle. */
static int waits_in_circle(const struct steps *s, struct venv_error *err)
{
	const struct step *start = s->first, *t;
	_cleanup_str_ struct str text = STR_INIT;

	/* Whoever waits waits for one that waits, too: enough moves end in a circle. */
	for (t = s->first; t; t = t->next)
		start = blocker(s, start);
	str_addf(&text, "the plugin '%s'", start->instance);
	t = start;
	do {
		str_addf(&text, "%s comes after '%s'", t == start ? "" : ", which",
			 blocker(s, t)->instance);
		t = blocker(s, t);
	} while (t != start);
	if (str_failed(&text))
		return error_nomem(err);
	return error_set(err, origin_error(&start->origin), "%s", str_text(&text));
}

/* A stable topological sort: what need not wait keeps its place. */
int steps_order(struct steps *s, struct venv_error *err)
{
	struct step *done = NULL, **tail = &done;

	while (s->first) {
		struct step **t = &s->first;

		while (*t && blocker(s, *t))
			t = &(*t)->next;
		if (!*t)
			return waits_in_circle(s, err);
		*tail = *t;
		*t = (*t)->next;
		tail = &(*tail)->next;
		*tail = NULL;
	}
	s->first = done;
	return 0;
}

/* ---- loading ---- */

/* Instances of one plugin share its shared object. */
static struct plugin *find_loaded(const struct steps *s, const char *path)
{
	for (struct plugin *p = s->loaded; p; p = p->next) {
		if (!strcmp(p->path, path))
			return p;
	}
	return NULL;
}

static int check_required_options(const struct steps *s, const struct step *t,
				  struct venv_error *err)
{
	const char *section = config_plugin_section(s->config, t->instance);

	if (!section)
		return error_nomem(err);
	for (size_t i = 0; i < t->plugin->n_options; i++) {
		const struct venv_option *o = &t->plugin->table.options[i];

		if ((o->flags & VENV_OPTION_REQUIRED) && !o->default_value &&
		    !config_find(s->config, section, o->name)) {
			int code = t->on_command_line ? VENV_ERR_USAGE : VENV_ERR_CONFIG;

			error_set(err, code, "the plugin '%s' needs the option '%s'",
				  t->instance, o->name);
			return error_hint(err, code, "-o %s.%s=%s", t->instance, o->name,
					  o->metavar ? o->metavar : "VALUE");
		}
	}
	return 0;
}

static int read_defaults(struct steps *s, struct plugin *p, struct venv_error *err)
{
	struct venv_error why = VENV_ERROR_INIT;
	int r = 0;

	p->defaults = arena_alloc(s->arena, (p->n_options + 1) * sizeof(*p->defaults));
	if (!p->defaults)
		return error_nomem(err);
	for (size_t i = 0; !r && i < p->n_options; i++) {
		const struct venv_option *o = &p->table.options[i];

		r = config_plugin_default(s->config, o, &p->defaults[i], &why);
		if (r == VENV_ERR_NOMEM)
			error_nomem(err);
		else if (r)
			r = error_set(err, VENV_ERR_PLUGIN,
				      "the plugin '%s' is not made as it should be: the "
				      "default of its option '%s': %s",
				      p->path, o->name, venv_error_message(&why));
	}
	venv_error_clear(&why);
	return r;
}

static int load(struct steps *s, struct step *t, struct venv_error *err)
{
	int r;

	t->plugin = find_loaded(s, t->file.path);
	if (t->plugin)
		return 0;
	if (s->watch)
		s->watch->enter(s->watch->data, t->instance, "load");
	r = plugin_open(s->arena, &t->file, &t->plugin, err);
	if (s->watch)
		s->watch->leave(s->watch->data, t->instance, "load");
	if (r || !t->plugin)
		return r;
	t->plugin->next = s->loaded;
	s->loaded = t->plugin;
	return read_defaults(s, t->plugin, err);
}

int steps_load(struct steps *s, struct venv_error *err)
{
	for (struct step *t = s->first; t; t = t->next) {
		int r = load(s, t, err);

		if (!r)
			r = config_check_plugin(s->config, t->instance,
						t->plugin->table.options, err);
		if (!r)
			r = check_required_options(s, t, err);
		if (r)
			return r;
	}
	return 0;
}

void steps_release(struct steps *s)
{
	/* The process of the tool that loaded them just ends: none of their code runs again. */
	for (struct plugin *p = s->watch ? NULL : s->loaded; p; p = p->next)
		plugin_close(p);
	s->loaded = NULL;
	s->first = NULL;
}
