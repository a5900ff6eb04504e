/* SPDX-License-Identifier: MIT */
/* main.c - the table of commands */
#include <config.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#ifdef __linux__
#include <sys/auxv.h>
#endif

#include "load/load.h"
#include "util/util.h"
#include "cli.h"

static const struct command commands[] = {
	{ "create", cmd_create, "create environments", "[OPTIONS] [ENV_DIR...]", NULL },
	{ "upgrade", cmd_upgrade, "have environments use their interpreter as it is now",
	  "[OPTIONS] [ENV_DIR...]", NULL },
	{ "run", cmd_run, "run a command in an environment",
	  "[--env DIR] [--] COMMAND [ARG...]",
	  "  --env DIR         the environment; else that of VIRTUAL_ENV, else the "
	  "nearest "
	  ".venv\n"
	  "                    upward from the current directory\n" },
	{ "info", cmd_info, "show what an environment is",
	  "[--json] [--field NAME] [--env DIR | ENV_DIR]",
	  "Without ENV_DIR: VIRTUAL_ENV, else the nearest .venv upward.  Nothing of the\n"
	  "environment is run.\n"
	  "\n"
	  "  --field NAME      one value alone, as `python.version`\n"
	  "  --env DIR         the same as ENV_DIR\n"
	  "  --json            one object\n" },
	{ "list", cmd_list, "show the environments below directories",
	  "[--json] [--depth N] [ROOT...]",
	  "One line each: PATH, Python and state.  ROOT is the working directory if none "
	  "is\n"
	  "named.  Other file systems and the inside of environments are not entered.\n"
	  "\n"
	  "  --depth N         how many directories down; 4\n"
	  "  --json            one object each, as of info\n" },
	{ "check", cmd_check, "look for what is wrong with environments, and mend it",
	  "[--json] [--fix [-p SPEC]] [-n] [--env DIR | ENV_DIR...]",
	  "Exit 1 if there is anything, 9 if that could not be seen.\n"
	  "\n"
	  "  --fix             mend what needs no decision, in one transaction\n"
	  "  -p, --python SPEC with --fix: have it stand on another interpreter\n"
	  "  -n, --dry-run     with --fix: only look\n"
	  "  --env DIR         the same as ENV_DIR\n"
	  "  --json            one object each\n" },
	{ "remove", cmd_remove, "remove environments", "[-f] [-n] [--json] ENV_DIR...",
	  "Only what is an environment is removed, as a whole or not at all.\n"
	  "\n"
	  "  -f, --force       pass over what is not there\n"
	  "  -n, --dry-run     say what would go, and remove nothing\n"
	  "  --json            one object each\n" },
	{ "plugins", cmd_plugins, "show, check or begin plugins",
	  "list|info|check|new [--json] [NAME|FILE...]",
	  "  list              the plugins that are found, and what a create runs\n"
	  "  info NAME|FILE    what one declares: its options, with their defaults\n"
	  "  check FILE        run its hooks in a scratch environment, and say what is "
	  "wrong\n"
	  "  new NAME          begin one of your own in the directory NAME\n"
	  "\n"
	  "  --json            one object, for list, info and check\n"
	  "  --with OTHER,...  plugins that the one under check needs\n"
	  "  -o, --option NAME.KEY=VALUE   set an option for check, as for `create`\n"
	  "  --autotools, --meson   what `new` builds with, rather than make\n" },
	{ "config", cmd_config, "show or check the configuration",
	  "show|path|check [--show-origin] [--json] [KEY|FILE...]",
	  "  show [KEY]        the values that are in force; `config show "
	  "create.prompt`\n"
	  "  path              the files that are read\n"
	  "  check [FILE...]   all that a create would stumble over; exit 8 if there is "
	  "any\n"
	  "\n"
	  "  --show-origin     put the file and line that a value is from before it\n"
	  "  --json            one object\n" },
	{ "python", cmd_python, "show the interpreters that there are",
	  "list|find [--json] [SPEC]",
	  "  list              all that are found on this machine\n"
	  "  find [SPEC]       the one that --python SPEC would take\n" },
	{ "cache", cmd_cache, "show, empty or fill the cache",
	  "dir|clean|prune|warm|size [--json] [OPTIONS]",
	  "  dir               where it is\n"
	  "  clean             remove what is in it; environments keep their files\n"
	  "  prune             remove what was not used for a while\n"
	  "  warm              fill the store with the pip of each interpreter, "
	  "compiled\n"
	  "  size              what it takes on the disk\n"
	  "\n"
	  "  --older-than AGE  how long a while is, for prune: 30d, 12h\n"
	  "  --shared          clean also removes what environments share, whose pip is "
	  "then "
	  "gone\n"
	  "  -p, --python SPEC, for warm: this interpreter; may be repeated\n"
	  "  --site [DIR]      warm, as root, the store for all users: [store] site-dir\n"
	  "  --no-compile      warm without byte code, for create --no-compile\n"
	  "  --json            one object, for size and warm\n" },
	{ "completions", cmd_completions, "print the completion of a shell",
	  "bash|zsh|fish", NULL },
	{ "help", cmd_help, "show help", "[COMMAND]", NULL },
};

