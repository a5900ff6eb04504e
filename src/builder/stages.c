/* SPDX-License-Identifier: MIT */
/* stages.c - the five stages of EnvBuilder.create(), as they are built in */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "fs/fs.h"
#include "load/load.h"
#include "private.h"
#include "layout/layout.h"

/* A file that tells tools to leave the directory out of versions, or of backups. */
static int write_mark(struct venv_builder *b, const char *name, const char *text,
		      struct venv_error *err)
{
	struct transaction *tx = &b->host.build.tx;
	int r;

	if (tx->target.kind == TARGET_BESIDE && file_exists_at(tx->target.fd, name))
		return 0;
	/* An empty target may get files of others until it is published. */
	if (!tx->like_venv && !strlist_add(&b->host.build.arena, &tx->shy, name))
		return error_nomem(err);
	r = file_create_at(tx->root, name, text, strlen(text), 0666, false);
	return r ? error_errno(err, -r, "cannot write '%s'", name) : 0;
}

int stage_git_ignore(struct venv_builder *b, struct venv_error *err)
{
	static const char git[] =
		"# Made by venvctl: this directory can be made again.\n*\n";
	const struct transaction *tx = &b->host.build.tx;

	/* Never beside other people's files, and never over them. */
	return tx->target.is_ours || tx->like_venv ? write_mark(b, ".gitignore", git, err)
						   : 0;
}

