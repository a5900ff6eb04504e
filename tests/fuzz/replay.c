/* SPDX-License-Identifier: MIT */
/*
 * replay.c - the kept corpus through every fuzz target, without libFuzzer
 *
 * Each input once found something new, or a fault.
 */
#include <config.h>

#include <stdlib.h>

#include "fuzz.h"

FUZZ_TARGET(config);
FUZZ_TARGET(console);
FUZZ_TARGET(elf);
FUZZ_TARGET(index);
FUZZ_TARGET(ini);
FUZZ_TARGET(journal);
FUZZ_TARGET(journal_tree);
FUZZ_TARGET(metadata);
FUZZ_TARGET(pep440);
FUZZ_TARGET(pyvenv_cfg);
FUZZ_TARGET(quote);
FUZZ_TARGET(record);
FUZZ_TARGET(requirements);
FUZZ_TARGET(spec);
FUZZ_TARGET(templates);
FUZZ_TARGET(url);
FUZZ_TARGET(wheel);

static const struct target {
	const char *name;
	int (*run)(const uint8_t *data, size_t size);
} targets[] = {
	{ "config", fuzz_config },
	{ "console", fuzz_console },
	{ "elf", fuzz_elf },
	{ "index", fuzz_index },
	{ "ini", fuzz_ini },
	{ "journal", fuzz_journal },
	{ "journal_tree", fuzz_journal_tree },
	{ "metadata", fuzz_metadata },
	{ "pep440", fuzz_pep440 },
	{ "pyvenv_cfg", fuzz_pyvenv_cfg },
	{ "quote", fuzz_quote },
	{ "record", fuzz_record },
	{ "requirements", fuzz_requirements },
	{ "spec", fuzz_spec },
	{ "templates", fuzz_templates },
	{ "url", fuzz_url },
	{ "wheel", fuzz_wheel },
};

static void replay(const struct target *t, const char *dir, struct arena *a)
{
	struct strlist names = STRLIST_INIT;

	MUST(!tree_names(a, dir, &names) && names.n);
	t->run(NULL, 0);
	for (size_t i = 0; i < names.n; i++) {
		struct str text = STR_INIT;
		uint8_t *copy;

		MUST(!file_read_at(AT_FDCWD, path_join(a, dir, names.v[i]), 1u << 24,
				   &text));
		/* What an abort leaves on the screen says which one it was. */
		fprintf(stderr, "# %s/%s\n", t->name, names.v[i]);
		copy = malloc(text.len ? text.len : 1);
		MUST(copy);
		memcpy(copy, str_text(&text), text.len);
		t->run(copy, text.len);
		free(copy);
		str_release(&text);
	}
}

int main(void)
{
	const char *top = getenv("top_srcdir");
	struct arena a = ARENA_INIT;

	printf("1..%zu\n", ARRAY_SIZE(targets));
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		replay(&targets[i],
		       arena_printf(&a, "%s/tests/fuzz/corpus/%s", top ? top : ".",
				    targets[i].name),
		       &a);
		printf("ok %zu - %s\n", i + 1, targets[i].name);
		fflush(stdout);
	}
	arena_release(&a);
	return 0;
}
