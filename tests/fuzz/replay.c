/* SPDX-License-Identifier: MIT */
/*
 * replay.c - the kept corpus through every fuzz target, without libFuzzer
 *
 * Each input once found something new, or a fault.
 */
#include <config.h>

#include <stdlib.h>

#include "fuzz.h"

#define TARGETS(T)                                                                     \
	T(config) T(console) T(elf) T(ini) T(metadata) T(pep440) T(pyvenv_cfg) T(quote) \
	T(record) T(requirements) T(spec) T(templates) T(url) T(wheel)

#define DECLARE(name) int fuzz_##name(const uint8_t *data, size_t size);
TARGETS(DECLARE)

static const struct target {
	const char *name;
	int (*run)(const uint8_t *data, size_t size);
} targets[] = {
#define ROW(name) { #name, fuzz_##name },
	TARGETS(ROW)
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
