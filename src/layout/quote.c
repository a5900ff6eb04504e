/* SPDX-License-Identifier: MIT */
/* quote.c - any text as one literal word of a language */
#include <config.h>

#include <string.h>
#include <strings.h>

#include "util/util.h"
#include "quote.h"

/* What means itself to every shell, whatever its options. */
static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '_' || c == '-';
}

static bool is_word(unsigned char c)
{
	return is_plain(c) || c >= 0x80;
}

/* How many bytes at the beginning of S are ASCII. */
static size_t ascii_prefix(const char *s)
{
	size_t n = 0;

	while (s[n] && (unsigned char)s[n] < 0x80)
		n++;
	return n;
}

/* N bytes of S between single quotes; those that are not plain in octal behind ESCAPE. */
static void add_escaped(struct str *out, const char *escape, const char *s, size_t n)
{
	str_add_char(out, '\'');
	for (size_t i = 0; i < n; i++) {
		if (is_plain((unsigned char)s[i]))
			str_add_char(out, s[i]);
		else
			str_addf(out, "%s%03o", escape, (unsigned char)s[i]);
	}
	str_add_char(out, '\'');
}

/*
 * Nothing means anything between single quotes, and a quote stands in double ones: where
 * the backslash of ASCII is another character (SHIFT_JIS, JOHAB) some shells have none.
 *
 * From the first byte on that is not ASCII printf makes the text, all of it, as a shell
 * that reads characters could make none of a half; but the line ends at its end, which
 * such a word would lose.
 */
static void quote_sh(struct str *out, enum reader reader, const char *s)
{
	size_t ascii = strlen(s), end = ascii;

	if (reader != READER_TERMINAL) {
		ascii = ascii_prefix(s);
		while (end > ascii && s[end - 1] == '\n')
			end--;
	}
	str_add_char(out, '\'');
	for (size_t i = 0; i < ascii; i++) {
		if (s[i] == '\'')
			str_add(out, "'\"'\"'");
		else
			str_add_char(out, s[i]);
	}
	str_add_char(out, '\'');
	if (!s[ascii])
		return;
	str_add(out, reader == READER_TEMPLATE ? "\"$(_venv_bytes "
					       : "\"$('command' -p printf '%b' ");
	add_escaped(out, "\\0", s + ascii, end - ascii);
	str_add(out, ")\"");
	if (s[end])
		quote_sh(out, reader, s + end);
}

/* A line as it is typed, where a backslash takes any character but a line end. */
static void quote_csh_typed(struct str *out, const char *s)
{
	if (!*s)
		str_add(out, "''");
	while (*s) {
		size_t n = 0;

		while (is_word((unsigned char)s[n]))
			n++;
		if (n) {
			str_add_char(out, '\'');
			str_add_n(out, s, n);
			str_add_char(out, '\'');
			s += n;
		} else {
			str_add_char(out, '\\');
			str_add_char(out, *s++);
		}
	}
}

/*
 * History is expanded between quotes, too, with any sign that is in `histchars`, and what
 * a backslash does depends on `backslash_quote` and on the charset: so printf makes what
 * is not plain, up to the end of the line; as its format, since a % is one of these.  In what a command prints csh takes line ends
 * for the ends of words; so these are written down.
 */
static void quote_csh(struct str *out, enum reader reader, const char *s)
{
	if (!*s)
		str_add(out, "''");
	while (*s) {
		size_t n = 0;

		if (*s == '\n') {
			str_add(out, "'\\\n'");
			s++;
			continue;
		}
		while (is_plain((unsigned char)s[n]))
			n++;
		if (n) {
			str_add_char(out, '\'');
			str_add_n(out, s, n);
			str_add_char(out, '\'');
			s += n;
		}
		n = strcspn(s, "\n");
		if (n) {
			str_add(out, reader == READER_TEMPLATE
					     ? "\"`$_venv_printf "
					     : "\"`/usr/bin/env printf ");
			add_escaped(out, "\\", s, n);
			str_add(out, "`\"");
			s += n;
		}
	}
}

