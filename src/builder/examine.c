/* SPDX-License-Identifier: MIT */
/* examine.c - a target and its interpreter: everything is decided before anything is made */
#include <config.h>

#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "util/util.h"
#include "environment/environment.h"
#include "fs/fs.h"
#include "builder.h"
#include "private.h"

static int choose_python(struct venv_builder *b, struct python *out,
			 struct venv_error *err)
{
	struct python_env pe;

	builder_python_env(b, &pe);
	pe.read_only = b->host.settings.dry_run;
	return python_find_first(&pe, &b->host.settings.pythons, out, err);
}

static const char *implementation_of(const struct cfg *cfg)
{
	const char *name = cfg_get(cfg, "implementation");

	return name ? name : "CPython";
}

/* An upgrade keeps the interpreter that the environment was made from. */
static int upgrade_python(struct venv_builder *b, struct venv_error *err)
{
	struct build *e = &b->host.build;
	struct python_env pe;
	const char *path;
	int r;

	if (b->host.settings.pythons.n) {
		r = choose_python(b, &e->python, err);
	} else {
		path = environment_base(&e->arena, &e->tx.target.cfg, e->tx.target.fd,
					e->tx.target.real);
		if (!path) {
			error_set(err, VENV_ERR_NO_PYTHON,
				  "cannot upgrade '%s': the interpreter that it was made "
				  "from is gone",
				  e->tx.target.given);
			return error_hint(err, VENV_ERR_NO_PYTHON,
					  "choose another one with --python");
		}
		builder_python_env(b, &pe);
		r = python_identify(&pe, path, &e->python, err);
	}
	if (!r &&
	    !python_is_implementation(&e->python, implementation_of(&e->tx.target.cfg)))
		return error_set(
			err, VENV_ERR_CONFLICT,
			"cannot upgrade '%s': it is an environment of %s, '%s' is %s",
			e->tx.target.given, implementation_of(&e->tx.target.cfg),
			e->python.executable, python_implementation(&e->python));
	return r;
}

int builder_choose_python(struct venv_builder *b, struct venv_error *err)
{
	int r = b->has_python ? 0 : choose_python(b, &b->python, err);

	b->has_python = !r;
	return r;
}

static int find_python(struct venv_builder *b, struct venv_error *err)
{
	int r;

	/* What is no environment names no interpreter. */
	if (b->host.settings.upgrade && b->host.build.tx.target.is_env)
		return upgrade_python(b, err);
	r = builder_choose_python(b, err);
	if (!r)
		b->host.build.python = b->python;
	return r;
}

/* virtualenv's scripts set these where TCL_LIBRARY is set when they are made. */
static int find_tk(struct venv_builder *b, struct venv_error *err)
{
	struct build *e = &b->host.build;
	struct python_env pe;

	if (!b->host.like_virtualenv || e->looks || !env_get(b->host.env, "TCL_LIBRARY"))
		return 0;
	builder_python_env(b, &pe);
	return python_find_tk(&pe, &e->python, &e->tcl_library, &e->tk_library, err);
}

static int fill_layout(struct venv_builder *b, struct venv_error *err)
{
	const struct python *p = &b->host.build.python;
	struct layout_python *l = &b->host.build.layout_python;

	if (PYTHON_XY(p) > LAYOUT_NEWEST)
		log_info(&b->host.log,
			 "Python %u.%u is newer than this venvctl: laid out as 3.%u",
			 PYTHON_MAJOR(p), PYTHON_MINOR(p), LAYOUT_NEWEST & 0xff);
	*l = (struct layout_python){ .executable = p->executable,
				     .real = p->real,
				     .implementation = p->implementation,
				     .lib_dir = p->lib_dir,
				     .platlib_dir = p->platlib_dir,
				     .libpython = p->libpython,
				     .xy = PYTHON_XY(p),
				     .is_64bit = p->is_64bit };
	return layout_init(&b->host.build.layout, &b->host.build.arena, l, err);
}

