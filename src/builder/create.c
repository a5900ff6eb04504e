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

/* A function of the program's: it may return anything, and fail without a word. */
static int run_override(struct venv_builder *b, int stage, struct venv_error *err)
{
	const struct override *o = &b->overrides[stage];
	struct venv_error own = VENV_ERROR_INIT;
	int r = o->fn(o->data, b, &b->host.build.context, &own);

	if (r > 0)
		r = error_set(&own, VENV_ERR_STEP,
			      "the function for stage %d returned %d, which it may not",
			      stage, r);
	else if (r && r != VENV_ERR_NOMEM && !own.message)
		error_set(&own, r, "the function for stage %d failed", stage);
	if (!r) {
		venv_error_clear(&own);
		return 0;
	}
	venv_error_clear(err);
	*err = own;
	err->code = r;
	return r;
}

static int run_stage(struct venv_builder *b, int stage, struct venv_error *err)
{
	bool skip;
	int r = host_check_cancelled(&b->host, err);

	if (!r)
		r = host_before_stage(&b->host, stage, &skip, err);
	if (r)
		return r;
	if (!skip) {
		b->running_stage = stage;
		r = b->overrides[stage].fn ? run_override(b, stage, err)
					   : stage_run(b, stage, err);
		b->running_stage = -1;
	}
	return r ? r : host_stage(&b->host, stage, err);
}

static int build_tree(struct venv_builder *b, struct venv_error *err)
{
	for (int stage = 0; stage < HOST_STAGES; stage++) {
		int r = run_stage(b, stage, err);

		if (r)
			return r;
	}
	return 0;
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

	steps_left |= upgrade_deps_wanted(b);
	if (r && is_step_failure(r) && b->host.settings.keep_on_failure) {
		/* Asked for: what there is stays, marked half-built. */
		if (!transaction_publish(tx, true, NULL))
			host_context_published(&b->host);
		return r;
	}
	if (!r)
		r = host_check_cancelled(&b->host, err);
	if (!r)
		r = old_scripts(b, err);
	if (!r)
		r = transaction_publish(tx, steps_left, err);
	if (r)
		return r;
	host_context_published(&b->host);
	if (steps_left)
		r = host_post_setup(&b->host, err);
	if (!r && upgrade_deps_wanted(b))
		r = upgrade_deps(b, err);
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
		r = old_python(b, err);
	if (!r) {
		host_context_staged(&b->host);
		r = build_tree(b, err);
	}
	if (!r)
		r = run_steps(b, err);
	return r;
}

/* Make it, and leave either all of it or what was there before. */
static int make_or_undo(struct venv_builder *b, struct venv_error *err)
{
	struct transaction *tx = &b->host.build.tx;
	int r = make(b, err);

	if (!r)
		r = transaction_commit(tx, err);
	b->changed = !r;
	if (r && is_step_failure(r) && b->host.settings.keep_on_failure &&
	    tx->published) {
		transaction_leave(tx);
	} else if (r) {
		r = transaction_explain(tx, r, err);
		host_undo(&b->host);
		transaction_rollback(tx);
	}
	/* Only now it is known what came of it. */
	host_close(&b->host, r);
	host_give_turn(&b->host);
	return r;
}

static int create(struct venv_builder *b, const char *env_dir, struct venv_error *err)
{
	struct venv_error own = VENV_ERROR_INIT;
	struct transaction *tx = &b->host.build.tx;
	int r;

	/* Hooks are asked for their message even if the caller does not want it. */
	if (!err)
		err = &own;
	r = builder_prepare(b, err);
	if (r)
		goto out;
	r = builder_examine(b, env_dir, err);
	if (!r && is_same_already(b)) {
		builder_end(b);
		goto out;
	}
	if (!r)
		r = make_or_undo(b, err);
	else
		transaction_rollback(tx);
	if (!r && b->removed)
		log_warn(&b->host.log, "%u package%s of the old '%s' went with it",
			 b->removed, b->removed == 1 ? "" : "s", env_dir);
	builder_end(b);
	if (r && r != VENV_ERR_USAGE && b->host.build.python.hexversion)
		error_prefix(err, r, "cannot %s '%s'",
			     b->host.settings.upgrade ? "upgrade" : "create", env_dir);
out:
	venv_error_clear(&own);
	return r;
}

/* All that a builder has is of the environment at work: one at a time. */
static int begin_work(struct venv_builder *b, const char *env_dir, struct venv_error *err)
{
	int r = VENV_ERR_USAGE;

	if (!atomic_exchange(&b->busy, true))
		return 0;
	error_set(err, r, "cannot create '%s': its builder is at work", env_dir);
	return error_hint(err, r,
			  "in a hook, a stage function or another thread, make a builder "
			  "for it");
}

int builder_create(struct venv_builder *b, const char *env_dir, struct venv_error *err)
{
	int r = begin_work(b, env_dir, err);

	if (r)
		return r;
	r = create(b, env_dir, err);
	atomic_store(&b->busy, false);
	return r;
}

/* The plugins that only look are asked what they would say to a create. */
static int look(struct venv_builder *b, struct venv_error *err)
{
	int r;

	b->host.build.looks = b->host.cache.look = true;
	host_take_turn(&b->host);
	r = host_fill_context(&b->host, err);
	if (!r)
		r = host_open(&b->host, err);
	host_close(&b->host, r);
	host_give_turn(&b->host);
	return r;
}

static int plan(struct venv_builder *b, const char *env_dir, struct venv_error *err)
{
	int r = builder_prepare(b, err);

	if (!r)
		r = builder_examine(b, env_dir, err);
	if (!r && !is_same_already(b)) {
		b->changed = true;
		r = host_judge_downloads(&b->host, err);
		if (!r)
			r = look(b, err);
		if (r && r != VENV_ERR_USAGE)
			error_prefix(err, r, "cannot %s '%s'",
				     b->host.settings.upgrade ? "upgrade" : "create",
				     env_dir);
	}
	builder_end(b);
	return r;
}

int builder_plan(struct venv_builder *b, const char *env_dir, struct venv_error *err)
{
	int r = begin_work(b, env_dir, err);

	if (r)
		return r;
	r = plan(b, env_dir, err);
	atomic_store(&b->busy, false);
	return r;
}
