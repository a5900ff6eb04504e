/* SPDX-License-Identifier: MIT */
/* completions.c - venvctl completions bash|zsh|fish, and what the tables have for all three */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "completions.h"

void completions_each_option(const char *command, completions_option_fn *fn)
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

void completions_each_builder(void (*fn)(const char *command))
{
	size_t n;
	const struct command *c = commands_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (args_options(c[i].name))
			fn(c[i].name);
	}
}

void completions_print_commands(void)
{
	size_t n;
	const struct command *c = commands_table(&n);

	for (size_t i = 0; i < n; i++)
		printf("%s%s", i ? " " : "", c[i].name);
}

void completions_print_keys(void)
{
	size_t n;
	const struct option_def *t = options_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (t[i].use & OPTION_CONF)
			printf("%s%s.%s", i ? " " : "", t[i].section, t[i].def.name);
	}
}

void completions_each_verb(void (*fn)(const char *command, const char *verbs))
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

void completions_each_flag(const struct command *c, completions_flag_fn *fn)
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

void completions_each_dirs(void (*fn)(const struct command *c))
{
	size_t n;
	const struct command *c = commands_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (takes_dirs(&c[i]))
			fn(&c[i]);
	}
}

bool completions_takes_value(const struct option_def *o, const char *name)
{
	return o->def.type != VENV_OPTION_BOOL && !strcmp(name, o->def.name);
}

const char *completions_asked_for(const struct option_def *o)
{
	if (!strcmp(o->def.name, "plugin") || !strcmp(o->def.name, "add-plugin"))
		return "plugins";
	if (!strcmp(o->def.name, "python"))
		return "pythons";
	return !strcmp(o->def.name, "option") ? "keys" : NULL;
}

void completions_print_choices(const struct option_def *o)
{
	for (const char *const *c = o->def.choices; c && *c; c++)
		printf("%s%s", c == o->def.choices ? "" : " ", *c);
}

int cmd_completions(int argc, char **argv)
{
	static const struct {
		const char *shell;
		void (*print)(void);
	} shells[] = { { "bash", completions_bash },
		       { "zsh", completions_zsh },
		       { "fish", completions_fish } };

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