/* Is its interpreter a file of its own, as --copies makes it? */
static bool has_copies(const struct build *e)
{
	_cleanup_close_ int bin = openat(e->tx.target.fd, e->layout.bin_name,
					 O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat st;

	return bin >= 0 && !fstatat(bin, "python", &st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(st.st_mode);
}

/* The command `upgrade` keeps what was said once, when the environment was created. */
static void choose_kind(struct venv_builder *b)
{
	const struct settings *s = &b->host.settings;
	struct build *e = &b->host.build;
	bool keeps = s->as_created && e->tx.target.is_env;
	const char *old =
		keeps ? cfg_get(&e->tx.target.cfg, "include-system-site-packages") : NULL;

	e->system_site_packages = keeps ? old && !strcasecmp(old, "true")
					: s->system_site_packages;
	e->symlinks = keeps ? !has_copies(e) : s->symlinks;
	old = keeps ? cfg_get(&e->tx.target.cfg, "relocatable") : NULL;
	e->relocatable = keeps ? old && !strcasecmp(old, "true") : s->relocatable;
}

/* The prompt of an environment whose files stay stays, unless another is given. */
static const char *choose_prompt(struct venv_builder *b)
{
	const struct target *t = &b->host.build.tx.target;
	const char *old = t->kind == TARGET_IN_PLACE ? cfg_get(&t->cfg, "prompt") : NULL;

	if (!b->host.settings.prompt && old)
		return cfg_unrepr(&b->host.build.arena, old);
	return settings_prompt(&b->host.settings, b->host.cwd, path_base(t->env_dir));
}

/* What child processes of steps change in an environment, behind the host's back. */
static int add_saved(struct transaction *tx, const struct layout *l,
		     struct venv_error *err)
{
	const char *dirs[] = { l->bin_name, l->purelib,
			       strcmp(l->purelib, l->platlib) ? l->platlib : NULL };

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		if (dirs[i] && !strlist_add(tx->arena, &tx->save, dirs[i]))
			return error_nomem(err);
	}
	return 0;
}

void builder_new_transaction(struct venv_builder *b)
{
	struct build *e = &b->host.build;
	const struct settings *s = &b->host.settings;
	struct transaction *tx = &e->tx;

	builder_end(b);
	*tx = (struct transaction)TRANSACTION_INIT;
	tx->arena = &e->arena;
	tx->log = &b->host.log;
	tx->cwd = b->host.cwd;
	tx->home = env_get(b->host.env, "HOME");
	tx->existing = s->existing;
	tx->upgrade = s->upgrade;
	tx->like_venv = s->like_venv;
	tx->force = s->force;
	tx->wait = s->wait;
	tx->durable = s->durable;
	tx->others = b->host.steps.first != NULL || method_any_overridden(b);
	tx->look = s->dry_run;
	tx->cancelled = host_is_cancelled;
	tx->cancel_data = &b->host;
	tx->locked = b->host.locked;
	tx->locked_data = b->host.watch ? b->host.watch->data : NULL;
}

/* The environment at work becomes that at ENV_DIR, of which nothing is known yet. */
static void begin(struct venv_builder *b)
{
	struct build *e = &b->host.build;

	builder_end(b);
	arena_release(&e->arena);
	*e = (struct build){ .bin = -1, .tx = TRANSACTION_INIT };
	b->running_stage = -1;
	b->changed = b->post_setup = b->prompt_set = false;
	b->removed = 0;
	leaving_close(b);
	b->leaving.dists = b->leaving.top = (struct strlist)STRLIST_INIT;
	b->recipe = NULL;
	b->redirect = (struct redirect){ .dir = -1, .fd = -1 };
	e->extra.arena = &e->arena;
	e->looks = b->host.cache.look = b->host.settings.dry_run;
	builder_new_transaction(b);
}

/* Keys of pyvenv.cfg that the program sets in all environments. */
static int add_own_keys(struct venv_builder *b, struct venv_error *err)
{
	const struct cfg *own = &b->host.own_cfg;
	int r = 0;

	for (size_t i = 0; !r && i < own->n; i++)
		r = cfg_set(&b->host.build.extra, own->entries[i].key,
			    own->entries[i].value, err);
	return r;
}

int builder_examine(struct venv_builder *b, const char *env_dir, struct venv_error *err)
{
	struct build *e = &b->host.build;
	struct transaction *tx = &e->tx;
	int r;

	begin(b);
	r = add_own_keys(b, err);
	if (!r)
		r = transaction_open(tx, env_dir, err);
	if (!r)
		r = find_python(b, err);
	if (!r)
		r = target_check_python(&tx->target, e->python.real, e->python.prefix,
					err);
	if (!r)
		r = fill_layout(b, err);
	if (!r)
		choose_kind(b);
	if (!r)
		r = find_tk(b, err);
	if (!r && !e->symlinks)
		r = above_check(b, err);
	if (!r)
		r = add_saved(tx, &e->layout, err);
	if (r)
		return r;
	program_set_functions(b);
	e->prompt = choose_prompt(b);
	b->recipe = recipe_make(b);
	if (!e->prompt || !b->recipe)
		return error_nomem(err);
	if (b->mends)
		b->recipe = b->mended_recipe;
	return 0;
}

/* --on-failure keep: what is published stays, half-built. */
static bool is_kept(struct venv_builder *b, const char *env_dir)
{
	struct transaction *tx = &b->host.build.tx;
	bool kept;

	if (!b->host.settings.keep_on_failure)
		return false;
	tx->look = true;
	kept = !transaction_open(tx, env_dir, NULL) && tx->target.half_built;
	transaction_close(tx);
	tx->look = false;
	return kept;
}

void builder_recover(struct venv_builder *b, const char *env_dir)
{
	struct transaction *tx = &b->host.build.tx;

	begin(b);
	if (!tx->look && !is_kept(b, env_dir)) {
		tx->existing = EXISTING_KEEP;
		tx->upgrade = false;
		tx->wait = false;
		tx->own = true;
		/* Whatever else is to be said of the target, this create says no more of it. */
		(void)!transaction_open(tx, env_dir, NULL);
		transaction_rollback(tx);
	}
	builder_end(b);
}
