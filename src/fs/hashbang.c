/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <string.h>

/* A kernel reads no more of the first line (Linux before 5.1; others are no better). */
#define HASHBANG_MAX 127

/*
 * A word that both sh and Python read as PATH: text between single quotes, but for a
 * quote and a backslash, which stand in double ones.
 */
static void add_word(struct str *out, const char *path)
{
	str_add_char(out, '\'');
	for (; *path; path++) {
		if (*path == '\'')
			str_add(out, "'\"'\"'");
		else if (*path == '\\')
			str_add(out, "'\"\\\\\"'");
		else
			str_add_char(out, *path);
	}
	str_add_char(out, '\'');
}

void hashbang_add(struct str *out, const char *program)
{
	if (strlen(program) + 2 <= HASHBANG_MAX &&
	    !program[strcspn(program, " \t\r\n")]) {
		str_addf(out, "#!%s\n", program);
		return;
	}
	str_add(out, "#!/bin/sh\n\"exec\" ");
	add_word(out, program);
	str_add(out, " \"$0\" \"$@\"\n");
}

void hashbang_add_beside(struct str *out, const char *name)
{
	str_add(out, "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/");
	add_word(out, name);
	str_add(out, " \"$0\" \"$@\"\n' '''\n");
}

/* The first word of sh in TEXT: bare, or between single or double quotes; or NULL. */
static const char *word(struct arena *a, const char *text, const char **end)
{
	const char *from = text + 1;
	size_t n;

	if (*text != '\'' && *text != '"') {
		n = strcspn(text, " \t\r\n'\"\\$`");
		*end = text + n;
		return n && text[n] == ' ' ? arena_strndup(a, text, n) : NULL;
	}
	n = strcspn(from, *text == '"' ? "\"\\$`\n" : "'\n");
	if (from[n] != *text)
		return NULL;
	*end = from + n + 1;
	/* What follows without a blank belongs to the word, and is not understood here. */
	return **end == ' ' ? arena_strndup(a, from, n) : NULL;
}

const char *hashbang_program(struct arena *a, const char *text, const char **rest)
{
	/* The way of pip (distlib), with the end of its Python string; and ours. */
	static const struct {
		const char *start, *end;
	} ways[] = {
		{ "#!/bin/sh\n'''exec' ", " \"$0\" \"$@\"\n' '''\n" },
		{ "#!/bin/sh\n\"exec\" ", " \"$0\" \"$@\"\n" },
	};
	const char *program, *end;

	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		size_t n = strlen(ways[i].start);

		if (strncmp(text, ways[i].start, n) != 0)
			continue;
		program = word(a, text + n, &end);
		n = strlen(ways[i].end);
		if (!program || *program != '/' || strncmp(end, ways[i].end, n) != 0)
			return NULL;
		*rest = end + n;
		return program;
	}
	if (strncmp(text, "#!/", 3) != 0)
		return NULL;
	text += 2;
	end = text + strcspn(text, " \t\r\n");
	/* With options behind it: they could not stay where sh comes in between. */
	if (*end != '\n')
		return NULL;
	*rest = end + 1;
	return arena_strndup(a, text, (size_t)(end - text));
}
