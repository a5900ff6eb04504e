/* SPDX-License-Identifier: MIT */
/*
 * sessions.c - the hooks of the selected plugins, in the order of their steps
 *
 * open in running order, close backwards for every plugin whose open succeeded,
 * whatever happened.  What a hook returns is translated here, once.
 */
#include <config.h>

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "fs/fs.h"
#include "session.h"

/* The session of the first step: the list begins with the last one, in order of close. */
static struct venv_session *first_session(const struct host *h)
{
	struct venv_session *s = h->build.sessions;

	while (s && s->next)
		s = s->next;
	return s;
}

static struct venv_session *next_session(const struct host *h,
					 const struct venv_session *before)
{
	struct venv_session *s = h->build.sessions;

	while (s && s != before && s->next != before)
		s = s->next;
	return s == before ? NULL : s;
}

/* Is any option of this instance from the command line? */
static bool is_given(const struct venv_session *s)
{
	for (const struct value *v = s->host->config.values; v; v = v->next) {
		if (v->origin.layer == LAYER_ARG && !strncmp(v->section, "plugin:", 7) &&
		    !strcmp(v->section + 7, s->step->instance))
			return true;
	}
	return false;
}

int session_error(const struct venv_session *s, int result)
{
	return result == VENV_ERR_CONFIG && is_given(s) && !s->refused ? VENV_ERR_USAGE
								       : result;
}

/*
 * The error of a hook: its class decides the exit status (product rule), its
 * message is the one that it gave, with its name before it.
 */
static int translate(struct venv_session *s, const char *hook, int result,
		     struct venv_error *err)
{
	static const char *const words[] = {
		[-VENV_ERR_FAILED] = "it failed",
		[-VENV_ERR_CANCELLED] = "cancelled",
		[-VENV_ERR_CONFIG] = "an option is wrong",
		[-VENV_ERR_UNSUPPORTED] = "it cannot do this here",
		[-VENV_ERR_NETWORK] = "the network failed",
		[-VENV_ERR_INTEGRITY] = "what it got is not what it should be",
		[-VENV_ERR_NOMEM] = "out of memory",
	};
	const char *instance = s->step->instance;
	const char *why = s->message;
	int code = result;

	if (result == VENV_ERR_NOMEM)
		return error_nomem(err);
	if (result >= 0 || result < VENV_ERR_NOMEM) {
		error_set(err, VENV_ERR_STEP,
			  "plugin '%s': its hook '%s' returned %d, which it may not",
			  instance, hook, result);
		return VENV_ERR_STEP;
	}
	if (result == VENV_ERR_CONFIG)
		code = session_error(s, result);
	else if (result == VENV_ERR_UNSUPPORTED ||
		 (result == VENV_ERR_FAILED && !s->os_failed) ||
		 /* Nobody cancelled the create: the hook failed. */
		 (result == VENV_ERR_CANCELLED && !host_is_cancelled(s->host)))
		code = VENV_ERR_STEP;
	error_set(err, code, "plugin '%s': %s", instance, why ? why : words[-result]);
	return s->hint ? error_hint(err, code, "%s", s->hint) : code;
}

/* Around each hook: who is at work. */
static void enter(struct venv_session *s, const char *hook)
{
	const struct plugin_watch *w = s->host->watch;

	if (w)
		w->enter(w->data, s->step->instance, hook);
}

static void leave(struct venv_session *s, const char *hook)
{
	const struct plugin_watch *w = s->host->watch;
	const char *stray = atomic_exchange(&s->stray, NULL);

	if (w)
		w->leave(w->data, s->step->instance, hook);
	if (stray)
		log_warn(&s->host->log,
			 "plugin '%s': its hook '%s' called host->%s on another "
			 "thread than its own: refused",
			 s->step->instance, hook, stray);
}

/* A hook returned RESULT; beside 0 and errors it may return ALLOWED (0: nothing else). */
static int called(struct venv_session *s, const char *hook, int result, int allowed,
		  struct venv_error *err)
{
	int r;

	leave(s, hook);
	host_tell_child(s);
	/* What it took for a value that is not set, or a file that is not there, may be none. */
	if (result != VENV_ERR_CANCELLED && (s->arena.failed || host_is_starved(s->host)))
		result = VENV_ERR_NOMEM;
	if (result == VENV_OK || (allowed && result == allowed))
		r = result;
	else
		r = translate(s, hook, result, err);
	free(s->message);
	free(s->hint);
	s->message = s->hint = NULL;
	s->os_failed = s->refused = false;
	if (r >= 0 && host_check_cancelled(s->host, err))
		r = VENV_ERR_CANCELLED;
	return r;
}

