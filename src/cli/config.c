/* SPDX-License-Identifier: MIT */
/* config.c - venvctl config show|path */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fs/fs.h"
#include "cli.h"
#include "config/config.h"
#include "plugin/plugin.h"
#include "config_cmd.h"
#include "plugins.h"

struct show {
	struct arena arena;
	struct venv_builder *b;
	struct json *json;
	void *object;
	bool show_origin;
	const char *key; /* NULL: all */
	unsigned shown;
	struct index known; /* plugins that were looked at */
	int status;	    /* of what could not be shown */
};

/* The items of a value as one would write them, but for what is secret in them. */
static const char *joined(struct show *s, const struct value *v,
			  const struct venv_option *def)
{
	struct str out = STR_INIT;
	const char *text;

	for (size_t i = 0; i < v->items.n; i++)
		str_addf(&out, "%s%s", i ? " " : "",
			 option_shown(&s->arena, def, v->items.v[i]));
	if (!v->items.n && v->text)
		str_add(&out, option_shown(&s->arena, def, v->text));
	text = str_to_arena(&out, &s->arena);
	return text ? text : "";
}

static void show_one(struct show *s, const char *section, const char *key,
		     const char *text, const char *where)
{
	const char *name = arena_printf(&s->arena, "%s.%s", section, key);

	if (!name || (s->key && strcmp(s->key, name) && strcmp(s->key, key) != 0))
		return;
	s->shown++;
	if (s->json) {
		void *o = json_new_object(s->json);

		json_text(s->json, o, "value", text);
		json_text(s->json, o, "origin", where);
		json_put(s->json, s->object, name, o);
	} else if (s->show_origin && text) {
		ui_print("%s\t%s = %s\n", where, name, text);
	} else if (!text) {
		ui_print("%s is not set\n", name);
	} else {
		ui_print("%s = %s\n", name, text);
	}
}

/*
 * A value of a plugin: only the plugin knows which are secret.  Where it does not say it, or is
 * not there, nothing is shown.
 */
static const char *plugin_text(struct show *s, const struct value *v)
{
	struct venv_error err = VENV_ERROR_INIT;
	bool there;
	const struct venv_option *def = option_of_instances(v->key);
	const struct inspected *p;

	if (def)
		return joined(s, v, def);
	p = config_inspect(s->b, &s->arena, &s->known, v->section + 7, &there, &err);
	/* In JSON there is one answer: the first error. */
	if (!p && there && !(s->json && s->status))
		s->status = ui_error(&err);
	venv_error_clear(&err);
	for (size_t i = 0; p && !def && i < p->n_options; i++)
		def = strcmp(p->options[i].name, v->key) ? NULL : &p->options[i];
	/* `+=`, of which nobody has made one list yet. */
	return v->base && def ? arena_printf(&s->arena, "%s %s", joined(s, v->base, def),
					     joined(s, v, def))
			      : joined(s, v, def);
}

/* What all files together decide, which a create goes by, and who takes part in it. */
static void show_rule(struct show *s, const struct option_def *o, struct policy *p)
{
	const char *key = o->def.name;
	const struct rule *rule = policy_rule(p, key);
	struct value together = { .items = rule->items };
	struct str where = STR_INIT;
	const struct value *v = NULL;
	const char *files;

	while ((v = policy_next(p, key, v))) {
		const char *file = origin_text(&s->arena, &v->origin);

		if (o->def.flags & VENV_OPTION_LIST) {
			str_addf(&where, "%s%s", where.len ? ", " : "", file);
		} else if (v->origin.line == rule->origin.line &&
			   !strcmp(v->origin.name, rule->origin.name)) {
			together = *v;
			str_add(&where, file);
		}
	}
	files = str_to_arena(&where, &s->arena);
	show_one(s, o->section, key, joined(s, &together, &o->def), files ? files : "");
}

/* NULL, or why no plugin of the directory D would run. */
static const char *not_used(struct show *s, const struct registry *r,
			    const struct plugin_dir *d, const char *rule)
{
	struct venv_error err = VENV_ERROR_INIT;
	_cleanup_close_ int fd = -1;
	const char *why = NULL;

	if (rule)
		return arena_printf(&s->arena, "the site's policy does not allow it: %s",
				    rule);
	if (!d->built_in) {
		fd = trust_open(r->trust, d->path, TRUST_DIRECTORY, VENV_ERR_CONFIG, NULL,
				&err);
		if (fd < 0 && err.os_errno == ENOENT)
			why = "it is not there";
		else if (fd < 0)
			why = arena_strdup(&s->arena, ui_reason(&err));
	}
	venv_error_clear(&err);
	return why;
}

