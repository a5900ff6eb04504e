/* SPDX-License-Identifier: MIT */
/* check.c - venvctl check: what is wrong with environments, and mended */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "info.h"
#include "load/load.h"
#include "look.h"
#include "transaction/transaction.h"

struct check_cmd {
	struct look_cmd l;
	const char *env, *python;
	bool fix;
};

static void print_json(struct check_cmd *c, const char *dir, const char *state,
		       const struct checkup *found)
{
	struct json *j = c->l.json;
	void *o, *problems = json_new_array(j);
	bool ok = true;

	for (size_t i = 0; i < found->n; i++) {
		const struct problem *p = &found->v[i];
		void *one = json_new_object(j);

		json_text(j, one, "id", p->id);
		json_text(j, one, "text", p->text);
		json_text(j, one, "todo", p->fixed ? NULL : p->todo);
		json_bool(j, one, "fixable", p->fixable);
		json_bool(j, one, "fixed", p->fixed);
		json_append(j, problems, one);
		ok &= p->fixed;
	}
	o = json_new_result(j, ok, "check");
	json_text(j, o, "env_dir", dir);
	json_text(j, o, "state", state);
	json_put(j, o, "problems", problems);
	json_print(j, o);
}

/* What was found; the exit status. */
static int tell(struct check_cmd *c, const char *given, const char *dir,
		const char *state, const struct checkup *found)
{
	int r = EXIT_OK;

	if (c->l.json)
		print_json(c, dir, state, found);
	for (size_t i = 0; i < found->n; i++) {
		const struct problem *p = &found->v[i];

		if (!p->fixed)
			r = EXIT_FAILED;
		if (!c->l.json)
			ui_print("%s: %s: %s (%s)\n", given, p->id, p->text,
				 p->fixed ? "mended" : p->todo);
	}
	return r;
}

/* A redirect that leads to no environment is what was looked for, and broken. */
static int tell_redirect(struct check_cmd *c, const struct environment *e,
			 struct venv_error *err)
{
	struct checkup found = { .n = 1, .broken = true };

	found.v[0] = (struct problem){ "redirect", ui_reason(err),
				       "write it anew, or delete it", false, false };
	return tell(c, e->given, e->dir, "broken", &found);
}

static int look(struct check_cmd *c, const char *given, struct environment *e,
		struct checkup *found, struct venv_error *err)
{
	int r = environment_find(e, &c->l.pe, given, err);

	if (!r)
		r = environment_open(e, &c->l.pe, err);
	return r ? r : environment_check(e, &c->l.pe, true, found, err);
}

/* With another base, and without one that is as it was, what is fixable is another question. */
static bool may_mend(const struct check_cmd *c, const struct checkup *found)
{
	bool any = false;

	for (size_t i = 0; i < found->n; i++)
		any |= found->v[i].fixable;
	return c->python ? found->n > 0 : any && found->same_python;
}

static int restore(struct check_cmd *c, const struct environment *e,
		   struct venv_error *err)
{
	struct transaction tx = TRANSACTION_INIT;

	tx.arena = &c->l.arena;
	tx.log = &c->l.log;
	tx.cwd = c->l.pe.cwd;
	tx.home = env_get(c->l.pe.env, "HOME");
	return transaction_restore(&tx, e->dir, err);
}

/*
 * Upgrade it with a builder that knows no configuration: nothing is decided anew.  What the site
 * requires of a create is not brought either: that is for `upgrade`.
 */
static int upgrade(struct check_cmd *c, const struct environment *e,
		   const struct checkup *found, struct venv_error *err)
{
	struct venv_builder *b = venv_builder_new(err);
	int r;

	if (!b)
		return err->code;
	venv_builder_set_log(b, VENV_LOG_ERROR, ui_log, NULL);
	r = builder_use_tool_defaults(b, paths_program(&c->l.arena), err);
	config_read_no_more(builder_config(b));
	signals_catch(b);
	if (!r)
		r = builder_mend(b, e, found, c->python, err);
	signals_forget();
	signals_deliver();
	venv_builder_free(b);
	return r;
}

/* Its own redirect, where that is what is wrong. */
static void drop_redirect(const struct environment *e, const struct checkup *found)
{
	const struct problem *p = checkup_find(found, "redirect");

	if (p && p->fixable && e->redirect)
		(void)!unlink(e->redirect);
}

