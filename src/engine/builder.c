/* SPDX-License-Identifier: MIT */
/* builder.c - the public face of the engine: a builder and its options */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/paths.h"
#include "base/str.h"
#include "builder.h"
#include "engine.h"

const char *venv_version(void)
{
	return PACKAGE_VERSION;
}

/* getcwd() into the arena; "/" where the directory is gone, as nothing else is there. */
static const char *current_dir(struct arena *a)
{
	char buf[4096], *big, *copy;

	if (getcwd(buf, sizeof(buf)))
		return arena_strdup(a, buf);
	big = errno == ERANGE ? getcwd(NULL, 0) : NULL;
	copy = arena_strdup(a, big ? big : "/");
	free(big);
	return copy;
}

struct venv_builder *venv_builder_new(struct venv_error *err)
{
	struct venv_builder *b = calloc(1, sizeof(*b));

	if (!b) {
		error_nomem(err);
		return NULL;
	}
	b->env = (const char *const *)environ;
	b->host = &host_services;
	b->cwd = current_dir(&b->arena);
	b->build.target.fd = b->build.tx.root = b->build.tx.box = b->build.tx.parent = -1;
	b->build.running_stage = b->build.bin = -1;
	b->modules.arena = &b->arena;
	config_init(&b->config, b->env, b->cwd);
	b->config.log = &b->log;
	b->cache.fd = -1;
	b->program = path_join(&b->arena, paths_bindir(), "venvctl");
	if (!b->cwd || !b->program) {
		venv_builder_free(b);
		error_nomem(err);
		return NULL;
	}
	cache_init(&b->cache, &b->arena, b->env, b->cwd, &b->log);
	return b;
}

void venv_builder_free(struct venv_builder *b)
{
	if (!b)
		return;
	builder_end(b);
	steps_release(&b->steps);
	modules_release(&b->modules);
	cache_release(&b->cache);
	arena_release(&b->build.arena);
	config_release(&b->config);
	arena_release(&b->arena);
	free(b);
}

int builder_use_tool_defaults(struct venv_builder *b, const char *program,
			      struct venv_error *err)
{
	b->tool = true;
	if (!program)
		return 0;
	b->program = b->config.program = arena_strdup(&b->arena, program);
	return b->program ? 0 : error_nomem(err);
}

void builder_set_host(struct venv_builder *b, const struct venv_host *host)
{
	b->host = host;
}

struct config *builder_config(struct venv_builder *b)
{
	return &b->config;
}

int venv_builder_set(struct venv_builder *b, const char *option, const char *value,
		     struct venv_error *err)
{
	const char *section = "create";
	bool inverted;

	if (!options_find(section, option, &inverted))
		section = "venvctl";
	if (b->prepared)
		return error_set(err, VENV_ERR_USAGE,
				 "'%s' cannot be set: an environment was created already",
				 option);
	return config_set_arg(&b->config, section, option, value, option, err);
}

int venv_builder_add_plugin(struct venv_builder *b, const char *plugin,
			    struct venv_error *err)
{
	return venv_builder_set(b, "add-plugin", plugin, err);
}

int venv_builder_load_config(struct venv_builder *b, struct venv_error *err)
{
	return config_load(&b->config, err);
}

void venv_builder_set_progress(struct venv_builder *b, venv_progress_fn *fn, void *data)
{
	b->progress = fn;
	b->progress_data = data;
}

void venv_builder_set_log(struct venv_builder *b, int level, venv_log_fn *fn, void *data)
{
	b->log = (struct log){ fn, data, level };
}

void builder_progress(struct venv_builder *b, int stream, const char *line, size_t len)
{
	if (b->progress && len)
		b->progress(b->progress_data, stream, line, len);
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

void builder_set_download(struct venv_builder *b, builder_download_fn *fn)
{
	b->on_download = fn;
}

int venv_builder_override(struct venv_builder *b, int stage, venv_stage_fn *fn,
			  void *data, struct venv_error *err)
{
	if (stage < 0 || stage >= STAGES)
		return error_set(err, VENV_ERR_USAGE, "there is no stage %d", stage);
	b->overrides[stage] = (struct override){ fn, data };
	return 0;
}

int venv_builder_stage(struct venv_builder *b, int stage, struct venv_error *err)
{
	if (stage != b->build.running_stage)
		return error_set(err, VENV_ERR_USAGE,
				 "the stage %d is not the one that is running", stage);
	return stage_run(b, stage, err);
}

const struct venv_context *venv_builder_context(const struct venv_builder *b)
{
	return b->build.context.struct_size ? &b->build.context : NULL;
}

void venv_builder_cancel(struct venv_builder *b)
{
	atomic_store(&b->cancelled, true);
}

bool builder_is_cancelled(void *builder)
{
	struct venv_builder *b = builder;

	return atomic_load(&b->cancelled);
}

int builder_check_cancelled(struct venv_builder *b, struct venv_error *err)
{
	if (!builder_is_cancelled(b))
		return 0;
	return error_set(err, VENV_ERR_CANCELLED, "cancelled");
}

int venv_create(const char *env_dir, int system_site_packages, int clear, int symlinks,
		int with_pip, struct venv_error *err)
{
	struct venv_builder *b = venv_builder_new(err);
	int r = b ? 0 : VENV_ERR_NOMEM;

	if (!r)
		r = venv_builder_set(b, "system-site-packages",
				     system_site_packages ? "yes" : "no", err);
	if (!r)
		r = venv_builder_set(b, "clear", clear ? "yes" : "no", err);
	if (!r)
		r = venv_builder_set(b, "symlinks", symlinks ? "yes" : "no", err);
	if (!r)
		r = venv_builder_set(b, "without-pip", with_pip ? "no" : "yes", err);
	if (!r)
		r = venv_builder_create(b, env_dir, err);
	venv_builder_free(b);
	return r;
}