/* The one list that adds up: each directory on a line of its own, the first that is searched first. */
static int show_plugin_path(struct show *s)
{
	struct venv_error err = VENV_ERROR_INIT;
	void *array = s->json ? json_new_array(s->json) : NULL, *o;
	struct str all = STR_INIT, origins = STR_INIT;
	struct registry *r;
	int result = builder_registry(s->b, &r, &err);

	for (size_t i = 0; !result && i < r->n_dirs; i++) {
		const struct plugin_dir *d = &r->dirs[i];
		const char *rule = plugins_dir_rule(s->b, &s->arena, r, d);
		const char *why = not_used(s, r, d, rule);

		if (!s->json) {
			ui_print("%s\tvenvctl.plugin-path = %s\t%s%s\n", d->origin,
				 d->path, why ? "not used: " : "trusted", why ? why : "");
			continue;
		}
		str_addf(&all, "%s%s", i ? " " : "", d->path);
		str_addf(&origins, "%s%s", i ? ", " : "", d->origin);
		o = json_new_object(s->json);
		json_text(s->json, o, "path", d->path);
		json_text(s->json, o, "origin", d->origin);
		json_bool(s->json, o, "used", !why);
		json_text(s->json, o, "why", why);
		json_text(s->json, o, "rule", rule);
		json_append(s->json, array, o);
	}
	if (result)
		result = ui_error(&err);
	if (s->json) {
		o = json_new_object(s->json);
		json_text(s->json, o, "value", ui_built(&all));
		json_text(s->json, o, "origin", ui_built(&origins));
		json_put(s->json, o, "directories", array);
		json_put(s->json, s->object, "venvctl.plugin-path", o);
	}
	s->shown++;
	venv_error_clear(&err);
	str_release(&all);
	str_release(&origins);
	return result;
}

static bool is_asked_for(const struct show *s, const struct option_def *o)
{
	size_t n = strlen(o->section);

	return !s->key || !strcmp(s->key, o->def.name) ||
	       (!strncmp(s->key, o->section, n) && s->key[n] == '.' &&
		!strcmp(s->key + n + 1, o->def.name));
}

static void show_values(struct show *s)
{
	struct config *c = builder_config(s->b);
	size_t n;
	const struct option_def *t = options_table(&n);

	for (size_t i = 0; i < n; i++) {
		const struct value *v = config_find(c, t[i].section, t[i].def.name);

		if (!(t[i].use & OPTION_CONF))
			continue;
		if (!strcmp(t[i].def.name, "plugin-path")) {
			if (is_asked_for(s, &t[i]) && !s->status)
				s->status = show_plugin_path(s);
			continue;
		}
		if (v && !strcmp(v->section, "policy"))
			show_rule(s, &t[i], c->policy);
		else if (v)
			show_one(s, t[i].section, t[i].def.name, joined(s, v, &t[i].def),
				 value_origins_text(&s->arena, v));
		else if (t[i].def.default_value)
			show_one(s, t[i].section, t[i].def.name, t[i].def.default_value,
				 "built in");
	}
	for (const struct value *v = c->values; v; v = v->next) {
		if (!strncmp(v->section, "plugin:", 7) &&
		    config_find(c, v->section, v->key) == v)
			show_one(s, v->section, v->key, plugin_text(s, v),
				 value_origins_text(&s->arena, v));
	}
}

/* A key that there is, and that has no value. */
static void show_unset(struct show *s)
{
	size_t n;
	const struct option_def *t = options_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (t[i].use & OPTION_CONF)
			show_one(s, t[i].section, t[i].def.name, NULL, "");
	}
}

