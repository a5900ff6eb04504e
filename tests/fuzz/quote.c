/* SPDX-License-Identifier: MIT */
/* quote.c - each literal means its text, to a reader of that language, and stands alone */
#include <config.h>

#include "fuzz.h"
#include "layout/quote.h"
#include "readers.h"

static void check(enum language language, const char *text)
{
	struct str literal = STR_INIT, read = STR_INIT, want = STR_INIT;
	const char *end;

	quote(&literal, language, READER_FILE, text);
	MUST(!str_failed(&literal));
	end = read_literal(language, str_text(&literal), &read);
	MUST(end && !*end);
	add_sayable(language, text, &want);
	MUST(!strcmp(str_text(&read), str_text(&want)));
	str_release(&literal);
	str_release(&read);
	str_release(&want);
}

FUZZ(quote)
{
	char *text = fuzz_copy(data, size);

	for (int language = LANGUAGE_SH; language <= LANGUAGE_CMD; language++)
		check((enum language)language, text);
	language_of(text, text, strlen(text));
	free(text);
	return 0;
}
