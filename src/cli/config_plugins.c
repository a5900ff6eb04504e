/* SPDX-License-Identifier: MIT */
/* config_plugins.c - config check: sections of plugins, lists of them, and what would run */
#include <config.h>

#include <string.h>
#include <sys/stat.h>

#include "config_cmd.h"
#include "fs/fs.h"

int config_find_plugin(struct venv_builder *b, const char *instance, const char *name,
		       struct candidate *file, struct venv_error *err)
{
	const struct origin *rule;
	const char *key;
	struct registry *registry;
	int r = builder_registry(b, &registry, err);

	if (r)
		return r;
	/* As a create does: what the site decides on comes from its directories. */
	registry->sites_only |= policy_fixes_instance(builder_config(b), instance, &rule,
						      &key);
	return registry_find(registry, name, file, err);
}

const struct inspected *config_inspect(struct venv_builder *b, struct arena *a,
				       struct index *known, const char *instance,
				       bool *there, struct venv_error *err)
{
	struct config *c = builder_config(b);
	const char *section = config_plugin_section(c, instance);
	const struct value *use = section ? config_find(c, section, "use") : NULL;
	const char *name = use && use->items.n ? use->items.v[0] : instance;
	void **slot = index_slot(a, known, name, "");
	struct inspected *out = arena_alloc(a, sizeof(*out));
	const struct inspected *before = slot ? *slot : NULL;
	struct candidate file;
	int r;

	*there = true;
	if (!out || !section || !slot) {
		error_nomem(err);
		return NULL;
	}
	if (before)
		return before;
	r = config_find_plugin(b, instance, name, &file, err);
	*there = !r || r == VENV_ERR_NOMEM;
	/* Reading what it declares runs its constructors: not of what may not run. */
	if (!r && !file.shipped && policy_allows_plugin(c, instance, err)) {
		*there = false;
		return NULL;
	}
	if (r || plugin_inspect(a, &file, out, err))
		return NULL;
	*slot = out;
	return out;
}

static bool is_path(const struct venv_option *o)
{
	return o->type == VENV_OPTION_PATH || o->type == VENV_OPTION_LOCATION;
}

/* The addresses of an instance against the hosts and digests that policy asks for. */
static void check_addresses(struct checking *x, const char *instance, const char *section,
			    const struct inspected *p)
{
	static const char *const in_file[] = { "", NULL }; /* some digest */
	const struct venv_option *digest;
	const struct venv_option *o = host_address_option(p->options, p->n_options,
							  &digest);
	const struct value *v = o ? config_find(x->c, section, o->name) : NULL;
	const struct value *digests = v ? config_find(x->c, section, digest->name) : NULL;
	const char *const *known = digests && digests->items.n ? digests->items.v : NULL;

	if (v && !known && config_find(x->c, section, "requirements"))
		known = in_file;
	for (size_t i = 0; v && i < v->items.n; i++) {
		struct venv_error err = VENV_ERROR_INIT;

		if (builder_judge_address(x->b, instance, v->items.v[i], known, &err))
			check_fault(x, v, &err);
	}
}

void check_order(struct checking *x)
{
	if (builder_order(x->b, &x->steps, &x->order))
		x->steps = NULL;
}

/* Would every create run it?  Where the order cannot be told, what is listed counts. */
static bool is_selected(const struct checking *x, const char *instance)
{
	static const char *const lists[][2] = { { "create", "post-setup" },
						{ "policy", "required-plugins" } };

	for (const struct step *t = x->steps; t; t = t->next) {
		if (!strcmp(t->instance, instance))
			return true;
	}
	for (size_t i = 0; !x->steps && i < ARRAY_SIZE(lists); i++) {
		const struct value *v = config_find(x->c, lists[i][0], lists[i][1]);

		if (v && strlist_find(&v->items, instance) >= 0)
			return true;
	}
	return false;
}

