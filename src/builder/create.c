/* SPDX-License-Identifier: MIT */
/*
 * create.c - EnvBuilder.create(): everything is decided, then done, then visible
 */
#include <config.h>

#include <string.h>

#include "util/util.h"
#include "fs/fs.h"
#include "private.h"

static bool is_same_already(const struct venv_builder *b)
{
	const struct target *t = &b->host.build.tx.target;
	const char *recipe = t->is_env ? cfg_get(&t->cfg, "venvctl-recipe") : NULL;

	return b->host.settings.existing == EXISTING_REUSE && !t->half_built && recipe &&
	       !strcmp(recipe, b->recipe);
}

static int run_stage(struct venv_builder *b, int stage, struct venv_error *err)
{
	bool skip;
	int r = host_check_cancelled(&b->host, err);

	if (!r)
		r = host_before_stage(&b->host, stage, &skip, err);
	if (r)
		return r;
	/* The program's own comes when the environment is published. */
	if (stage == VENV_STAGE_POST_SETUP)
		b->post_setup = !skip;
	else if (!skip)
		r = method_run(b, stage, err);
	return r ? r : host_stage(&b->host, stage, err);
}

static int build_tree(struct venv_builder *b, struct venv_error *err)
{
	const struct settings *s = &b->host.settings;
	/* venv's own upgrade ends before setup_scripts(). */
	int end = s->like_venv && s->upgrade ? VENV_STAGE_SETUP_SCRIPTS : HOST_STAGES;

	for (int stage = 0; stage < end; stage++) {
		int r = run_stage(b, stage, err);

		if (!r && stage == VENV_STAGE_ENSURE_DIRECTORIES && s->scm_ignore_files)
			r = method_run(b, VENV_METHOD_CREATE_GIT_IGNORE_FILE, err);
		if (!r && stage == VENV_STAGE_ENSURE_DIRECTORIES)
			r = stage_cachedir_tag(b, err);
		if (r)
			return r;
	}
	return 0;
}

/* What the program does with the published environment. */
static bool sets_up_pip(const struct venv_builder *b)
{
	return method_is_overridden(b, VENV_METHOD_SETUP_PIP) && host_wants_pip(&b->host);
}

static bool has_post_setup(const struct venv_builder *b)
{
	return b->post_setup && !b->host.settings.upgrade &&
	       method_is_overridden(b, VENV_STAGE_POST_SETUP);
}

static bool upgrades_deps(const struct venv_builder *b)
{
	return method_is_overridden(b, VENV_METHOD_UPGRADE_DEPENDENCIES)
		       ? b->host.settings.upgrade_deps
		       : upgrade_deps_wanted(b);
}

/* In the order of EnvBuilder.create(). */
static int after_publication(struct venv_builder *b, struct venv_error *err)
{
	int r = sets_up_pip(b) ? method_run(b, VENV_METHOD_SETUP_PIP, err) : 0;

	if (!r)
		r = host_post_setup(&b->host, err);
	if (!r)
		r = host_check_cancelled(&b->host, err);
	if (!r && has_post_setup(b))
		r = method_run(b, VENV_STAGE_POST_SETUP, err);
	if (!r && upgrades_deps(b))
		r = method_run(b, VENV_METHOD_UPGRADE_DEPENDENCIES, err);
	return r ? r : follow_steps(b, err);
}

/* True for what a step may fail with, as against what the engine fails with. */
static bool is_step_failure(int r)
{
	return r == VENV_ERR_STEP || r == VENV_ERR_NETWORK || r == VENV_ERR_INTEGRITY;
}

static int run_steps(struct venv_builder *b, struct venv_error *err)
{
	struct transaction *tx = &b->host.build.tx;
	bool steps_left;
	int r = host_seed(&b->host, &steps_left, err);

	steps_left |= sets_up_pip(b) || has_post_setup(b) || upgrades_deps(b);
	if (r && is_step_failure(r) && b->host.settings.keep_on_failure) {
		/* Asked for: what there is stays, marked half-built. */
		if (!transaction_publish(tx, true, NULL))
			host_context_published(&b->host);
		return r;
	}
	if (!r)
		r = host_check_cancelled(&b->host, err);
	if (!r)
		r = follow_place(b, err);
	if (!r)
		r = transaction_publish(tx, steps_left, err);
	if (r)
		return r;
	host_context_published(&b->host);
	if (steps_left)
		r = after_publication(b, err);
	return r ? r : hooks_name(b, err);
}

