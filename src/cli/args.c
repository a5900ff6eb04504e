/* SPDX-License-Identifier: MIT */
/* args.c - command lines, from the option table */
#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "util/util.h"
#include "cli.h"
#include "config/config.h"
#include "others.h"

/* What an option of the command line sets. */
struct meaning {
	const struct other *other; /* it is another tool's */
	const char *section;	   /* NULL: it is taken, and means nothing */
	const char *key;
	const char *value; /* of an option without argument */
};

#define MEANINGS_MAX 200
#define FIRST_CODE   1000
#define HELP_CODE    999

struct parser {
	const char *command;
	struct option longs[MEANINGS_MAX + 2];
	struct meaning meanings[MEANINGS_MAX];
	char names[MEANINGS_MAX][48];
	char letters[64];
	int n;
};

static void add(struct parser *p, const char *name, bool has_arg, const char *section,
		const char *key, const char *value)
{
	if (p->n == MEANINGS_MAX)
		return;
	snprintf(p->names[p->n], sizeof(p->names[0]), "%s", name);
	p->meanings[p->n] = (struct meaning){ NULL, section, key, value };
	p->longs[p->n] = (struct option){ p->names[p->n], has_arg, NULL,
					  FIRST_CODE + p->n };
	p->n++;
}

/* Another tool's option comes before one of ours that has its name. */
static bool is_replaced(const char *name, bool virtualenv)
{
	size_t n;
	const struct other *t = others_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (!strcmp(t[i].name, name))
			return virtualenv || !t[i].virtualenv;
	}
	return false;
}

static void add_own(struct parser *p, bool virtualenv, const char *name, bool has_arg,
		    const struct option_def *o, const char *value)
{
	if (args_options(p->command) != OPTION_ARG || !is_replaced(name, virtualenv))
		add(p, name, has_arg, o->section, o->def.name, value);
}

uint32_t args_options(const char *command)
{
	if (!strcmp(command, "create"))
		return OPTION_ARG;
	return strcmp(command, "upgrade") ? 0 : OPTION_UPGRADE;
}

/* Options of other tools are for `create`, which they call. */
static void add_others(struct parser *p, bool virtualenv)
{
	size_t n;
	const struct other *others = others_table(&n);

	for (size_t i = 0; i < n && p->n < MEANINGS_MAX; i++) {
		if (others[i].virtualenv && !virtualenv)
			continue;
		add(p, others[i].name, others[i].has_arg, others[i].key ? "create" : NULL,
		    others[i].key, others[i].value);
		p->meanings[p->n - 1].other = &others[i];
	}
}

static void build_parser(struct parser *p, const char *command, bool virtualenv)
{
	size_t n, letters;
	const struct option_def *t = options_table(&n);
	uint32_t taken = args_options(command);

	*p = (struct parser){ .command = command };
	/* '-': operands come as they are met, so that options may follow them. */
	letters = (size_t)snprintf(p->letters, sizeof(p->letters),
				   taken == OPTION_ARG ? "-:hc" : "-:h");
	for (size_t i = 0; i < n; i++) {
		bool is_bool = t[i].def.type == VENV_OPTION_BOOL;
		char buf[64];

		if (!(t[i].use & taken))
			continue;
		add_own(p, virtualenv, t[i].def.name, !is_bool, &t[i],
			is_bool ? "yes" : NULL);
		if (is_bool)
			add_own(p, virtualenv, option_opposite(&t[i], buf), false, &t[i],
				"no");
		if (t[i].use & OPTION_ALONE) {
			p->longs[p->n - 1].has_arg = optional_argument;
			p->meanings[p->n - 1].value = "always";
			add_own(p, virtualenv, t[i].opposite, false, &t[i], "never");
		}
		if (t[i].letter && letters + 3 < sizeof(p->letters)) {
			p->letters[letters++] = t[i].letter;
			if (!is_bool)
				p->letters[letters++] = ':';
		}
	}
	if (taken == OPTION_ARG)
		add_others(p, virtualenv);
	p->longs[p->n] = (struct option){ "help", 0, NULL, HELP_CODE };
	p->longs[p->n + 1] = (struct option){ 0 };
}

/* The option that a letter stands for. */
static int of_letter(const struct parser *p, int letter)
{
	size_t n;
	const struct option_def *t = options_table(&n);

	/* uv's -c is its --clear. */
	for (int m = 0; m < p->n && letter == 'c'; m++) {
		if (!strcmp(p->names[m], "clear"))
			return m;
	}
	for (size_t i = 0; i < n; i++) {
		if (t[i].letter != letter)
			continue;
		for (int m = 0; m < p->n; m++) {
			if (!strcmp(p->names[m], t[i].def.name))
				return m;
		}
	}
	return -1;
}

