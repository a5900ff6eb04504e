/* SPDX-License-Identifier: MIT */
/* config_check.c - venvctl config check: all that a create would stumble over */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
#include "config/config.h"
#include "store/store.h"
#include "config_cmd.h"

int config_load_all(struct venv_builder *b)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r = venv_builder_load_config(b, &err);

	if (r)
		r = ui_error(&err);
	venv_error_clear(&err);
	return r;
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
	struct registry *registry;
	struct candidate file;
	int r;

	*there = true;
	if (!out || !section || !slot) {
		error_nomem(err);
		return NULL;
	}
	if (before)
		return before;
	r = builder_registry(b, &registry, err);
	if (r)
		return NULL;
	r = registry_find(registry, name, &file, err);
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

static void on_fault(void *data, const char *file, unsigned line, const char *message,
		     const char *hint)
{
	(void)data;
	ui_print("%s:%u: %s%s%s%s\n", file, line, message, hint ? " (" : "",
		 hint ? hint : "", hint ? ")" : "");
}

/* A fault that has no line: of a whole file, or of what several say together. */
static void print_fault(const struct venv_error *err)
{
	ui_print("%s%s%s%s\n", venv_error_message(err), err->hint ? " (" : "",
		 err->hint ? err->hint : "", err->hint ? ")" : "");
}

/* The number of faults in all FILES. */
static int check_files(struct venv_builder *b, const struct strlist *files)
{
	struct config *c = builder_config(b);
	int faults = 0;

	for (size_t i = 1; i < files->n; i++) {
		struct venv_error err = VENV_ERROR_INIT;
		const char *file = path_absolute(&c->arena, c->cwd, files->v[i]);
		int r = file ? config_check_file(c, file, on_fault, NULL, &err)
			     : error_nomem(&err);

		/* One that cannot be read is a fault, and no reason to skip the others. */
		if (r < 0)
			ui_error(&err);
		faults += r < 0 ? 1 : r;
		venv_error_clear(&err);
	}
	return faults;
}

/* Whom the policy of all files together trusts has to be there. */
static int check_policy(struct config *c)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r = policy_finish(c, &err);

	if (r)
		print_fault(&err);
	venv_error_clear(&err);
	return r ? EXIT_CONFIG : EXIT_OK;
}

/* What is looked at, and what came of it. */
struct checking {
	struct venv_builder *b;
	struct config *c;
	struct arena arena;
	struct index known; /* plugins that were looked at */
	int status;
};

static void fault(struct checking *x, const struct value *v, struct venv_error *err)
{
	if (v)
		error_prefix(err, err->code, "%s", origin_text(&x->arena, &v->origin));
	print_fault(err);
	venv_error_clear(err);
	x->status = EXIT_CONFIG;
}

/* A file or directory that V names has to be there. */
static void check_path(struct checking *x, const struct value *v, const char *path)
{
	struct venv_error err = VENV_ERROR_INIT;

	if (*path != '/' || !access(path, F_OK))
		return;
	error_errno(&err, errno, "'%s' names '%s'", v->key, path);
	fault(x, v, &err);
}

static bool is_path(const struct venv_option *o)
{
	return o->type == VENV_OPTION_PATH || o->type == VENV_OPTION_LOCATION;
}

/* A section [plugin:NAME] against what the plugin declares. */
static void check_instance(struct checking *x, const char *name)
{
	struct venv_error err = VENV_ERROR_INIT;
	bool there;
	const struct inspected *p = config_inspect(x->b, &x->arena, &x->known, name,
						   &there, &err);
	const char *section = config_plugin_section(x->c, name);

	/* A section of what may not run is nobody's fault. */
	if (!p && !there && err.code == VENV_ERR_CONFIG) {
		venv_error_clear(&err);
		return;
	}
	if (!p || config_check_plugin(x->c, name, p->options, &err)) {
		if (!p)
			error_prefix(&err, err.code, "[plugin:%s]", name);
		fault(x, NULL, &err);
		return;
	}
	for (size_t i = 0; section && i < p->n_options; i++) {
		const struct venv_option *o = &p->options[i];
		const struct value *v = config_find(x->c, section, o->name);

		for (size_t j = 0; v && is_path(o) && j < v->items.n; j++)
			check_path(x, v, v->items.v[j]);
	}
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
	r = builder_registry(x->b, &registry, &err);
	if (!r)
		r = strchr(name, '/')
			    ? registry_open_path(
				      registry,
				      path_absolute(&x->arena, v->origin.dir, name),
				      &file, &err)
			    : registry_find(registry, name, &file, &err);
	if (r)
		fault(x, v, &err);
}