void check_plugin_files(struct checking *x, const struct origin *o, const char *dir)
{
	struct strlist files = STRLIST_INIT;

	if (tree_names(&x->arena, dir, &files))
		return;
	for (size_t i = 0; i < files.n; i++) {
		const char *path = path_join(&x->arena, dir, files.v[i]);
		const char *dot = strrchr(files.v[i], '.');
		const struct step *t = x->steps;

		if (!path || files.v[i][0] == '.' || !dot || strcmp(dot, ".so") != 0)
			continue;
		/* What every create runs is an error, which is told of that. */
		while (t && strcmp(t->file.path, path) != 0)
			t = t->next;
		if (!t)
			check_plugin_access(x, o, false,
					    arena_strndup(&x->arena, files.v[i],
							  (size_t)(dot - files.v[i])),
					    path);
	}
}

/* A path that an option of a plugin has: of a shipped one's directories all is read. */
static void check_option_path(struct checking *x, const struct value *v, const char *path,
			      const char *instance, bool shipped)
{
	bool error = is_selected(x, instance);
	struct stat st;

	if (*path != '/' || !check_is_there(x, v, path))
		return;
	if (shipped && !stat(path, &st) && S_ISDIR(st.st_mode))
		check_tree_access(x, &v->origin, error, v->key, path);
	else
		check_access(x, &v->origin, error, v->key, path);
}

/* A section [plugin:NAME] against what the plugin declares. */
static void check_instance(struct checking *x, const char *name)
{
	struct venv_error err = VENV_ERROR_INIT;
	bool there;
	const struct inspected *p = config_inspect(x->b, &x->arena, &x->known, name,
						   &there, &err);
	const char *section = config_plugin_section(x->c, name);
	const struct value *first = section ? config_section(x->c, section) : NULL;

	/* A section of what may not run is nobody's fault. */
	if (!p && !there && err.code == VENV_ERR_CONFIG) {
		venv_error_clear(&err);
		return;
	}
	if (!p) {
		const struct value *use = section ? config_find(x->c, section, "use")
						  : NULL;

		error_prefix(&err, err.code, "[plugin:%s]", name);
		check_fault(x, use ? use : first, &err);
		return;
	}
	if (config_check_plugin(x->c, name, p->options, &err)) {
		/* The message has the line. */
		check_fault(x, NULL, &err);
		return;
	}
	for (size_t i = 0; section && i < p->n_options; i++) {
		const struct venv_option *o = &p->options[i];
		const struct value *v = config_find(x->c, section, o->name);

		for (size_t j = 0; v && j < v->items.n; j++) {
			if (is_path(o))
				check_option_path(x, v, v->items.v[j], name, p->shipped);
			else if (o->type == VENV_OPTION_STRING &&
				 !(o->flags & VENV_OPTION_SECRET))
				check_text(x, v, v->items.v[j]);
		}
	}
	if (section)
		check_addresses(x, name, section, p);
}

/* An item of a list of plugins: the name of one, or of an instance; or a path. */
static void check_name(struct checking *x, const struct value *v, const char *name)
{
	struct venv_error err = VENV_ERROR_INIT;
	const char *section = config_plugin_section(x->c, name);
	struct registry *registry;
	struct candidate file;
	int r;

	/* What an instance is was looked at as such. */
	if (!section || config_find(x->c, section, "use"))
		return;
	if (strchr(name, '/')) {
		r = builder_registry(x->b, &registry, &err);
		if (!r)
			r = registry_open_path(
				registry, path_absolute(&x->arena, v->origin.dir, name),
				&file, &err);
	} else {
		r = config_find_plugin(x->b, name, name, &file, &err);
	}
	if (!r)
		return;
	error_prefix(&err, r, "%s names '%s'", v->key, name);
	if (strchr(name, ','))
		error_hint(&err, r, "blanks separate the items of a list");
	check_fault(x, v, &err);
}