static int unknown(const struct parser *p, const char *arg)
{
	struct suggest s = SUGGEST_INIT(arg + strspn(arg, "-"));
	char word[64], hint[96], help[96];
	size_t n = strcspn(s.word, "=");

	snprintf(word, sizeof(word), "%.*s", (int)(n < 60 ? n : 60), s.word);
	s.word = word;
	for (int i = 0; i < p->n; i++)
		suggest_offer(&s, p->names[i]);
	snprintf(hint, sizeof(hint), "did you mean '--%s'?", s.best ? s.best : "");
	snprintf(help, sizeof(help), "`venvctl help %s` lists the options", p->command);
	return ui_usage(s.best ? hint : help, "there is no option '%.*s'",
			(int)strcspn(arg, " =:/?@"), arg);
}

static int set(struct args *a, struct others *o, const struct meaning *m,
	       const char *shown, const char *value)
{
	if (m->other && m->other->refused)
		return ui_usage(m->other->value, "%s is none of venvctl's options",
				shown);
	if (m->other && m->other->set)
		return m->other->set(o, shown, value);
	if (!m->section || !value)
		return EXIT_OK;
	if (!strcmp(m->key, "quiet"))
		ui.level = UI_QUIET;
	else if (!strcmp(m->key, "verbose") && ui.level < UI_DEBUG)
		ui.level = *value == 'n' ? UI_NORMAL : ui.level + 1;
	a->json |= !strcmp(m->key, "json") && *value == 'y';
	a->dry_run |= !strcmp(m->key, "dry-run") && *value == 'y';
	return others_put(o, m->section, m->key, value, shown);
}

/* Said after parsing: -v may come behind what it speaks of. */
static void say_aliases(const struct parser *p, const bool *seen, struct arena *arena)
{
	for (int i = 0; i < p->n && ui.level >= UI_VERBOSE; i++) {
		const struct meaning *m = &p->meanings[i];

		if (!seen[i] || !m->other || m->other->set)
			continue;
		ui_log(NULL, VENV_LOG_INFO,
		       m->section
			       ? arena_printf(arena, "--%s is taken as %s = %s",
					      m->other->name, m->key, m->value)
			       : arena_printf(arena, "--%s is taken, and changes nothing",
					      m->other->name));
	}
}

/* Was any option given that sets what M sets, or a variable of ours that does? */
static bool is_given(const struct parser *p, const bool *seen, const struct meaning *m,
		     const char *name)
{
	char variable[64] = "VENVCTL_";
	size_t n = strlen(variable);
	const char *value;

	for (int i = 0; i < p->n; i++) {
		if (seen[i] &&
		    (!strcmp(p->names[i], name) || (m->key && p->meanings[i].key &&
						    !strcmp(p->meanings[i].key, m->key))))
			return true;
	}
	if (!m->key)
		return false;
	for (const char *c = m->key; *c && n + 1 < sizeof(variable); c++)
		variable[n++] = *c == '-' ? '_' : (char)(*c - (*c >= 'a') * ('a' - 'A'));
	value = getenv(variable);
	return value && *value;
}

/* A list in a variable of virtualenv's has an item a line, or commas. */
static int set_items(struct args *a, struct others *o, const struct meaning *m,
		     const char *shown, const char *value)
{
	int r = EXIT_OK;

	for (size_t n; !r && *value; value += n, value += strspn(value, "\n,")) {
		n = strcspn(value, "\n,");
		r = set(a, o, m, shown, arena_strndup(o->arena, value, n));
	}
	return r;
}

/* VIRTUALENV_<OPTION>, where virtualenv would read it; what is given otherwise wins. */
static int read_variables(struct args *a, struct others *o, const struct parser *p,
			  const bool *seen)
{
	for (int i = 0; i < p->n; i++) {
		const struct meaning *m = &p->meanings[i];
		char variable[64] = "VIRTUALENV_";
		size_t n = strlen(variable);
		const char *value;
		int yes, r = EXIT_OK;

		for (const char *c = p->names[i]; *c && n + 1 < sizeof(variable); c++)
			variable[n++] = *c == '-'
						? '_'
						: (char)(*c - (*c >= 'a') * ('a' - 'A'));
		value = getenv(variable);
		if (!value || !*value || is_given(p, seen, m, p->names[i]))
			continue;
		yes = option_bool(value);
		if (p->longs[i].has_arg == required_argument)
			r = m->key && !strcmp(m->key, "python")
				    ? set_items(a, o, m, variable, value)
				    : set(a, o, m, variable, value);
		else if (yes < 0)
			r = ui_usage(NULL, "%s: '%s' is neither yes nor no", variable,
				     value);
		else if (yes)
			r = set(a, o, m, variable, m->value);
		if (r)
			return r;
	}
	return EXIT_OK;
}

/* getopt_long() takes any beginning of a name; which it was must not depend on others. */
static bool is_whole(const struct parser *p, int m, const char *word)
{
	const char *name = m < 0 ? "help" : p->names[m];
	size_t n = strlen(name);

	return word && !strncmp(word, "--", 2) && !strncmp(word + 2, name, n) &&
	       (!word[2 + n] || word[2 + n] == '=');
}