static void free_session(struct venv_session *s)
{
	host_tell_child(s);
	session_drop_temp_dir(s);
	store_release(&s->store);
	arena_release(&s->arena);
	free(s->message);
	free(s->hint);
	free(s);
}

int host_open(struct host *h, struct venv_error *err)
{
	/* Cancelled in host_take_turn(), it has no turn: no hook may run. */
	if (host_check_cancelled(h, err))
		return VENV_ERR_CANCELLED;
	for (struct step *t = h->steps.first; t; t = t->next) {
		const struct venv_plugin *p = &t->plugin->table;
		struct venv_session *s = calloc(1, sizeof(*s));
		int result, r;

		if (!s)
			return error_nomem(err);
		if (h->build.looks && !(p->flags & VENV_PLUGIN_LOOKS)) {
			free(s);
			continue;
		}
		s->host = h;
		s->thread = pthread_self();
		s->process = getpid();
		s->step = t;
		t->later = false;
		t->fetches = NULL;
		enter(s, "open");
		result = p->open ? p->open(h->services, s, &h->build.context, &s->data)
				 : VENV_OK;
		r = called(s, "open", result, 0, err);
		/* Also if the create was cancelled meanwhile: what opened is closed. */
		if (result == VENV_OK) {
			s->next = h->build.sessions;
			h->build.sessions = s;
		} else {
			free_session(s);
		}
		if (r)
			return r;
	}
	return 0;
}

int host_before_stage(struct host *h, int stage, bool *skip, struct venv_error *err)
{
	*skip = false;
	for (struct venv_session *s = first_session(h); s; s = next_session(h, s)) {
		const struct venv_plugin *p = &s->step->plugin->table;
		int r;

		if (!p->before_stage)
			continue;
		enter(s, "before_stage");
		r = called(s, "before_stage", p->before_stage(s->data, stage), VENV_SKIP,
			   err);
		if (r < 0)
			return r;
		if (r == VENV_SKIP) {
			log_info(&h->log, "plugin '%s' takes over the stage",
				 s->step->instance);
			*skip = true;
		}
	}
	return 0;
}

int host_stage(struct host *h, int stage, struct venv_error *err)
{
	static const char *const names[HOST_STAGES] = { "ensure_directories",
							"create_configuration",
							"setup_python", "setup_scripts",
							NULL };

	if (!names[stage])
		return 0;
	for (struct venv_session *s = first_session(h); s; s = next_session(h, s)) {
		const struct venv_plugin *p = &s->step->plugin->table;
		int (*const hooks[HOST_STAGES])(
			void *) = { p->ensure_directories, p->create_configuration,
				    p->setup_python, p->setup_scripts, NULL };
		int r;

		/* cppcheck-suppress uninitvar ; its initialiser is one line above */
		if (!hooks[stage])
			continue;
		enter(s, names[stage]);
		r = called(s, names[stage], hooks[stage](s->data), 0, err);
		if (r)
			return r;
	}
	return 0;
}

static int seed(struct venv_session *s, struct venv_error *err)
{
	const struct venv_plugin *p = &s->step->plugin->table;
	int r;

	if (!p->seed)
		return 0;
	s->wrote = false;
	enter(s, "seed");
	r = called(s, "seed", p->seed(s->data), VENV_LATER, err);
	if (r == VENV_LATER && s->wrote)
		return error_set(
			err, VENV_ERR_STEP,
			"plugin '%s': its seed said VENV_LATER after it had written",
			s->step->instance);
	if (r == VENV_LATER && !p->post_setup)
		return error_set(
			err, VENV_ERR_STEP,
			"plugin '%s': its seed said VENV_LATER, but it has no post_setup",
			s->step->instance);
	return r;
}

/*
 * Steps run in their order.  As long as they only place files, they run here, before
 * publication.  The first one that needs the published environment, and all steps behind
 * it, run in host_post_setup().
 */
