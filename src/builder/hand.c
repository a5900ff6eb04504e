/* SPDX-License-Identifier: MIT */
/*
 * hand.c - the stages of EnvBuilder one by one, as a program calls them
 *
 * Each is a transaction of its own, in which nothing but that stage is staged, and which is
 * merged with what is there.  In between the context says that stage_dir is env_dir.
 */
#include <config.h>

#include "private.h"

/* Between two stages all files are where they belong. */
static void let_go(struct venv_builder *b)
{
	builder_end(b);
	host_context_published(&b->host);
}

int venv_builder_begin(struct venv_builder *b, const char *env_dir,
		       struct venv_error *err)
{
	int r;

	if (!b || !env_dir)
		return error_set(err, VENV_ERR_USAGE, "there is no %s",
				 b ? "directory" : "builder");
	r = builder_begin_work(b, env_dir, err);
	if (r)
		return r;
	r = builder_prepare(b, err);
	if (!r) {
		/* Only a look: each stage opens what it changes. */
		bool dry_run = b->host.settings.dry_run;

		b->host.settings.dry_run = true;
		r = builder_examine(b, env_dir, err);
		b->host.settings.dry_run = dry_run;
	}
	if (!r)
		r = host_fill_context(&b->host, err);
	if (!r) {
		b->hand_dir = arena_strdup(&b->host.build.arena, env_dir);
		if (!b->hand_dir)
			r = error_nomem(err);
	}
	if (r) {
		builder_end(b);
		builder_end_work(b);
		return r;
	}
	b->host.build.looks = b->host.cache.look = false;
	b->host.build.begun = b->host.build.by_hand = b->in_hand = true;
	let_go(b);
	return 0;
}

void venv_builder_end(struct venv_builder *b)
{
	if (!b || !b->in_hand)
		return;
	b->in_hand = false;
	builder_end(b);
	builder_end_work(b);
}

static int begin_piece(struct venv_builder *b, struct venv_error *err)
{
	struct build *e = &b->host.build;
	int r;

	builder_new_transaction(b);
	e->tx.existing = EXISTING_KEEP;
	e->tx.like_venv = true;
	e->tx.upgrade = e->tx.look = false;
	r = transaction_open(&e->tx, b->hand_dir, err);
	if (!r)
		r = transaction_begin(&e->tx, err);
	e->published = false;
	host_context_staged(&b->host);
	return r;
}

int hand_do(struct venv_builder *b, int (*work)(void *data, struct venv_error *err),
	    void *data, struct venv_error *err)
{
	struct build *e = &b->host.build;
	int r;

	if (b->host.settings.dry_run)
		return 0;
	r = begin_piece(b, err);
	if (!r)
		r = host_check_cancelled(&b->host, err);
	if (!r)
		r = work(data, err);
	if (!r)
		r = transaction_publish(&e->tx, false, err);
	if (!r)
		r = transaction_commit(&e->tx, err);
	if (r)
		transaction_rollback(&e->tx);
	let_go(b);
	return r;
}

struct stage {
	struct venv_builder *b;
	int number;
};

static int run(void *data, struct venv_error *err)
{
	const struct stage *s = data;

	return method_built_in(s->b, s->number, err);
}

/* Those that run the environment's python, in place. */
static bool runs_python(int number)
{
	return number == VENV_METHOD_SETUP_PIP ||
	       number == VENV_METHOD_UPGRADE_DEPENDENCIES;
}

int venv_builder_stage(struct venv_builder *b, int number, struct venv_error *err)
{
	struct stage s = { b, number };
	struct venv_error own = VENV_ERROR_INIT;
	int r;

	if (!b)
		return error_set(err, VENV_ERR_USAGE, "there is no builder");
	if (!b->in_hand && (b->running_stage < 0 || number != b->running_stage))
		return error_set(err, VENV_ERR_USAGE,
				 "the stage %d is not the one that is running", number);
	if (b->in_hand && !runs_python(number))
		r = hand_do(b, run, &s, &own);
	else
		r = run(&s, &own);
	if (r)
		error_move(err, &own);
	venv_error_clear(&own);
	return r;
}
