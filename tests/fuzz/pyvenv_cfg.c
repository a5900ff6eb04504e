/* SPDX-License-Identifier: MIT */
/* pyvenv_cfg.c - pyvenv.cfg: what was read and is written again is the same, each repr() too */
#include <config.h>

#include "fuzz.h"
#include "layout/layout.h"

static bool is_trimmed(const char *s)
{
	return !*s || (!strchr(" \t\r", *s) && !strchr(" \t\r", s[strlen(s) - 1]));
}

static void read_again(struct arena *a, const struct cfg *c)
{
	struct cfg kept = { .arena = a }, again = { .arena = a };
	struct str text = STR_INIT;

	for (size_t i = 0; i < c->n; i++) {
		const struct cfg_entry *e = &c->entries[i];

		MUST(*e->key && is_trimmed(e->key) && is_trimmed(e->value));
		MUST(!strpbrk(e->key, "=\n") && !strchr(e->value, '\n'));
		/* As the keys of a plugin and of an environment that stays. */
		if (*e->key != '#' && cfg_is_value(e->value))
			MUST(!cfg_set(&kept, e->key, e->value, NULL));
		MUST(cfg_unrepr(a, e->value));
	}
	cfg_add_text(&kept, &text);
	MUST(!cfg_parse(&again, str_text(&text), text.len, NULL) && again.n == kept.n);
	for (size_t i = 0; i < kept.n; i++) {
		MUST(!strcmp(kept.entries[i].key, again.entries[i].key));
		MUST(!strcmp(kept.entries[i].value, again.entries[i].value));
		MUST(cfg_get(&again, kept.entries[i].key) == again.entries[i].value);
	}
	str_release(&text);
}

static void repr_and_back(struct arena *a, const char *text)
{
	struct str repr = STR_INIT;

	cfg_add_repr(&repr, text);
	MUST(!str_failed(&repr) && cfg_is_value(str_text(&repr)));
	MUST(!strcmp(cfg_unrepr(a, str_text(&repr)), text));
	str_release(&repr);
}

FUZZ(pyvenv_cfg)
{
	struct arena a = ARENA_INIT;
	struct cfg c = { .arena = &a };
	char *text = fuzz_copy(data, size);

	MUST(!cfg_parse(&c, text, size, NULL));
	read_again(&a, &c);
	repr_and_back(&a, text);
	free(text);
	arena_release(&a);
	return 0;
}