/* A byte that is not ASCII is written as \\X and two digits, outside of quotes. */
static void quote_fish(struct str *out, enum reader reader, const char *s)
{
	bool is_open = true;

	str_add_char(out, '\'');
	for (; *s; s++) {
		bool is_byte = reader != READER_TERMINAL && (unsigned char)*s >= 0x80;

		if (is_open == is_byte) {
			str_add_char(out, '\'');
			is_open = !is_byte;
		}
		if (is_byte) {
			str_addf(out, "\\X%02x", (unsigned char)*s);
			continue;
		}
		if (*s == '\'' || *s == '\\')
			str_add_char(out, '\\');
		str_add_char(out, *s);
	}
	if (is_open)
		str_add_char(out, '\'');
}

/* The next character of *S, U+FFFD for a byte that is part of none. */
static uint32_t next_char(const char **s, size_t *n)
{
	uint32_t cp;

	*n = utf8_decode(*s, strnlen(*s, UTF8_MAX), &cp);
	if (!*n) {
		*n = 1;
		cp = 0xfffd;
	}
	*s += *n;
	return cp;
}

/* PowerShell takes four typographic quotes for the straight one; doubled they are text. */
static void quote_powershell(struct str *out, const char *s)
{
	str_add_char(out, '\'');
	while (*s) {
		size_t n;
		uint32_t cp = next_char(&s, &n);

		if (cp == '\'' || (cp >= 0x2018 && cp <= 0x201b))
			utf8_add(out, cp);
		utf8_add(out, cp);
	}
	str_add_char(out, '\'');
}

/*
 * Between double quotes; by its number what a terminal does not need to show as it is.  A raw
 * string would be shorter, but in a record nushell takes the # in it for a comment.
 */
static void quote_nushell(struct str *out, enum reader reader, const char *s)
{
	str_add_char(out, '"');
	while (*s) {
		size_t n;
		uint32_t cp = next_char(&s, &n);
		bool is_typed = reader == READER_TERMINAL && cp >= ' ' && cp != 0x7f &&
				cp != '"' && cp != '\\';

		if (is_typed || (cp < 0x80 && is_plain((unsigned char)cp)))
			utf8_add(out, cp);
		else
			str_addf(out, "\\u{%x}", (unsigned)cp);
	}
	str_add_char(out, '"');
}

/* ASCII, whatever encoding the file is read in; bytes that are no UTF-8 as surrogates. */
static void quote_python(struct str *out, const char *s)
{
	str_add_char(out, '\'');
	while (*s) {
		uint32_t cp;
		size_t n = utf8_decode(s, strnlen(s, UTF8_MAX), &cp);

		if (!n) {
			str_addf(out, "\\udc%02x", (unsigned char)*s++);
			continue;
		}
		s += n;
		if (cp == '\'' || cp == '\\')
			str_addf(out, "\\%c", (char)cp);
		else if (cp >= ' ' && cp < 0x7f)
			str_add_char(out, (char)cp);
		else if (cp < 0x100)
			str_addf(out, "\\x%02x", (unsigned)cp);
		else if (cp < 0x10000)
			str_addf(out, "\\u%04x", (unsigned)cp);
		else
			str_addf(out, "\\U%08x", (unsigned)cp);
	}
	str_add_char(out, '\'');
}

/* No character that an encoding which xonsh may be told to read scripts in has a use for. */
static void quote_bytes(struct str *out, const char *s)
{
	str_add(out, "builtins.bytes.fromhex('");
	for (; *s; s++)
		str_add_hex(out, (unsigned char)*s);
	str_add(out, "')");
}

/* Outside of quotes, as a caret does nothing in them; a line end cannot be written. */
static void quote_cmd(struct str *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\n' || *s == '\r') {
			utf8_add(out, 0xfffd);
			continue;
		}
		if (!is_word((unsigned char)*s))
			str_add_char(out, *s == '%' ? '%' : '^');
		str_add_char(out, *s);
	}
}

