/* SPDX-License-Identifier: MIT */
/* services.c - struct venv_host: what a plugin may call */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "util/util.h"
#include "fs/fs.h"
#include "download.h"
#include "session.h"

/* The end of a service: keep the message of an error for the hook that called it. */
static int fail(struct venv_session *s, int result, struct venv_error *err)
{
	if (result < 0) {
		/* The library's own results mean nothing to a plugin. */
		if (result <= VENV_ERR_USAGE)
			result = VENV_ERR_FAILED;
		free(s->message);
		free(s->hint);
		s->message = strdup(venv_error_message(err));
		s->os_failed = err->os_errno != 0;
		s->hint = err->hint ? strdup(err->hint) : NULL;
	}
	venv_error_clear(err);
	return result;
}

/*
 * A session is used by the thread that its hooks are called on: what it has is nowhere locked.
 * The hook that is running then is told of, see sessions.c.
 */
static bool is_stray(struct venv_session *s, const char *service)
{
	if (pthread_equal(pthread_self(), s->thread))
		return false;
	atomic_store(&s->stray, service);
	return true;
}

/* Two processes come back from a hook that forked: one would undo what the other makes. */
static int refuse_copy(const struct venv_session *s, const char *service,
		       struct venv_error *err)
{
	if (getpid() == s->process)
		return 0;
	return error_set(err, VENV_ERR_UNSUPPORTED,
			 "host->%s: a process that a hook forked has no services",
			 service);
}

int session_may_change(const struct venv_session *s, const char *service,
		       struct venv_error *err)
{
	int r = refuse_copy(s, service, err);

	if (r)
		return r;
	if (s->closing)
		return error_set(err, VENV_ERR_UNSUPPORTED,
				 "host->%s: nothing can be changed in close", service);
	if (s->host->build.looks)
		return error_set(err, VENV_ERR_UNSUPPORTED,
				 "host->%s: nothing is done under -n", service);
	return 0;
}

static void service_error(struct venv_session *s, const char *message)
{
	if (is_stray(s, "error"))
		return;
	free(s->message);
	s->message = strdup(message);
	s->os_failed = false;
}

static void service_log(struct venv_session *s, int level, const char *message)
{
	if (is_stray(s, "log"))
		return;
	if (level == VENV_LOG_ERROR)
		log_error(&s->host->log, "plugin '%s': %s", s->step->instance, message);
	else if (level == VENV_LOG_WARNING)
		log_warn(&s->host->log, "plugin '%s': %s", s->step->instance, message);
	else if (level == VENV_LOG_INFO)
		log_info(&s->host->log, "plugin '%s': %s", s->step->instance, message);
	else
		log_debug(&s->host->log, "plugin '%s': %s", s->step->instance, message);
}

static void service_progress(struct venv_session *s, int stream, const char *line)
{
	if (!is_stray(s, "progress"))
		host_progress(s->host, stream, line, strlen(line));
}

static int service_cancelled(struct venv_session *s)
{
	return host_is_cancelled(s->host);
}

static const struct venv_option *declared(const struct venv_session *s, const char *name)
{
	const struct plugin *p = s->step->plugin;

	for (size_t i = 0; i < p->n_options; i++) {
		if (!strcmp(p->table.options[i].name, name))
			return &p->table.options[i];
	}
	return NULL;
}

/* What was set, else NULL. */
static const struct value *set_value(struct venv_session *s, const char *name)
{
	const char *section = config_plugin_section(&s->host->config, s->step->instance);

	return section ? config_find(&s->host->config, section, name) : NULL;
}

static const char *const *service_option_list(struct venv_session *s, const char *name)
{
	static const char *const none[] = { NULL };
	const struct plugin *p = s->step->plugin;
	const struct venv_option *def = is_stray(s, "option") ? NULL : declared(s, name);
	const struct value *v = def ? set_value(s, name) : NULL;
	const struct strlist *items;

	if (!def)
		return NULL;
	items = v ? &v->items : &p->defaults[def - p->table.options];
	return items->v ? items->v : none;
}

static const char *service_option(struct venv_session *s, const char *name)
{
	const char *const *items = service_option_list(s, name);

	return items ? items[0] : NULL;
}

static int service_option_bool(struct venv_session *s, const char *name)
{
	const char *text = service_option(s, name);

	return text && option_bool(text) == 1;
}

static int64_t service_option_int(struct venv_session *s, const char *name)
{
	const char *text = service_option(s, name);

	return text ? strtoll(text, NULL, 10) : 0;
}

