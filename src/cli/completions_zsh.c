/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "completions.h"

/* True for an option whose value is the name of a file. */
static bool names_file(const struct option_def *o)
{
	return o->def.type == VENV_OPTION_PATH ||
	       (o->def.metavar && !strcmp(o->def.metavar, "FILE"));
}

/* Text for a zsh specification inside single quotes. */
static void zsh_text(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

/* Words that are asked for when they are wanted: _arguments evaluates this. */
static void zsh_asked_for(const char *what)
{
	if (!strcmp(what, "keys"))
		fputs(":option:{compadd -S \"\" -- $(command venvctl completions keys "
		      "\"$PREFIX\" 2>/dev/null)}",
		      stdout);
	else
		printf(":%s:($(command venvctl completions %s 2>/dev/null))", what, what);
}

static void zsh_option(const char *command, const struct option_def *o, const char *name)
{
	(void)command;
	if (o->letter && completions_asked_for(o) && !strcmp(name, o->def.name)) {
		printf("\t\t'*-%c[", o->letter);
		zsh_text(o->def.help);
		putchar(']');
		zsh_asked_for(completions_asked_for(o));
		puts("' \\");
	}
	printf("\t\t'%s--%s%s[", o->def.flags & VENV_OPTION_LIST ? "*" : "", name,
	       !completions_takes_value(o, name) ? ""
	       : o->use & OPTION_ALONE		 ? "=-"
						 : "=");
	if (!strcmp(name, o->def.name))
		zsh_text(o->def.help);
	else
		printf("the opposite of --%s", o->def.name);
	putchar(']');
	if (o->def.choices && completions_takes_value(o, name)) {
		fputs(o->use & OPTION_ALONE ? "::value:(" : ":value:(", stdout);
		completions_print_choices(o);
		putchar(')');
	} else if (completions_asked_for(o)) {
		zsh_asked_for(completions_asked_for(o));
	} else if (completions_takes_value(o, name)) {
		fputs(names_file(o) ? ":file:_files" : ":value:", stdout);
	}
	puts("' \\");
}

static void zsh_verb(const char *command, const char *verbs)
{
	printf("\t%s) _arguments '1:what:(%s)' ", command, verbs);
	if (!strcmp(command, "plugins")) {
		fputs("'--json[one object]' '--with=[plugins that it needs]:plugins:(",
		      stdout);
		fputs("$(command venvctl completions plugins 2>/dev/null))' ", stdout);
		for (int i = 0; i < 2; i++) {
			printf("'*%s[set an option for check]", i ? "-o" : "--option=");
			zsh_asked_for("keys");
			fputs("' ", stdout);
		}
		printf("'*: :{_files; compadd -- $(command venvctl completions plugins "
		       "2>/dev/null)}' ;;\n");
	} else if (!strcmp(command, "cache")) {
		puts("'--older-than=[for prune]:age:' '*'{-p+,--python=}'[for "
		     "warm]:python:"
		     "($(command venvctl completions pythons 2>/dev/null))' "
		     "'--site=-[for warm]::directory:_files -/' '--compile[for warm]' "
		     "'--no-compile[for warm]' '--json' ;;");
	} else if (!strcmp(command, "config")) {
		fputs("'*: :{[[ $words[2] == show ]] && compadd -- ", stdout);
		completions_print_keys();
		puts(" || _files}' ;;");
	} else
		puts("'*:file:_files' ;;");
}

static void zsh_builder(const char *command)
{
	printf("\t%s) _arguments \\\n", command);
	completions_each_option(command, zsh_option);
	puts("\t\t'*:directory:_files -/' ;;");
}

static void zsh_flag(const struct command *c, const char *name, bool value)
{
	(void)c;
	printf("'--%s%s' ", name, value ? "=:value:" : "");
}

static void zsh_dirs(const struct command *c)
{
	printf("\t%s) _arguments ", c->name);
	completions_each_flag(c, zsh_flag);
	puts("'*:directory:_files -/' ;;");
}

void completions_zsh(void)
{
	printf("#compdef venvctl\n# made by `venvctl completions zsh`\n"
	       "if (( CURRENT == 2 )); then\n\t_values command ");
	completions_print_commands();
	puts("\n\treturn\nfi\nshift words\n(( CURRENT-- ))\ncase $words[1] in");
	completions_each_verb(zsh_verb);
	completions_each_builder(zsh_builder);
	completions_each_dirs(zsh_dirs);
	puts("\trun) _arguments '--env=[the environment]:directory:_files -/' "
	     "'(-):command:_command_names -e' '*::argument:_normal' ;;");
	puts("esac");
}
