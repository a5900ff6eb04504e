/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "steps.h"

#include <string.h>
#include <unistd.h>

#include "fs/fs.h"
#include "config/config.h"

int steps_init(struct steps *s, struct config *c, struct arena *a, const struct log *log,
	       struct venv_error *err)
{
	struct strlist dirs = STRLIST_INIT;
	const char *libdir, *built_in;
	int r;

	*s = (struct steps){ .arena = a, .config = c, .log = log };
	s->registry = (struct registry){
		.arena = a,
		.trust = &c->trust,
		.sites_only = c->policy && c->policy->allowed_plugins.set,
	};
	r = config_plugin_path(c, &dirs, err);
	for (size_t i = 0; !r && i < dirs.n; i++) {
		const struct origin *origin = NULL;
		bool sites = false;

		for (const struct value *v = config_section(c, "venvctl"); v;
		     v = v->after) {
			if (!strcmp(v->key, "plugin-path") &&
			    strlist_find(&v->items, dirs.v[i]) >= 0) {
				origin = &v->origin;
				sites |= v->origin.layer == LAYER_SITE;
			}
		}
		if (origin && origin->layer == LAYER_ENV &&
		    trust_passes_over(s->registry.trust, dirs.v[i], TRUST_DIRECTORY,
				      origin_text(a, origin), log))
			continue;
		r = registry_add_dir(&s->registry, dirs.v[i],
				     origin ? origin_text(a, origin) : "plugin-path",
				     sites, false, err);
	}
	if (r)
		return r;
	libdir = config_libdir(c);
	built_in = libdir ? path_join(a, libdir, "plugins") : NULL;
	return registry_add_dir(&s->registry, built_in, "built in", false, true, err);
}

static struct step *find_step(const struct steps *s, const char *instance)
{
	for (struct step *t = s->first; t; t = t->next) {
		if (!strcmp(t->instance, instance))
			return t;
	}
	return NULL;
}

bool step_provides(const struct step *t, const char *name)
{
	return !strcmp(t->instance, name) || strlist_find(&t->provides, name) >= 0;
}

bool step_satisfies(const struct step *t, const char *name)
{
	return step_provides(t, name) || !strcmp(t->file.name, name);
}

/* A list of an instance: what its section says, else what the plugin's note says. */
static struct strlist instance_list(const struct steps *s, const char *instance,
				    const char *key, const struct strlist *note)
{
	struct strlist all = STRLIST_INIT;
	const char *section = config_plugin_section(s->config, instance);
	const struct value *v = section ? config_find(s->config, section, key) : NULL;

	if (!v || !v->appends)
		return v ? v->items : *note;
	for (size_t i = 0; i < note->n + v->items.n; i++) {
		const char *item = i < note->n ? note->v[i] : v->items.v[i - note->n];

		/* Where memory is short the arena remembers it. */
		if (!strlist_add(s->arena, &all, item))
			return *note;
	}
	return all;
}

static const char *instance_text(const struct steps *s, const char *instance,
				 const char *key)
{
	const char *section = config_plugin_section(s->config, instance);
	const struct value *v = section ? config_find(s->config, section, key) : NULL;

	return v && v->items.n ? v->items.v[0] : NULL;
}

/* Of what is no KEY=VALUE that which can be a key: the rest may be secret. */
static const char *beginning(struct arena *a, const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-._");
	const char *shown = arena_printf(a, "%.*s...", (int)n, text);

	return !text[n] ? text : shown ? shown : "...";
}

/* KEY=VALUE pairs behind NAME:, separated by commas that are followed by a key. */
static int add_pairs(struct steps *s, const char *instance, const char *pairs,
		     const char *origin, struct venv_error *err)
{
	const char *section = config_plugin_section(s->config, instance);

	if (!section)
		return error_nomem(err);
	while (*pairs) {
		size_t key = strcspn(pairs, "=,"), n;
		const char *name, *value, *end;
		int r;

		if (pairs[key] != '=' || !key)
			return error_set(err, VENV_ERR_USAGE,
					 "%s: expected KEY=VALUE behind '%s:', not '%s'",
					 origin, instance, beginning(s->arena, pairs));
		name = arena_strndup(s->arena, pairs, key);
		value = pairs + key + 1;
		for (end = value; *end; end++) {
			n = *end == ',' ? strspn(end + 1,
						 "abcdefghijklmnopqrstuvwxyz0123456789-")
					: 0;
			if (n && end[1 + n] == '=')
				break;
		}
		value = arena_strndup(s->arena, value, (size_t)(end - value));
		if (!name || !value)
			return error_nomem(err);
		r = config_set_arg(s->config, section, name, value, origin, err);
		if (r)
			return r;
		pairs = *end ? end + 1 : end;
	}
	return 0;
}

