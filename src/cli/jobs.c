/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "jobs.h"

#include <pthread.h>
#include <stdlib.h>

#include "batch.h"

struct crew {
	const struct jobs *jobs;
	pthread_mutex_t mutex; /* of the batch, and of standard output */
	pthread_cond_t moved;
	struct batch batch;
	struct ui_results said; /* by all of them */
};

struct worker {
	struct crew *crew;
	size_t i;
	pthread_t thread;
};

static int make(const struct worker *w, size_t at, struct str *out)
{
	const struct jobs *j = w->crew->jobs;
	int status;

	ui_results = (struct ui_results){ 0 };
	if (!ui_keep())
		return ui_nomem();
	status = j->make(j->data, w->i, j->targets->v[at]);
	ui_kept(out);
	return status;
}

/* With the mutex: the next target; false if there will be none. */
static bool take(struct crew *c, size_t *at)
{
	while (!batch_next(&c->batch, at)) {
		if (c->batch.over || c->batch.next == c->batch.n)
			return false;
		/* A slow one is to be told before any further one is begun. */
		pthread_cond_wait(&c->moved, &c->mutex);
	}
	return true;
}

static void *work(void *data)
{
	const struct worker *w = data;
	struct crew *c = w->crew;
	size_t at;

	pthread_mutex_lock(&c->mutex);
	while (take(c, &at)) {
		struct str text = STR_INIT;
		int status;

		pthread_mutex_unlock(&c->mutex);
		status = make(w, at, &text);
		pthread_mutex_lock(&c->mutex);
		batch_done(&c->batch, at, status, &text);
		c->said.starved |= ui_results.starved;
		c->said.told |= ui_results.told;
		pthread_cond_broadcast(&c->moved);
	}
	pthread_mutex_unlock(&c->mutex);
	return NULL;
}

int jobs_run(const struct jobs *j)
{
	struct crew *c = calloc(1, sizeof(*c));
	struct worker *workers = calloc(j->n, sizeof(*workers));
	size_t n = 0;
	int r = -1;

	if (c && workers) {
		*c = (struct crew){ .jobs = j,
				    .mutex = PTHREAD_MUTEX_INITIALIZER,
				    .moved = PTHREAD_COND_INITIALIZER };
		c->batch.n = j->targets->n;
		c->batch.keep_going = j->keep_going;
		ui_share();
		for (; n < j->n; n++) {
			workers[n] = (struct worker){ .crew = c, .i = n };
			/* With fewer it takes longer, no more. */
			if (pthread_create(&workers[n].thread, NULL, work, &workers[n]))
				break;
		}
		/* Here signals are heard, which stop all. */
		for (size_t i = 0; i < n; i++)
			pthread_join(workers[i].thread, NULL);
		r = n ? c->batch.first : -1;
		ui_results.starved |= c->said.starved;
		ui_results.told |= c->said.told;
	}
	free(workers);
	free(c);
	return r;
}