static int make(struct venv_builder *b, struct venv_error *err)
{
	int r;

	host_take_turn(&b->host);
	/* A plugin that cannot do its work says so in open, before anything is built. */
	r = host_fill_context(&b->host, err);
	if (!r)
		r = host_open(&b->host, err);
	if (!r)
		r = transaction_begin(&b->host.build.tx, err);
	if (!r)
		r = redirect_stage(b, err);
	if (!r)
		r = old_python(b, err);
	if (!r) {
		host_context_staged(&b->host);
		r = build_tree(b, err);
	}
	if (!r)
		r = run_steps(b, err);
	if (!r)
		r = leaving_compare(b, err);
	return r ? r : redirect_place(b, err);
}

/* Make it, and leave either all of it or what was there before. */
static int make_or_undo(struct venv_builder *b, struct venv_error *err)
{
	struct transaction *tx = &b->host.build.tx;
	int r = make(b, err);

	if (!r)
		r = transaction_commit(tx, err);
	redirect_end(b, r != 0);
	b->changed = !r;
	if (r && is_step_failure(r) && b->host.settings.keep_on_failure &&
	    tx->published) {
		transaction_leave(tx);
	} else if (r) {
		r = transaction_explain(tx, r, err);
		b->failure = venv_error_message(err);
		host_undo(&b->host);
		transaction_rollback(tx);
	}
	/* Only now it is known what came of it. */
	host_close(&b->host, r);
	host_give_turn(&b->host);
	b->failure = NULL;
	return r;
}

/* The plugins that only look are asked what they would say to a create. */
static int look(struct venv_builder *b, struct venv_error *err)
{
	int r;

	host_take_turn(&b->host);
	r = host_fill_context(&b->host, err);
	if (!r)
		r = host_open(&b->host, err);
	host_close(&b->host, r);
	host_give_turn(&b->host);
	return r;
}

/* -n: nothing is written, and no hook called but those that only look. */
static int plan(struct venv_builder *b, struct venv_error *err)
{
	int r = host_judge_downloads(&b->host, err);

	b->changed = true;
	if (!r)
		r = look(b, err);
	return r ? r : transaction_look(&b->host.build.tx, err);
}

/* The environment is there as it is to be; what leads to it may not be. */
static int redirect_only(struct venv_builder *b, struct venv_error *err)
{
	int r = redirect_stage(b, err);

	if (!r)
		r = redirect_place(b, err);
	redirect_end(b, r != 0);
	b->changed = !r && b->redirect.placed;
	return r;
}

static int create(struct venv_builder *b, const char *env_dir, struct venv_error *err)
{
	struct transaction *tx = &b->host.build.tx;
	bool look = config_bool(&b->host.config, "create", "dry-run");
	int r = host_check_log(&b->host, look, err);

	if (r)
		return r;
	r = builder_examine(b, env_dir, err);
	if (!r)
		r = redirect_decide(b, err);
	if (!r && is_same_already(b)) {
		/* Who asks where things are is told. */
		r = host_fill_context(&b->host, err);
		b->changed = b->redirect.state == REDIRECT_WRITTEN;
		if (!r && !look)
			r = redirect_only(b, err);
		builder_end(b);
		return r;
	}
	if (r)
		transaction_rollback(tx);
	else
		r = tx->look ? plan(b, err) : make_or_undo(b, err);
	if (!r && !tx->look)
		old_tell_removed(b, env_dir);
	builder_end(b);
	return r && r != VENV_ERR_USAGE && b->host.build.python.hexversion
		       ? error_prefix(err, r, "cannot %s '%s'",
				      b->host.settings.upgrade ? "upgrade" : "create",
				      env_dir)
		       : r;
}

int builder_begin_work(struct venv_builder *b, const char *env_dir,
		       struct venv_error *err)
{
	int r = VENV_ERR_USAGE, none = WORK_NONE;

	if (atomic_compare_exchange_strong(&b->host.work, &none, WORK_ON))
		return 0;
	error_set(err, r, "cannot create '%s': its builder is at work", env_dir);
	return error_hint(err, r,
			  "in a hook, a stage function or another thread, make a builder "
			  "for it");
}

void builder_end_work(struct venv_builder *b)
{
	atomic_store(&b->host.work, WORK_NONE);
}

bool builder_is_at_work(const struct venv_builder *b)
{
	return atomic_load(&b->host.work) != WORK_NONE;
}

int builder_create(struct venv_builder *b, const char *env_dir, struct venv_error *err)
{
	struct venv_error own = VENV_ERROR_INIT;
	int r = builder_begin_work(b, env_dir, err);

	if (r)
		return r;
	/* Hooks are asked for their message even if the caller does not want it. */
	if (!err)
		err = &own;
	r = builder_prepare(b, err);
	if (!r)
		r = create(b, env_dir, err);
	venv_error_clear(&own);
	builder_end_work(b);
	return r;
}
