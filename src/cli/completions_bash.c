/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "completions.h"

static void bash_option(const char *command, const struct option_def *o, const char *name)
{
	(void)command;
	(void)o;
	printf(" --%s", name);
}

static void bash_value(const char *command, const struct option_def *o, const char *name)
{
	const char *what = completions_asked_for(o);

	(void)command;
	if (what) {
		printf("\t--%s", name);
		if (o->letter)
			printf("|-%c", o->letter);
		printf(")\n\t\tCOMPREPLY=($(compgen -W \"$(command venvctl completions "
		       "%s "
		       "\"$cur\" 2>/dev/null)\" -- \"$cur\"))\n"
		       "\t\tcompopt +o filenames%s 2>/dev/null\n"
		       "\t\treturn\n\t\t;;\n",
		       what, strcmp(what, "keys") ? "" : " -o nospace");
	}
	if (!o->def.choices || !completions_takes_value(o, name))
		return;
	printf("\t--%s)\n\t\tCOMPREPLY=($(compgen -W '", name);
	completions_print_choices(o);
	puts("' -- \"$cur\"))\n\t\treturn\n\t\t;;");
}

static void bash_verb(const char *command, const char *verbs)
{
	printf("\t%s)\n\t\tif [ \"$COMP_CWORD\" = 2 ]; then\n"
	       "\t\t\tCOMPREPLY=($(compgen -W '%s' -- \"$cur\"))\n",
	       command, verbs);
	if (!strcmp(command, "plugins"))
		puts("\t\telif [[ $cur = -* ]]; then\n"
		     "\t\t\tcase ${COMP_WORDS[2]} in\n"
		     "\t\t\tcheck) cur=$(compgen -W '--json --with --option' -- "
		     "\"$cur\") ;;\n"
		     "\t\t\tnew) cur=$(compgen -W '--autotools --meson' -- \"$cur\") ;;\n"
		     "\t\t\t*) cur=$(compgen -W '--json' -- \"$cur\") ;;\n"
		     "\t\t\tesac\n\t\t\tCOMPREPLY=($cur)\n"
		     "\t\telse\n\t\t\tCOMPREPLY=($(compgen -f -W \"$(command venvctl "
		     "completions plugins 2>/dev/null)\" -- \"$cur\"))");
	if (!strcmp(command, "cache"))
		puts("\t\telse\n\t\t\tCOMPREPLY=($(compgen -f -W '--older-than --shared "
		     "--python "
		     "--site --compile --no-compile --json' -- \"$cur\"))");
	if (!strcmp(command, "config")) {
		fputs("\t\telif [ \"${COMP_WORDS[2]}\" = show ]; then\n"
		      "\t\t\tCOMPREPLY=($(compgen -W '--show-origin --json ",
		      stdout);
		completions_print_keys();
		puts("' -- \"$cur\"))\n\t\telse\n"
		     "\t\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))");
	}
	puts("\t\tfi\n\t\t;;");
}

static void bash_builder(const char *command)
{
	printf("\t%s)\n\t\tcase $cur in\n\t\t-*) COMPREPLY=($(compgen -W '--help",
	       command);
	completions_each_option(command, bash_option);
	puts("' -- \"$cur\")) ;;\n\t\t*) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
	     "\t\tesac\n\t\t;;");
}

static void bash_flag(const struct command *c, const char *name, bool value)
{
	(void)c;
	(void)value;
	printf(" --%s", name);
}

static void bash_dirs(const struct command *c)
{
	printf("\t%s)\n\t\tcase $cur in\n\t\t-*) COMPREPLY=($(compgen -W '--help",
	       c->name);
	completions_each_flag(c, bash_flag);
	puts("' -- \"$cur\")) ;;\n\t\t*) COMPREPLY=($(compgen -d -- \"$cur\")) ;;\n"
	     "\t\tesac\n\t\t;;");
}

void completions_bash(void)
{
	puts("# bash completion of venvctl, made by `venvctl completions bash`\n"
	     "_venvctl() {\n"
	     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	     "\tCOMPREPLY=()\n"
	     "\t# --option=value is three words\n"
	     "\tif [ \"$cur\" = = ]; then\n\t\tcur=\n"
	     "\telif [ \"$prev\" = = ] && [ \"$COMP_CWORD\" -gt 2 ]; then\n"
	     "\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n\tfi\n"
	     "\tif [ \"$COMP_CWORD\" = 1 ]; then");
	printf("\t\tCOMPREPLY=($(compgen -W '");
	completions_print_commands();
	puts(" --help --version' -- \"$cur\"))\n\t\treturn\n\tfi\n\tcase $prev in");
	/* What upgrade takes, create does, too. */
	completions_each_option("create", bash_value);
	puts("\tesac\n\tcase ${COMP_WORDS[1]} in");
	completions_each_verb(bash_verb);
	completions_each_builder(bash_builder);
	completions_each_dirs(bash_dirs);
	puts("\trun)\n\t\tcase $prev,$cur in\n"
	     "\t\t--env,*) COMPREPLY=($(compgen -d -- \"$cur\")) ;;\n"
	     "\t\trun,-*) COMPREPLY=($(compgen -W '--env --help' -- \"$cur\")) ;;\n"
	     "\t\trun,*) COMPREPLY=($(compgen -c -- \"$cur\")) ;;\n"
	     "\t\t*) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
	     "\t\tesac\n\t\t;;");
	puts("\tesac\n}\ncomplete -o filenames -F _venvctl venvctl");
}
