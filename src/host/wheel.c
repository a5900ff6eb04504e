/* SPDX-License-Identifier: MIT */
/* wheel.c - host->install_wheel and host->find_wheel: the store at work for a session */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "fs/fs.h"
#include "config/config.h"
#include "download.h"
#include "session.h"
#include "store/store.h"

static int remove_old(void *data, const char *path, struct venv_error *err)
{
	struct venv_session *s = data;
	struct build *e = &s->host->build;
	int r;

	if (!e->published || e->tx.way == WAY_MERGE)
		return transaction_remove(&e->tx, path, err);
	/* A rollback takes the whole tree away: there is nothing to note down. */
	r = path_is_inside(path) ? tree_unlink(e->tx.root, path) : 0;
	return r && r != -ENOENT ? error_errno(err, -r, "cannot remove '%s'", path) : 0;
}

static bool is_owned(void *data, const char *path)
{
	const struct venv_session *s = data;

	return files_is_owned(s->host, path);
}

/* Where to look for what the environment has already. */
static int existing_tree(const struct build *e)
{
	if (e->published)
		return e->tx.way == WAY_MERGE ? e->tx.target.fd : e->tx.root;
	return e->tx.target.kind == TARGET_IN_PLACE ? e->tx.target.fd : -1;
}

/* A store for each session, as it remembers which entries it has looked through. */
static struct store *session_store(struct venv_session *s)
{
	struct host *h = s->host;

	if (!h->store_memory)
		h->store_memory = store_memory_new(&h->arena);
	if (!s->store.arena)
		s->store = (struct store){
			.arena = &s->arena,
			.cache = &h->cache,
			.site_dir = config_text(&h->config, "store", "site-dir"),
			.trust = &h->config.trust,
			.modules = &h->modules,
			.log = &h->log,
			.env = h->env,
			.cancelled = host_is_cancelled,
			.cancel_data = h,
			.busy = h->on_busy,
			.memory = h->store_memory,
		};
	return &s->store;
}

/*
 * Where the site requires digests, a wheel without one must be a file that nobody else
 * can change.  The wheels that come with the interpreter are as good as the interpreter.
 */
static int judge_wheel(struct venv_session *s, const struct store_wheel *w,
		       struct venv_error *err)
{
	const struct policy *p = s->host->config.policy;
	const struct python *python = &s->host->build.python;
	int fd;

	if (w->sha256 || !p || !p->require_sha256.number ||
	    path_is_below(w->path, python->stdlib) ||
	    (python->wheel_dir && path_is_below(w->path, python->wheel_dir)))
		return 0;
	fd = download_open_trusted(s, w->path, err);
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

static int install(struct venv_session *s, const struct venv_wheel *wheel,
		   struct venv_error *err)
{
	struct host *h = s->host;
	struct build *e = &h->build;
	struct store_wheel w = {
		.path = wheel->path,
		.interpreter = e->python.executable,
		.cache_tag = e->python.cache_tag,
		.magic = e->python.magic,
		.major = PYTHON_MAJOR(&e->python),
		.minor = PYTHON_MINOR(&e->python),
		.root = e->tx.root,
		.root_path = e->tx.dir,
		.purelib = e->layout.purelib,
		.platlib = e->layout.platlib,
		.bin = e->layout.bin_name,
		.python = e->context.env_exe,
		.relocatable = e->relocatable,
		.installer = wheel->installer ? wheel->installer : "venvctl",
		.requested = wheel->flags & VENV_WHEEL_REQUESTED,
		.try_only = wheel->flags & VENV_WHEEL_TRY,
		.link_mode = h->settings.link_mode,
		.link_asked = h->settings.link_asked,
		.compile = h->settings.compile,
		.existing = existing_tree(e),
		.remove = remove_old,
		.is_owned = is_owned,
		.data = s,
	};
	int r;

	if (!w.path || *w.path != '/')
		return error_set(err, VENV_ERR_FAILED, "a wheel needs an absolute path");
	r = wheel->sha256 ? session_digest(s, wheel->sha256, &w.sha256, err) : 0;
	if (r)
		return r;
	r = judge_wheel(s, &w, err);
	if (r)
		return r;
	r = store_install(session_store(s), &w, err);
	if (r == STORE_INSTALLED && !w.try_only)
		s->wrote = true;
	return r == STORE_NOTHING ? VENV_OK : r == STORE_NEEDS_PIP ? VENV_LATER : r;
}

int wheel_install(struct venv_session *s, const struct venv_wheel *wheel,
		  struct venv_error *err)
{
	int r;

	if (wheel->flags & VENV_WHEEL_TRY)
		return install(s, wheel, err);
	r = session_may_change(s, "install_wheel", err);
	if (r)
		return r;
	r = host_part_begin(s->host, err);
	if (r)
		return host_part_end(s->host, r, err);
	r = install(s, wheel, err);
	/* Nothing to do, or nothing that was done: VENV_LATER. */
	return host_part_end(s->host, r, err);
}

int wheel_find(struct venv_session *s, const char *name, const char *version,
	       const char *const *places, const char **path, struct venv_error *err)
{
	const struct python *p = &s->host->build.python;
	size_t n = strlen(p->lib_dir);
	const struct wheel_query q = {
		.project = name,
		.version = version,
		.places = places,
		.target = { .implementation = p->implementation,
			    .major = PYTHON_MAJOR(p),
			    .minor = PYTHON_MINOR(p),
			    /* lib/python3.13t */
			    .free_threaded = n && p->lib_dir[n - 1] == 't',
			    .is_64bit = p->is_64bit },
		.python_version = python_version_text(&s->arena, p),
	};

	*path = NULL;
	return q.python_version ? store_find(session_store(s), &q, path, err)
				: error_nomem(err);
}
