/* SPDX-License-Identifier: MIT */
/* record.c - RECORD: what was read and is written is the same */
#include <config.h>

#include "fuzz.h"
#include "store/csv.h"

/* All rows of TEXT, which is written over, each field as csv_add() writes it. */
static int write_rows(char *text, struct str *out)
{
	const char *fields[CSV_FIELDS];
	int r;

	while ((r = csv_next(&text, fields)) > 0) {
		for (int i = 0; i < CSV_FIELDS; i++) {
			csv_add(out, fields[i]);
			str_add(out, i < CSV_FIELDS - 1 ? "," : "\r\n");
		}
	}
	return r;
}

static void rows(const uint8_t *data, size_t size)
{
	struct str first = STR_INIT, second = STR_INIT;
	char *text = fuzz_copy(data, size), *copy;

	if (!write_rows(text, &first)) {
		copy = fuzz_copy((const uint8_t *)str_text(&first), first.len);
		MUST(!write_rows(copy, &second));
		MUST(!strcmp(str_text(&first), str_text(&second)));
		free(copy);
	}
	free(text);
	str_release(&first);
	str_release(&second);
}

FUZZ(record)
{
	/* The first byte once chose between this and another text. */
	fuzz_byte(&data, &size);
	rows(data, size);
	return 0;
}