/* What was found and is not any more, is mended. */
static void compare(struct checkup *found, const struct checkup *now)
{
	for (size_t i = 0; i < found->n; i++) {
		struct problem *p = &found->v[i];
		bool there = false;

		for (size_t j = 0; j < now->n; j++)
			there |= !strcmp(now->v[j].id, p->id) &&
				 now->v[j].fixable == p->fixable;
		p->fixed = !there;
	}
}

/* Add the problems of NOW that FOUND has not. */
static void add_new(struct checkup *found, const struct checkup *now)
{
	size_t n = found->n;

	for (size_t i = 0; i < now->n; i++) {
		bool known = false;

		for (size_t j = 0; j < n; j++)
			known |= !found->v[j].fixed &&
				 !strcmp(found->v[j].id, now->v[i].id) &&
				 found->v[j].fixable == now->v[i].fixable;
		if (!known && found->n < PROBLEMS_MAX)
			found->v[found->n++] = now->v[i];
	}
	found->broken = now->broken;
}

/* Look at E once more, for what is there now; an error if there is no environment any more. */
static int look_again(struct check_cmd *c, struct environment *e, struct checkup *now,
		      struct venv_error *err)
{
	const char *dir = e->redirect && !access(e->redirect, F_OK) ? e->redirect
								    : e->dir;

	environment_close(e);
	*now = (struct checkup){ .n = 0 };
	return look(c, dir, e, now, err);
}

/* What a look failed with: is nothing there, or is that not known? */
static bool is_gone(const struct venv_error *err)
{
	return !err->os_errno || err->os_errno == ENOENT || err->os_errno == ENOTDIR;
}

static void mend(struct check_cmd *c, struct environment *e, struct checkup *found)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct checkup now = *found;
	bool there = true;
	int r = 0;

	if (e->half_built) {
		struct venv_error unseen = VENV_ERROR_INIT;

		r = restore(c, e, &err);
		there = !look_again(c, e, &now, &unseen);
		if (there || is_gone(&unseen)) {
			compare(found, &now);
			add_new(found, &now);
		} else {
			ui_error_text(&unseen);
		}
		venv_error_clear(&unseen);
	}
	if (!r && there && may_mend(c, &now))
		r = upgrade(c, e, &now, &err);
	if (!r && there)
		drop_redirect(e, &now);
	/* The problems are still told. */
	if (r)
		ui_error_text(&err);
	venv_error_clear(&err);
	if (!there)
		return;
	/* What cannot be looked at is not mended. */
	if (look_again(c, e, &now, &err)) {
		ui_error_text(&err);
	} else {
		compare(found, &now);
		add_new(found, &now);
	}
	venv_error_clear(&err);
}

static int check_one(struct check_cmd *c, const char *given)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct environment e = { .fd = -1 };
	const char *name;
	struct checkup found = { .n = 0 };
	int r = look(c, given, &e, &found, &err);

	name = e.given;
	if (r == VENV_ERR_CONFLICT && e.redirect) {
		r = tell_redirect(c, &e, &err);
		venv_error_clear(&err);
	} else if (r) {
		r = look_error(&c->l, name, EXIT_NOT_SEEN, &err);
	} else {
		const char *dir = e.dir;

		if (c->fix && !c->l.dry_run)
			mend(c, &e, &found);
		r = tell(c, name, dir, e.fd < 0 ? NULL : info_state(&e, &found), &found);
	}
	environment_close(&e);
	return r;
}

static int run(struct check_cmd *c)
{
	int first = EXIT_OK;

	if (c->env && c->l.rest.n)
		return ui_usage(NULL, "you cannot supply --env and ENV_DIR together");
	if (c->python && !c->fix)
		return ui_usage("add --fix", "--python is for what --fix mends");
	for (size_t i = 0; i < c->l.rest.n || !i; i++) {
		int r = check_one(c, c->l.rest.n ? c->l.rest.v[i] : c->env);

		if (r && !first)
			first = r;
	}
	return first;
}

int cmd_check(int argc, char **argv)
{
	struct check_cmd c = { .l = { .rest = STRLIST_INIT } };
	const struct flag flags[] = {
		{ .name = "json", .set = &c.l.as_json },
		{ .name = "fix", .set = &c.fix },
		{ .name = "dry-run", .set = &c.l.dry_run, .letter = 'n' },
		{ .name = "python", .value = &c.python, .letter = 'p' },
		{ .name = "env", .value = &c.env },
		{ .name = NULL },
	};
	int r = look_begin(&c.l, argc, argv, flags);

	return look_end(&c.l, r ? r : run(&c));
}