int stage_cachedir_tag(struct venv_builder *b, struct venv_error *err)
{
	/* The text that https://bford.info/cachedir/ asks for. */
	static const char cachedir[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
				       "# This directory can be made again by venvctl.\n";

	return b->host.build.tx.target.is_ours && b->host.settings.cachedir_tag
		       ? write_mark(b, "CACHEDIR.TAG", cachedir, err)
		       : 0;
}

static int ensure_directories(struct venv_builder *b, struct venv_error *err)
{
	const struct target *t = &b->host.build.tx.target;
	struct stat st;
	/* One that leads nowhere is mended. */
	bool has_lib64 = t->fd >= 0 && t->kind != TARGET_REPLACE &&
			 (b->mends ? !fstatat(t->fd, "lib64", &st, 0)
				   : file_exists_at(t->fd, "lib64"));

	return layout_make_directories(b->host.build.tx.root, &b->host.build.layout,
				       has_lib64, err);
}

/* `command` as CPython writes it; a prompt is escaped, as it could break the line. */
static char *command(struct venv_builder *b)
{
	const struct settings *s = &b->host.settings;
	struct str out = STR_INIT;

	str_addf(&out, "%s create", b->program);
	if (!b->host.build.symlinks)
		str_add(&out, " --copies");
	if (s->without_pip)
		str_add(&out, " --without-pip");
	if (b->host.build.system_site_packages)
		str_add(&out, " --system-site-packages");
	if (s->clear)
		str_add(&out, " --clear");
	if (s->upgrade)
		str_add(&out, " --upgrade");
	if (s->prompt) {
		str_add(&out, " --prompt=");
		cfg_add_repr(&out, s->prompt);
	}
	if (!s->scm_ignore_files)
		str_add(&out, " --without-scm-ignore-files");
	str_addf(&out, " %s", b->host.build.tx.target.env_dir);
	return str_to_arena(&out, &b->host.build.arena);
}

static char *repr(struct arena *a, const char *text)
{
	struct str out = STR_INIT;

	cfg_add_repr(&out, text);
	return str_to_arena(&out, a);
}

/* "3.12.1.final.0" */
static const char *version_info(struct arena *a, const struct python *p)
{
	unsigned level = p->hexversion >> 4 & 0xf;

	return arena_printf(a, "%u.%u.%u.%s.%u", PYTHON_MAJOR(p), PYTHON_MINOR(p),
			    PYTHON_MICRO(p),
			    level == 0xa   ? "alpha"
			    : level == 0xb ? "beta"
			    : level == 0xc ? "candidate"
					   : "final",
			    (unsigned)(p->hexversion & 0xf));
}

static int fill_cfg(struct venv_builder *b, struct cfg *cfg, struct venv_error *err)
{
	const struct settings *s = &b->host.settings;
	const struct build *e = &b->host.build;
	const struct python *p = &e->python;
	struct arena *a = &b->host.build.arena;
	bool keeps = e->tx.target.kind == TARGET_IN_PLACE;
	/* An environment that stays keeps its prompt, unless another is given. */
	const char *prompt = s->prompt || b->prompt_set ? repr(a, e->prompt)
			     : keeps ? cfg_get(&e->tx.target.cfg, "prompt")
				     : NULL;
	const char *const values[CFG_OWN_KEYS] = {
		e->context.python_dir,
		e->system_site_packages ? "true" : "false",
		arena_printf(a, "%u.%u.%u", PYTHON_MAJOR(p), PYTHON_MINOR(p),
			     PYTHON_MICRO(p)),
		prompt,
		p->real,
		b->tool ? command(b) : cfg_get(&e->extra, "command"),
		arena_printf(a, "%u.%u", PYTHON_MAJOR(p), PYTHON_MINOR(p)),
		p->prefix,
		p->exec_prefix,
		p->executable,
		python_implementation(p),
		PACKAGE_VERSION,
		b->recipe,
	};
	int r = 0;

	for (size_t i = 0; !r && i < CFG_OWN_KEYS; i++)
		r = cfg_set(cfg, cfg_own_keys[i], values[i], err);
	if (!r && b->host.like_virtualenv)
		r = cfg_set(cfg, "version_info", version_info(a, p), err);
	if (!r && e->relocatable)
		r = cfg_set(cfg, "relocatable", "true", err);
	for (size_t i = 0; !r && keeps && i < e->tx.target.cfg.n; i++) {
		const struct cfg_entry *old = &e->tx.target.cfg.entries[i];

		if (!cfg_is_own_key(old->key) && cfg_is_value(old->value))
			r = cfg_set(cfg, old->key, old->value, err);
	}
	for (size_t i = 0; !r && i < e->extra.n; i++)
		r = cfg_set(cfg, e->extra.entries[i].key, e->extra.entries[i].value, err);
	return r;
}

/* The path of an interpreter may have a line break, or be no UTF-8. */
static int check_cfg(const struct cfg *cfg, struct venv_error *err)
{
	for (size_t i = 0; i < cfg->n; i++) {
		if (!cfg_is_value(cfg->entries[i].value))
			return error_set(err, VENV_ERR_NO_PYTHON,
					 "pyvenv.cfg cannot hold '%s' as '%s'",
					 cfg->entries[i].value, cfg->entries[i].key);
	}
	return 0;
}

static int create_configuration(struct venv_builder *b, struct venv_error *err)
{
	struct cfg cfg = { .arena = &b->host.build.arena };
	int r = fill_cfg(b, &cfg, err);

	if (!r)
		r = check_cfg(&cfg, err);
	if (r)
		return r;
	return cfg_write(&cfg, b->host.build.tx.root, err);
}

static int setup_python(struct venv_builder *b, struct venv_error *err)
{
	int bin = host_open_bin(&b->host, err);
	bool fell_back;
	int r;

	if (bin < 0)
		return bin;
	r = layout_install_python(b->host.build.tx.root, bin, &b->host.build.layout,
				  &b->host.build.layout_python,
				  b->host.build.symlinks ? INTERPRETER_LINK
							 : INTERPRETER_COPY,
				  &fell_back, err);
	if (!r && fell_back) {
		log_warn(&b->host.log,
			 "the file system of '%s' has no symbolic links: the "
			 "interpreter was copied",
			 b->host.build.tx.target.given);
		r = above_check(b, err);
	}
	return r;
}

static int setup_scripts(struct venv_builder *b, struct venv_error *err)
{
	int bin = host_open_bin(&b->host, err);
	struct script_values v;

	if (bin < 0)
		return bin;
	host_script_values(&b->host, &v);
	return scripts_install_builtin(bin, &v, b->host.settings.activators,
				       b->host.build.tx.mode_left, err);
}

int stage_run(struct venv_builder *b, int stage, struct venv_error *err)
{
	static int (*const stages[HOST_STAGES])(struct venv_builder *,
						struct venv_error *) = {
		[VENV_STAGE_ENSURE_DIRECTORIES] = ensure_directories,
		[VENV_STAGE_CREATE_CONFIGURATION] = create_configuration,
		[VENV_STAGE_SETUP_PYTHON] = setup_python,
		[VENV_STAGE_SETUP_SCRIPTS] = setup_scripts,
		/* EnvBuilder.post_setup() does nothing: it is there to be overridden. */
		[VENV_STAGE_POST_SETUP] = NULL,
	};

	int r = stages[stage] ? stages[stage](b, err) : 0;

	/* A value that could not be made is none that is left out. */
	return !r && builder_is_starved(b) ? error_nomem(err) : r;
}
