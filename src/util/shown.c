/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "shown.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The text that is read at AT, and is written again, shorter, at TO. */
struct cut {
	const char *at, *end;
	char *to;
};

static void keep(struct cut *c, const char *until)
{
	size_t n = (size_t)(until - c->at);

	memmove(c->to, c->at, n);
	c->to += n;
	c->at = until;
}

static const char *find_any(const char *at, const char *end, const char *chars)
{
	while (at < end && !strchr(chars, *at))
		at++;
	return at;
}

static const char *find_last(const char *at, const char *end, char c)
{
	return end > at ? memrchr(at, c, (size_t)(end - at)) : NULL;
}

/* Behind the slashes of "scheme://", "scheme:/" or of "//" that begins a value; or END. */
static const char *find_authority(const char *start, const char *end)
{
	for (const char *at = start; at < end; at++) {
		bool scheme = at > start + 1 && at[-1] == ':' &&
			      isalnum((unsigned char)at[-2]);
		bool first = at + 1 < end && at[1] == '/' &&
			     (at == start || ispunct((unsigned char)at[-1]));

		if (*at != '/' || (!scheme && !first))
			continue;
		while (at < end && *at == '/')
			at++;
		return at;
	}
	return end;
}

/* "h:x" where x is no number: the ':' is that of "user:password". */
static bool has_no_port(const char *at, const char *end)
{
	const char *colon = find_last(at, end, ':');

	if (!colon || memchr(at, ']', (size_t)(end - at)))
		return false;
	for (colon++; colon < end; colon++) {
		if (!isdigit((unsigned char)*colon))
			return true;
	}
	return false;
}

/* "user:pw@host" without any scheme, maybe behind "key=". */
static void cut_bare(struct cut *c)
{
	const char *end = find_any(c->at, c->end, "/?#");
	const char *host = find_last(c->at, end, '@'), *eq;
	const char *colon = host ? memchr(c->at, ':', (size_t)(host - c->at)) : NULL;

	if (!colon)
		return;
	eq = find_last(c->at, colon, '=');
	keep(c, eq ? eq + 1 : c->at + (*c->at == '\'' || *c->at == '"'));
	c->at = host + 1;
}

static void cut_word(struct cut *c)
{
	const char *host = find_authority(c->at, c->end), *end, *user;

	if (host == c->end)
		cut_bare(c);
	while (host < c->end) {
		keep(c, host);
		end = find_any(host, c->end, "/?#");
		user = find_last(host, end, '@');
		/* A password may have any character, where nobody encoded it; no host is empty. */
		if (user ? user + 1 == end : has_no_port(host, end))
			user = find_last(host, c->end, '@');
		if (user)
			c->at = user + 1;
		end = find_any(c->at, c->end, "?#");
		/* What lies before c->at may be written over already. */
		host = find_authority(c->at, end);
		if (host < end)
			continue;
		keep(c, end);
		for (int i = 0; i < 4 && *end == '?' && c->at < c->end; i++, c->at++)
			*c->to++ = "?..."[i];
		c->at = c->end;
		return;
	}
	keep(c, c->end);
}

void shown_cut(char *value)
{
	struct cut c = { value, value + strlen(value), value };

	cut_word(&c);
	*c.to = '\0';
}

/* The end of a word: a blank, or a quote with something behind it that ends a quotation. */
static const char *word_end(const char *at)
{
	for (; *at; at++) {
		if (strchr(" \t\n", *at) ||
		    ((*at == '\'' || *at == '"') && strchr(" \t\n,:;.)", at[1])))
			break;
	}
	return at;
}

void shown_cut_message(char *message)
{
	struct cut c = { message, NULL, message };

	while (message && *c.at) {
		c.end = word_end(c.at);
		cut_word(&c);
		if (*c.at)
			keep(&c, c.at + 1);
	}
	if (message)
		*c.to = '\0';
}
