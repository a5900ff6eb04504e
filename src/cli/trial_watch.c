/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "trial_watch.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/inotify.h>
#endif

#include "builder/builder.h"
#include "layout/layout.h"

/* One trial is one process. */
static struct {
	struct arena *arena;
	const struct trial *trial;
	struct venv_builder *builder;
	struct strlist findings;
	struct str context, cfg; /* as the hook found them */
	bool inside, in_close, has_cfg, stopping;
	pthread_t thread; /* of the hook that runs */
	int to, inotify;  /* inotify: -1 where nothing is watched */
} now;

void trial_watch_found(const char *text)
{
	if (text && strlist_find(&now.findings, text) < 0)
		(void)!strlist_add(now.arena, &now.findings, text);
}

const struct strlist *trial_watch_findings(void)
{
	return &now.findings;
}

bool trial_watch_inside(void)
{
	return now.inside;
}

bool trial_watch_in_close(void)
{
	return now.inside && now.in_close;
}

bool trial_watch_is_stray(const char *service)
{
	if (pthread_equal(now.thread, pthread_self()))
		return false;
	trial_watch_found(arena_printf(
		now.arena, "it calls host->%s on another thread than its hook's",
		service));
	return true;
}

void trial_watch_refused(const char *service)
{
	if (trial_watch_in_close() && service)
		trial_watch_found(arena_printf(
			now.arena,
			"its hook 'close' calls host->%s, which is refused there",
			service));
}

static const struct venv_context *context(void)
{
	struct report r;

	builder_report(now.builder, &r);
	return r.context;
}

/* All that a plugin can read there, as one text. */
static void take_context(struct str *out)
{
	const struct venv_context *c = context();
	const char *const texts[] = {
		c->env_dir,	 c->env_name,	    c->prompt,	  c->executable,
		c->python_dir,	 c->python_exe,	    c->inc_path,  c->lib_path,
		c->platlib_path, c->bin_path,	    c->bin_name,  c->env_exe,
		c->env_exec_cmd, c->cfg_path,	    c->stage_dir, c->base_prefix,
		c->stdlib_dir,	 c->implementation, c->cache_tag, c->wheel_dir,
	};

	str_clear(out);
	str_add_n(out, c, sizeof(*c));
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		str_addf(out, "%s\n", texts[i] ? texts[i] : "");
}

/* False if there is none. */
static bool take_cfg(struct str *out)
{
	const struct venv_context *c = context();
	const char *path = c->stage_dir ? path_join(now.arena, c->stage_dir, CFG_FILE)
					: NULL;

	str_clear(out);
	return path && !file_read_at(AT_FDCWD, path, 1024 * 1024, out);
}

void trial_watch_cfg(void)
{
	if (now.inside)
		now.has_cfg = take_cfg(&now.cfg);
}

/* From now on it is seen when an interpreter of the staging directory is opened. */
static void watch_python(void)
{
#ifdef __linux__
	const struct venv_context *c = context();
	const char *bin;

	if (!now.trial->copies || !c->stage_dir || !strcmp(c->stage_dir, c->env_dir))
		return;
	bin = path_join(now.arena, c->stage_dir, c->bin_name);
	now.inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (now.inotify >= 0 &&
	    (!bin || inotify_add_watch(now.inotify, bin, IN_OPEN) < 0))
		close(steal_fd(&now.inotify));
#endif
}

static bool python_was_opened(void)
{
	bool opened = false;
#ifdef __linux__
	_Alignas(struct inotify_event) char buf[4096];
	ssize_t n;

	while (now.inotify >= 0 && (n = read(now.inotify, buf, sizeof(buf))) > 0) {
		for (char *p = buf; p < buf + n;) {
			const struct inotify_event *e =
				(const struct inotify_event *)(void *)p;

			opened |= e->len && !(e->mask & IN_ISDIR) &&
				  (!strncmp(e->name, "python", 6) ||
				   !strncmp(e->name, "pypy", 4));
			p += sizeof(*e) + e->len;
		}
	}
	if (now.inotify >= 0)
		close(steal_fd(&now.inotify));
#endif
	return opened;
}

static void on_enter(void *data, const char *plugin, const char *hook)
{
	(void)data;
	if (strcmp(plugin, now.trial->file->name) != 0 || !strcmp(hook, "load"))
		return;
	take_context(&now.context);
	now.has_cfg = take_cfg(&now.cfg);
	watch_python();
	now.thread = pthread_self();
	now.in_close = !strcmp(hook, "close");
	now.inside = true;
}

static void on_leave(void *data, const char *plugin, const char *hook)
{
	_cleanup_str_ struct str after = STR_INIT;

	(void)data;
	(void)plugin;
	if (!now.inside)
		return;
	now.inside = false;
	take_context(&after);
	if (after.len != now.context.len ||
	    memcmp(str_text(&after), str_text(&now.context), after.len) != 0)
		trial_watch_found(arena_printf(
			now.arena, "its hook '%s' changed the context", hook));
	if (now.has_cfg &&
	    (!take_cfg(&after) || strcmp(str_text(&after), str_text(&now.cfg)) != 0))
		trial_watch_found(arena_printf(now.arena,
					       "its hook '%s' changed pyvenv.cfg by "
					       "itself: use host->config_set",
					       hook));
	if (python_was_opened())
		trial_watch_found(arena_printf(
			now.arena,
			"its hook '%s' ran the environment's python before publication: "
			"that belongs into post_setup",
			hook));
	trial_watch_pause();
	now.stopping = false;
	if (now.trial->cancel_last && !strcmp(hook, "post_setup"))
		venv_builder_cancel(now.builder);
}

void trial_watch_stop(void)
{
	now.stopping = true;
	venv_builder_cancel(now.builder);
	trial_watch_resume();
}

void trial_watch_pause(void)
{
	if (now.stopping)
		dprintf(now.to, "stopping no\n");
}

void trial_watch_resume(void)
{
	if (now.stopping)
		dprintf(now.to, "stopping yes\n");
}

void trial_watch(struct arena *a, const struct trial *t, struct venv_builder *builder,
		 int to)
{
	static const struct plugin_watch watch = { on_enter, on_leave, NULL };

	now.arena = a;
	now.trial = t;
	now.builder = builder;
	now.to = to;
	now.inotify = -1;
	builder_set_watch(builder, &watch, NULL);
}