static int unknown_key(const char *key)
{
	const char *dot = strchr(key, '.');
	struct suggest guess = SUGGEST_INIT(dot ? dot + 1 : key);
	char hint[96];
	size_t n;
	const struct option_def *t = options_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (t[i].use & OPTION_CONF)
			suggest_offer(&guess, t[i].def.name);
	}
	snprintf(hint, sizeof(hint), "did you mean '%s'?", guess.best ? guess.best : "");
	return ui_usage(guess.best ? hint : "`venvctl config show` lists them",
			"there is no value for '%s'", key);
}

static int show(struct venv_builder *b, const struct strlist *keys, bool show_origin,
		bool as_json)
{
	struct show s = { .b = b, .show_origin = show_origin };
	int r = config_load_all(b);

	if (r)
		return r;
	s.key = keys->n > 1 ? keys->v[1] : NULL;
	if (as_json) {
		s.json = json_begin(&r);
		if (!s.json)
			return r;
		s.object = json_new_object(s.json);
	}
	show_values(&s);
	if (s.key && !s.shown)
		show_unset(&s);
	r = s.status;
	if (!r && s.key && !s.shown)
		r = unknown_key(s.key);
	ui_check_builder(b);
	ui_check_arena(&s.arena);
	if (s.json && r)
		json_release(s.json, s.object);
	else if (s.json)
		json_print(s.json, s.object);
	json_close(s.json);
	arena_release(&s.arena);
	return ui_finish(r);
}

/* A file of KIND; that it is read is known by the list of those that were. */
static void path_one(struct json *j, void *array, const struct config *c,
		     const char *kind, const char *file)
{
	void *o;

	if (!j) {
		ui_print("%s\n", file);
		return;
	}
	o = json_new_object(j);
	json_text(j, o, "path", file);
	json_text(j, o, "kind", kind);
	json_bool(j, o, "read", strlist_find(&c->files, file) >= 0);
	json_append(j, array, o);
}

static int path(struct venv_builder *b, bool as_json)
{
	struct config *c = builder_config(b);
	const char *user = config_user_file(c), *site = config_site_file(c);
	struct json *j = NULL;
	void *all, *array = NULL;
	int r = config_load_all(b);

	if (r)
		return r;
	if (as_json) {
		j = json_begin(&r);
		if (!j)
			return r;
		array = json_new_array(j);
	}
	/* Those that would be read, whether they are there or not; then those that were. */
	path_one(j, array, c, "site", site);
	if (user)
		path_one(j, array, c, "user", user);
	for (size_t i = 0; i < c->files.n; i++) {
		if (strcmp(c->files.v[i], site) &&
		    (!user || strcmp(c->files.v[i], user) != 0))
			path_one(j, array, c, "drop-in", c->files.v[i]);
	}
	if (j) {
		all = json_new_object(j);
		json_int(j, all, "schema", 1);
		json_put(j, all, "files", array);
		json_print(j, all);
	}
	json_close(j);
	return ui_finish(EXIT_OK);
}

int cmd_config(int argc, char **argv)
{
	const struct command *self = commands_find("config");
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_builder *b = venv_builder_new(&err);
	struct strlist rest = STRLIST_INIT;
	struct arena a = ARENA_INIT;
	bool origin = false, json = false;
	const struct flag flags[] = { { "show-origin", &origin, NULL },
				      { "json", &json, NULL },
				      { NULL, NULL, NULL } };
	int r;

	if (!b)
		return ui_error(&err);
	ui_init(NULL);
	venv_builder_set_log(b, ui_log_level(), ui_log, NULL);
	r = args_simple(self, argc, argv, flags, &a, &rest);
	if (!r) {
		const char *what = rest.n ? rest.v[0] : "";
		size_t max = !strcmp(what, "show")   ? 2
			     : !strcmp(what, "path") ? 1
						     : SIZE_MAX;

		if (rest.n > max)
			r = ui_usage(NULL, "'config %s' does not take '%s'", what,
				     rest.v[max]);
		else if (!strcmp(what, "show"))
			r = show(b, &rest, origin, json);
		else if (!strcmp(what, "path"))
			r = path(b, json);
		else if (!strcmp(what, "check"))
			r = config_check(b, &rest, json);
		else
			r = ui_usage("venvctl config show",
				     "'config' needs one of: show, path, "
				     "check");
	}
	ui_check_builder(b);
	ui_check_arena(&a);
	venv_builder_free(b);
	arena_release(&a);
	return ui_finish(r);
}
