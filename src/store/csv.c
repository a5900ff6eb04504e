/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "csv.h"

#include <string.h>

/* One field, unquoted in place; what ended it in *END. */
static char *field(char **text, char *end)
{
	char *in = *text, *out = *text, *start = *text;

	if (*in == '"') {
		for (in++; *in && !(in[0] == '"' && in[1] != '"'); in++) {
			in += *in == '"';
			*out++ = *in;
		}
		if (!*in)
			return NULL;
		in++;
	}
	while (*in && !strchr(",\r\n", *in))
		*out++ = *in++;
	*end = *in;
	if (in[0] == '\r' && in[1] == '\n')
		in++;
	*text = *end ? in + 1 : in;
	*out = '\0';
	return start;
}

int csv_next(char **text, const char *fields[CSV_FIELDS])
{
	char end = ',';

	while (**text == '\n' || **text == '\r')
		++*text;
	if (!**text)
		return 0;
	for (size_t i = 0; i < CSV_FIELDS; i++)
		fields[i] = "";
	for (size_t i = 0; end == ','; i++) {
		const char *f = field(text, &end);

		if (!f)
			return -1;
		if (i < CSV_FIELDS)
			fields[i] = f;
	}
	return 1;
}

void csv_add(struct str *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		str_add(out, text);
		return;
	}
	str_add_char(out, '"');
	for (; *text; text++) {
		if (*text == '"')
			str_add_char(out, '"');
		str_add_char(out, *text);
	}
	str_add_char(out, '"');
}
