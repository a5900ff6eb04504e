/* SPDX-License-Identifier: MIT */
/* libvenvctl.c - the functions of venvctl.h, but for those of errors (util/error.c) */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

const char *venv_version(void)
{
	return PACKAGE_VERSION;
}

/* getcwd() into the arena; where it was removed, a place below which nothing can be. */
static const char *current_dir(struct arena *a)
{
	char buf[4096], *big, *copy;

	if (getcwd(buf, sizeof(buf)))
		return arena_strdup(a, buf);
	big = errno == ERANGE ? getcwd(NULL, 0) : NULL;
	copy = arena_strdup(a, big ? big : PATH_NO_CWD);
	free(big);
	return copy;
}

/* Whoever changes the process environment later changes nothing here. */
static const char *const *copy_environ(struct arena *a, const char *const *envp)
{
	size_t n = 0;
	const char **copy;

	while (envp && envp[n])
		n++;
	copy = arena_alloc(a, (n + 1) * sizeof(*copy));
	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = arena_strdup(a, envp[i]);
		if (!copy[i])
			return NULL;
	}
	return copy;
}

struct venv_builder *venv_builder_new(struct venv_error *err)
{
	return venv_builder_new_environ((const char *const *)environ, err);
}

struct venv_builder *venv_builder_new_environ(const char *const *envp,
					      struct venv_error *err)
{
	struct venv_builder *b = calloc(1, sizeof(*b));

	if (!b) {
		error_nomem(err);
		return NULL;
	}
	b->host.env = copy_environ(&b->host.arena, envp);
	b->host.services = &host_services;
	b->host.cwd = current_dir(&b->host.arena);
	b->host.build.tx = (struct transaction)TRANSACTION_INIT;
	b->running_stage = b->host.build.bin = -1;
	b->host.modules.arena = &b->host.arena;
	config_init(&b->host.config, b->host.env, b->host.cwd);
	b->host.config.log = &b->host.log;
	b->host.cache.fd = -1;
	b->program = path_join(&b->host.arena, paths_bindir(), "venvctl");
	if (!b->host.env || !b->host.cwd || !b->program) {
		venv_builder_free(b);
		error_nomem(err);
		return NULL;
	}
	cache_init(&b->host.cache, &b->host.arena, b->host.env, b->host.cwd);
	return b;
}

void venv_builder_free(struct venv_builder *b)
{
	if (!b)
		return;
	builder_end(b);
	steps_release(&b->host.steps);
	modules_release(&b->host.modules);
	cache_release(&b->host.cache);
	arena_release(&b->host.build.arena);
	config_release(&b->host.config);
	arena_release(&b->host.arena);
	free(b);
}

/* B has to be there and at rest; WHAT cannot be done otherwise. */
static int check_rest(const struct venv_builder *b, const char *what,
		      struct venv_error *err)
{
	if (!b)
		return error_set(err, VENV_ERR_USAGE, "there is no builder");
	if (builder_is_at_work(b))
		return error_set(err, VENV_ERR_USAGE,
				 "%s cannot be set: the builder is at work", what);
	return 0;
}

int venv_builder_set(struct venv_builder *b, const char *option, const char *value,
		     struct venv_error *err)
{
	const struct option_def *o;
	const char *section = "create";
	bool inverted;
	int r = check_rest(b, option ? option : "nothing", err);

	if (r)
		return r;
	if (!option || !value)
		return error_set(err, VENV_ERR_USAGE, "there is no %s",
				 option ? "value" : "option");
	o = options_find(section, option, &inverted);
	if (!o)
		section = "venvctl";
	if (o && (o->use & OPTION_TOOL))
		return error_set(err, VENV_ERR_USAGE,
				 "'%s' is an option of the tool, not of the library",
				 option);
	builder_unprepare(b);
	return config_set_arg(&b->host.config, section, option, value, option, err);
}

int venv_builder_add_plugin(struct venv_builder *b, const char *plugin,
			    struct venv_error *err)
{
	return venv_builder_set(b, "add-plugin", plugin, err);
}

int venv_builder_load_config(struct venv_builder *b, struct venv_error *err)
{
	int r = check_rest(b, "the configuration", err);

	if (r)
		return r;
	builder_unprepare(b);
	return config_load(&b->host.config, err);
}

void venv_builder_set_progress(struct venv_builder *b, venv_progress_fn *fn, void *data)
{
	if (!b)
		return;
	b->host.progress = fn;
	b->host.progress_data = data;
}

void venv_builder_set_log(struct venv_builder *b, int level, venv_log_fn *fn, void *data)
{
	if (b)
		b->host.log = (struct log){ fn, data, level };
}

void venv_progress_stderr(void *data, int stream, const char *bytes, size_t len)
{
	bool verbose = data && *(const int *)data;

	if (stream == VENV_STREAM_MAIN || verbose)
		fwrite(bytes, 1, len, stderr);
	else
		fputc('.', stderr);
	fflush(stderr);
}

int venv_builder_create(struct venv_builder *b, const char *env_dir,
			struct venv_error *err)
{
	struct venv_error own = VENV_ERROR_INIT;
	int r;

	if (!b || !env_dir)
		return error_set(err, VENV_ERR_USAGE, "there is no %s",
				 b ? "directory" : "builder");
	r = builder_create(b, env_dir, &own);

	/* What was tried on the way to success is no error of the caller's. */
	if (r)
		error_move(err, &own);
	venv_error_clear(&own);
	return r;
}

const struct venv_context *venv_builder_context(const struct venv_builder *b)
{
	return b && b->host.build.context.struct_size ? &b->host.build.context : NULL;
}

void venv_builder_cancel(struct venv_builder *b)
{
	int on = WORK_ON;

	if (b)
		atomic_compare_exchange_strong(&b->host.work, &on, WORK_CANCELLED);
}

int venv_create(const char *env_dir, int system_site_packages, int clear, int symlinks,
		int with_pip, const char *prompt, int upgrade_deps, int scm_ignore_files,
		struct venv_error *err)
{
	const struct {
		const char *option;
		int value;
	} options[] = {
		{ "system-site-packages", system_site_packages },
		{ "clear", clear },
		{ "symlinks", symlinks },
		{ "with-pip", with_pip },
		{ "upgrade-deps", upgrade_deps },
		{ "with-scm-ignore-files", scm_ignore_files },
	};
	struct venv_builder *b = venv_builder_new(err);
	int r = b ? 0 : VENV_ERR_NOMEM;

	for (size_t i = 0; !r && i < ARRAY_SIZE(options); i++)
		r = venv_builder_set(b, options[i].option,
				     options[i].value ? "yes" : "no", err);
	if (!r && prompt)
		r = venv_builder_set(b, "prompt", prompt, err);
	if (!r)
		r = venv_builder_create(b, env_dir, err);
	venv_builder_free(b);
	return r;
}
