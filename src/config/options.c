/* SPDX-License-Identifier: MIT */
/* options.c - the table of all options, and how they are found in it */
#include <config.h>

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "util/util.h"
#include "ini.h"

static const char *const existing_choices[] = { "keep", "replace", "reuse", "refuse",
						NULL };
static const char *const redirect_choices[] = { "auto", "always", "never", NULL };
static const char *const failure_choices[] = { "rollback", "keep", NULL };
static const char *const link_choices[] = { "auto", "hardlink", "reflink",
					    "copy", "shared",	NULL };
static const char *const activator_choices[] = { "sh",	       "csh",	  "fish",
						 "powershell", "nushell", "xonsh",
						 "python",     "cmd",	  "none",
						 NULL };
static const char *const color_choices[] = { "auto", "always", "never", NULL };

#define BOOL(name, help)                                          \
	{                                                         \
		name, VENV_OPTION_BOOL, 0, "no", help, NULL, NULL \
	}
#define STRING(name, meta, help)                                    \
	{                                                           \
		name, VENV_OPTION_STRING, 0, NULL, help, meta, NULL \
	}
#define PATH(name, meta, help)                                    \
	{                                                         \
		name, VENV_OPTION_PATH, 0, NULL, help, meta, NULL \
	}
#define INT(name, dflt, meta, help)                              \
	{                                                        \
		name, VENV_OPTION_INT, 0, dflt, help, meta, NULL \
	}
#define LIST(name, meta, help)                                                     \
	{                                                                          \
		name, VENV_OPTION_STRING, VENV_OPTION_LIST, NULL, help, meta, NULL \
	}
#define CHOICE(name, dflt, choices, help)                              \
	{                                                              \
		name, VENV_OPTION_CHOICE, 0, dflt, help, NULL, choices \
	}

#define BOTH (OPTION_ARG | OPTION_CONF)