static int find_file(struct steps *s, struct step *t, const char *plugin,
		     struct venv_error *err)
{
	bool sites_only = s->registry.sites_only;
	const struct origin *rule;
	const char *key;
	int r;

	if (!option_is_name(plugin))
		return error_set(err, origin_error(&t->origin),
				 "'%s' uses '%s', which cannot name a plugin",
				 t->instance, plugin);
	/* What the site decides on is not looked for in directories of the user. */
	s->registry.sites_only |= policy_fixes_instance(s->config, t->instance, &rule,
							&key);
	r = registry_find(&s->registry, plugin, &t->file, err);
	s->registry.sites_only = sites_only;
	if (r && strcmp(plugin, t->instance) != 0)
		error_prefix(err, r, "'%s' uses the plugin '%s'", t->instance, plugin);
	return r;
}

/* A plugin that was named by its file; its instance has the plugin's name. */
static int find_path(struct steps *s, struct step *t, const char *path,
		     struct venv_error *err)
{
	const struct policy *p = s->config->policy;
	/* A path in a file is relative to it: the working directory chooses no code. */
	const char *absolute = path_absolute(s->arena, t->origin.dir, path);
	const struct origin *rule;
	int r;

	if (!absolute)
		return error_nomem(err);
	if (p && p->allowed_plugins.set)
		return error_set(
			err, VENV_ERR_CONFIG,
			"the plugin '%s' is named by a path: allowed-plugins in %s:%u "
			"allows names only",
			path, p->allowed_plugins.origin.name,
			p->allowed_plugins.origin.line);
	r = registry_open_path(&s->registry, absolute, &t->file, err);
	t->instance = t->file.name;
	/* Its name is that of a section, too, and must be none of venvctl's own. */
	if (!r && !option_is_name(t->instance))
		return error_set(err, VENV_ERR_PLUGIN, "'%s' cannot name a plugin",
				 t->instance);
	/* Whatever has the name of a required plugin would count as that. */
	if (!r && policy_requires_plugin(s->config, t->instance, &rule))
		return error_set(
			err, VENV_ERR_CONFIG,
			"the plugin '%s' is named by a path: required-plugins in %s:%u "
			"says which '%s' it is",
			path, rule->name, rule->line, t->instance);
	return r;
}

static int finish_step(struct steps *s, struct step *t, struct venv_error *err)
{
	const char *enabled = instance_text(s, t->instance, "enabled");
	int r = policy_allows_plugin(s->config, t->instance, err);

	if (!r)
		r = policy_check_instance(s->config, t->instance, err);
	if (r)
		return r;
	if (enabled && !strcmp(enabled, "no") && !t->required)
		return error_set(err, origin_error(&t->origin),
				 "the plugin '%s' is not enabled", t->instance);
	t->provides = instance_list(s, t->instance, "provides", &t->file.note.provides);
	t->after = instance_list(s, t->instance, "after", &t->file.note.after);
	return step_find_pip(s, t, err);
}

