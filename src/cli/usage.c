/* SPDX-License-Identifier: MIT */
/* usage.c - --help, made from the tables */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "config/config.h"

#define COLUMN 34

void usage_main(bool to_stderr)
{
	FILE *to = to_stderr ? stderr : stdout;
	size_t n;
	const struct command *t = commands_table(&n);

	fputs("usage: venvctl COMMAND [OPTIONS]\n\ncommands:\n", to);
	for (size_t i = 0; i < n; i++)
		fprintf(to, "  %-11s %s\n", t[i].name, t[i].summary);
	fputs("\n`venvctl help COMMAND` says more; venvctl(1) says all.\n", to);
}

/* "--symlinks, --copies", "-p, --python SPEC" */
static void option_line(const struct option_def *o)
{
	char left[96], buf[64];
	int n = 0;

	if (o->letter)
		n = snprintf(left, sizeof(left), "-%c, ", o->letter);
	n += snprintf(left + n, sizeof(left) - (size_t)n, "--%s", o->def.name);
	if (o->def.type == VENV_OPTION_BOOL && o->opposite)
		n += snprintf(left + n, sizeof(left) - (size_t)n, ", --%s",
			      option_opposite(o, buf));
	else if (o->def.metavar)
		n += snprintf(left + n, sizeof(left) - (size_t)n, " %s", o->def.metavar);
	for (const char *const *c = o->def.metavar ? NULL : o->def.choices; c && *c; c++)
		n += snprintf(left + n, sizeof(left) - (size_t)n, "%s%s",
			      c != o->def.choices     ? "|"
			      : o->use & OPTION_ALONE ? "[="
						      : " ",
			      *c);
	if (o->use & OPTION_ALONE)
		n += snprintf(left + n, sizeof(left) - (size_t)n, "]");
	if (n < COLUMN)
		printf("  %-*s %s\n", COLUMN, left, o->def.help);
	else
		printf("  %s\n  %-*s %s\n", left, COLUMN, "", o->def.help);
}

void usage_command(const struct command *c)
{
	size_t n;
	const struct option_def *t = options_table(&n);
	uint32_t taken = args_options(c->name);

	printf("usage: venvctl %s %s\n\n%s\n", c->name, c->usage, c->summary);
	if (c->help)
		printf("\n%s", c->help);
	if (!taken)
		return;
	puts("\noptions:");
	for (size_t i = 0; i < n; i++) {
		if ((t[i].use & taken) && !(t[i].use & OPTION_HIDDEN))
			option_line(&t[i]);
	}
	printf("  %-*s %s\n", COLUMN, "-h, --help", "show this");
	puts("\nA yes/no option NAME has an opposite, --no-NAME where no other is "
	     "shown.");
}
