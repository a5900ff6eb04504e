/* SPDX-License-Identifier: MIT */
/* program.c - what the functions of a program can do with the environment that is made */
#include <config.h>

#include <stdlib.h>
#include <errno.h>
#include <string.h>

#include "fs/fs.h"
#include "private.h"

/* Is one of the program's functions at work, or does it call the stages itself? */
static int check_turn(const struct venv_builder *b, const void *argument,
		      struct venv_error *err)
{
	if (b && argument && (b->running_stage >= 0 || b->in_hand))
		return 0;
	error_set(err, VENV_ERR_USAGE, "there is no %s",
		  !b	      ? "builder"
		  : !argument ? "argument"
			      : "environment being created");
	return VENV_ERR_USAGE;
}

/* ---- files ---- */

struct work {
	struct venv_builder *b;
	const char *path;
	const void *data;
	size_t len;
	uint32_t flags; /* or the mode */
};

static int install_scripts(void *data, struct venv_error *err)
{
	const struct work *w = data;
	struct host *h = &w->b->host;
	int r = host_part_begin(h, err);

	if (!r)
		r = host_install_scripts(h, w->path, w->flags & VENV_SCRIPTS_RAW, err);
	return host_part_end(h, r, err);
}

static int write_file(void *data, struct venv_error *err)
{
	const struct work *w = data;

	return host_write_file(&w->b->host, w->path, w->data, w->len, w->flags, err);
}

static int do_work(int (*fn)(void *data, struct venv_error *err), struct work *w,
		   struct venv_error *err)
{
	struct venv_error own = VENV_ERROR_INIT;
	int r = check_turn(w->b, w->path, &own);

	if (!r)
		r = w->b->in_hand ? hand_do(w->b, fn, w, &own) : fn(w, &own);
	if (r)
		error_move(err, &own);
	venv_error_clear(&own);
	return r;
}

int venv_install_scripts(struct venv_builder *b, const char *path, uint32_t flags,
			 struct venv_error *err)
{
	struct work w = { .b = b, .path = path, .flags = flags };

	return do_work(install_scripts, &w, err);
}

int venv_builder_write_file(struct venv_builder *b, const char *path, const void *data,
			    size_t len, uint32_t mode, struct venv_error *err)
{
	struct work w = {
		.b = b, .path = path, .data = data ? data : "", .len = len, .flags = mode
	};

	if (!data && len)
		return error_set(err, VENV_ERR_USAGE, "there is no data");
	return do_work(write_file, &w, err);
}

/* ---- processes ---- */

int venv_builder_run(struct venv_builder *b, struct venv_run *theirs,
		     struct venv_error *err)
{
	struct venv_run run = { 0 };
	int r = check_turn(b, theirs, err);

	if (r)
		return r;
	memcpy(&run, theirs,
	       theirs->struct_size < sizeof(run) ? theirs->struct_size : sizeof(run));
	r = host_run_step(&b->host, "program", &run, err);
	if (VENV_HAS(theirs, exit_status))
		theirs->exit_status = run.exit_status;
	return r;
}

const struct venv_child *venv_builder_failed_child(const struct venv_builder *b)
{
	return b ? b->host.build.failed : NULL;
}

/* ---- pyvenv.cfg and the context ---- */

int venv_builder_config_set(struct venv_builder *b, const char *key, const char *value,
			    struct venv_error *err)
{
	int r;

	if (!b || !key || !value)
		return error_set(err, VENV_ERR_USAGE, "there is no %s",
				 b ? "key or value" : "builder");
	if (builder_is_at_work(b)) {
		r = check_turn(b, key, err);
		if (r)
			return r;
	}
	return host_config_set(&b->host, key, value, err);
}

#define MEMBER(name)                                        \
	{                                                   \
#name, offsetof(struct venv_context, name), \
	}

static const struct {
	const char *name;
	size_t offset;
} members[] = {
	MEMBER(env_name),   MEMBER(prompt),   MEMBER(executable),   MEMBER(python_dir),
	MEMBER(python_exe), MEMBER(env_exe),  MEMBER(env_exec_cmd), MEMBER(bin_name),
	MEMBER(bin_path),   MEMBER(inc_path), MEMBER(lib_path),	    MEMBER(platlib_path),
};

