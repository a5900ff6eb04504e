/* SPDX-License-Identifier: MIT */
/* builder.c - a builder's life, and what the tool asks of it beside venvctl.h */
#include <config.h>

#include "private.h"

int builder_use_tool_defaults(struct venv_builder *b, const char *program,
			      struct venv_error *err)
{
	b->tool = b->host.keeps_logs = true;
	if (!program)
		return 0;
	b->program = b->host.config.program = arena_strdup(&b->host.arena, program);
	return b->program ? 0 : error_nomem(err);
}

void builder_set_like_virtualenv(struct venv_builder *b)
{
	b->host.like_virtualenv = true;
}

void builder_set_host(struct venv_builder *b, const struct venv_host *host)
{
	b->host.services = host;
}

void builder_stop(struct venv_builder *b)
{
	atomic_store(&b->host.stopped, true);
}

bool builder_is_starved(const struct venv_builder *b)
{
	return host_is_starved(&b->host);
}

struct config *builder_config(struct venv_builder *b)
{
	return &b->host.config;
}

void builder_set_download(struct venv_builder *b, host_download_fn *fn)
{
	b->host.on_download = fn;
}

void builder_set_busy(struct venv_builder *b, void (*fn)(const char *what))
{
	b->host.on_busy = fn;
}

void builder_python_env(struct venv_builder *b, struct python_env *pe)
{
	*pe = (struct python_env){ .arena = &b->host.arena,
				   .env = b->host.env,
				   .cwd = b->host.cwd,
				   .log = &b->host.log,
				   .cache = &b->host.cache,
				   .cancelled = host_is_cancelled,
				   .cancel_data = &b->host };
}

/* Whoever mends what was wrong may try again. */
void builder_unprepare(struct venv_builder *b)
{
	if (!b->marked)
		return;
	steps_release(&b->host.steps);
	config_reset(&b->host.config, &b->unprepared);
	b->marked = b->selected = b->prepared = b->has_python = false;
}

static int select_steps(struct venv_builder *b, struct venv_error *err)
{
	int r;

	if (b->selected)
		return 0;
	r = config_mark(&b->host.config, &b->unprepared, err);
	if (r)
		return r;
	b->marked = true;
	r = config_load_policy(&b->host.config, err);
	if (!r)
		r = settings_resolve(&b->host.settings, &b->host.config, b->tool, err);
	b->host.settings.pip_elsewhere = method_is_overridden(b, VENV_METHOD_SETUP_PIP);
	if (!r)
		r = steps_init(&b->host.steps, &b->host.config, &b->host.arena,
			       &b->host.log, err);
	if (!r)
		r = steps_select(&b->host.steps, &b->host.settings, err);
	b->selected = !r;
	if (r)
		builder_unprepare(b);
	return r;
}

int builder_select(struct venv_builder *b, bool *foreign, struct venv_error *err)
{
	int r = select_steps(b, err);

	*foreign = false;
	for (const struct step *t = b->host.steps.first; !r && t; t = t->next)
		*foreign |= !t->file.shipped;
	return r;
}

int builder_prepare(struct venv_builder *b, struct venv_error *err)
{
	int r;

	if (b->prepared)
		return 0;
	r = select_steps(b, err);
	if (r)
		return r;
	b->host.steps.watch = b->host.watch;
	r = steps_load(&b->host.steps, err);
	b->prepared = !r;
	if (r)
		builder_unprepare(b);
	return r;
}

void builder_set_watch(struct venv_builder *b, const struct plugin_watch *watch,
		       void (*locked)(void *data, int fd))
{
	b->host.watch = watch;
	b->host.locked = locked;
}

void builder_end(struct venv_builder *b)
{
	transaction_close(&b->host.build.tx);
	leaving_close(b);
	if (b->host.build.bin >= 0)
		close(steal_fd(&b->host.build.bin));
}

/* What was checked so far: each target, and each directory that holds one. */
struct checked {
	struct arena arena;
	struct index targets, above; /* of its path: where its name stands in the list */
};

