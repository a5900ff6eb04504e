/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "redirect.h"

#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
#include "util/util.h"

/* A path, and a line end of two bytes. */
#define REDIRECT_MAX (4096u + 2u)

/* The length of the path that TEXT is; 0 if it is none. */
static size_t path_length(const char *text, size_t n)
{
	size_t len;

	if (n && text[n - 1] == '\n')
		n -= n > 1 && text[n - 2] == '\r' ? 2 : 1;
	for (size_t at = 0; at < n; at += len) {
		uint32_t cp;

		len = utf8_decode(text + at, n - at, &cp);
		if (!len || !cp || utf8_line_break(cp))
			return 0;
	}
	return n;
}

bool redirect_parse(struct arena *a, const char *path, const char **to)
{
	const char *dir = path_dir(a, path), *line = NULL;
	struct str text = STR_INIT;
	size_t n = 0;

	*to = NULL;
	if (dir && !file_read_at(AT_FDCWD, path, REDIRECT_MAX, &text))
		n = path_length(str_text(&text), text.len);
	if (n)
		line = arena_strndup(a, text.s, n);
	if (line)
		*to = path_absolute(a, dir, line);
	str_release(&text);
	return *to != NULL;
}

bool redirect_read(struct arena *a, const char *path, const char **to)
{
	*to = NULL;
	return !strcmp(path_base(path), REDIRECT_FILE) && redirect_parse(a, path, to);
}