static int set_bin_path(struct venv_builder *b, const char *path, struct venv_error *err)
{
	struct build *e = &b->host.build;
	size_t n = strlen(e->context.env_dir);
	int dir;

	if (strncmp(path, e->context.env_dir, n) != 0 || path[n] != '/' ||
	    !path_is_inside(path + n + 1))
		return error_set(err, VENV_ERR_USAGE,
				 "bin_path has to be in the environment, and '%s' is not",
				 path);
	e->layout.bin_name = path + n + 1;
	if (e->bin >= 0)
		close(steal_fd(&e->bin));
	if (b->in_hand)
		return 0;
	dir = tree_make_dirs(e->tx.root, e->layout.bin_name);
	if (dir < 0)
		return error_errno(err, -dir, "cannot create '%s'", path);
	close(dir);
	return 0;
}

static int set_executable(struct venv_builder *b, const char *path)
{
	_cleanup_free_ char *real = realpath(path, NULL);
	struct layout_python *l = &b->host.build.layout_python;

	if (!real && errno == ENOMEM)
		return VENV_ERR_NOMEM;
	l->executable = path;
	l->real = real ? arena_strdup(&b->host.build.arena, real) : path;
	return l->real ? 0 : VENV_ERR_NOMEM;
}

int venv_builder_context_set(struct venv_builder *b, const char *member,
			     const char *value, struct venv_error *err)
{
	int r = check_turn(b, value, err);
	struct build *e;
	char *copy;

	if (r)
		return r;
	e = &b->host.build;
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (!member || strcmp(member, members[i].name) != 0)
			continue;
		copy = arena_strdup(&e->arena, value);
		if (!copy)
			return error_nomem(err);
		if (!strcmp(member, "bin_path"))
			r = set_bin_path(b, copy, err);
		else if (!strcmp(member, "executable") && set_executable(b, copy))
			r = error_nomem(err);
		else if (!strcmp(member, "python_exe") &&
			 strlist_find(&e->layout.names, copy) < 0 &&
			 !strlist_add(&e->arena, &e->layout.names, copy))
			r = error_nomem(err);
		else if (!strcmp(member, "prompt")) {
			e->prompt = copy;
			b->prompt_set = true;
		}
		if (!r)
			memcpy((char *)&e->context + members[i].offset, &copy,
			       sizeof(copy));
		return r;
	}
	return error_set(err, VENV_ERR_USAGE,
			 "the context has no attribute '%s' that can be set",
			 member ? member : "");
}

/* ---- functions that the layout asks ---- */

/* What one of them answered, in the layout's words; OWN is the error that it set. */
static int answer(const char *what, int result, struct venv_error *own,
		  struct venv_error *err)
{
	if (result == VENV_OK || result == VENV_SKIP) {
		venv_error_clear(own);
		return result;
	}
	if (result > 0)
		result = error_set(own, VENV_ERR_STEP,
				   "the function for %s returned %d, which it may not",
				   what, result);
	else if (!own->message)
		error_set(own, result, "the function for %s failed", what);
	own->code = result;
	error_move(err, own);
	return result;
}

static int on_script(void *data, const char *name, const char *text, size_t len,
		     struct str *out, struct venv_error *err)
{
	struct venv_builder *b = data;
	struct venv_error own = VENV_ERROR_INIT;
	_cleanup_free_ char *theirs = NULL;
	size_t n = 0;
	int r = b->script_fn(b->script_data, b, name, text, len, &theirs, &n, &own);

	r = answer("scripts", r, &own, err);
	if (r < 0)
		return r;
	if (r == VENV_SKIP)
		return LAYOUT_LEAVE_OUT;
	if (!theirs)
		return LAYOUT_BUILT_IN;
	str_add_n(out, theirs, n);
	return LAYOUT_DONE;
}

static int on_link(void *data, const char *src, const char *name, struct venv_error *err)
{
	struct venv_builder *b = data;
	struct build *e = &b->host.build;
	struct venv_error own = VENV_ERROR_INIT;
	const char *dst = arena_printf(&e->arena, "%s/%s/%s", e->context.stage_dir,
				       e->layout.bin_name, name);
	int r;

	if (!dst)
		return error_nomem(err);
	r = answer("links", b->link_fn(b->link_data, b, src, dst, &own), &own, err);
	return r == VENV_SKIP ? LAYOUT_BUILT_IN : r;
}

void program_set_functions(struct venv_builder *b)
{
	b->host.replace = b->script_fn ? on_script : NULL;
	b->host.replace_data = b;
	b->host.build.layout_python.link = b->link_fn ? on_link : NULL;
	b->host.build.layout_python.link_data = b;
}

void venv_builder_set_scripts(struct venv_builder *b, venv_script_fn *fn, void *data)
{
	if (!b)
		return;
	b->script_fn = fn;
	b->script_data = data;
}

void venv_builder_set_link(struct venv_builder *b, venv_link_fn *fn, void *data)
{
	if (!b)
		return;
	b->link_fn = fn;
	b->link_data = data;
}
