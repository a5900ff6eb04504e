/* SPDX-License-Identifier: MIT */
/*
 * readers.h - literals as their languages read them
 *
 * Written from the manuals of the languages, not from quote.c: each reads the one literal
 * that TEXT begins with, appends what it means to OUT, and returns where it ends; NULL if
 * it is none, or anything in it could expand.
 */
#pragma once

#include "layout/quote.h"
#include "util/util.h"

static inline const char *read_hex(const char *s, int digits, uint32_t *value)
{
	for (*value = 0; digits--; s++) {
		const char *all = "0123456789abcdef", *at = *s ? strchr(all, *s) : NULL;

		if (!at)
			return NULL;
		*value = *value << 4 | (uint32_t)(at - all);
	}
	return s;
}

/* Past PREFIX, if S begins with it; else NULL. */
static inline const char *past(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) ? NULL : s + n;
}

/* What printf makes of octal escapes between single quotes: ESCAPE, and three digits. */
static inline const char *read_octal(const char *s, const char *escape, struct str *out)
{
	if (!s || *s++ != '\'')
		return NULL;
	while (*s != '\'') {
		const char *digits = past(s, escape);
		char c = 0;

		if (!digits) {
			if (!*s || strchr("\\%", *s) || (unsigned char)*s >= 0x80)
				return NULL;
			str_add_char(out, *s++);
			continue;
		}
		for (s = digits; s < digits + 3; s++) {
			if (*s < '0' || *s > '7')
				return NULL;
			c = (char)(c * 8 + *s - '0');
		}
		str_add_char(out, c);
	}
	return s + 1;
}

/* POSIX shells, 2.2: a word of parts in quotes and characters behind backslashes. */
static inline const char *read_sh(const char *s, struct str *out)
{
	const char *start = s, *end;

	for (;;) {
		if ((end = past(s, "\"$('command' -p printf '%b' ")) ||
		    (end = past(s, "\"$(_venv_bytes "))) {
			s = read_octal(end, "\\0", out);
			/* The shell takes line ends away from the end of what is printed. */
			if (!s || (out->len && out->s[out->len - 1] == '\n') ||
			    !(s = past(s, ")\"")))
				return NULL;
		} else if (*s == '\'') {
			end = strchr(s + 1, '\'');
			if (!end)
				return NULL;
			str_add_n(out, s + 1, (size_t)(end - s - 1));
			s = end + 1;
		} else if (*s == '"') {
			for (s++; *s != '"'; s++) {
				if (!*s || *s == '$' || *s == '`')
					return NULL;
				if (*s == '\\' && s[1] && strchr("$`\"\\\n", s[1])) {
					if (*++s == '\n')
						continue;
				}
				str_add_char(out, *s);
			}
			s++;
		} else if (*s == '\\' && s[1]) {
			/* A backslash and a line end are nothing. */
			if (s[1] != '\n')
				str_add_char(out, s[1]);
			s += 2;
		} else {
			return s == start ? NULL : s;
		}
	}
}

/* csh: history is expanded between quotes, too, and a backslash there is one or is not. */
static inline const char *read_csh(const char *s, struct str *out)
{
	const char *start = s, *end;

	for (;;) {
		if ((end = past(s, "\"`/usr/bin/env printf ")) ||
		    (end = past(s, "\"`$_venv_printf "))) {
			s = read_octal(end, "\\", out);
			if (!s || !(s = past(s, "`\"")))
				return NULL;
		} else if (*s == '\'') {
			for (s++; *s != '\''; s++) {
				if (*s == '\\' && s[1] == '\n')
					s++;
				else if (!*s || strchr("!\\\n^%", *s))
					return NULL;
				str_add_char(out, *s);
			}
			s++;
		} else if (*s == '\\' && s[1] && s[1] != '\n') {
			str_add_char(out, s[1]);
			s += 2;
		} else {
			return s == start ? NULL : s;
		}
	}
}

static inline const char *read_fish(const char *s, struct str *out)
{
	const char *start = s;

	for (;;) {
		if (*s == '\\' && s[1] == 'X') {
			uint32_t byte;

			s = read_hex(s + 2, 2, &byte);
			if (!s)
				return NULL;
			str_add_char(out, (char)byte);
			continue;
		}
		if (*s != '\'')
			return s == start ? NULL : s;
		for (s++; *s != '\''; s++) {
			if (!*s)
				return NULL;
			if (*s == '\\' && (s[1] == '\'' || s[1] == '\\'))
				s++;
			str_add_char(out, *s);
		}
		s++;
	}
}

/* The bytes of the single quote that S begins with: the straight one, or one of four. */
static inline size_t powershell_quote(const char *s)
{
	if (*s == '\'')
		return 1;
	return !strncmp(s, "\xe2\x80", 2) && s[2] >= '\x98' && s[2] <= '\x9b' ? 3 : 0;
}

