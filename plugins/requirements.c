/* SPDX-License-Identifier: MIT */
/* requirements.c - a file of lines NAME==VERSION [; MARKER] --hash=sha256:HEX ... */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "markers.h"
#include "wheels.h"

/* Of one line, continued or not. */
#define LINE_MAX_BYTES (64u * 1024u)

static const char mark[] = "--hash=sha256:";

static int wrong(struct wheels *w, const char *from, const char *what, const char *text)
{
	return wheels_complain(w, VENV_ERR_CONFIG,
			       installer_format(&w->i, "%s: %s%s%s%s", from, what,
						text ? " ('" : "", text ? text : "",
						text ? "')" : ""));
}

/* Is it for this Python?  1, 0 or an error. */
static int is_meant(struct wheels *w, const char *from, const char *marker)
{
	const struct venv_context *c = w->i.ctx;
	const struct marker_env env = { c->python_version, c->implementation };
	const char *why;
	int r = marker_holds(&env, marker, &why);

	return r < 0 ? wrong(w, from, why, marker) : r;
}

/* The words --hash=sha256:HEX of OPTIONS, which is written over. */
static int read_hashes(struct wheels *w, struct package *p, char *options)
{
	size_t max = 1, n = 0;

	for (const char *at = options; (at = strstr(at, mark)); at++)
		max++;
	p->hashes = w->i.host->alloc(w->i.s, max * sizeof(*p->hashes));
	if (!p->hashes)
		return VENV_ERR_NOMEM;
	for (char *word; (word = strsep(&options, " \t\r"));) {
		char *hex = word + sizeof(mark) - 1;

		if (!*word)
			continue;
		if (strncmp(word, mark, sizeof(mark) - 1) != 0 || strlen(hex) != 64 ||
		    hex[strspn(hex, "0123456789abcdefABCDEF")])
			return wrong(w, p->from, "expected --hash=sha256:...", word);
		for (char *c = hex; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		p->hashes[n++] = installer_format(&w->i, "%s", hex);
	}
	return VENV_OK;
}

/* One logical line, which is written over. */
static int add_requirement(struct wheels *w, const char *from, char *text)
{
	char *options = strstr(text, " --"), *marker;
	struct package *p;
	size_t len;
	int r;

	if (!options)
		return wrong(w, from, "expected NAME==VERSION --hash=sha256:...", NULL);
	*options++ = '\0';
	marker = strchr(text, ';');
	if (marker) {
		*marker++ = '\0';
		r = is_meant(w, from, marker);
		if (r <= 0)
			return r;
	}
	for (len = strlen(text); len && isspace((unsigned char)text[len - 1]);)
		len--;
	if (!memmem(text, len, "==", 2))
		return wrong(w, from, "expected NAME==VERSION --hash=sha256:...", NULL);
	p = wheels_add_pin(w, text, len);
	if (!p)
		return wheels_pin_failed(w);
	p->from = from;
	r = read_hashes(w, p, options);
	return r == VENV_OK && w->i.no_memory ? VENV_ERR_NOMEM : r;
}

/* The comment of a line stands at its begin or behind a blank. */
static void cut_comment(char *line)
{
	for (char *c = line; (c = strchr(c, '#')); c++) {
		if (c == line || c[-1] == ' ' || c[-1] == '\t') {
			*c = '\0';
			return;
		}
	}
}

/* Lines that end with a backslash go on in the next. */
static int read_lines(struct wheels *w, const char *file, FILE *f)
{
	char *line = NULL, *text = NULL;
	size_t size = 0, len = 0;
	unsigned number = 0;
	int r = VENV_OK, more = 1;

	while (r == VENV_OK && more) {
		ssize_t n = getline(&line, &size, f);
		int goes_on = 0;

		number++;
		more = n >= 0;
		if (more) {
			char *longer = realloc(text, len + (size_t)n + 1);

			if (!longer || memchr(line, '\0', (size_t)n)) {
				r = longer ? VENV_ERR_CONFIG : VENV_ERR_NOMEM;
				text = longer ? longer : text;
				wheels_complain(w, r, "its requirements are no text");
				break;
			}
			text = longer;
			line[strcspn(line, "\r\n")] = '\0';
			cut_comment(line);
			n = (ssize_t)strlen(line);
			goes_on = n && line[n - 1] == '\\';
			if (goes_on)
				line[n - 1] = ' ';
			memcpy(text + len, line, (size_t)n + 1);
			len += (size_t)n;
		}
		if (goes_on && len < LINE_MAX_BYTES)
			continue;
		if (len && text[strspn(text, " \t")])
			r = len < LINE_MAX_BYTES
				    ? add_requirement(w,
						      installer_format(&w->i, "%s:%u",
								       file, number),
						      text + strspn(text, " \t"))
				    : wrong(w, file, "a line is too long", NULL);
		len = 0;
	}
	/* getline() ends so, too, where there is no memory. */
	if (r == VENV_OK && !feof(f))
		r = wheels_complain(
			w, VENV_ERR_FAILED,
			ferror(f) ? installer_format(&w->i, "cannot read '%s'", file)
				  : NULL);
	free(line);
	free(text);
	return r;
}

int wheels_read_requirements(struct wheels *w, const char *file)
{
	FILE *f = fopen(file, "re");
	int r;

	if (!f)
		return wheels_complain(
			w, VENV_ERR_CONFIG,
			installer_format(&w->i, "cannot open '%s': %m", file));
	r = read_lines(w, file, f);
	fclose(f);
	return r;
}