void quote(struct str *out, enum language language, enum reader reader, const char *text)
{
	switch (language) {
	case LANGUAGE_NONE:
		str_add(out, text);
		break;
	case LANGUAGE_SH:
		quote_sh(out, reader, text);
		break;
	case LANGUAGE_CSH:
		if (reader == READER_TERMINAL)
			quote_csh_typed(out, text);
		else
			quote_csh(out, reader, text);
		break;
	case LANGUAGE_FISH:
		quote_fish(out, reader, text);
		break;
	case LANGUAGE_POWERSHELL:
		quote_powershell(out, text);
		break;
	case LANGUAGE_NUSHELL:
		quote_nushell(out, reader, text);
		break;
	case LANGUAGE_XONSH:
	case LANGUAGE_PYTHON:
		if (reader == READER_TEMPLATE)
			quote_bytes(out, text);
		else
			quote_python(out, text);
		break;
	case LANGUAGE_CMD:
		quote_cmd(out, text);
		break;
	}
}

static enum language language_of_suffix(const char *name)
{
	static const struct {
		const char *suffix;
		enum language language;
	} suffixes[] = {
		{ ".sh", LANGUAGE_SH },	     { ".bash", LANGUAGE_SH },
		{ ".zsh", LANGUAGE_SH },     { ".ksh", LANGUAGE_SH },
		{ ".csh", LANGUAGE_CSH },    { ".tcsh", LANGUAGE_CSH },
		{ ".fish", LANGUAGE_FISH },  { ".ps1", LANGUAGE_POWERSHELL },
		{ ".nu", LANGUAGE_NUSHELL }, { ".xsh", LANGUAGE_XONSH },
		{ ".py", LANGUAGE_PYTHON },  { ".bat", LANGUAGE_CMD },
		{ ".cmd", LANGUAGE_CMD },
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ARRAY_SIZE(suffixes); i++) {
		if (!strcasecmp(dot, suffixes[i].suffix))
			return suffixes[i].language;
	}
	return LANGUAGE_NONE;
}

/* The program of a #! line, past "env"; its length in *LEN. */
static const char *interpreter_of(const char *text, size_t len, size_t *len_out)
{
	const char *eol = memchr(text, '\n', len), *word = text + 2;
	const char *end = eol ? eol : text + len;

	for (;;) {
		const char *stop, *base;

		while (word < end && strchr(" \t\r", *word))
			word++;
		for (stop = word; stop < end && !strchr(" \t\r", *stop); stop++)
			;
		for (base = stop; base > word && base[-1] != '/'; base--)
			;
		*len_out = (size_t)(stop - base);
		/* `env -S python3 -E` */
		if (word == stop ||
		    (!(*len_out == 3 && !memcmp(base, "env", 3)) && *word != '-'))
			return base;
		word = stop;
	}
}

enum language language_of(const char *name, const char *text, size_t len)
{
	static const struct {
		const char *program; /* how its name begins: python3.12 is one, too */
		enum language language;
	} programs[] = {
		{ "csh", LANGUAGE_CSH },       { "tcsh", LANGUAGE_CSH },
		{ "fish", LANGUAGE_FISH },     { "pwsh", LANGUAGE_POWERSHELL },
		{ "nu", LANGUAGE_NUSHELL },    { "xonsh", LANGUAGE_XONSH },
		{ "python", LANGUAGE_PYTHON }, { "pypy", LANGUAGE_PYTHON },
	};
	enum language language = language_of_suffix(name);
	const char *program;
	size_t n;

	if (language != LANGUAGE_NONE || len < 2 || text[0] != '#' || text[1] != '!')
		return language == LANGUAGE_NONE ? LANGUAGE_SH : language;
	program = interpreter_of(text, len, &n);
	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		size_t m = strlen(programs[i].program);

		if (n >= m && !memcmp(program, programs[i].program, m))
			return programs[i].language;
	}
	return LANGUAGE_SH;
}
