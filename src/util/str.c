/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "util.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void str_release(struct str *s)
{
	free(s->s);
	*s = (struct str)STR_INIT;
}

void str_clear(struct str *s)
{
	s->len = 0;
	s->failed = false;
	if (s->s)
		s->s[0] = '\0';
}

void str_cut(struct str *s, size_t len)
{
	if (len >= s->len)
		return;
	s->len = len;
	s->s[len] = '\0';
}

bool str_reserve(struct str *s, size_t n)
{
	size_t size = s->size ? s->size : 64;
	char *p;

	if (s->failed)
		return false;
	if (n < s->size - s->len && s->size)
		return true;
	while (size - s->len <= n) {
		if (size > SIZE_MAX / 2) {
			s->failed = true;
			return false;
		}
		size *= 2;
	}
	p = realloc(s->s, size);
	if (!p) {
		s->failed = true;
		return false;
	}
	s->s = p;
	s->size = size;
	return true;
}

void str_add_n(struct str *s, const void *bytes, size_t n)
{
	if (!str_reserve(s, n))
		return;
	if (n)
		memcpy(s->s + s->len, bytes, n);
	s->len += n;
	s->s[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
	s->failed |= !text;
	if (!text)
		return;
	str_add_n(s, text, strlen(text));
}

void str_add_char(struct str *s, char c)
{
	if (!str_reserve(s, 1))
		return;
	s->s[s->len++] = c;
	s->s[s->len] = '\0';
}

void str_addf(struct str *s, const char *fmt, ...)
{
	size_t room = s->failed ? 0 : s->size - s->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(room ? s->s + s->len : NULL, room, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n >= room && str_reserve(s, (size_t)n)) {
		va_start(ap, fmt);
		n = vsnprintf(s->s + s->len, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	if (n < 0)
		s->failed = true;
	if (!s->failed)
		s->len += (size_t)n;
	else if (s->s)
		s->s[s->len] = '\0';
}

void str_add_hex(struct str *s, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	str_add_char(s, digits[byte >> 4]);
	str_add_char(s, digits[byte & 15]);
}

const char *str_text(const struct str *s)
{
	return s->s ? s->s : "";
}

char *str_steal(struct str *s)
{
	char *p = s->s;

	if (s->failed) {
		str_release(s);
		return NULL;
	}
	if (!p)
		p = calloc(1, 1);
	*s = (struct str)STR_INIT;
	return p;
}

char *str_to_arena(struct str *s, struct arena *a)
{
	char *copy = NULL;

	if (s->failed)
		a->failed = true;
	else
		copy = arena_strndup(a, str_text(s), s->len);
	str_release(s);
	return copy;
}