static int service_run(struct venv_session *s, struct venv_run *theirs)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_run run = { 0 };
	size_t n = theirs->struct_size < sizeof(run) ? theirs->struct_size : sizeof(run);
	int r;

	if (is_stray(s, "run"))
		return VENV_ERR_FAILED;
	memcpy(&run, theirs, n);
	r = session_may_change(s, "run", &err);
	if (!r)
		r = host_run(s, &run, &err);
	/* With an error number this would be the system's failure and not the step's. */
	err.os_errno = 0;
	if (VENV_HAS(theirs, exit_status))
		theirs->exit_status = run.exit_status;
	return fail(s, r, &err);
}

/*
 * Is DIR fit to be copied into the environment?  What it has is code, or names code
 * (hooks of activation, a package index, programs), so nobody else may change it.  A
 * directory in which the environment lies would be copied into itself.
 */
static int judge_tree(struct venv_session *s, const char *dir, struct venv_error *err)
{
	_cleanup_free_ char *real = realpath(dir, NULL);
	int r;

	if (!real && errno == ENOMEM)
		return error_nomem(err);
	if (real && path_is_below(s->host->build.tx.target.real, real))
		return error_set(err, VENV_ERR_FAILED,
				 "'%s' cannot be copied into '%s', which lies in it", dir,
				 s->host->build.tx.target.given);
	r = trust_tree(&s->host->config.trust, dir, VENV_ERR_CONFIG, err);

	/* A directory that is not there is refused by no policy. */
	s->refused |= r == VENV_ERR_CONFIG && !err->os_errno;
	return r;
}

static int service_install_scripts(struct venv_session *s, const char *dir,
				   uint32_t flags)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r;

	if (is_stray(s, "install_scripts"))
		return VENV_ERR_FAILED;
	r = flags & VENV_TREE_TRY ? 0 : session_may_change(s, "install_scripts", &err);
	if (!r)
		r = judge_tree(s, dir, &err);
	if (!r && !(flags & VENV_TREE_TRY)) {
		s->wrote = true;
		r = host_part_begin(s->host, &err);
		if (!r)
			r = host_install_scripts(s->host, dir, flags & VENV_SCRIPTS_RAW,
						 &err);
		r = host_part_end(s->host, r, &err);
	}
	return fail(s, r, &err);
}

static int service_write_file(struct venv_session *s, const char *path, const void *data,
			      size_t len, uint32_t mode)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r;

	if (is_stray(s, "write_file"))
		return VENV_ERR_FAILED;
	r = session_may_change(s, "write_file", &err);
	if (r)
		return fail(s, r, &err);
	r = host_part_begin(s->host, &err);
	if (!r)
		r = files_write(s, path, data, len, (mode_t)mode, &err);
	r = host_part_end(s->host, r, &err);
	return fail(s, r, &err);
}

static int service_read_file(struct venv_session *s, const char *path, const void **data,
			     size_t *len)
{
	struct venv_error err = VENV_ERROR_INIT;

	if (is_stray(s, "read_file"))
		return VENV_ERR_FAILED;
	return fail(s, files_read(s, path, data, len, &err), &err);
}

static int service_remove_file(struct venv_session *s, const char *path)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r;

	if (is_stray(s, "remove_file"))
		return VENV_ERR_FAILED;
	r = session_may_change(s, "remove_file", &err);
	if (!r)
		r = files_remove(s, path, &err);
	return fail(s, r, &err);
}

static int service_install_tree(struct venv_session *s, const char *dir, uint32_t flags)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r;

	if (is_stray(s, "install_tree"))
		return VENV_ERR_FAILED;
	r = flags & VENV_TREE_TRY ? 0 : session_may_change(s, "install_tree", &err);
	if (!r)
		r = judge_tree(s, dir, &err);
	if (!r && !(flags & VENV_TREE_TRY)) {
		r = host_part_begin(s->host, &err);
		if (!r)
			r = files_install_tree(s, dir, flags, &err);
		r = host_part_end(s->host, r, &err);
	}
	return fail(s, r, &err);
}

static int service_config_set(struct venv_session *s, const char *key, const char *value)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r;

	if (is_stray(s, "config_set"))
		return VENV_ERR_FAILED;
	r = refuse_copy(s, "config_set", &err);
	if (!r)
		r = session_config_set(s, key, value, &err);
	return fail(s, r, &err);
}

const char *session_temp_base(const struct venv_session *s)
{
	const char *base = env_get(s->host->env, "TMPDIR");

	return base && *base == '/' ? base : "/tmp";
}

