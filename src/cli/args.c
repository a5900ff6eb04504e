/* SPDX-License-Identifier: MIT */
/* args.c - command lines, from the option table */
#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "util/util.h"
#include "cli.h"
#include "config/config.h"

/*
 * What other tools pass to virtualenv and venv: an option of ours that means the
 * same, or nothing at all, which is then accepted and said with --verbose.
 */
static const struct {
	const char *alias, *key, *value;
} aliases[] = {
	{ "always-copy", "symlinks", "no" },
	{ "no-seed", "without-pip", "yes" },
	{ "seed", "without-pip", "no" },
	{ "allow-existing", "existing", "keep" },
	{ "no-vcs-ignore", "without-scm-ignore-files", "yes" },
	{ "download", NULL, NULL },
	{ "no-download", NULL, NULL },
	{ "no-periodic-update", NULL, NULL },
	{ "no-wheel", NULL, NULL },
};

/* What an option of the command line sets. */
struct meaning {
	const char *alias;   /* what it is called elsewhere; NULL: it is ours */
	const char *section; /* NULL: it is taken, and means nothing */
	const char *key;
	const char *value; /* of an option without argument */
};

#define MEANINGS_MAX 160
#define FIRST_CODE   1000
#define HELP_CODE    999

struct parser {
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

static void build_parser(struct parser *p)
{
	size_t n, letters;
	const struct option_def *t = options_table(&n);

	*p = (struct parser){ 0 };
	/* '-': operands come as they are met, so that options may follow them. */
	letters = (size_t)snprintf(p->letters, sizeof(p->letters), "-:h");
	for (size_t i = 0; i < n; i++) {
		bool is_bool = t[i].def.type == VENV_OPTION_BOOL;
		char buf[64];

		if (!(t[i].use & OPTION_ARG))
			continue;
		add(p, t[i].def.name, !is_bool, t[i].section, t[i].def.name,
		    is_bool ? "yes" : NULL);
		if (is_bool)
			add(p, option_opposite(&t[i], buf), false, t[i].section,
			    t[i].def.name, "no");
		if (t[i].letter && letters + 3 < sizeof(p->letters)) {
			p->letters[letters++] = t[i].letter;
			if (!is_bool)
				p->letters[letters++] = ':';
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(aliases) && p->n < MEANINGS_MAX; i++) {
		add(p, aliases[i].alias, false, aliases[i].key ? "create" : NULL,
		    aliases[i].key, aliases[i].value);
		p->meanings[p->n - 1].alias = aliases[i].alias;
	}
	p->longs[p->n] = (struct option){ "help", 0, NULL, HELP_CODE };
	p->longs[p->n + 1] = (struct option){ 0 };
}

/* The option that a letter stands for. */
static int of_letter(const struct parser *p, int letter)
{
	size_t n;
	const struct option_def *t = options_table(&n);

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
	char word[64], hint[96];
	size_t n = strcspn(s.word, "=");

	snprintf(word, sizeof(word), "%.*s", (int)(n < 60 ? n : 60), s.word);
	s.word = word;
	for (int i = 0; i < p->n; i++)
		suggest_offer(&s, p->names[i]);
	snprintf(hint, sizeof(hint), "did you mean '--%s'?", s.best ? s.best : "");
	return ui_usage(s.best ? hint : "`venvctl help create` lists the options",
			"there is no option '%.*s'", (int)strcspn(arg, " =:/?@"), arg);
}

static int set(struct args *a, struct venv_builder *b, const struct meaning *m,
	       const char *shown, const char *value)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r;

	if (!m->section)
		return EXIT_OK;
	if (!strcmp(m->key, "quiet"))
		ui.level = UI_QUIET;
	else if (!strcmp(m->key, "verbose") && ui.level < UI_DEBUG)
		ui.level = *value == 'n' ? UI_NORMAL : ui.level + 1;
	a->json |= !strcmp(m->key, "json") && *value == 'y';
	a->dry_run |= !strcmp(m->key, "dry-run") && *value == 'y';
	r = config_set_arg(builder_config(b), m->section, m->key, value, shown, &err);
	if (r) {
		error_prefix(&err, r, "%s", shown);
		r = ui_error(&err);
	}
	venv_error_clear(&err);
	return r;
}

/* Said after parsing: -v may come behind what it speaks of. */
static void say_aliases(const struct parser *p, const bool *seen, struct arena *arena)
{
	for (int i = 0; i < p->n && ui.level >= UI_VERBOSE; i++) {
		const struct meaning *m = &p->meanings[i];

		if (!seen[i])
			continue;
		ui_log(NULL, VENV_LOG_INFO,
		       m->section
			       ? arena_printf(arena, "--%s is taken as %s = %s", m->alias,
					      m->key, m->value)
			       : arena_printf(arena, "--%s is taken, and changes nothing",
					      m->alias));
	}
}

int args_parse(struct args *a, struct venv_builder *b, struct arena *arena, int argc,
	       char **argv)
{
	bool seen[MEANINGS_MAX] = { false };
	struct parser p;
	int code;

	build_parser(&p);
	*a = (struct args){ 0 };
	optind = 0;
	opterr = 0;
	while ((code = getopt_long(argc, argv, p.letters, p.longs, NULL)) != -1) {
		char shown[64];
		int m, r;

		if (code == 1) {
			if (!strlist_add(arena, &a->dirs, optarg))
				return ui_nomem();
			continue;
		}
		if (code == 'h' || code == HELP_CODE) {
			a->help = true;
			return EXIT_OK;
		}
		if (code == ':')
			return ui_usage(NULL, "the option '%s' needs a value",
					argv[optind - 1]);
		if (code == '?')
			return unknown(&p, argv[optind - 1]);
		m = code >= FIRST_CODE ? code - FIRST_CODE : of_letter(&p, code);
		if (m < 0)
			return unknown(&p, argv[optind - 1]);
		seen[m] = p.meanings[m].alias != NULL;
		if (code >= FIRST_CODE)
			snprintf(shown, sizeof(shown), "--%s", p.names[m]);
		else
			snprintf(shown, sizeof(shown), "-%c", code);
		r = set(a, b, &p.meanings[m], shown,
			p.meanings[m].value ? p.meanings[m].value : optarg);
		if (r)
			return r;
	}
	for (; optind < argc; optind++) {
		if (!strlist_add(arena, &a->dirs, argv[optind]))
			return ui_nomem();
	}
	say_aliases(&p, seen, arena);
	return EXIT_OK;
}

/* "--json", or "--older-than" with "=..." or without. */
static bool is_flag(const struct flag *f, const char *arg)
{
	size_t n = strlen(f->name);

	return !strncmp(arg, "--", 2) && !strncmp(arg + 2, f->name, n) &&
	       (!arg[2 + n] || (f->value && arg[2 + n] == '='));
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
			exit(ui_finish());
		}
		while (f->name && !is_flag(f, arg))
			f++;
		if (f->name && f->value) {
			*f->value = strchr(arg, '=') ? strchr(arg, '=') + 1 : argv[++i];
			if (!*f->value)
				return ui_usage(NULL, "the option '%s' needs a value",
						arg);
			continue;
		}
		if (f->name) {
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