int host_seed(struct host *h, bool *steps_left, struct venv_error *err)
{
	bool waiting = false;

	*steps_left = false;
	for (struct venv_session *s = first_session(h); s; s = next_session(h, s)) {
		const struct venv_plugin *p = &s->step->plugin->table;
		int r = 0;

		if (!waiting && p->seed)
			r = seed(s, err);
		if (r < 0)
			return r;
		waiting |= r == VENV_LATER || (!p->seed && p->post_setup);
		s->step->later = waiting && (p->seed || p->post_setup);
		s->said_later = r == VENV_LATER;
		*steps_left |= s->step->later;
		if (s->step->later &&
		    !strlist_add(&h->build.arena, &h->build.later, s->step->instance))
			return error_nomem(err);
	}
	return 0;
}

int host_post_setup(struct host *h, struct venv_error *err)
{
	for (struct venv_session *s = first_session(h); s; s = next_session(h, s)) {
		const struct venv_plugin *p = &s->step->plugin->table;
		int r = 0;

		if (!s->step->later)
			continue;
		/* It only places files, but stands behind a step that had to wait. */
		if (!s->said_later && p->seed) {
			r = seed(s, err);
			s->said_later = r == VENV_LATER;
		}
		if (r >= 0 && p->post_setup && (s->said_later || !p->seed)) {
			s->entered = true;
			enter(s, "post_setup");
			r = called(s, "post_setup", p->post_setup(s->data), 0, err);
			if (!r)
				r = host_check_promise(s, err);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static void close_bin(struct host *h)
{
	if (h->build.bin >= 0)
		close(steal_fd(&h->build.bin));
}

void host_undo(struct host *h)
{
	/* Descriptors may be short, and a rollback needs some. */
	close_bin(h);
	h->build.undoing = true;
	/* Newest first, as post_setup went the other way. */
	for (struct venv_session *s = h->build.sessions; s; s = s->next) {
		const struct venv_plugin *p = &s->step->plugin->table;
		struct venv_error err = VENV_ERROR_INIT;

		if (!s->entered || !p->undo)
			continue;
		enter(s, "undo");
		if (called(s, "undo", p->undo(s->data), 0, &err) < 0)
			log_warn(&h->log, "not taken back: %s", venv_error_message(&err));
		venv_error_clear(&err);
	}
	h->build.undoing = false;
}

void host_close(struct host *h, int result)
{
	close_bin(h);
	for (struct venv_session *s = h->build.sessions; s; s = s->next)
		s->closing = true;
	while (h->build.sessions) {
		struct venv_session *s = h->build.sessions;
		const struct venv_plugin *p = &s->step->plugin->table;

		h->build.sessions = s->next;
		if (p->close) {
			enter(s, "close");
			p->close(s->data, result);
			leave(s, "close");
		}
		if (result == VENV_OK)
			session_used_well(s);
		free_session(s);
	}
}

/*
 * ---- turns ----
 *
 * Builders on different threads may have the same plugin loaded, and with it its static
 * data.  One lock for all such plugins: with one for each, two builders that have two of
 * them could wait for each other.
 */

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t given = PTHREAD_COND_INITIALIZER;
static pthread_t owner;
static unsigned depth; /* of the owner's creates: a stage function may create another */

/* Wait for a turn, but only for a moment: a signal that cancels wakes nobody here. */
static void wait_a_moment(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 50 * 1000 * 1000;
	if (until.tv_nsec >= 1000 * 1000 * 1000) {
		until.tv_nsec -= 1000 * 1000 * 1000;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&given, &guard, &until);
}

void host_take_turn(struct host *h)
{
	bool parallel = true;

	for (const struct step *t = h->steps.first; t; t = t->next)
		parallel &= (t->plugin->table.flags & VENV_PLUGIN_PARALLEL) != 0;
	if (parallel)
		return;
	pthread_mutex_lock(&guard);
	while (depth && !pthread_equal(owner, pthread_self()) && !host_is_cancelled(h))
		wait_a_moment();
	if (!depth || pthread_equal(owner, pthread_self())) {
		owner = pthread_self();
		depth++;
		h->build.has_turn = true;
	}
	pthread_mutex_unlock(&guard);
}

void host_give_turn(struct host *h)
{
	if (!h->build.has_turn)
		return;
	h->build.has_turn = false;
	pthread_mutex_lock(&guard);
	if (!--depth)
		pthread_cond_signal(&given);
	pthread_mutex_unlock(&guard);
}
