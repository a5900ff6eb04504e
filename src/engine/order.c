/* SPDX-License-Identifier: MIT */
/* order.c - the order in which steps run: that of the list, moved only by `after` */
#include <config.h>

#include "base/str.h"
#include "steps.h"

/* The first step of the list that T has to wait for; NULL if it may run. */
static const struct step *blocker(const struct steps *s, const struct step *t)
{
	for (const struct step *o = s->first; o; o = o->next) {
		for (size_t i = 0; o != t && i < t->after.n; i++) {
			if (step_provides(o, t->after.v[i]))
				return o;
		}
	}
	return NULL;
}

/* Every step of the list waits for another of it: say who waits for whom in a circle. */
static int waits_in_circle(const struct steps *s, struct venv_error *err)
{
	const struct step *start = s->first, *t;
	_cleanup_str_ struct str text = STR_INIT;

	/* As many steps as there are lead into a circle, wherever it is. */
	for (t = s->first; t; t = t->next)
		start = blocker(s, start);
	str_addf(&text, "the plugin '%s'", start->instance);
	t = start;
	do {
		str_addf(&text, "%s comes after '%s'", t == start ? "" : ", which",
			 blocker(s, t)->instance);
		t = blocker(s, t);
	} while (t != start);
	if (str_failed(&text))
		return error_nomem(err);
	return error_set(err, origin_error(&start->origin), "%s", str_text(&text));
}

/* A stable topological sort: what need not wait keeps its place. */
int steps_order(struct steps *s, struct venv_error *err)
{
	struct step *done = NULL, **tail = &done;

	while (s->first) {
		struct step **t = &s->first;

		while (*t && blocker(s, *t))
			t = &(*t)->next;
		if (!*t)
			return waits_in_circle(s, err);
		*tail = *t;
		*t = (*t)->next;
		tail = &(*tail)->next;
		*tail = NULL;
	}
	s->first = done;
	return 0;
}
