/* SPDX-License-Identifier: MIT */
/* context.c - EnvBuilder's context object */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "fs/fs.h"
#include "session.h"

/* Does the site require a plugin that brings NAME?  Then no option leaves that out. */
static bool is_required(const struct host *h, const char *name)
{
	for (const struct step *t = h->steps.first; t; t = t->next) {
		if (t->required && strlist_find(&t->provides, name) >= 0)
			return true;
	}
	return false;
}

static bool wants_setuptools(const struct host *h)
{
	return h->settings.setuptools || is_required(h, "setuptools");
}

/*
 * --no-setuptools is `nodist` of the example in venv's documentation, which leaves out
 * pip as well, because there pip is installed with the help of setuptools.  So it is here
 * where a step of its own installs setuptools: one that provides setuptools and not pip.
 */
static bool is_nodist(const struct host *h)
{
	for (const struct step *t = h->steps.first; t && !wants_setuptools(h);
	     t = t->next) {
		const struct strlist *provides = &t->file.note.provides;

		if (strlist_find(provides, "setuptools") >= 0 &&
		    strlist_find(provides, "pip") < 0)
			return true;
	}
	return false;
}

bool host_wants_pip(const struct host *h)
{
	bool brought = !h->settings.without_pip;

	for (const struct step *t = h->steps.first; !brought && t; t = t->next)
		brought = strlist_find(&t->provides, "pip") >= 0;
	return brought && (h->settings.pip || is_required(h, "pip")) && !is_nodist(h);
}

static uint32_t flags(const struct host *h)
{
	const struct settings *s = &h->settings;
	const struct target *t = &h->build.tx.target;
	uint32_t f = 0;

	f |= h->build.system_site_packages ? VENV_CONTEXT_SYSTEM_SITE_PACKAGES : 0;
	f |= t->kind == TARGET_REPLACE ? VENV_CONTEXT_CLEAR : 0;
	f |= h->build.symlinks ? VENV_CONTEXT_SYMLINKS : 0;
	f |= s->upgrade ? VENV_CONTEXT_UPGRADE : 0;
	f |= host_wants_pip(h) ? VENV_CONTEXT_WITH_PIP : 0;
	f |= wants_setuptools(h) ? VENV_CONTEXT_WITH_SETUPTOOLS : 0;
	f |= s->upgrade_deps ? VENV_CONTEXT_UPGRADE_DEPS : 0;
	f |= s->verbose ? VENV_CONTEXT_VERBOSE : 0;
	f |= s->offline ? VENV_CONTEXT_OFFLINE : 0;
	f |= t->kind == TARGET_IN_PLACE ? VENV_CONTEXT_EXISTING : 0;
	return f;
}

void host_context_staged(struct host *h)
{
	h->build.begun = true;
	h->build.context.stage_dir = h->build.tx.dir;
}

int host_fill_context(struct host *h, struct venv_error *err)
{
	struct build *e = &h->build;
	struct arena *a = &e->arena;
	const struct python *p = &e->python;
	const char *dir = e->tx.target.env_dir;
	struct venv_context *c = &e->context;

	*c = (struct venv_context){
		.struct_size = sizeof(*c),
		.flags = flags(h),
		.env_dir = dir,
		.env_name = path_base(dir),
		.prompt = e->prompt,
		.executable = p->executable,
		.python_dir = path_dir(a, p->executable),
		.python_exe = path_base(p->executable),
		.inc_path = path_join(a, dir, e->layout.inc_dir),
		.lib_path = path_join(a, dir, e->layout.purelib),
		.platlib_path = path_join(a, dir, e->layout.platlib),
		.bin_path = path_join(a, dir, e->layout.bin_name),
		.bin_name = e->layout.bin_name,
		.cfg_path = path_join(a, dir, CFG_FILE),
		.base_prefix = p->prefix,
		.stdlib_dir = p->stdlib,
		.implementation = p->implementation,
		.cache_tag = p->cache_tag,
		.wheel_dir = p->wheel_dir,
		.python_version = p->hexversion,
	};
	c->env_exe = c->bin_path ? path_join(a, c->bin_path, c->python_exe) : NULL;
	c->env_exec_cmd = c->env_exe;
	c->stage_dir = e->tx.dir;
	return c->python_dir && c->inc_path && c->lib_path && c->platlib_path &&
			       c->env_exe && c->cfg_path
		       ? 0
		       : error_nomem(err);
}

static void close_bin(struct host *h)
{
	if (h->build.bin >= 0)
		close(steal_fd(&h->build.bin));
}

void host_context_published(struct host *h)
{
	/* After a merge the scripts lie in the target's own directory. */
	close_bin(h);
	h->build.published = true;
	h->build.context.stage_dir = h->build.context.env_dir;
}

int host_part_begin(struct host *h, struct venv_error *err)
{
	if (!h->build.begun)
		return error_set(err, VENV_ERR_FAILED, "there is no environment yet");
	if (h->build.published)
		close_bin(h);
	return transaction_part_begin(&h->build.tx, err);
}

int host_part_end(struct host *h, int result, struct venv_error *err)
{
	if (h->build.published)
		close_bin(h);
	if (!result)
		return transaction_part_publish(&h->build.tx, err);
	transaction_part_drop(&h->build.tx);
	return result;
}

int host_open_bin(struct host *h, struct venv_error *err)
{
	struct build *e = &h->build;

	if (e->bin < 0) {
		/*
		 * A piece that is placed after publication begins as an empty tree, and so
		 * does one stage alone.
		 */
		if ((e->published && e->tx.way == WAY_MERGE) || e->by_hand)
			(void)!mkdirat(e->tx.root, e->layout.bin_name, 0777);
		e->bin = openat(e->tx.root, e->layout.bin_name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (e->bin < 0)
		return error_errno(err, errno, "cannot open '%s'", e->layout.bin_name);
	return e->bin;
}

void host_script_values(const struct host *h, struct script_values *v)
{
	const struct venv_context *c = &h->build.context;

	*v = (struct script_values){ .dir = c->env_dir,
				     .name = c->env_name,
				     .prompt = c->prompt,
				     .bin_name = c->bin_name,
				     .python = c->env_exe,
				     .relocatable = h->build.relocatable,
				     .like_virtualenv = h->like_virtualenv,
				     .tcl_library = h->build.tcl_library,
				     .tk_library = h->build.tk_library,
				     .replace = h->replace,
				     .replace_data = h->replace_data };
}

int host_install_scripts(struct host *h, const char *path, bool raw,
			 struct venv_error *err)
{
	struct script_values v;
	int bin;

	if (!h->build.begun)
		return error_set(err, VENV_ERR_USAGE,
				 "there is no environment being created");
	bin = host_open_bin(h, err);
	if (bin < 0)
		return bin;
	host_script_values(h, &v);
	return scripts_install_dir(bin, path, &v, raw, &h->log, err);
}

bool host_is_starved(const struct host *h)
{
	return h->arena.failed || h->config.arena.failed || h->build.arena.failed;
}

bool host_is_cancelled(void *host)
{
	struct host *h = host;

	return !h->build.undoing && (atomic_load(h->stop ? h->stop : &h->stopped) ||
				     atomic_load(&h->work) == WORK_CANCELLED);
}

int host_check_cancelled(struct host *h, struct venv_error *err)
{
	if (!host_is_cancelled(h))
		return 0;
	return error_set(err, VENV_ERR_CANCELLED, "cancelled");
}

void host_progress(struct host *h, int stream, const char *line, size_t len)
{
	if (h->progress && len)
		h->progress(h->progress_data, stream, line, len);
}
