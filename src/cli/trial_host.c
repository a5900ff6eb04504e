/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "trial_host.h"

#include <stdio.h>

#include "builder/builder.h"
#include "trial_watch.h"

/* What the plugin gets instead of the real services; one trial is one process. */
static struct {
	struct arena *arena;
	const struct trial *trial;
	const char *service; /* the last that was called */
	unsigned calls;
	int answer;
} now;

/* Count a call; true if this one is to fail. */
static bool fails(struct venv_session *s, const char *service)
{
	char text[96];

	if (!trial_watch_inside() || trial_watch_is_stray(service))
		return false;
	now.service = service;
	/* Nothing depends on its result any more. */
	if (trial_watch_in_close())
		return false;
	now.calls++;
	if (now.calls == now.trial->cancel_at)
		trial_watch_stop();
	trial_watch_pause();
	if (now.calls != now.trial->fail_at)
		return false;
	/* At once: it may crash of it. */
	dprintf(now.answer, "service %s\n", service);
	snprintf(text, sizeof(text), "host->%s was made to fail", service);
	host_services.error(s, text);
	trial_watch_resume();
	return true;
}

/* Behind each service that may take long: from here on the time is the plugin's again. */
static int ended(int result)
{
	trial_watch_resume();
	if (result == VENV_ERR_UNSUPPORTED)
		trial_watch_refused(now.service);
	return result;
}

static int trial_exec(struct venv_session *s, struct venv_run *run)
{
	return fails(s, "run") ? VENV_ERR_FAILED : ended(host_services.run(s, run));
}

static int trial_install_scripts(struct venv_session *s, const char *dir, uint32_t flags)
{
	return fails(s, "install_scripts")
		       ? VENV_ERR_FAILED
		       : ended(host_services.install_scripts(s, dir, flags));
}

static int trial_write_file(struct venv_session *s, const char *path, const void *data,
			    size_t len, uint32_t mode)
{
	return fails(s, "write_file")
		       ? VENV_ERR_FAILED
		       : ended(host_services.write_file(s, path, data, len, mode));
}

static int trial_config_set(struct venv_session *s, const char *key, const char *value)
{
	int r;

	if (fails(s, "config_set"))
		return VENV_ERR_FAILED;
	r = ended(host_services.config_set(s, key, value));
	trial_watch_cfg();
	return r;
}

static const char *trial_temp_dir(struct venv_session *s)
{
	const char *dir = fails(s, "temp_dir") ? NULL : host_services.temp_dir(s);

	trial_watch_resume();
	return dir;
}

static void *trial_alloc(struct venv_session *s, size_t size)
{
	void *memory = fails(s, "alloc") ? NULL : host_services.alloc(s, size);

	trial_watch_resume();
	return memory;
}

static const char *trial_cache_dir(struct venv_session *s)
{
	const char *dir = fails(s, "cache_dir") ? NULL : host_services.cache_dir(s);

	trial_watch_resume();
	return dir;
}

static int trial_install_tree(struct venv_session *s, const char *dir, uint32_t flags)
{
	return fails(s, "install_tree")
		       ? VENV_ERR_FAILED
		       : ended(host_services.install_tree(s, dir, flags));
}

static int trial_find_wheel(struct venv_session *s, const char *name, const char *version,
			    const char *const *places, const char **path)
{
	return fails(s, "find_wheel")
		       ? VENV_ERR_FAILED
		       : ended(host_services.find_wheel(s, name, version, places, path));
}

static int trial_context_json(struct venv_session *s, const char **json)
{
	return fails(s, "context_json") ? VENV_ERR_FAILED
					: ended(host_services.context_json(s, json));
}

static int trial_install_wheel(struct venv_session *s, const struct venv_wheel *wheel)
{
	return fails(s, "install_wheel") ? VENV_ERR_FAILED
					 : ended(host_services.install_wheel(s, wheel));
}

static int trial_download(struct venv_session *s, struct venv_download *download)
{
	return fails(s, "download") ? VENV_ERR_FAILED
				    : ended(host_services.download(s, download));
}

static int trial_read_file(struct venv_session *s, const char *path, const void **data,
			   size_t *len)
{
	return fails(s, "read_file") ? VENV_ERR_FAILED
				     : ended(host_services.read_file(s, path, data, len));
}

static int trial_remove_file(struct venv_session *s, const char *path)
{
	return fails(s, "remove_file") ? VENV_ERR_FAILED
				       : ended(host_services.remove_file(s, path));
}

/* A list for each option that it declares, NULL for others. */
static const char *const *trial_option_list(struct venv_session *s, const char *name)
{
	const char *const *items = host_services.option_list(s, name);

	if (!items && trial_watch_inside())
		trial_watch_found(arena_printf(
			now.arena,
			"it asks for the option '%s', which it does not declare", name));
	return items;
}

static const char *trial_option(struct venv_session *s, const char *name)
{
	return trial_option_list(s, name) ? host_services.option(s, name) : NULL;
}

static int trial_option_bool(struct venv_session *s, const char *name)
{
	return trial_option_list(s, name) ? host_services.option_bool(s, name) : 0;
}

static int64_t trial_option_int(struct venv_session *s, const char *name)
{
	return trial_option_list(s, name) ? host_services.option_int(s, name) : 0;
}

void trial_host(struct venv_host *host, struct arena *a, const struct trial *t,
		int answer)
{
	now.arena = a;
	now.trial = t;
	now.answer = answer;
	*host = host_services;
	host->option = trial_option;
	host->option_bool = trial_option_bool;
	host->option_int = trial_option_int;
	host->option_list = trial_option_list;
	host->run = trial_exec;
	host->install_scripts = trial_install_scripts;
	host->write_file = trial_write_file;
	host->config_set = trial_config_set;
	host->temp_dir = trial_temp_dir;
	host->alloc = trial_alloc;
	host->cache_dir = trial_cache_dir;
	host->install_tree = trial_install_tree;
	host->install_wheel = trial_install_wheel;
	host->download = trial_download;
	host->context_json = trial_context_json;
	host->find_wheel = trial_find_wheel;
	host->read_file = trial_read_file;
	host->remove_file = trial_remove_file;
}

unsigned trial_host_calls(void)
{
	return now.calls;
}