const char *session_temp_dir(struct venv_session *s)
{
	char *path;

	if (s->temp_dir)
		return s->temp_dir;
	path = arena_printf(&s->arena, "%s/venvctl-XXXXXX", session_temp_base(s));
	if (path && mkdtemp(path))
		s->temp_dir = path;
	return s->temp_dir;
}

void session_drop_temp_dir(struct venv_session *s)
{
	if (s->temp_dir)
		tree_remove_at(AT_FDCWD, s->temp_dir, NULL);
	s->temp_dir = NULL;
}

static const char *service_temp_dir(struct venv_session *s)
{
	struct venv_error err = VENV_ERROR_INIT;

	if (is_stray(s, "temp_dir"))
		return NULL;
	/* One that is there already may be looked at to the end. */
	if (!s->temp_dir && fail(s, session_may_change(s, "temp_dir", &err), &err))
		return NULL;
	return session_temp_dir(s);
}

int session_digest(struct venv_session *s, const char *given, const char **digest,
		   struct venv_error *err)
{
	static const struct venv_option def = { .name = "sha256",
						.type = VENV_OPTION_SHA256 };
	int r = option_check(&s->arena, &def, 0, given, "/", digest, err);

	return r ? error_prefix(err, r, "'%s' is no digest", given) : 0;
}

static void *service_alloc(struct venv_session *s, size_t size)
{
	return is_stray(s, "alloc") ? NULL : arena_alloc(&s->arena, size);
}

static const char *service_cache_dir(struct venv_session *s)
{
	const char *name;
	int cache, dir;

	if (is_stray(s, "cache_dir"))
		return NULL;
	name = arena_printf(&s->arena, CACHE_PLUGINS "/%s", s->step->file.name);
	cache = name ? cache_make(&s->host->cache, &s->host->log) : -1;
	if (cache < 0)
		return NULL;
	dir = s->host->cache.look ? tree_open_dir(cache, name)
				  : tree_make_dirs(cache, name);
	if (dir < 0)
		return NULL;
	close(dir);
	return path_join(&s->arena, s->host->cache.path, name);
}

static int service_install_wheel(struct venv_session *s, const struct venv_wheel *theirs)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_wheel wheel = { 0 };
	size_t n = theirs->struct_size < sizeof(wheel) ? theirs->struct_size
						       : sizeof(wheel);

	if (is_stray(s, "install_wheel"))
		return VENV_ERR_FAILED;
	memcpy(&wheel, theirs, n);
	return fail(s, wheel_install(s, &wheel, &err), &err);
}

static int service_download(struct venv_session *s, struct venv_download *theirs)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_download d = { 0 };
	size_t n = theirs->struct_size < sizeof(d) ? theirs->struct_size : sizeof(d);
	int r;

	if (is_stray(s, "download"))
		return VENV_ERR_FAILED;
	memcpy(&d, theirs, n);
	r = download_get(s, &d, &err);
	if (VENV_HAS(theirs, digest)) {
		theirs->path = d.path;
		theirs->digest = d.digest;
	}
	return fail(s, r, &err);
}

static int service_context_json(struct venv_session *s, const char **json)
{
	struct venv_error err = VENV_ERROR_INIT;

	if (is_stray(s, "context_json"))
		return VENV_ERR_FAILED;
	return fail(s, context_json(s, json, &err), &err);
}

static int service_find_wheel(struct venv_session *s, const char *name,
			      const char *version, const char *const *places,
			      const char **path)
{
	struct venv_error err = VENV_ERROR_INIT;

	if (is_stray(s, "find_wheel"))
		return VENV_ERR_FAILED;
	return fail(s, wheel_find(s, name, version, places, path, &err), &err);
}

const struct venv_host host_services = {
	.struct_size = sizeof(struct venv_host),
	.abi_version = VENV_PLUGIN_ABI_VERSION,
	.version = PACKAGE_VERSION,
	.error = service_error,
	.log = service_log,
	.progress = service_progress,
	.cancelled = service_cancelled,
	.option = service_option,
	.option_bool = service_option_bool,
	.option_int = service_option_int,
	.option_list = service_option_list,
	.run = service_run,
	.install_scripts = service_install_scripts,
	.write_file = service_write_file,
	.config_set = service_config_set,
	.temp_dir = service_temp_dir,
	.alloc = service_alloc,
	.cache_dir = service_cache_dir,
	.install_tree = service_install_tree,
	.install_wheel = service_install_wheel,
	.download = service_download,
	.context_json = service_context_json,
	.find_wheel = service_find_wheel,
	.read_file = service_read_file,
	.remove_file = service_remove_file,
};