static inline const char *read_powershell(const char *s, struct str *out)
{
	if (*s++ != '\'')
		return NULL;
	while (*s) {
		size_t n = powershell_quote(s);

		/* Two of them, not of one kind even, are one: the first. */
		if (n && !powershell_quote(s + n))
			return s + n;
		if (n) {
			str_add_n(out, s, n);
			s += n + powershell_quote(s + n);
		} else {
			str_add_char(out, *s++);
		}
	}
	return NULL;
}

/* Between double quotes; a # outside of letters and digits could begin a comment. */
static inline const char *read_nushell(const char *s, struct str *out)
{
	if (*s++ != '"')
		return NULL;
	while (*s && *s != '"') {
		const char *digits = past(s, "\\u{");
		uint32_t cp;

		if (!digits) {
			if (*s == '\\' || *s == '#' || (unsigned char)*s >= 0x80)
				return NULL;
			str_add_char(out, *s++);
			continue;
		}
		s = read_hex(digits, (int)strcspn(digits, "}"), &cp);
		if (!s || s == digits || *s++ != '}')
			return NULL;
		utf8_add(out, cp);
	}
	return *s ? s + 1 : NULL;
}

/* A string of Python, single or double; os.fsencode() of what it is. */
static inline const char *read_python_string(const char *s, struct str *out)
{
	char quote = *s++;

	if (quote != '\'' && quote != '"')
		return NULL;
	if (s[0] == quote && s[1] == quote)
		return NULL;
	while (*s != quote) {
		static const char from[] = "\\'\"nrt", to[] = "\\'\"\n\r\t";
		const char *at;
		uint32_t cp;

		if (!*s || *s == '\n')
			return NULL;
		if (*s != '\\') {
			str_add_char(out, *s++);
			continue;
		}
		if (s[1] && (at = strchr(from, s[1]))) {
			str_add_char(out, to[at - from]);
			s += 2;
			continue;
		}
		s = read_hex(s + 2,
			     s[1] == 'x'   ? 2
			     : s[1] == 'u' ? 4
			     : s[1] == 'U' ? 8
					   : 99,
			     &cp);
		if (!s)
			return NULL;
		if (cp >= 0xdc80 && cp <= 0xdcff)
			str_add_char(out, (char)(cp & 0xff));
		else
			utf8_add(out, cp);
	}
	return s + 1;
}

/* Strings that stand side by side are one; our templates have bytes. */
static inline const char *read_python(const char *s, struct str *out)
{
	const char *digits = past(s, "builtins.bytes.fromhex('");

	while (digits && *digits != '\'') {
		uint32_t byte;

		digits = read_hex(digits, 2, &byte);
		if (digits)
			str_add_char(out, (char)byte);
		else
			return NULL;
	}
	if (digits)
		return past(digits, "')");
	s = read_python_string(s, out);
	while (s && (*s == '\'' || *s == '"'))
		s = read_python_string(s, out);
	return s;
}

/* The words of cmd end nowhere: this one at a blank, where quote_cmd() puts none. */
static inline const char *read_cmd(const char *s, struct str *out)
{
	while (*s && *s != ' ') {
		if (*s == '^' || *s == '%') {
			if (!s[1] || (*s == '%' && s[1] != '%'))
				return NULL;
			s++;
		} else if (strchr("&|<>()@!\"=,;\r\n", *s)) {
			return NULL;
		}
		str_add_char(out, *s++);
	}
	return s;
}

static inline const char *read_literal(enum language language, const char *s,
				       struct str *out)
{
	switch (language) {
	case LANGUAGE_SH:
		return read_sh(s, out);
	case LANGUAGE_CSH:
		return read_csh(s, out);
	case LANGUAGE_FISH:
		return read_fish(s, out);
	case LANGUAGE_POWERSHELL:
		return read_powershell(s, out);
	case LANGUAGE_NUSHELL:
		return read_nushell(s, out);
	case LANGUAGE_XONSH:
	case LANGUAGE_PYTHON:
		return read_python(s, out);
	case LANGUAGE_CMD:
		return read_cmd(s, out);
	default:
		return NULL;
	}
}

/* What a literal of LANGUAGE means that was made from TEXT, where not all can be said. */
static inline void add_sayable(enum language language, const char *text, struct str *out)
{
	size_t n = strlen(text), len;
	uint32_t cp;

	for (; n; text += len, n -= len) {
		len = utf8_decode(text, n, &cp);
		/* These read their files as UTF-8. */
		if (!len &&
		    (language == LANGUAGE_POWERSHELL || language == LANGUAGE_NUSHELL)) {
			utf8_add(out, 0xfffd);
			len = 1;
		} else if (language == LANGUAGE_CMD && (*text == '\n' || *text == '\r')) {
			utf8_add(out, 0xfffd);
			len = 1;
		} else {
			len = len ? len : 1;
			str_add_n(out, text, len);
		}
	}
}
