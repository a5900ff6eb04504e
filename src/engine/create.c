/* SPDX-License-Identifier: MIT */
/*
 * create.c - EnvBuilder.create(): everything is decided, then done, then visible
 */
#include <config.h>

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#include "base/environ.h"
#include "base/file.h"
#include "base/path.h"
#include "base/tree.h"
#include "builder.h"
#include "download.h"
#include "engine.h"

void builder_python_env(struct venv_builder *b, struct python_env *pe)
{
	*pe = (struct python_env){ .arena = &b->arena,
				   .env = b->env,
				   .cwd = b->cwd,
				   .log = &b->log,
				   .cache = &b->cache,
				   .cancelled = builder_is_cancelled,
				   .cancel_data = b };
}

int builder_prepare(struct venv_builder *b, struct venv_error *err)
{
	int r;

	if (b->prepared)
		return 0;
	r = config_load_policy(&b->config, err);
	if (!r)
		r = settings_resolve(&b->settings, &b->config, b->tool, err);
	if (!r)
		r = steps_init(&b->steps, &b->config, &b->arena, &b->log, err);
	if (!r)
		r = steps_select(&b->steps, &b->settings, err);
	if (!r)
		r = steps_load(&b->steps, err);
	b->prepared = !r;
	return r;
}

void builder_end(struct venv_builder *b)
{
	target_close(&b->build.target);
	if (b->build.bin >= 0)
		close(steal_fd(&b->build.bin));
}

static bool is_same_already(const struct venv_builder *b)
{
	const struct target *t = &b->build.target;
	const char *recipe = t->is_env ? cfg_get(&t->cfg, "venvctl-recipe") : NULL;

	return b->settings.existing == EXISTING_REUSE && !t->half_built && recipe &&
	       !strcmp(recipe, b->build.recipe);
}