/* Add one selection: NAME or a path; on the command line :KEY=VALUE,... may follow. */
static int add_step(struct steps *s, const char *text, const struct origin *origin,
		    bool required, struct venv_error *err)
{
	struct step *t = arena_alloc(s->arena, sizeof(*t)), **tail = &s->first;
	bool on_command_line = origin->layer == LAYER_ARG, path;
	const char *colon = on_command_line ? strchr(text, ':') : NULL, *use, *name;
	int r;

	name = arena_strndup(s->arena, text,
			     colon ? (size_t)(colon - text) : strlen(text));
	if (!t || !name)
		return error_nomem(err);
	path = strchr(name, '/') != NULL;
	t->instance = name;
	t->origin = *origin;
	t->on_command_line = on_command_line;
	t->required = required;
	if (!path && !option_is_name(name))
		return registry_hint_file(&s->registry, origin->dir, name,
					  error_set(err, origin_error(origin),
						    "%s: '%s' cannot name a plugin",
						    origin_text(s->arena, origin), name),
					  err);
	if (path) {
		r = find_path(s, t, name, err);
	} else {
		/* Ask the policy first: a refusal says more than "not found". */
		r = required ? 0 : policy_allows_plugin(s->config, name, err);
		use = instance_text(s, name, "use");
		if (!r) {
			r = find_file(s, t, use ? use : name, err);
			if (r && !use)
				registry_hint_file(&s->registry, origin->dir, name, r,
						   err);
		}
	}
	if (!r && colon)
		r = add_pairs(s, t->instance, colon + 1, origin->name, err);
	if (r)
		return r;
	if (find_step(s, t->instance))
		return error_set(err, origin_error(origin),
				 "the plugin '%s' is selected twice", t->instance);
	r = finish_step(s, t, err);
	if (r)
		return r;
	while (*tail)
		tail = &(*tail)->next;
	*tail = t;
	return 0;
}

static int add_value_steps(struct steps *s, const struct value *v, struct venv_error *err)
{
	for (size_t i = 0; v && i < v->items.n; i++) {
		int r = add_step(s, v->items.v[i], value_origin(v, i), false, err);

		if (r)
			return r;
	}
	return 0;
}

static int add_required(struct steps *s, const struct settings *set,
			struct venv_error *err)
{
	const struct policy *p = s->config->policy;

	for (size_t i = 0; p && i < p->required_plugins.items.n; i++) {
		const char *name = p->required_plugins.items.v[i];
		const struct origin *rule = &p->required_plugins.origin;
		struct step *t = find_step(s, name);
		int r;

		if (t) {
			t->required = true;
			continue;
		}
		policy_requires_plugin(s->config, name, &rule);
		r = add_step(s, name, rule, true, err);
		if (r)
			return r;
		if (set->no_plugins)
			log_warn(s->log,
				 "the plugin '%s' runs all the same: %s:%u requires it",
				 name, rule->name, rule->line);
	}
	return 0;
}

/* -o NAME.KEY=VALUE; the section is plugin:NAME, or network. */
static int add_options(struct steps *s, struct venv_error *err)
{
	const struct value *v = config_find(s->config, "create", "option");

	for (size_t i = 0; v && i < v->items.n; i++) {
		const char *text = v->items.v[i], *dot = strchr(text, '.');
		const char *eq = dot ? strchr(dot, '=') : NULL, *name, *key, *section;
		int r;

		if (!eq || dot == text || eq == dot + 1)
			return error_set(err, VENV_ERR_USAGE,
					 "-o: expected NAME.KEY=VALUE, not '%s'",
					 beginning(s->arena, text));
		name = arena_strndup(s->arena, text, (size_t)(dot - text));
		key = arena_strndup(s->arena, dot + 1, (size_t)(eq - dot - 1));
		if (!name || !key)
			return error_nomem(err);
		section = strcmp(name, "network") ? config_plugin_section(s->config, name)
						  : name;
		if (!section)
			return error_nomem(err);
		if (section != name && !option_is_name(name))
			return error_set(err, VENV_ERR_USAGE,
					 "-o: '%s' cannot name a plugin", name);
		r = config_set_arg(s->config, section, key, eq + 1, "-o", err);
		if (r)
			return error_prefix(err, r, "-o %s.%s", name, key);
	}
	return 0;
}

