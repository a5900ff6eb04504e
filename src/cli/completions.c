/* SPDX-License-Identifier: MIT */
/* completions.c - venvctl completions bash|zsh|fish, made from the tables */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "config/config.h"

typedef void option_fn(const char *command, const struct option_def *o, const char *name);

/* Every long option of COMMAND that is in the table, opposites included. */
static void each_option(const char *command, option_fn *fn)
{
	size_t n;
	const struct option_def *t = options_table(&n);
	uint32_t taken = args_options(command);

	for (size_t i = 0; i < n; i++) {
		char buf[64];

		if (!(t[i].use & taken))
			continue;
		fn(command, &t[i], t[i].def.name);
		if (t[i].def.type == VENV_OPTION_BOOL || t[i].use & OPTION_ALONE)
			fn(command, &t[i], option_opposite(&t[i], buf));
	}
}

/* The commands whose options are in the table. */
static void each_builder(void (*fn)(const char *command))
{
	size_t n;
	const struct command *c = commands_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (args_options(c[i].name))
			fn(c[i].name);
	}
}

static void print_commands(void)
{
	size_t n;
	const struct command *c = commands_table(&n);

	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? " " : "", c[i].name);
}

/* The keys that `config show` takes. */
static void print_keys(void)
{
	size_t n;
	const struct option_def *t = options_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (t[i].use & OPTION_CONF)
			printf("%s%s.%s", i ? " " : "", t[i].section, t[i].def.name);
	}
}

/* The words that a command takes first: "show path check" of its usage. */
static void each_verb(void (*fn)(const char *command, const char *verbs))
{
	size_t n;
	const struct command *c = commands_table(&n);
	char names[256] = "";

	for (size_t i = 0; i < n; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 i ? " " : "", c[i].name);
	fn("help", names);

	for (size_t i = 0; i < n; i++) {
		char verbs[64];
		size_t len = strcspn(c[i].usage, " ");

		if (c[i].usage[0] == '[' || len >= sizeof(verbs))
			continue;
		memcpy(verbs, c[i].usage, len);
		verbs[len] = '\0';
		for (char *p = verbs; *p; p++) {
			if (*p == '|')
				*p = ' ';
		}
		fn(c[i].name, verbs);
	}
}

/* True for a command whose operands are directories, and whose options its help names. */
static bool takes_dirs(const struct command *c)
{
	return c->usage[0] == '[' && c->help && !args_options(c->name) &&
	       strcmp(c->name, "run") != 0;
}

/* Each "--option" that begins a line of the help, or stands behind a letter there. */
static void each_flag(const struct command *c,
		      void (*fn)(const struct command *c, const char *name, bool value))
{
	for (const char *at = c->help; at; at = strchr(at, '\n')) {
		const char *flag;
		char name[32];
		size_t n;

		at += strspn(at, "\n");
		flag = strncmp(at, "  -", 3) ? NULL : at[3] == '-' ? at + 2 : at + 6;
		if (!flag || strncmp(flag, "--", 2) != 0)
			continue;
		n = strspn(flag + 2, "abcdefghijklmnopqrstuvwxyz-");
		snprintf(name, sizeof(name), "%.*s", (int)n, flag + 2);
		/* The name of its value is in capitals. */
		fn(c, name,
		   flag[2 + n] == ' ' && flag[3 + n] >= 'A' && flag[3 + n] <= 'Z');
	}
}

static void each_dirs(void (*fn)(const struct command *c))
{
	size_t n;
	const struct command *c = commands_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (takes_dirs(&c[i]))
			fn(&c[i]);
	}
}

/* Under NAME, which may be its opposite. */
static bool takes_value(const struct option_def *o, const char *name)
{
	return o->def.type != VENV_OPTION_BOOL && !strcmp(name, o->def.name);
}

/* True for an option whose value is the name of a file. */
static bool names_file(const struct option_def *o)
{
	return o->def.type == VENV_OPTION_PATH ||
	       (o->def.metavar && !strcmp(o->def.metavar, "FILE"));
}

/* What of the machine's plugins is a value of O: see complete.c; NULL for nothing. */
static const char *asked_for(const struct option_def *o)
{
	if (!strcmp(o->def.name, "plugin") || !strcmp(o->def.name, "add-plugin"))
		return "plugins";
	if (!strcmp(o->def.name, "python"))
		return "pythons";
	return !strcmp(o->def.name, "option") ? "keys" : NULL;
}

static void print_choices(const struct option_def *o)
{
	for (const char *const *c = o->def.choices; c && *c; c++)
		printf("%s%s", c == o->def.choices ? "" : " ", *c);
}

static void bash_option(const char *command, const struct option_def *o, const char *name)
{
	(void)command;
	(void)o;
	printf(" --%s", name);
}

static void bash_value(const char *command, const struct option_def *o, const char *name)
{
	const char *what = asked_for(o);

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
	if (!o->def.choices || !takes_value(o, name))
		return;
	printf("\t--%s)\n\t\tCOMPREPLY=($(compgen -W '", name);
	print_choices(o);
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
		     "--site --json' -- \"$cur\"))");
	if (!strcmp(command, "config")) {
		fputs("\t\telif [ \"${COMP_WORDS[2]}\" = show ]; then\n"
		      "\t\t\tCOMPREPLY=($(compgen -W '--show-origin --json ",
		      stdout);
		print_keys();
		puts("' -- \"$cur\"))\n\t\telse\n"
		     "\t\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))");
	}
	puts("\t\tfi\n\t\t;;");
}

