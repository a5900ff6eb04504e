/* SPDX-License-Identifier: MIT */
/* console.c - a console script whose second line both sh and Python read as the same path */
#include <config.h>

#include "fuzz.h"
#include "readers.h"
#include "store/console.h"
#include "store/entry.h"

static int on_script(void *data, const char *name, const struct str *text,
		     struct venv_error *err)
{
	static const char long_start[] = "#!/bin/sh\n\"exec\" ";
	const char *python = data, *s = str_text(text), *end;
	struct str sh = STR_INIT, string = STR_INIT;

	(void)err;
	MUST(!strcmp(name, "tool"));
	if (!strncmp(s, long_start, sizeof(long_start) - 1)) {
		s += sizeof(long_start) - 1;
		end = read_sh(s, &sh);
		MUST(end && !strcmp(str_text(&sh), python));
		MUST(!strncmp(end, " \"$0\" \"$@\"\n", 11));
		/* A directory with a line end in its name, or that is no text, has no such. */
		if (!strpbrk(python, "\r\n") && utf8_valid(python, strlen(python)))
			MUST(read_python(s, &string) == end &&
			     !strcmp(str_text(&string), python));
	} else {
		size_t n = strcspn(s, "\n");

		/* The kernel takes what stands before a blank, of a short line. */
		MUST(!strncmp(s, "#!", 2) && n == strlen(python) + 2 && n < 128);
		MUST(!memcmp(s + 2, python, n - 2) && !memchr(s, ' ', n));
		end = s + n;
	}
	MUST(strstr(end, "\nfrom pkg.mod import main\n"));
	str_release(&sh);
	str_release(&string);
	return 0;
}

FUZZ(console)
{
	struct arena a = ARENA_INIT;
	struct log log = { 0 };
	struct store s = { .arena = &a, .log = &log };
	char *python = fuzz_copy(data, size);
	const struct store_wheel w = { .python = python, .major = 3, .minor = 12 };
	struct entry_point point = { "tool", "pkg.mod", "main.run" };
	struct entry e = { .manifest = { .points = &point, .n_points = 1 } };

	if (*python == '/')
		MUST(!console_scripts(&s, &w, &e, on_script, python, NULL));
	free(python);
	arena_release(&a);
	return 0;
}