static void check_names(struct checking *x, const char *section, const char *key)
{
	bool with_key = !strcmp(key, "user-options"); /* NAME.KEY */

	for (const struct value *v = config_section(x->c, section); v; v = v->after) {
		struct strlist seen = STRLIST_INIT;

		if (strcmp(v->key, key) != 0)
			continue;
		for (size_t i = 0; i < v->items.n; i++) {
			const char *item = v->items.v[i];

			/* What `+=` has from elsewhere is looked at there. */
			if (value_origin(v, i)->name != v->origin.name)
				continue;
			if (strlist_find(&seen, item) >= 0) {
				/* Policy takes it once; a create would refuse it. */
				check_tell(x, !strcmp(section, "create"), v->origin.name,
					   v->origin.line,
					   arena_printf(&x->arena, "%s names '%s' twice",
							key, item),
					   NULL);
				continue;
			}
			if (with_key)
				item = arena_strndup(&x->arena, item, strcspn(item, "."));
			if (item && strlist_add(&x->arena, &seen, v->items.v[i]))
				check_name(x, v, item);
		}
	}
}

/* What is required runs although allowed-plugins leaves it out: one of the two is wrong. */
static void check_required(struct checking *x)
{
	const struct policy *p = x->c->policy;

	for (size_t i = 0; p && p->allowed_plugins.set && i < p->required_plugins.items.n;
	     i++) {
		const char *name = p->required_plugins.items.v[i];
		const struct origin *who;

		if (strlist_find(&p->allowed_plugins.items, name) >= 0 ||
		    !policy_requires_plugin(x->c, name, &who))
			continue;
		check_tell(
			x, true, who->name, who->line,
			arena_printf(&x->arena,
				     "required-plugins has '%s', which "
				     "allowed-plugins in %s does not list",
				     name,
				     origin_text(&x->arena, &p->allowed_plugins.origin)),
			NULL);
	}
}

/* A plugin that every create would run has what it needs. */
static void check_step(struct checking *x, const struct step *t)
{
	struct venv_error err = VENV_ERROR_INIT;
	const char *section = config_plugin_section(x->c, t->instance);
	struct inspected p;

	check_plugin_access(x, &t->origin, true, t->instance, t->file.path);
	if (!section || plugin_inspect(&x->arena, &t->file, &p, &err)) {
		check_tell(x, true, t->origin.name, t->origin.line, ui_reason(&err),
			   err.hint);
		venv_error_clear(&err);
		return;
	}
	for (size_t i = 0; i < p.n_options; i++) {
		const struct venv_option *o = &p.options[i];

		if ((o->flags & VENV_OPTION_REQUIRED) && !o->default_value &&
		    !config_find(x->c, section, o->name))
			check_tell(x, true, t->origin.name, t->origin.line,
				   arena_printf(&x->arena,
						"the plugin '%s' needs the option '%s'",
						t->instance, o->name),
				   arena_printf(&x->arena, "set it in [%s]", section));
	}
}

/* What a create without options would run. */
static void check_selection(struct checking *x)
{
	/* It fails of one of the faults that were told, if there was one. */
	if (x->order.code && !x->status) {
		error_prefix(&x->order, x->order.code,
			     "a create without options would fail");
		check_fault(x, NULL, &x->order);
	}
	for (const struct step *t = x->steps; t; t = t->next)
		check_step(x, t);
}

void check_plugins(struct checking *x)
{
	struct strlist names = STRLIST_INIT;

	/* Where memory is short the arena remembers it. */
	(void)!config_instances(x->c, &names, NULL);
	for (size_t i = 0; i < names.n; i++)
		check_instance(x, names.v[i]);
	check_names(x, "create", "post-setup");
	check_names(x, "policy", "allowed-plugins");
	check_names(x, "policy", "required-plugins");
	check_names(x, "policy", "user-options");
	check_required(x);
	check_selection(x);
}