static void bash_builder(const char *command)
{
	printf("\t%s)\n\t\tcase $cur in\n\t\t-*) COMPREPLY=($(compgen -W '--help",
	       command);
	each_option(command, bash_option);
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
	each_flag(c, bash_flag);
	puts("' -- \"$cur\")) ;;\n\t\t*) COMPREPLY=($(compgen -d -- \"$cur\")) ;;\n"
	     "\t\tesac\n\t\t;;");
}

static void bash(void)
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
	print_commands();
	puts(" --help --version' -- \"$cur\"))\n\t\treturn\n\tfi\n\tcase $prev in");
	/* What upgrade takes, create does, too. */
	each_option("create", bash_value);
	puts("\tesac\n\tcase ${COMP_WORDS[1]} in");
	each_verb(bash_verb);
	each_builder(bash_builder);
	each_dirs(bash_dirs);
	puts("\trun)\n\t\tcase $prev,$cur in\n"
	     "\t\t--env,*) COMPREPLY=($(compgen -d -- \"$cur\")) ;;\n"
	     "\t\trun,-*) COMPREPLY=($(compgen -W '--env --help' -- \"$cur\")) ;;\n"
	     "\t\trun,*) COMPREPLY=($(compgen -c -- \"$cur\")) ;;\n"
	     "\t\t*) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
	     "\t\tesac\n\t\t;;");
	puts("\tesac\n}\ncomplete -o filenames -F _venvctl venvctl");
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
	if (o->letter && asked_for(o) && !strcmp(name, o->def.name)) {
		printf("\t\t'*-%c[", o->letter);
		zsh_text(o->def.help);
		putchar(']');
		zsh_asked_for(asked_for(o));
		puts("' \\");
	}
	printf("\t\t'%s--%s%s[", o->def.flags & VENV_OPTION_LIST ? "*" : "", name,
	       !takes_value(o, name)   ? ""
	       : o->use & OPTION_ALONE ? "=-"
				       : "=");
	if (!strcmp(name, o->def.name))
		zsh_text(o->def.help);
	else
		printf("the opposite of --%s", o->def.name);
	putchar(']');
	if (o->def.choices && takes_value(o, name)) {
		fputs(o->use & OPTION_ALONE ? "::value:(" : ":value:(", stdout);
		print_choices(o);
		putchar(')');
	} else if (asked_for(o)) {
		zsh_asked_for(asked_for(o));
	} else if (takes_value(o, name)) {
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
		     "'--site=-[for warm]::directory:_files -/' '--json' ;;");
	} else if (!strcmp(command, "config")) {
		fputs("'*: :{[[ $words[2] == show ]] && compadd -- ", stdout);
		print_keys();
		puts(" || _files}' ;;");
	} else
		puts("'*:file:_files' ;;");
}

static void zsh_builder(const char *command)
{
	printf("\t%s) _arguments \\\n", command);
	each_option(command, zsh_option);
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
	each_flag(c, zsh_flag);
	puts("'*:directory:_files -/' ;;");
}

static void zsh(void)
{
	printf("#compdef venvctl\n# made by `venvctl completions zsh`\n"
	       "if (( CURRENT == 2 )); then\n\t_values command ");
	print_commands();
	puts("\n\treturn\nfi\nshift words\n(( CURRENT-- ))\ncase $words[1] in");
	each_verb(zsh_verb);
	each_builder(zsh_builder);
	each_dirs(zsh_dirs);
	puts("\trun) _arguments '--env=[the environment]:directory:_files -/' "
	     "'(-):command:_command_names -e' '*::argument:_normal' ;;");
	puts("esac");
}

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
		print_choices(o);
		putchar('\'');
	} else if (asked_for(o)) {
		fish_asked_for(asked_for(o));
	} else if (takes_value(o, name)) {
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
		print_keys();
		puts("'\ncomplete -c venvctl -F -n '__fish_seen_subcommand_from config; "
		     "and "
		     "__fish_seen_subcommand_from check'");
	}
}

static void fish_builder(const char *command)
{
	each_option(command, fish_option);
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
	each_flag(c, fish_flag);
}

static void fish(void)
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
	each_verb(fish_verb);
	each_builder(fish_builder);
	puts("complete -c venvctl -n '__fish_seen_subcommand_from run' -l env -x "
	     "-a '(__fish_complete_directories)' -d 'the environment'\n"
	     "complete -c venvctl -n '__fish_seen_subcommand_from run' "
	     "-a '(__fish_complete_command)'");
	each_dirs(fish_dirs);
}

int cmd_completions(int argc, char **argv)
{
	static const struct {
		const char *shell;
		void (*print)(void);
	} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

	if (argc == 2 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		usage_command(commands_find("completions"));
		return ui_finish(EXIT_OK);
	}
	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(shells); i++) {
		if (!strcmp(argv[1], shells[i].shell)) {
			shells[i].print();
			return ui_finish(EXIT_OK);
		}
	}
	if (argc >= 2 && argc <= 3 &&
	    (!strcmp(argv[1], "plugins") || !strcmp(argv[1], "keys") ||
	     !strcmp(argv[1], "pythons")))
		return complete(argv[1], argc == 3 ? argv[2] : "");
	return ui_usage("venvctl completions bash",
			"'completions' needs one of: bash, zsh, fish");
}