/* -r FILE is an item of the plugin requirements, which then runs as the last one. */
static int add_requirement_files(struct steps *s, struct venv_error *err)
{
	static const char plugin[] = "requirements";
	const struct value *v = config_find(s->config, "create", plugin);
	const char *section = config_plugin_section(s->config, plugin);
	struct step *t = find_step(s, plugin);
	int r = 0;

	if (!v)
		return 0;
	if (!section)
		return error_nomem(err);
	for (size_t i = 0; !r && i < v->items.n; i++)
		r = config_set_arg(s->config, section, plugin, v->items.v[i], "-r", err);
	if (r || !t)
		return r ? r : add_step(s, plugin, &v->origin, false, err);
	/* One that is configured is now asked for as well, as of an upgrade. */
	t->on_command_line = true;
	return 0;
}

/* On the command line an option for a plugin that does not run is a mistake. */
static int check_unused_options(const struct steps *s, struct venv_error *err)
{
	for (const struct value *v = s->config->values; v; v = v->next) {
		if (v->origin.layer == LAYER_ARG && !strncmp(v->section, "plugin:", 7) &&
		    !find_step(s, v->section + 7))
			return error_set(err, VENV_ERR_USAGE,
					 "%s: the plugin '%s' is not selected",
					 v->origin.name, v->section + 7);
	}
	return 0;
}

static bool is_satisfied(const struct steps *s, const char *name)
{
	for (const struct step *t = s->first; t; t = t->next) {
		if (step_satisfies(t, name))
			return true;
	}
	return false;
}

/* NAME, which T requires and nothing that is selected provides. */
static int add_requirement(struct steps *s, const struct settings *set, struct step *t,
			   const char *name, struct venv_error *err)
{
	struct step *added;
	int r;

	if (!option_is_name(name) || !registry_has(&s->registry, name)) {
		error_set(err, VENV_ERR_PLUGIN,
			  "the plugin '%s' requires '%s', which no plugin that is "
			  "selected provides",
			  t->instance, name);
		return error_hint(err, VENV_ERR_PLUGIN,
				  "add one that does, with --add-plugin or in "
				  "post-setup, or with `plugins check --with`");
	}
	r = add_step(s, name, &t->origin, false, err);
	if (r)
		return error_prefix(err, r, "the plugin '%s' requires '%s'", t->instance,
				    name);
	added = find_step(s, name);
	if (set->without_pip && added && step_provides(added, "pip"))
		return error_set(err, origin_error(&t->origin),
				 "the plugin '%s' requires '%s', which --without-pip "
				 "leaves out",
				 t->instance, name);
	return 0;
}

/* Those that are added are asked for what they require, too: they stand at the end. */
static int add_requirements(struct steps *s, const struct settings *set,
			    struct venv_error *err)
{
	for (struct step *t = s->first; t; t = t->next) {
		const struct strlist *names = &t->file.note.requires;

		for (size_t i = 0; i < names->n; i++) {
			int r = is_satisfied(s, names->v[i])
					? 0
					: add_requirement(s, set, t, names->v[i], err);

			if (r)
				return r;
		}
	}
	return 0;
}

int steps_select(struct steps *s, const struct settings *set, struct venv_error *err)
{
	static const struct origin built_in = { LAYER_DEFAULT, NULL, 0, NULL };
	const struct value *plugins = config_find(s->config, "create", "plugin");
	const struct value *configured = config_find(s->config, "create", "post-setup");
	int r;

	s->first = NULL;
	r = add_options(s, err);
	if (!r && plugins) {
		r = add_value_steps(s, plugins, err);
	} else if (!r && !set->no_plugins) {
		if (configured)
			r = add_value_steps(s, configured, err);
		else if (!set->without_pip)
			r = add_step(s, config_text(s->config, "create", "post-setup"),
				     &built_in, false, err);
	}
	if (!r)
		r = add_value_steps(s, config_find(s->config, "create", "add-plugin"),
				    err);
	if (!r)
		r = add_requirement_files(s, err);
	if (!r && set->no_plugins && s->first)
		r = error_set(
			err, VENV_ERR_USAGE,
			"you cannot supply --no-plugins and the plugin '%s' together",
			s->first->instance);
	if (!r)
		r = add_required(s, set, err);
	if (!r)
		r = steps_drop_pip(s, set, err);
	if (r)
		return r;
	steps_drop_for_upgrade(s, set);
	r = add_requirements(s, set, err);
	if (!r)
		r = check_unused_options(s, err);
	return r ? r : steps_order(s, err);
}
