/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "completions.h"

static void fish_text(const char *text)
{
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

static void fish_asked_for(const char *what)
{
	printf(" -x -a '(command venvctl completions %s (string replace -r "
	       "\"^--[a-z-]*=\" \"\" -- (commandline -ct)) 2>/dev/null)'",
	       what);
}

static void fish_option(const char *command, const struct option_def *o, const char *name)
{
	bool own = !strcmp(name, o->def.name);

	printf("complete -c venvctl -n '__fish_seen_subcommand_from %s' -l %s", command,
	       name);
	if (own && o->letter)
		printf(" -s %c", o->letter);
	if (o->def.choices && own) {
		fputs(" -x -a '", stdout);
		completions_print_choices(o);
		putchar('\'');
	} else if (completions_asked_for(o)) {
		fish_asked_for(completions_asked_for(o));
	} else if (completions_takes_value(o, name)) {
		fputs(" -r", stdout);
	}
	if (own) {
		fputs(" -d ", stdout);
		fish_text(o->def.help);
	}
	putchar('\n');
}

static void fish_verb(const char *command, const char *verbs)
{
	printf("complete -c venvctl -f -n '__fish_seen_subcommand_from %s' -a '%s'\n",
	       command, verbs);
	if (!strcmp(command, "plugins")) {
		puts("complete -c venvctl -n '__fish_seen_subcommand_from plugins; and "
		     "__fish_seen_subcommand_from info check' "
		     "-a '(command venvctl completions plugins 2>/dev/null)'");
		puts("complete -c venvctl -n '__fish_seen_subcommand_from plugins' "
		     "-l json");
		puts("complete -c venvctl -n '__fish_seen_subcommand_from plugins; and "
		     "__fish_seen_subcommand_from check' -l with -x "
		     "-a '(command venvctl completions plugins 2>/dev/null)'");
		fputs("complete -c venvctl -n '__fish_seen_subcommand_from plugins; and "
		      "__fish_seen_subcommand_from check' -l option -s o",
		      stdout);
		fish_asked_for("keys");
		putchar('\n');
	}
	if (!strcmp(command, "cache"))
		puts("complete -c venvctl -n '__fish_seen_subcommand_from cache' "
		     "-l older-than -x -d 'for prune'\n"
		     "complete -c venvctl -n '__fish_seen_subcommand_from cache' "
		     "-l site -d 'for warm: the store of the site'\n"
		     "complete -c venvctl -n '__fish_seen_subcommand_from cache' "
		     "-l no-compile -d 'for warm: without byte code'\n"
		     "complete -c venvctl -n '__fish_seen_subcommand_from cache' "
		     "-l compile -d 'for warm: with byte code'\n"
		     "complete -c venvctl -n '__fish_seen_subcommand_from cache' "
		     "-l json -d 'for size and warm'\n"
		     "complete -c venvctl -n '__fish_seen_subcommand_from cache' -s p "
		     "-l python -x -d 'for warm' -a '(command venvctl completions "
		     "pythons "
		     "2>/dev/null)'");
	if (!strcmp(command, "config")) {
		fputs("complete -c venvctl -f -n '__fish_seen_subcommand_from config; "
		      "and "
		      "__fish_seen_subcommand_from show' -a '",
		      stdout);
		completions_print_keys();
		puts("'\ncomplete -c venvctl -F -n '__fish_seen_subcommand_from config; "
		     "and "
		     "__fish_seen_subcommand_from check'");
	}
}

static void fish_builder(const char *command)
{
	completions_each_option(command, fish_option);
}

static void fish_flag(const struct command *c, const char *name, bool value)
{
	printf("complete -c venvctl -n '__fish_seen_subcommand_from %s; and not "
	       "__fish_seen_subcommand_from plugins config python' -l %s%s\n",
	       c->name, name, value ? " -r" : "");
}

static void fish_dirs(const struct command *c)
{
	printf("complete -c venvctl -f -n '__fish_seen_subcommand_from %s; and not "
	       "__fish_seen_subcommand_from plugins config python' "
	       "-a '(__fish_complete_directories (commandline -ct))'\n",
	       c->name);
	completions_each_flag(c, fish_flag);
}

void completions_fish(void)
{
	size_t n;
	const struct command *c = commands_table(&n);

	puts("# fish completion of venvctl, made by `venvctl completions fish`");
	for (size_t i = 0; i < n; i++) {
		printf("complete -c venvctl -f -n __fish_use_subcommand -a %s -d ",
		       c[i].name);
		fish_text(c[i].summary);
		putchar('\n');
	}
	completions_each_verb(fish_verb);
	completions_each_builder(fish_builder);
	puts("complete -c venvctl -n '__fish_seen_subcommand_from run' -l env -x "
	     "-a '(__fish_complete_directories)' -d 'the environment'\n"
	     "complete -c venvctl -n '__fish_seen_subcommand_from run' "
	     "-a '(__fish_complete_command)'");
	completions_each_dirs(fish_dirs);
}
