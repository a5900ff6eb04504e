/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "steps.h"

#include <string.h>

#include "fs/fs.h"

static bool given_as_arg(const struct config *c, const char *key)
{
	const struct value *v = config_find(c, "create", key);

	return v && v->origin.layer == LAYER_ARG;
}

static bool flag(const struct config *c, const char *key)
{
	return config_bool(c, "create", key);
}

static int index_of(const struct config *c, const char *key, const char *const *words)
{
	const char *text = config_text(c, "create", key);

	for (int i = 0; words[i]; i++) {
		if (text && !strcmp(text, words[i]))
			return i;
	}
	return 0;
}

static int resolve_existing(struct settings *s, struct config *c, struct venv_error *err)
{
	static const char *const words[] = { "keep", "replace", "reuse", "refuse", NULL };
	const char *other = s->clear ? "clear" : "upgrade";
	bool asked = given_as_arg(c, "existing");

	s->existing = (enum existing)index_of(c, "existing", words);
	if (s->clear && s->upgrade)
		return error_set(err, VENV_ERR_USAGE,
				 "you cannot supply --upgrade and --clear together");
	if (!s->clear && !s->upgrade)
		return 0;
	/* A configured `existing` gives way to --clear and --upgrade. */
	if (asked && !(s->clear && s->existing == EXISTING_REPLACE))
		return error_set(err, VENV_ERR_USAGE,
				 "you cannot supply --%s and --existing %s "
				 "together",
				 other, config_text(c, "create", "existing"));
	s->existing = s->clear ? EXISTING_REPLACE : EXISTING_KEEP;
	return 0;
}

static void copy_list(struct strlist *out, const struct config *c, const char *key)
{
	const struct value *v = config_find(c, "create", key);

	if (v)
		*out = v->items;
}

/* The bits of the names; "none" has none. */
static unsigned activators(const struct config *c)
{
	static const struct {
		const char *name;
		unsigned bit;
	} names[] = {
		{ "sh", ACTIVATE_SH },		 { "csh", ACTIVATE_CSH },
		{ "fish", ACTIVATE_FISH },	 { "powershell", ACTIVATE_POWERSHELL },
		{ "nushell", ACTIVATE_NUSHELL }, { "xonsh", ACTIVATE_XONSH },
		{ "python", ACTIVATE_PYTHON },	 { "cmd", ACTIVATE_CMD },
	};
	const struct value *v = config_find(c, "create", "activators");
	unsigned bits = 0;

	if (!v)
		return ACTIVATE_DEFAULT;
	for (size_t i = 0; i < v->items.n; i++) {
		for (size_t j = 0; j < ARRAY_SIZE(names); j++) {
			if (!strcmp(names[j].name, v->items.v[i]))
				bits |= names[j].bit;
		}
	}
	return bits;
}

/*
 * The index is a place of the network.  Who configured the upgrade for all environments
 * did not mean those that are made without one.
 */
static int resolve_offline(struct settings *s, struct config *c, struct venv_error *err)
{
	if (!s->upgrade_deps || !s->offline)
		return 0;
	if (given_as_arg(c, "upgrade-deps")) {
		error_set(err, VENV_ERR_USAGE,
			  "you cannot supply --upgrade-deps and --offline together");
		return error_hint(err, VENV_ERR_USAGE,
				  "the plugin wheels installs a newer pip from a file");
	}
	log_info(c->log, "offline: upgrade-deps is passed over");
	s->upgrade_deps = false;
	return 0;
}

/*
 * Nobody could add byte code to a pip that is shared, so it is compiled.  Of two that are in each
 * other's way the one that was asked for counts, and what is configured for all gives way.
 */
static int resolve_compile(struct settings *s, struct config *c, struct venv_error *err)
{
	if (s->compile || s->link_mode != LINK_SHARED)
		return 0;
	if (!s->link_asked) {
		log_info(c->log,
			 "without byte code pip is not shared: link-mode is auto");
		s->link_mode = LINK_AUTO;
	} else if (given_as_arg(c, "compile")) {
		return error_set(err, VENV_ERR_USAGE,
				 "you cannot supply --no-compile and --link-mode shared "
				 "together");
	} else {
		s->compile = true;
	}
	return 0;
}

/* --project-root alone asks for one; a configured `never` gives way to it. */
static void resolve_redirect(struct settings *s, const struct config *c)
{
	static const char *const words[] = { "auto", "always", "never", NULL };

	s->project_root = config_text(c, "create", "project-root");
	s->redirect_asked = given_as_arg(c, "venv-redirect") || s->project_root;
	s->venv_redirect = s->project_root && !given_as_arg(c, "venv-redirect")
				   ? REDIRECT_ALWAYS
				   : (enum redirect_mode)index_of(c, "venv-redirect",
								  words);
}

int settings_resolve(struct settings *s, struct config *c, bool tool,
		     struct venv_error *err)
{
	static const char *const links[] = { "auto", "reflink", "hardlink",
					     "copy", "shared",	NULL };
	const struct value *without_pip = config_find(c, "create", "without-pip");
	const struct value *prompt = config_find(c, "create", "prompt");
	int r;

	*s = (struct settings){
		.system_site_packages = flag(c, "system-site-packages"),
		.symlinks = flag(c, "symlinks"),
		.relocatable = flag(c, "relocatable"),
		.clear = flag(c, "clear"),
		.upgrade = flag(c, "upgrade"),
		.without_pip = without_pip ? flag(c, "without-pip") : !tool,
		.pip = !flag(c, "no-pip"),
		.setuptools = !flag(c, "no-setuptools"),
		.upgrade_deps = flag(c, "upgrade-deps"),
		.prompt = prompt && prompt->items.n ? prompt->items.v[0] : NULL,
		.scm_ignore_files = !flag(c, "without-scm-ignore-files"),
		.cachedir_tag = flag(c, "cachedir-tag"),
		.force = flag(c, "force"),
		.wait = flag(c, "wait"),
		.durable = flag(c, "durable"),
		.offline = flag(c, "offline"),
		.verbose = flag(c, "verbose"),
		.keep_on_failure = !strcmp(config_text(c, "create", "on-failure"),
					   "keep"),
		.no_plugins = flag(c, "no-plugins"),
		.dry_run = flag(c, "dry-run"),
		.like_venv = flag(c, "like-venv"),
		.as_created = flag(c, "as-created"),
		.log_file = config_text(c, "create", "log-file"),
		.link_mode = (enum link_mode)index_of(c, "link-mode", links),
		.link_asked = given_as_arg(c, "link-mode"),
		.compile = flag(c, "compile"),
		.activators = activators(c),
	};
	copy_list(&s->pythons, c, "python");
	copy_list(&s->pass_env, c, "pass-env");
	resolve_redirect(s, c);
	r = resolve_existing(s, c, err);
	if (!r)
		r = resolve_compile(s, c, err);
	return r ? r : resolve_offline(s, c, err);
}

const char *settings_prompt(const struct settings *s, const char *cwd,
			    const char *env_name)
{
	if (!s->prompt)
		return env_name;
	return strcmp(s->prompt, ".") ? s->prompt : path_base(cwd);
}