static int parse(struct args *a, struct others *o, const struct parser *p, bool *seen,
		 int argc, char **argv)
{
	optind = 0;
	opterr = 0;
	for (;;) {
		int at = optind ? optind : 1, m, r;
		int code = getopt_long(argc, argv, p->letters, p->longs, NULL);
		char shown[64];

		if (code == -1)
			return EXIT_OK;
		if (code == 1) {
			if (!strlist_add(o->arena, &a->dirs, optarg))
				return ui_nomem();
			continue;
		}
		if (code >= HELP_CODE &&
		    !is_whole(p, code == HELP_CODE ? -1 : code - FIRST_CODE, argv[at]))
			return unknown(p, argv[at]);
		if (code == 'h' || code == HELP_CODE) {
			a->help = true;
			return EXIT_OK;
		}
		if (code == ':')
			return ui_usage(NULL, "the option '%s' needs a value",
					argv[optind - 1]);
		if (code == '?')
			return unknown(p, argv[optind - 1]);
		m = code >= FIRST_CODE ? code - FIRST_CODE : of_letter(p, code);
		if (m < 0)
			return unknown(p, argv[optind - 1]);
		seen[m] = true;
		if (code >= FIRST_CODE)
			snprintf(shown, sizeof(shown), "--%s", p->names[m]);
		else
			snprintf(shown, sizeof(shown), "-%c", code);
		r = set(a, o, &p->meanings[m], shown,
			p->longs[m].has_arg && optarg ? optarg : p->meanings[m].value);
		if (r)
			return r;
	}
}

int args_parse(struct args *a, const char *command, struct venv_builder *b,
	       struct arena *arena, int argc, char **argv)
{
	struct others o = { .b = b, .arena = arena };
	bool seen[MEANINGS_MAX] = { false };
	bool virtualenv = args_is_virtualenv(argv[0]);
	struct parser p;
	int r;

	build_parser(&p, command, virtualenv);
	*a = (struct args){ 0 };
	r = parse(a, &o, &p, seen, argc, argv);
	if (r || a->help)
		return r;
	for (; optind < argc; optind++) {
		if (!strlist_add(arena, &a->dirs, argv[optind]))
			return ui_nomem();
	}
	if (virtualenv)
		r = read_variables(a, &o, &p, seen);
	if (!r)
		r = others_finish(&o);
	if (!r)
		say_aliases(&p, seen, arena);
	return r;
}

static bool is_called(const char *program, const char *name)
{
	const char *slash = strrchr(program, '/');

	return !strcmp(slash ? slash + 1 : program, name);
}

bool args_is_virtualenv(const char *program)
{
	return is_called(program, "virtualenv");
}

bool args_is_creator(const char *program)
{
	return args_is_virtualenv(program) || is_called(program, "pyvenv");
}

/* "--json", or "--older-than" with "=..." or without; "-o" with what it sets or without. */
static bool takes_value(const struct flag *f)
{
	return (f->value && !f->word) || f->values;
}

static bool is_flag(const struct flag *f, const char *arg)
{
	size_t n = strlen(f->name);

	if (arg[1] != '-')
		return f->letter && arg[1] == f->letter && (!f->set || !arg[2]);
	return !strncmp(arg + 2, f->name, n) &&
	       (!arg[2 + n] || (takes_value(f) && arg[2 + n] == '='));
}

/* The value of an option that is argv[*AT], which may be the next word; NULL for none. */
static const char *flag_value(char **argv, int *at)
{
	const char *arg = argv[*at], *eq = strchr(arg, '=');

	if (arg[1] != '-' && arg[2])
		return arg + 2;
	return arg[1] == '-' && eq ? eq + 1 : argv[++*at];
}

int args_simple(const struct command *c, int argc, char **argv, const struct flag *flags,
		struct arena *arena, struct strlist *rest)
{
	bool options = true;

	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];
		struct suggest s = SUGGEST_INIT(arg + strspn(arg, "-"));
		const struct flag *f = flags;
		char hint[96];

		if (!options || arg[0] != '-' || !arg[1]) {
			if (!strlist_add(arena, rest, arg))
				return ui_nomem();
			continue;
		}
		if (!strcmp(arg, "--")) {
			options = false;
			continue;
		}
		if (!strcmp(arg, "--help") || !strcmp(arg, "-h")) {
			usage_command(c);
			exit(ui_finish(EXIT_OK));
		}
		while (f->name && !is_flag(f, arg))
			f++;
		if (f->name && takes_value(f)) {
			bool alone = f->set && !strchr(arg, '=') &&
				     (i + 1 == argc || argv[i + 1][0] == '-');
			const char *value = alone ? "" : flag_value(argv, &i);

			if (f->set)
				*f->set = true;
			if (!value)
				return ui_usage(NULL, "the option '%s' needs a value",
						arg);
			if (f->value)
				*f->value = value;
			else if (!strlist_add(arena, f->values, value))
				return ui_nomem();
			continue;
		}
		if (f->name) {
			if (f->word)
				*f->value = f->word;
			else
				*f->set = true;
			continue;
		}
		for (f = flags; f->name; f++)
			suggest_offer(&s, f->name);
		snprintf(hint, sizeof(hint), "did you mean '--%s'?",
			 s.best ? s.best : "");
		return ui_usage(s.best ? hint : NULL, "'%s' has no option '%.*s'",
				c->name, (int)strcspn(arg, " =:/?@"), arg);
	}
	return EXIT_OK;
}