static void check_names(struct checking *x, const char *section, const char *key)
{
	for (const struct value *v = config_section(x->c, section); v; v = v->after) {
		if (strcmp(v->key, key) != 0)
			continue;
		for (size_t i = 0; i < v->items.n; i++) {
			const char *item = v->items.v[i];

			/* What `+=` has from elsewhere is looked at there. */
			if (value_origin(v, i)->name != v->origin.name)
				continue;
			check_name(x, v,
				   arena_strndup(&x->arena, item, strcspn(item, ".")));
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
		struct venv_error err = VENV_ERROR_INIT;
		const struct origin *who;

		if (strlist_find(&p->allowed_plugins.items, name) >= 0 ||
		    !policy_requires_plugin(x->c, name, &who))
			continue;
		error_set(
			&err, VENV_ERR_CONFIG,
			"%s: required-plugins has '%s', which allowed-plugins in %s does "
			"not list",
			origin_text(&x->arena, who), name,
			origin_text(&x->arena, &p->allowed_plugins.origin));
		fault(x, NULL, &err);
	}
}

/* A store of the site that users could not use. */
static void check_store(struct checking *x)
{
	const struct value *v = config_find(x->c, "store", "site-dir");
	struct venv_error err = VENV_ERROR_INIT;

	if (v && v->items.n && store_check_site(v->items.v[0], &err))
		fault(x, v, &err);
}

/* Options that name something, whether a create looks at it or not. */
static void check_options(struct checking *x)
{
	size_t n;
	const struct option_def *t = options_table(&n);

	for (size_t i = 0; i < n; i++) {
		/* A log is made; of a store more is asked than to be there. */
		if (!(t[i].use & OPTION_CONF) || !is_path(&t[i].def) ||
		    !strcmp(t[i].def.name, "log-file") ||
		    !strcmp(t[i].def.name, "site-dir"))
			continue;
		for (const struct value *v = config_section(x->c, t[i].section); v;
		     v = v->after) {
			for (size_t j = 0;
			     !strcmp(v->key, t[i].def.name) && j < v->items.n; j++)
				check_path(x, v, v->items.v[j]);
		}
	}
	check_names(x, "create", "post-setup");
	check_names(x, "policy", "allowed-plugins");
	check_names(x, "policy", "required-plugins");
	check_names(x, "policy", "user-options");
	check_required(x);
	check_store(x);
}

static int check_values(struct venv_builder *b)
{
	struct checking x = { .b = b, .c = builder_config(b) };
	struct strlist names = STRLIST_INIT;

	if (config_instances(x.c, &names, NULL))
		return ui_nomem();
	for (size_t i = 0; i < names.n; i++)
		check_instance(&x, names.v[i]);
	check_options(&x);
	arena_release(&x.arena);
	return x.status;
}

int config_check(struct venv_builder *b, const struct strlist *files)
{
	int r;

	if (files->n < 2) {
		/* What a create would read. */
		r = config_load_all(b);
	} else {
		r = check_files(b, files) ? EXIT_CONFIG : EXIT_OK;
		if (check_policy(builder_config(b)))
			r = EXIT_CONFIG;
	}
	if (!r || files->n > 1) {
		int faults = check_values(b);

		r = r ? r : faults;
	}
	return r ? r : ui_finish();
}
