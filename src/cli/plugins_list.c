/* SPDX-License-Identifier: MIT */
/* plugins_list.c - venvctl plugins list */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "util/util.h"
#include "plugins.h"

const char *plugins_dir_rule(struct venv_builder *b, struct arena *a,
			     const struct registry *r, const struct plugin_dir *dir)
{
	const struct policy *p = builder_config(b)->policy;

	return registry_searches(r, dir)
		       ? NULL
		       : arena_printf(a, "allowed-plugins in %s",
				      origin_text(a, &p->allowed_plugins.origin));
}

/* The rule by which policy refuses a plugin or an instance; NULL: it may run. */
static const char *rule_of(const struct plugins_args *a, const char *name)
{
	const struct origin *who = policy_refuses_plugin(builder_config(a->b), name);

	return who ? arena_printf(a->arena, "allowed-plugins in %s",
				  origin_text(a->arena, who))
		   : NULL;
}

/* What lies in the search path, and why it would not run. */
struct verdict {
	const char *refused; /* NULL: it would */
	const char *rule;    /* of policy; NULL if it is not that */
};

static struct verdict judge(const struct plugins_args *a, const struct registry *r,
			    const struct listed *l)
{
	const char *rule = plugins_dir_rule(a->b, a->arena, r, l->dir);

	if (rule)
		return (struct verdict){
			arena_printf(a->arena, "%s: %s", l->refused, rule), rule
		};
	rule = l->refused ? NULL : rule_of(a, l->name);
	if (rule)
		return (struct verdict){
			arena_printf(a->arena, "%s does not list it", rule), rule
		};
	return (struct verdict){ l->refused, NULL };
}

static void print_text(const struct plugins_args *args, const struct registry *r,
		       const struct listed *l)
{
	struct arena *a = args->arena;

	for (; l; l = l->next) {
		struct verdict v = judge(args, r, l);

		if (v.refused) {
			ui_print("%-16s refused: %s\n", l->name, v.refused);
			continue;
		}
		ui_print("%-16s %-8s ABI %u.%u  %s%s%s\n", l->name, l->note.version,
			 l->note.abi_version >> 16, l->note.abi_version & 0xffff, l->path,
			 l->shadowed ? "  shadowed by " : "",
			 l->shadowed ? l->shadowed : "");
		if (l->note.provides.n)
			ui_print("%-16s provides %s\n", "",
				 plugins_words(a, &l->note.provides));
		if (l->note.after.n)
			ui_print("%-16s after %s\n", "",
				 plugins_words(a, &l->note.after));
		if (l->note.requires.n)
			ui_print("%-16s requires %s\n", "",
				 plugins_words(a, &l->note.requires));
	}
}

/* A named instance: a section with `use`. */
struct instance {
	const char *name, *use, *origin;
};

/* The next of them behind *AT, in the order of the files; false beyond the last. */
static bool next_instance(const struct plugins_args *a, const struct value **at,
			  struct instance *out)
{
	const struct config *c = builder_config(a->b);

	for (const struct value *v = *at ? (*at)->next : c->values; v; v = v->next) {
		if (strncmp(v->section, "plugin:", 7) || strcmp(v->key, "use") ||
		    config_find(c, v->section, "use") != v || !v->items.n)
			continue;
		*at = v;
		*out = (struct instance){ v->section + 7, v->items.v[0],
					  origin_text(a->arena, &v->origin) };
		return true;
	}
	return false;
}

/* What a create without options would run, or why that cannot be told. */
static const char *order(const struct plugins_args *a, struct strlist *names)
{
	struct venv_error err = VENV_ERROR_INIT;
	const struct step *first;
	const char *why = NULL;

	if (builder_order(a->b, &first, &err))
		why = arena_strdup(a->arena, ui_reason(&err));
	for (const struct step *t = first; t; t = t->next) {
		if (!strlist_add(a->arena, names, t->instance))
			break;
	}
	venv_error_clear(&err);
	return why;
}

static void print_selection(const struct plugins_args *a)
{
	struct strlist names = STRLIST_INIT;
	const struct value *at = NULL;
	struct instance in;
	const char *why;

	while (next_instance(a, &at, &in)) {
		const char *rule = rule_of(a, in.name);

		ui_print("%-16s uses %s  %s%s%s%s\n", in.name, in.use, in.origin,
			 rule ? "  refused: " : "", rule ? rule : "",
			 rule ? " does not list it" : "");
	}
	why = order(a, &names);
	ui_print("\na create without options runs: %s%s\n",
		 why	   ? "cannot be told: "
		 : names.n ? ""
			   : "none",
		 why ? why : plugins_words(a->arena, &names));
}

static void put_selection(const struct plugins_args *a, struct json *j, void *all)
{
	void *instances = json_new_array(j);
	struct strlist names = STRLIST_INIT;
	const struct value *at = NULL;
	struct instance in;
	const char *why;

	while (next_instance(a, &at, &in)) {
		void *o = json_new_object(j);

		json_text(j, o, "name", in.name);
		json_text(j, o, "plugin", in.use);
		json_text(j, o, "origin", in.origin);
		json_text(j, o, "rule", rule_of(a, in.name));
		json_append(j, instances, o);
	}
	json_put(j, all, "instances", instances);
	why = order(a, &names);
	plugins_put_list(j, all, "order", &names);
	if (why)
		json_text(j, all, "order_error", why);
}

static int print_json(const struct plugins_args *args, const struct registry *r,
		      const struct listed *l)
{
	int status = EXIT_OK;
	struct json *j = json_begin(&status);
	void *all, *array;

	if (!j)
		return status;
	all = json_new_object(j);
	array = json_new_array(j);
	for (; l; l = l->next) {
		struct verdict v = judge(args, r, l);
		void *o = json_new_object(j);

		json_text(j, o, "name", l->name);
		json_text(j, o, "file", l->path);
		json_text(j, o, "directory_origin", l->dir->origin);
		json_text(j, o, "refused", v.refused);
		json_text(j, o, "rule", v.rule);
		json_text(j, o, "shadowed_by", l->shadowed);
		if (l->note.name) {
			json_text(j, o, "version", l->note.version);
			json_int(j, o, "abi_major", l->note.abi_version >> 16);
			json_int(j, o, "abi_minor", l->note.abi_version & 0xffff);
			plugins_put_list(j, o, "provides", &l->note.provides);
			plugins_put_list(j, o, "after", &l->note.after);
			plugins_put_list(j, o, "requires", &l->note.requires);
		}
		json_append(j, array, o);
	}
	json_int(j, all, "schema", 1);
	json_put(j, all, "plugins", array);
	put_selection(args, j, all);
	ui_check_builder(args->b);
	ui_check_arena(args->arena);
	json_print(j, all);
	json_close(j);
	return EXIT_OK;
}

int plugins_list(const struct plugins_args *a)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct registry *registry;
	struct listed *all;
	int r;

	if (a->words.n)
		return ui_usage("venvctl plugins list",
				"'plugins list' takes no argument");
	r = builder_registry(a->b, &registry, &err);
	if (!r)
		r = registry_list(registry, &all, &err);
	if (r) {
		r = ui_error(&err);
		venv_error_clear(&err);
		return r;
	}
	if (a->json)
		return print_json(a, registry, all);
	print_text(a, registry, all);
	print_selection(a);
	return EXIT_OK;
}
