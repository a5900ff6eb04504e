/* SPDX-License-Identifier: MIT */
/* methods.c - methods of EnvBuilder that a program overrides, and the built-in ones */
#include <config.h>

#include "private.h"

static const char *const names[METHODS] = {
	"ensure_directories", "create_configuration", "setup_python",
	"setup_scripts",      "post_setup",	      "create_git_ignore_file",
	"setup_pip",	      "upgrade_dependencies"
};

/* The place of NUMBER, an enum venv_stage or venv_method, in the table; METHODS: none. */
static size_t place_of(int number)
{
	if (number >= 0 && number < HOST_STAGES)
		return (size_t)number;
	number -= METHOD_FIRST;
	return number >= 0 && number < METHODS - HOST_STAGES
		       ? (size_t)number + HOST_STAGES
		       : METHODS;
}

bool method_is_overridden(const struct venv_builder *b, int number)
{
	size_t place = place_of(number);

	return place < METHODS && b->overrides[place].fn;
}

bool method_any_overridden(const struct venv_builder *b)
{
	for (size_t i = 0; i < METHODS; i++) {
		if (b->overrides[i].fn)
			return true;
	}
	return false;
}

int venv_builder_override(struct venv_builder *b, int number, venv_stage_fn *fn,
			  void *data, struct venv_error *err)
{
	size_t place = place_of(number);

	if (!b)
		return error_set(err, VENV_ERR_USAGE, "there is no builder");
	if (place == METHODS)
		return error_set(err, VENV_ERR_USAGE, "there is no stage %d", number);
	if (builder_is_at_work(b))
		return error_set(err, VENV_ERR_USAGE,
				 "'%s' cannot be overridden: the builder is at work",
				 names[place]);
	/* It decides which plugins are selected. */
	if (number == VENV_METHOD_SETUP_PIP)
		builder_unprepare(b);
	b->overrides[place] = (struct override){ fn, data };
	return 0;
}

/* A function of the program's: it may return anything, and fail without a word. */
static int run_override(struct venv_builder *b, const struct override *o,
			const char *name, struct venv_error *err)
{
	struct venv_error own = VENV_ERROR_INIT;
	int r = o->fn(o->data, b, &b->host.build.context, &own);

	if (r > 0)
		r = error_set(&own, VENV_ERR_STEP,
			      "the function for %s returned %d, which it may not", name,
			      r);
	else if (r && r != VENV_ERR_NOMEM && !own.message)
		error_set(&own, r, "the function for %s failed", name);
	if (!r) {
		venv_error_clear(&own);
		return 0;
	}
	venv_error_clear(err);
	*err = own;
	err->code = r;
	return r;
}

int method_built_in(struct venv_builder *b, int number, struct venv_error *err)
{
	switch (number) {
	case VENV_METHOD_CREATE_GIT_IGNORE_FILE:
		return stage_git_ignore(b, err);
	case VENV_METHOD_SETUP_PIP:
		return setup_pip(b, err);
	case VENV_METHOD_UPGRADE_DEPENDENCIES:
		return upgrade_deps(b, err);
	default:
		if (place_of(number) == METHODS)
			return error_set(err, VENV_ERR_USAGE, "there is no stage %d",
					 number);
		return stage_run(b, number, err);
	}
}

int method_run(struct venv_builder *b, int number, struct venv_error *err)
{
	size_t place = place_of(number);
	int r;

	b->running_stage = number;
	if (place < METHODS && b->overrides[place].fn)
		r = run_override(b, &b->overrides[place], names[place], err);
	else
		r = method_built_in(b, number, err);
	b->running_stage = -1;
	return r;
}
