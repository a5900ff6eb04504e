/* SPDX-License-Identifier: MIT */
/* trial_child.c - the process of a trial: it makes the environment, and writes its answer */
#include <config.h>

#include "trial_child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "fs/fs.h"
#include "util/util.h"
#include "builder/builder.h"
#include "plugin/plugin.h"
#include "process_state.h"
#include "trial_apart.h"
#include "trial_files.h"
#include "trial_host.h"
#include "trial_watch.h"

/* One trial is one process. */
static struct {
	struct arena *arena;
	struct strlist lines; /* of a child of the plugin that failed */
} now;

/* One line of the answer, whatever TEXT is. */
static void put(struct str *out, const char *key, const char *text)
{
	size_t at = out->len;

	str_addf(out, "%s %s", key, text);
	for (char *p = out->failed ? NULL : out->s + at; p && *p; p++)
		*p = *p == '\n' ? ' ' : *p;
	str_add_char(out, '\n');
}

static void finding(struct str *out, const char *text)
{
	put(out, "finding", text);
}

/* The process as the plugin finds it. */
static bool settle(struct arena *a, const struct trial *t)
{
	static const char *const unset[] = { "XDG_CACHE_HOME", "XDG_CONFIG_HOME",
					     "XDG_STATE_HOME", "XDG_DATA_HOME" };
	const char *out = path_join(a, t->scratch, "out");
	const char *work = path_join(a, t->scratch, "work");
	const char *home = path_join(a, t->scratch, "home");
	const char *tmp = path_join(a, t->scratch, "tmp");
	const char *cache = path_join(a, t->scratch, "cache");
	const struct rlimit none = { 0, 0 };
	int null, fd;

	if (!out || !work || !home || !tmp || !cache || chdir(work))
		return false;
	setenv("HOME", home, 1);
	setenv("TMPDIR", tmp, 1);
	setenv("VENVCTL_CACHE_DIR", cache, 1);
	for (size_t i = 0; i < ARRAY_SIZE(unset); i++)
		unsetenv(unset[i]);
	if (t->config)
		setenv("VENVCTL_CONFIG", t->config, 1);
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (null < 0 || fd < 0)
		return false;
	dup2(null, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	close(null);
	close(fd);
	setrlimit(RLIMIT_CORE, &none);
	return true;
}

/* The last lines of a child that failed are a message that begins so. */
static void on_log(void *data, int level, const char *message)
{
	static const char begin[] = "the last lines of ";
	const char *line = strchr(message, '\n');

	(void)data;
	if (level != VENV_LOG_WARNING || strncmp(message, begin, sizeof(begin) - 1) != 0)
		return;
	while (line && *++line) {
		size_t n = strcspn(line, "\n");

		if (!strlist_add(now.arena, &now.lines,
				 arena_strndup(now.arena, line, n)))
			return;
		line = line[n] ? line + n : NULL;
	}
}

static int set_plugins(const struct trial *t, struct venv_builder *b,
		       struct venv_error *err)
{
	int r = 0;

	for (size_t i = 0; !r && i < t->with.n; i++)
		r = venv_builder_set(b, "plugin", t->with.v[i], err);
	if (!r)
		r = venv_builder_set(b, "plugin", t->file->path, err);
	/* This process is somewhere else; who typed them was not. */
	builder_config(b)->cwd = t->cwd;
	for (size_t i = 0; !r && i < t->options.n; i++)
		r = venv_builder_set(b, "option", t->options.v[i], err);
	return r;
}

static int configure(struct arena *a, const struct trial *t, struct venv_builder *b,
		     struct venv_error *err)
{
	const char *log = path_join(a, t->scratch, "log");
	int r = log ? set_plugins(t, b, err) : error_nomem(err);

	if (!r)
		r = venv_builder_set(b, "log-file", log, err);
	if (!r && t->offline)
		r = venv_builder_set(b, "offline", "yes", err);
	if (!r && t->links)
		r = venv_builder_set(b, "link-mode", "hardlink", err);
	if (!r && t->copies)
		r = venv_builder_set(b, "copies", "yes", err);
	if (!r)
		r = builder_use_tool_defaults(b, NULL, err);
	return r ? r : venv_builder_load_config(b, err);
}

/* Is what it provides there?  Its note says it, or the section of its instance. */
static void look_for_projects(struct arena *a, const struct trial *t,
			      const struct venv_builder *b, struct str *out)
{
	struct report r;

	builder_report(b, &r);
	for (const struct step *s = r.steps->first; s; s = s->next) {
		if (strcmp(s->file.path, t->file->path) != 0)
			continue;
		for (size_t i = 0; i < s->provides.n; i++) {
			const char *name = s->provides.v[i];

			if (!trial_files_provides(a, r.context, name))
				finding(out,
					arena_printf(a,
						     "it provides '%s', which is not in "
						     "the environment",
						     name));
		}
	}
}

/* Into a namespace, in which nothing could be read any more that has to be trusted. */
static int go_apart(struct arena *a, const struct trial *t, struct venv_builder *b,
		    struct str *out, struct venv_error *err)
{
	const char *work = path_join(a, t->scratch, "work");
	bool foreign;
	int r;

	if (!work)
		return error_nomem(err);
	r = builder_select(b, &foreign, err);
	if (r)
		return r;
	if (t->offline && !apart_network())
		str_add(out, "network is there\n");
	if (t->apart && !apart_files(a, t->scratch))
		str_add(out, "apart not\n");
	/* The same directory, where it is mounted now. */
	return chdir(work) ? error_errno(err, errno, "cannot enter '%s'", work) : 0;
}

/* One create.  KEEP: its builder stays until the process ends. */
static int create(struct arena *a, const struct trial *t, int answer, bool keep,
		  struct str *out, struct venv_error *err)
{
	static struct venv_host host;
	struct venv_builder *b = venv_builder_new(err);
	const char *env = path_join(a, t->scratch, "env"), *staging;
	int r;

	if (!b || !env)
		return error_nomem(err);
	if (!t->times) {
		trial_host(&host, a, t, answer);
		builder_set_host(b, &host);
		trial_watch(a, t, b, answer);
		venv_builder_set_log(b, VENV_LOG_WARNING, on_log, NULL);
	}
	r = configure(a, t, b, err);
	if (!r && (t->apart || t->offline))
		r = go_apart(a, t, b, out, err);
	if (!r)
		r = venv_builder_create(b, env, err);
	if (!r && t->whole) {
		look_for_projects(a, t, b, out);
		staging = trial_files_staging(a, t);
		if (staging)
			finding(out, staging);
	}
	/* The first keeps the modules loaded: libraries lose memory when they are unloaded. */
	if (keep)
		return r;
	venv_builder_free(b);
	return r;
}

/* What the plugin has now of what cannot change; false if it does not even load. */
static bool describe(struct arena *a, const struct trial *t, struct str *out)
{
	struct plugin *p;

	if (plugin_open(a, t->file, &p, NULL))
		return false;
	plugin_describe(p, out);
	return true;
}

/* Bytes that were asked for and not given back; 0 where nobody tells. */
static size_t memory_used(void)
{
#ifdef HAVE_MALLINFO2
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
#else
	return 0;
#endif
}

/*
 * A round that takes less than this more ends it: what malloc() keeps for later counts as
 * taken, and is full after some rounds.
 */
#define LEAK_MIN 256

static int create_often(struct arena *a, const struct trial *t, struct str *out,
			struct venv_error *err)
{
	const char *env = path_join(a, t->scratch, "env");
	size_t before = 0, used = 0;
	bool grows = true;
	int r = 0;

	for (unsigned i = 0; env && !r && grows && i < t->times; i++) {
		r = create(a, t, -1, !i, out, err);
		tree_remove_at(AT_FDCWD, env, NULL);
		before = used;
		used = memory_used();
		grows = i < 2 || used >= before + LEAK_MIN;
	}
	if (!used)
		str_add(out, "memory unknown\n");
	else if (!r && grows)
		finding(out, "it takes more memory with each environment");
	return r;
}

static void put_list(struct str *out, const char *key, const struct strlist *list)
{
	for (size_t i = 0; i < list->n; i++)
		put(out, key, list->v[i]);
}

_noreturn_ void trial_child(struct arena *a, const struct trial *t, int to)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct str out = STR_INIT, before = STR_INIT, after = STR_INIT;
	struct strlist outside = STRLIST_INIT, changes = STRLIST_INIT;
	struct process_state state;
	struct stat st;
	bool known;
	int r;

	now.arena = a;
	if (t->apart)
		apart_find(a, t->scratch);
	if (!settle(a, t))
		_exit(1);
	process_state_take(a, &state);
	known = describe(a, t, &before);
	/*
	 * Those of Go are there once it is loaded.  Everything else it does on a thread of its
	 * own, meanwhile.
	 */
	if (t->runtime)
		process_state_take_handlers(&state);
	r = t->times ? create_often(a, t, &out, &err)
		     : create(a, t, to, false, &out, &err);
	fflush(NULL);
	if (!t->times && !t->apart) {
		process_state_compare(a, &state, t->runtime, finding, &out);
		if (!fstat(1, &st) && S_ISREG(st.st_mode) && st.st_size)
			finding(&out, "it wrote to standard output or standard error");
	}
	if (known && (!describe(a, t, &after) || before.len != after.len ||
		      memcmp(str_text(&before), str_text(&after), after.len) != 0))
		finding(&out, "its option table or a text of it has changed");
	/* Where another one's is, the error says so. */
	trial_files_outside(a, t, !r || r == VENV_ERR_CONFLICT, &outside);
	if (t->apart)
		apart_changes(a, &changes);
	put_list(&out, "finding", trial_watch_findings());
	put_list(&out, "outside", &outside);
	put_list(&out, "change", &changes);
	put_list(&out, "line", &now.lines);
	str_addf(&out, "calls %u\nresult %d %ld\n", trial_host_calls(), r,
		 (long)getpid());
	/* Last, because a message may be of any form. */
	if (r && err.hint)
		put(&out, "hint", err.hint);
	if (r)
		str_addf(&out, "message %s", venv_error_message(&err));
	_exit(file_write_fd(to, str_text(&out), out.len) ? TRIAL_MUTE : 0);
}