static const struct option_def table[] = {
	/* What the specification has, in its order. */
	{ "create",
	  BOOL("system-site-packages", "give the environment access to the system's "
				       "site-packages"),
	  BOTH, 0, NULL },
	{ "create",
	  { "symlinks", VENV_OPTION_BOOL, 0, "yes",
	    "link the interpreter rather than copy it (the default)", NULL, NULL },
	  BOTH,
	  0,
	  "copies" },
	{ "create", BOOL("clear", "replace what an existing environment contains"),
	  OPTION_ARG, 0, NULL },
	{ "create", BOOL("upgrade", "make an existing environment use this Python"),
	  OPTION_ARG, 0, NULL },
	{ "create", BOOL("without-pip", "do not install pip"), BOTH | OPTION_UPGRADE, 0,
	  "with-pip" },
	{ "create",
	  STRING("prompt", "TEXT",
		 "text of the prompt; '.' for the current directory's "
		 "name"),
	  BOTH, 0, NULL },
	{ "create",
	  BOOL("upgrade-deps", "upgrade pip, and setuptools before 3.12, from the "
			       "package index"),
	  BOTH | OPTION_UPGRADE, 0, NULL },
	{ "create", BOOL("without-scm-ignore-files", "do not write .gitignore"), BOTH, 0,
	  "with-scm-ignore-files" },
	/* What it has in its example. */
	{ "create", BOOL("no-setuptools", "do not install setuptools"), BOTH, 0,
	  "setuptools" },
	{ "create", BOOL("no-pip", "do not install pip, but what else the step brings"),
	  BOTH, 0, "pip" },
	/* Ours. */
	{ "create",
	  LIST("python", "SPEC",
	       "interpreter: a path, name, version or range; the first "
	       "found of several"),
	  BOTH | OPTION_UPGRADE, 'p', NULL },
	{ "create",
	  CHOICE("existing", "keep", existing_choices,
		 "what becomes of an existing environment"),
	  BOTH, 0, NULL },
	{ "create",
	  BOOL("force", "let --clear replace a directory that is no environment"),
	  OPTION_ARG, 0, NULL },
	{ "create",
	  LIST("plugin", "NAME[:KEY=VALUE,...]",
	       "run this plugin instead of the "
	       "configured ones"),
	  OPTION_ARG | OPTION_UPGRADE, 0, NULL },
	{ "create", LIST("add-plugin", "NAME[:KEY=VALUE,...]", "run this plugin as well"),
	  OPTION_ARG | OPTION_UPGRADE, 0, NULL },
	/* Whole: a PATH would be several with ":" between. */
	{ "create",
	  LIST("requirements", "FILE",
	       "install what it lists, with pip, as the last step"),
	  OPTION_ARG | OPTION_UPGRADE, 'r', NULL },
	{ "create", BOOL("no-plugins", "run no plugin"), OPTION_ARG | OPTION_UPGRADE, 0,
	  "plugins" },
	{ "create", LIST("option", "NAME.KEY=VALUE", "set an option of a plugin"),
	  OPTION_ARG | OPTION_UPGRADE, 'o', NULL },
	{ "create",
	  { "post-setup", VENV_OPTION_STRING, VENV_OPTION_LIST, "ensurepip",
	    "plugins to run, in order", "NAME", NULL },
	  OPTION_CONF,
	  0,
	  NULL },
	{ "venvctl",
	  { "plugin-path", VENV_OPTION_PATH, VENV_OPTION_LIST, NULL,
	    "look for plugins here first", "DIR[:DIR...]", NULL },
	  BOTH | OPTION_UPGRADE,
	  0,
	  NULL },
	{ "create",
	  CHOICE("link-mode", "auto", link_choices,
		 "how files of the store get into the "
		 "environment"),
	  BOTH | OPTION_UPGRADE, 0, NULL },
	{ "create",
	  { "compile", VENV_OPTION_BOOL, 0, "yes",
	    "compile byte code of what is installed (the default)", NULL, NULL },
	  BOTH | OPTION_UPGRADE,
	  0,
	  "no-compile" },
	{ "create",
	  { "activators", VENV_OPTION_CHOICE, VENV_OPTION_LIST, NULL,
	    "activation scripts to write; all but cmd's if not given", "LIST|none",
	    activator_choices },
	  BOTH | OPTION_UPGRADE | OPTION_SPLIT,
	  0,
	  NULL },
	{ "create",
	  BOOL("relocatable", "let it be moved or copied: its scripts find it by "
			      "where they are"),
	  BOTH, 0, NULL },
	{ "create",
	  { "cachedir-tag", VENV_OPTION_BOOL, 0, "yes", "write CACHEDIR.TAG", NULL,
	    NULL },
	  OPTION_CONF,
	  0,
	  NULL },
	{ "create", BOOL("durable", "have everything on disk before it is done"),
	  OPTION_CONF, 0, NULL },
	{ "create",
	  CHOICE("venv-redirect", "never", redirect_choices,
		 "write a file `.venv` that names the environment (PEP 832)"),
	  BOTH | OPTION_ALONE, 0, "no-venv-redirect" },
	{ "create",
	  PATH("project-root", "DIR",
	       "... there, rather than beside it; means --venv-redirect"),
	  OPTION_ARG, 0, NULL },
	{ "create", BOOL("offline", "use no network"), BOTH | OPTION_UPGRADE, 0, NULL },
	{ "create", LIST("pass-env", "NAME,...", "variables that child processes keep"),
	  BOTH | OPTION_UPGRADE | OPTION_SPLIT, 0, NULL },
	{ "create",
	  CHOICE("on-failure", "rollback", failure_choices, "what a failed step leaves"),
	  BOTH | OPTION_UPGRADE, 0, NULL },
	{ "create",
	  BOOL("wait", "wait while another venvctl works on the same directory"),
	  BOTH | OPTION_UPGRADE, 0, NULL },
	{ "create", BOOL("keep-going", "go on with the next ENV_DIR after a failure"),
	  BOTH | OPTION_UPGRADE | OPTION_TOOL, 0, NULL },
	{ "create", INT("jobs", "1", "N", "make so many at a time; 0: one a processor"),
	  BOTH | OPTION_NATURAL | OPTION_TOOL, 'j', NULL },
	{ "create",
	  STRING("from-file", "FILE",
		 "make those that it names, too, one a line; '-': standard input"),
	  OPTION_ARG | OPTION_TOOL, 0, NULL },
	{ "create", BOOL("dry-run", "say what would be done, and do nothing"),
	  OPTION_ARG | OPTION_UPGRADE, 'n', NULL },
	{ "create", BOOL("json", "print one JSON object for each environment"),
	  OPTION_ARG | OPTION_UPGRADE | OPTION_TOOL, 0, NULL },
	{ "create", PATH("log-file", "FILE", "write the output of child processes here"),
	  BOTH | OPTION_UPGRADE, 0, NULL },
	{ "create", CHOICE("color", "auto", color_choices, "use colours"),
	  BOTH | OPTION_UPGRADE | OPTION_TOOL, 0, NULL },
	{ "create", BOOL("quiet", "print errors only"),
	  OPTION_ARG | OPTION_UPGRADE | OPTION_TOOL, 'q', NULL },
	{ "create", BOOL("verbose", "say more; twice: much more"),
	  OPTION_ARG | OPTION_UPGRADE | OPTION_COUNT, 'v', NULL },

	/* Of the command upgrade, and of libvenvctl: neither on the command line nor in files. */
	{ "create", BOOL("as-created", "an upgrade keeps the kind of an environment"), 0,
	  0, NULL },
	{ "create", BOOL("like-venv", "upgrade any directory, and write over .gitignore"),
	  0, 0, NULL },

	{ "network", PATH("ca-file", "FILE", "certificates to trust"), OPTION_CONF, 0,
	  NULL },
	{ "network", STRING("proxy", "URL", "proxy"), OPTION_CONF, 0, NULL },
	{ "network", LIST("no-proxy", "HOST", "hosts that are reached without a proxy"),
	  OPTION_CONF | OPTION_SPLIT | OPTION_PATTERNS, 0, NULL },
	{ "network", INT("timeout", "300", "SECONDS", "limit of one download"),
	  OPTION_CONF | OPTION_NATURAL, 0, NULL },
	{ "network", INT("connect-timeout", "10", "SECONDS", "limit of connecting"),
	  OPTION_CONF | OPTION_NATURAL, 0, NULL },
	{ "network", INT("stall-timeout", "30", "SECONDS", "limit without any progress"),
	  OPTION_CONF | OPTION_NATURAL, 0, NULL },
	{ "network", INT("max-download", "100M", "BYTES", "largest file to accept"),
	  OPTION_CONF | OPTION_SIZE, 0, NULL },
	{ "network", INT("retries", "3", "N", "further tries after a passing fault"),
	  OPTION_CONF | OPTION_NATURAL, 0, NULL },
	{ "network", STRING("user-agent", "TEXT", "how to introduce ourselves"),
	  OPTION_CONF, 0, NULL },

	{ "store", PATH("site-dir", "DIR", "a read-only store of the site"), OPTION_CONF,
	  0, NULL },

	{ "policy", BOOL("require-sha256", "every download needs a digest"), OPTION_CONF,
	  0, NULL },
	{ "policy",
	  LIST("allowed-plugins", "NAME", "no other plugin or instance may run"),
	  OPTION_CONF, 0, NULL },
	{ "policy", LIST("required-plugins", "NAME", "run in every create"), OPTION_CONF,
	  0, NULL },
	{ "policy",
	  LIST("user-options", "NAME.KEY",
	       "options of the site's instances that users "
	       "may set"),
	  OPTION_CONF, 0, NULL },
	{ "policy", LIST("allowed-hosts", "HOST", "downloads come from here only"),
	  OPTION_CONF | OPTION_HOSTS, 0, NULL },
	{ "policy", LIST("http-hosts", "HOST", "hosts for which plain http is allowed"),
	  OPTION_CONF | OPTION_HOSTS, 0, NULL },
	{ "policy",
	  INT("max-download", NULL, "BYTES", "upper limit of network.max-download"),
	  OPTION_CONF | OPTION_SIZE, 0, NULL },
	{ "policy", INT("timeout", NULL, "SECONDS", "upper limit of network.timeout"),
	  OPTION_CONF | OPTION_NATURAL, 0, NULL },
	{ "policy",
	  LIST("trusted-users", "USER", "further owners of configuration and plugins"),
	  OPTION_CONF, 0, NULL },
	{ "policy", LIST("trusted-groups", "GROUP", "groups that may write them"),
	  OPTION_CONF, 0, NULL },
};