static unsigned count_dists(int fd, const char *dir)
{
	int sub = openat(fd, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = sub < 0 ? NULL : fdopendir(sub);
	struct dirent *e;
	unsigned n = 0;

	while (d && (e = readdir(d))) {
		const char *dot = strrchr(e->d_name, '.');

		n += dot && (!strcmp(dot, ".dist-info") || !strcmp(dot, ".egg-info"));
	}
	if (d)
		closedir(d);
	else if (sub >= 0)
		close(sub);
	return n;
}

/* Look at lib/<any python>/site-packages of what is there. */
static void look_at_old(struct venv_builder *b, struct strlist *others)
{
	struct build *e = &b->build;
	int lib = openat(e->target.fd, "lib", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = lib < 0 ? NULL : fdopendir(lib);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		const char *path;

		if (strncmp(entry->d_name, "python", 6) &&
		    strncmp(entry->d_name, "pypy", 4) != 0)
			continue;
		path = arena_printf(&e->arena, "%s/site-packages", entry->d_name);
		if (!path)
			break;
		e->removed += count_dists(dirfd(d), path);
		if (strcmp(entry->d_name, path_base(e->python.lib_dir)) != 0 &&
		    !strlist_add(&e->arena, others,
				 arena_printf(&e->arena, "lib/%s", entry->d_name)))
			break;
	}
	if (d)
		closedir(d);
	else if (lib >= 0)
		close(lib);
}

static void warn_about_old(struct venv_builder *b)
{
	struct build *e = &b->build;
	struct strlist others = STRLIST_INIT;

	if (e->target.fd < 0)
		return;
	look_at_old(b, &others);
	if (e->target.kind == TARGET_IN_PLACE) {
		for (size_t i = 0; i < others.n; i++)
			log_warn(&b->log,
				 "'%s/%s' is of another Python and stays as it is",
				 e->target.given, others.v[i]);
	}
	if (e->target.kind != TARGET_REPLACE)
		e->removed = 0;
}

/* A function of the program's: it may return anything, and fail without a word. */
static int run_override(struct venv_builder *b, int stage, struct venv_error *err)
{
	const struct override *o = &b->overrides[stage];
	struct venv_error own = VENV_ERROR_INIT;
	int r = o->fn(o->data, b, &b->build.context, &own);

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
	int r = builder_check_cancelled(b, err);

	if (!r)
		r = sessions_before_stage(b, stage, &skip, err);
	if (r)
		return r;
	if (!skip) {
		b->build.running_stage = stage;
		r = b->overrides[stage].fn ? run_override(b, stage, err)
					   : stage_run(b, stage, err);
		b->build.running_stage = -1;
	}
	return r ? r : sessions_stage(b, stage, err);
}

static int build_tree(struct venv_builder *b, struct venv_error *err)
{
	for (int stage = 0; stage < STAGES; stage++) {
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
	struct transaction *tx = &b->build.tx;
	bool steps_left;
	int r = sessions_seed(b, &steps_left, err);

	steps_left |= upgrade_deps_wanted(b);
	if (r && is_step_failure(r) && b->settings.keep_on_failure) {
		/* Asked for: what there is stays, marked half-built. */
		if (!transaction_publish(tx, true, NULL))
			context_published(b);
		return r;
	}
	if (!r)
		r = builder_check_cancelled(b, err);
	if (!r)
		r = transaction_publish(tx, steps_left, err);
	if (r)
		return r;
	context_published(b);
	/* Entry by entry the directory is another one now. */
	if (tx->way == WAY_MERGE && b->build.bin >= 0)
		close(steal_fd(&b->build.bin));
	if (steps_left)
		r = sessions_post_setup(b, err);
	if (!r && upgrade_deps_wanted(b))
		r = upgrade_deps(b, err);
	return r ? r : hooks_name(b, err);
}

/* Make it; TRANSACTION_AGAIN if the target changed since it was examined. */
static int make(struct venv_builder *b, struct venv_error *err)
{
	struct transaction *tx = &b->build.tx;
	int r;

	/* A plugin that cannot do its work says so in open, before there is anything. */
	transaction_prepare(tx);
	turn_take(b);
	r = context_fill(b, err);
	if (!r)
		r = sessions_open(b, err);
	if (!r)
		r = transaction_begin(tx, err);
	if (!r)
		r = context_staged(b, err);
	if (!r)
		r = build_tree(b, err);
	if (!r)
		r = run_steps(b, err);
	sessions_close(b, r == TRANSACTION_AGAIN ? VENV_ERR_CANCELLED : r);
	turn_give(b);
	if (!r)
		r = transaction_commit(tx, err);
	if (!r)
		return 0;
	if (is_step_failure(r) && b->settings.keep_on_failure && tx->published)
		transaction_leave(tx);
	else
		transaction_rollback(tx);
	return r;
}

int venv_builder_create(struct venv_builder *b, const char *env_dir,
			struct venv_error *err)
{
	struct venv_error own = VENV_ERROR_INIT;
	int r;

	/* Hooks are asked for their message even if the caller does not want it. */
	if (!err)
		err = &own;
	r = builder_prepare(b, err);
	do {
		if (!r)
			r = builder_examine(b, env_dir, err);
		if (!r && is_same_already(b)) {
			builder_end(b);
			return 0;
		}
		if (r)
			return r;
		warn_about_old(b);
		r = make(b, err);
	} while (r == TRANSACTION_AGAIN && !(r = 0));
	if (!r && b->build.removed)
		log_warn(&b->log, "%u package%s of the old '%s' went with it",
			 b->build.removed, b->build.removed == 1 ? "" : "s", env_dir);
	b->build.changed = !r;
	builder_end(b);
	if (r && r != VENV_ERR_USAGE)
		error_prefix(err, r, "cannot %s '%s'",
			     b->settings.upgrade ? "upgrade" : "create", env_dir);
	venv_error_clear(&own);
	return r;
}

int builder_plan(struct venv_builder *b, const char *env_dir, struct venv_error *err)
{
	int r = builder_prepare(b, err);

	if (!r)
		r = builder_examine(b, env_dir, err);
	if (!r && !is_same_already(b)) {
		b->build.changed = true;
		r = downloads_judge(b, err);
	}
	builder_end(b);
	return r;
}

int builder_check_targets(struct venv_builder *b, const char *const *dirs, size_t n,
			  struct venv_error *err)
{
	const char *home = env_get(b->env, "HOME");
	struct strlist seen = STRLIST_INIT;

	for (size_t i = 0; i < n; i++) {
		struct target t;
		int r = target_open(&t, &b->arena, dirs[i], b->cwd, home, err);

		target_close(&t);
		if (r)
			return r;
		for (size_t j = 0; j < i; j++) {
			if (path_is_below(t.real, seen.v[j]) ||
			    path_is_below(seen.v[j], t.real))
				return error_set(err, VENV_ERR_USAGE,
						 "'%s' and '%s' are the same directory, "
						 "or one lies "
						 "in the other",
						 dirs[j], dirs[i]);
		}
		if (!strlist_add(&b->arena, &seen, t.real))
			return error_nomem(err);
	}
	return 0;
}

void builder_report(const struct venv_builder *b, struct report *out)
{
	const struct build *e = &b->build;

	*out = (struct report){
		.context = e->context.struct_size ? &e->context : NULL,
		.env_dir = e->target.env_dir,
		.target_case = target_case_name(e->target.kind),
		.published = e->changed && e->published ? way_name(e->tx.way) : NULL,
		.python_version =
			e->python.hexversion
				? python_version_text(
					  &((struct venv_builder *)(uintptr_t)b)->arena,
					  &e->python)
				: NULL,
		.python = &e->python,
		.steps = &b->steps,
		.later = &e->later,
		.changed = e->changed,
		.upgrade_deps = upgrade_deps_wanted(b),
		.removed = e->removed,
		.settings = &b->settings,
	};
}
