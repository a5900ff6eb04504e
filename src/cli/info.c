/* SPDX-License-Identifier: MIT */
/* info.c - venvctl info: an environment told from its files; nothing of it is run */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "info.h"
#include "look.h"

/* One thing that is told: its name has a dot where it is a member of an object. */
struct field {
	const char *name;
	enum { FIELD_TEXT, FIELD_BOOL, FIELD_COUNT } kind;
	const char *text; /* NULL: not known */
	int64_t number;
};

#define FIELDS 15

const char *info_state(const struct environment *e, const struct checkup *c)
{
	return e->half_built ? "half-built" : c->broken ? "broken" : "ok";
}

static void fill(struct field f[FIELDS], const struct environment *e,
		 const struct checkup *c)
{
	const struct field all[FIELDS] = {
		{ "env_dir", FIELD_TEXT, e->dir, 0 },
		{ "prompt", FIELD_TEXT, e->prompt, 0 },
		{ "state", FIELD_TEXT, info_state(e, c), 0 },
		{ "system_site_packages", FIELD_BOOL, NULL, e->system_site_packages },
		{ "python.executable", FIELD_TEXT, e->executable, 0 },
		{ "python.version", FIELD_TEXT, e->version, 0 },
		{ "python.implementation", FIELD_TEXT, e->implementation, 0 },
		{ "python.base_prefix", FIELD_TEXT, e->base_prefix, 0 },
		{ "python.base_executable", FIELD_TEXT, e->base, 0 },
		{ "creator.name", FIELD_TEXT, e->creator, 0 },
		{ "creator.version", FIELD_TEXT, e->creator_version, 0 },
		{ "pip", FIELD_TEXT, e->pip, 0 },
		{ "packages", FIELD_COUNT, NULL, e->packages },
		{ "redirect", FIELD_TEXT, e->redirect, 0 },
		{ "relocatable", FIELD_BOOL, NULL, e->relocatable },
	};

	memcpy(f, all, sizeof(all));
}

static void put(struct json *j, void *object, const char *key, const struct field *f)
{
	if (f->kind == FIELD_TEXT)
		json_text(j, object, key, f->text);
	else if (f->kind == FIELD_BOOL)
		json_bool(j, object, key, f->number);
	else
		json_int(j, object, key, f->number);
}

/* "python" of "python.version"; its length with the dot, 0 if there is none. */
static size_t outer(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? (size_t)(dot - name) + 1 : 0;
}

void *info_object(struct json *j, const char *command, const struct environment *e,
		  const struct checkup *c)
{
	void *o = json_new_result(j, true, command), *inner = NULL,
	     *problems = json_new_array(j);
	struct field f[FIELDS];

	fill(f, e, c);
	for (size_t i = 0; i < FIELDS; i++) {
		size_t n = outer(f[i].name);
		char key[32];

		if (!n) {
			put(j, o, f[i].name, &f[i]);
			continue;
		}
		if (strncmp(f[i].name, f[i - 1].name, n) != 0)
			inner = json_new_object(j);
		put(j, inner, f[i].name + n, &f[i]);
		snprintf(key, sizeof(key), "%.*s", (int)(n - 1), f[i].name);
		if (strncmp(f[i].name, f[i + 1].name, n) != 0)
			json_put(j, o, key, inner);
	}
	for (size_t i = 0; i < c->n; i++)
		json_append_text(j, problems, c->v[i].id);
	json_put(j, o, "problems", problems);
	return o;
}

static void print_value(const char *label, const struct field *f)
{
	char number[32];

	snprintf(number, sizeof(number), "%lld", (long long)f->number);
	ui_print("%s%s\n", label,
		 f->kind == FIELD_COUNT	 ? number
		 : f->kind == FIELD_BOOL ? (f->number ? "true" : "false")
		 : f->text		 ? f->text
					 : "");
}

/* The ids, each once. */
static const char *problem_ids(struct arena *a, const struct checkup *c)
{
	const char *text = "";

	for (size_t i = 0; i < c->n && text; i++) {
		if (checkup_find(c, c->v[i].id) == &c->v[i])
			text = arena_printf(a, "%s%s%s", text, *text ? " " : "",
					    c->v[i].id);
	}
	return text;
}

static void print_text(struct look_cmd *l, const struct environment *e,
		       const struct checkup *c)
{
	struct field f[FIELDS];

	fill(f, e, c);
	for (size_t i = 0; i < FIELDS; i++) {
		if (f[i].kind == FIELD_TEXT && !f[i].text)
			continue;
		print_value(arena_printf(&l->arena, "%s: ", f[i].name), &f[i]);
	}
	if (c->n)
		ui_print("problems: %s\n", problem_ids(&l->arena, c));
}

static int print_field(struct look_cmd *l, const struct environment *e,
		       const struct checkup *c, const char *name)
{
	struct suggest s = SUGGEST_INIT(name);
	struct field f[FIELDS];
	char hint[64];

	fill(f, e, c);
	for (size_t i = 0; i < FIELDS; i++) {
		if (!strcmp(f[i].name, name)) {
			print_value("", &f[i]);
			return EXIT_OK;
		}
		suggest_offer(&s, f[i].name);
	}
	if (!strcmp(name, "problems")) {
		ui_print("%s\n", problem_ids(&l->arena, c));
		return EXIT_OK;
	}
	snprintf(hint, sizeof(hint), "did you mean '%s'?", s.best ? s.best : "");
	return ui_usage(s.best ? hint : "`venvctl info` shows all of them",
			"there is no field '%s'", name);
}

static int run(struct look_cmd *l, const char *env, const char *field)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct environment e = { .fd = -1 };
	struct checkup c;
	int r;

	if (l->rest.n > 1 || (env && l->rest.n))
		return ui_usage(NULL, "'info' takes one ENV_DIR");
	if (field && l->as_json)
		return ui_usage(NULL, "you cannot supply --json and --field together");
	r = environment_find(&e, &l->pe, l->rest.n ? l->rest.v[0] : env, &err);
	if (!r)
		r = environment_open(&e, &l->pe, &err);
	if (!r)
		r = environment_check(&e, &l->pe, false, &c, &err);
	if (r)
		r = look_error(l, e.given, 0, &err);
	else if (field)
		r = print_field(l, &e, &c, field);
	else if (l->json)
		json_print(l->json, info_object(l->json, "info", &e, &c));
	else
		print_text(l, &e, &c);
	environment_close(&e);
	return r;
}

int cmd_info(int argc, char **argv)
{
	const char *field = NULL, *env = NULL;
	struct look_cmd l = { .rest = STRLIST_INIT };
	const struct flag flags[] = { { .name = "json", .set = &l.as_json },
				      { .name = "field", .value = &field },
				      { .name = "env", .value = &env },
				      { .name = NULL } };
	int r = look_begin(&l, argc, argv, flags);

	return look_end(&l, r ? r : run(&l, env, field));
}