const struct command *commands_table(size_t *n)
{
	*n = ARRAY_SIZE(commands);
	return commands;
}

const struct command *commands_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

static int unknown_command(const char *name)
{
	struct suggest s = SUGGEST_INIT(name);
	char hint[64];

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		suggest_offer(&s, commands[i].name);
	snprintf(hint, sizeof(hint), "did you mean '%s'?", s.best ? s.best : "");
	return ui_usage(s.best ? hint : "`venvctl help` lists the commands",
			"there is no command '%s'", name);
}

int cmd_help(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2 || argv[1][0] == '-') {
		usage_main(false);
		return ui_finish(EXIT_OK);
	}
	c = commands_find(argv[1]);
	if (!c)
		return unknown_command(argv[1]);
	usage_command(c);
	return ui_finish(EXIT_OK);
}

/* What a report of a fault needs to say. */
static int version(bool as_json)
{
	struct arena a = ARENA_INIT;
	int r = EXIT_OK;
	struct json *j;
	void *o;

	if (!as_json) {
		printf("venvctl %s\nplugin ABI %d.%d\nsysconfdir %s\nlibdir %s\n",
		       PACKAGE_VERSION, VENV_PLUGIN_ABI_MAJOR, VENV_PLUGIN_ABI_MINOR,
		       paths_sysconfdir(), paths_libdir(&a, NULL));
		arena_release(&a);
		return ui_finish(EXIT_OK);
	}
	j = json_begin(&r);
	if (!j)
		return r;
	o = json_new_object(j);
	json_int(j, o, "schema", 1);
	json_text(j, o, "version", PACKAGE_VERSION);
	json_int(j, o, "abi_major", VENV_PLUGIN_ABI_MAJOR);
	json_int(j, o, "abi_minor", VENV_PLUGIN_ABI_MINOR);
	json_text(j, o, "sysconfdir", paths_sysconfdir());
	json_text(j, o, "libdir", paths_libdir(&a, NULL));
	json_print(j, o);
	json_close(j);
	arena_release(&a);
	return ui_finish(EXIT_OK);
}

/* Also for what is wrong with the command line in front of it. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!strcmp(argv[i], "--json"))
			return true;
	}
	return false;
}

/* Not for `run`: the command has them as they are. */
static void set_signals(void)
{
	/* Some launchers ignore it, and nobody would learn how a child ended. */
	signal(SIGCHLD, SIG_DFL);
#ifdef SIGXFSZ
	/* A file that grows beyond `ulimit -f` is an error like a full disk. */
	signal(SIGXFSZ, SIG_IGN);
#endif
}

int main(int argc, char **argv)
{
	const struct command *c;
	bool is_run;

#ifdef __linux__
	/* A set-user-ID copy would run what its caller configured, with other rights. */
	if (getauxval(AT_SECURE)) {
		fputs("venvctl: error: it must not be installed set-user-ID\n", stderr);
		return EXIT_USAGE;
	}
#endif
	is_run = argc > 1 && !strcmp(argv[1], "run") && !args_is_creator(argv[0]);
	if (!is_run)
		set_signals();
	ui.color = 0;
	if (argc > 0 && args_is_creator(argv[0])) {
		if (argc == 2 && !strcmp(argv[1], "--version"))
			return version(false);
		ui.json = wants_json(argc, argv) ? "create" : NULL;
		return cmd_create(argc, argv);
	}
	if (argc < 2) {
		usage_main(true);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return cmd_help(1, argv);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return version(argc > 2 && !strcmp(argv[2], "--json"));
	c = commands_find(argv[1]);
	if (!c)
		return argv[1][0] == '-' ? ui_usage("`venvctl help` lists the commands",
						    "there is no option '%s'", argv[1])
					 : unknown_command(argv[1]);
	/* What stands behind `run` is another program's. */
	ui.json = !is_run && wants_json(argc - 1, argv + 1) ? c->name : NULL;
	return c->run(argc - 1, argv + 1);
}