/* The earlier target that is REAL, holds it or lies in it; NULL if there is none. */
static const char *const *clashing(struct checked *seen, const char *real)
{
	const char *const *found = index_find(&seen->above, real, "");

	for (const char *dir = real; dir && !found; dir = path_dir(&seen->arena, dir)) {
		found = index_find(&seen->targets, dir, "");
		if (!dir[1])
			break;
	}
	return found;
}

static bool note_target(struct checked *seen, const char *real, const char *const *given)
{
	struct arena *a = &seen->arena;
	void **slot = index_slot(a, &seen->targets, real, "");
	const char *dir = real;

	if (!slot)
		return false;
	*slot = (void *)(uintptr_t)given;
	while (dir[1]) {
		dir = path_dir(a, dir);
		slot = dir ? index_slot(a, &seen->above, dir, "") : NULL;
		if (!slot)
			return false;
		/* Who noted this one noted those above as well. */
		if (*slot)
			break;
		*slot = (void *)(uintptr_t)given;
	}
	return true;
}

int builder_check_targets(struct venv_builder *b, const char *const *dirs, size_t n,
			  size_t *at, size_t *other, struct venv_error *err)
{
	const char *home = env_get(b->host.env, "HOME");
	struct checked seen = { 0 };
	int r = 0;

	*other = n;
	for (*at = 0; !r && *at < n; *at += !r) {
		struct target t;
		const char *const *same;

		r = target_open(&t, &seen.arena, dirs[*at], b->host.cwd, home, err);
		target_close(&t);
		same = r ? NULL : clashing(&seen, t.real);
		if (same) {
			*other = (size_t)(same - dirs);
			r = error_set(err, VENV_ERR_USAGE,
				      "'%s' and '%s' are the same directory, or one lies "
				      "in the other",
				      *same, dirs[*at]);
		} else if (!r && !note_target(&seen, t.real, &dirs[*at])) {
			r = error_nomem(err);
		}
	}
	arena_release(&seen.arena);
	return r;
}

static const char *const redirect_states[] = { "", "written", "kept", "skipped" };

void builder_report(const struct venv_builder *b, struct report *out)
{
	const struct build *e = &b->host.build;

	*out = (struct report){
		.context = e->context.struct_size ? &e->context : NULL,
		.env_dir = e->tx.target.env_dir,
		.target_case = target_case_name(e->tx.target.kind),
		.published = b->changed && e->published ? way_name(e->tx.way) : NULL,
		.python_version = e->python.hexversion
					  ? python_version_text(
						    &((struct venv_builder *)(uintptr_t)b)
							     ->host.arena,
						    &e->python)
					  : NULL,
		.python = &e->python,
		.steps = &b->host.steps,
		.later = &e->later,
		.changed = b->changed,
		.failure = b->failure,
		.relocatable = b->host.build.relocatable,
		.redirect = b->redirect.state ? b->redirect.path : NULL,
		.redirect_text = b->redirect.text,
		.redirect_state = redirect_states[b->redirect.state],
		.redirect_reason = b->redirect.reason,
		.upgrade_deps = upgrade_deps_wanted(b),
		.removed = b->removed,
		.settings = &b->host.settings,
	};
}

int builder_registry(struct venv_builder *b, struct registry **out,
		     struct venv_error *err)
{
	int r = config_load_policy(&b->host.config, err);

	if (!r)
		r = steps_init(&b->host.steps, &b->host.config, &b->host.arena,
			       &b->host.log, err);
	*out = &b->host.steps.registry;
	return r;
}

int builder_order(struct venv_builder *b, const struct step **first,
		  struct venv_error *err)
{
	struct registry *registry;
	int r = settings_resolve(&b->host.settings, &b->host.config, true, err);

	if (!r)
		r = builder_registry(b, &registry, err);
	if (!r)
		r = steps_select(&b->host.steps, &b->host.settings, err);
	*first = r ? NULL : b->host.steps.first;
	return r;
}

int builder_judge_address(struct venv_builder *b, const char *instance, const char *url,
			  const char *const *digests, struct venv_error *err)
{
	return host_judge_address(&b->host, instance, url, digests, err);
}