static const struct venv_option instance_table[] = {
	STRING("use", "PLUGIN", "the plugin that this instance is one of"),
	LIST("provides", "NAME", "what it provides"),
	LIST("after", "NAME", "what it runs after"),
	{ "enabled", VENV_OPTION_BOOL, 0, "yes", "whether it may be selected", NULL,
	  NULL },
};

const struct option_def *options_table(size_t *n)
{
	*n = ARRAY_SIZE(table);
	return table;
}

const struct venv_option *options_of_instances(size_t *n)
{
	*n = ARRAY_SIZE(instance_table);
	return instance_table;
}

const struct venv_option *option_of_instances(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(instance_table); i++) {
		if (!strcmp(instance_table[i].name, key))
			return &instance_table[i];
	}
	return NULL;
}

const char *option_opposite(const struct option_def *o, char *buf)
{
	if (o->opposite)
		return o->opposite;
	snprintf(buf, 64, "no-%s", o->def.name);
	return buf;
}

const struct option_def *options_find(const char *section, const char *name,
				      bool *inverted)
{
	char buf[64];

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct option_def *o = &table[i];

		if (strcmp(o->section, section) != 0)
			continue;
		*inverted = false;
		if (!strcmp(o->def.name, name))
			return o;
		*inverted = true;
		if (o->def.type == VENV_OPTION_BOOL &&
		    !strcmp(option_opposite(o, buf), name))
			return o;
	}
	return NULL;
}

bool option_is_name(const char *name)
{
	/* They would be read as venvctl's own sections where people leave out "plugin:". */
	static const char *const reserved[] = { "venvctl", "create", "network",
						"store",   "policy", "plugin" };

	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		if (!strcmp(name, reserved[i]))
			return false;
	}
	return strlen(name) <= 31 && ini_is_name(name, strlen(name));
}
