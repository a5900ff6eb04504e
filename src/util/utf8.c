/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "util.h"

#include <string.h>

size_t utf8_decode(const char *s, size_t n, uint32_t *cp)
{
	const unsigned char *p = (const unsigned char *)s;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len;
	uint32_t c;

	if (!n)
		return 0;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		len = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (n < len)
		return 0;
	c = p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return len;
}

bool utf8_valid(const char *s, size_t n)
{
	while (n) {
		uint32_t cp;
		size_t len = utf8_decode(s, n, &cp);

		if (!len)
			return false;
		s += len;
		n -= len;
	}
	return true;
}

void utf8_add(struct str *out, uint32_t cp)
{
	if (cp < 0x80) {
		str_add_char(out, (char)cp);
	} else if (cp < 0x800) {
		str_add_char(out, (char)(0xc0 | cp >> 6));
		str_add_char(out, (char)(0x80 | (cp & 0x3f)));
	} else if (cp < 0x10000) {
		str_add_char(out, (char)(0xe0 | cp >> 12));
		str_add_char(out, (char)(0x80 | (cp >> 6 & 0x3f)));
		str_add_char(out, (char)(0x80 | (cp & 0x3f)));
	} else {
		str_add_char(out, (char)(0xf0 | cp >> 18));
		str_add_char(out, (char)(0x80 | (cp >> 12 & 0x3f)));
		str_add_char(out, (char)(0x80 | (cp >> 6 & 0x3f)));
		str_add_char(out, (char)(0x80 | (cp & 0x3f)));
	}
}

bool utf8_line_break(uint32_t cp)
{
	return (cp >= '\n' && cp <= '\r') || (cp >= 0x1c && cp <= 0x1e) || cp == 0x85 ||
	       cp == 0x2028 || cp == 0x2029;
}

bool utf8_printable(uint32_t cp)
{
	if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
		return false;
	/* Line and paragraph separators; below, what can reorder or hide text. */
	if (cp == 0x2028 || cp == 0x2029)
		return false;
	if (cp == 0x061c || cp == 0x200e || cp == 0x200f ||
	    (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069))
		return false;
	return cp != 0xfeff && (cp & 0xfffe) != 0xfffe;
}

bool utf8_all_printable(const char *text)
{
	size_t n = strlen(text);

	while (n) {
		uint32_t cp = 0;
		size_t len = utf8_decode(text, n, &cp);

		if (!len || !utf8_printable(cp))
			return false;
		text += len;
		n -= len;
	}
	return true;
}

void utf8_add_shown(struct str *out, const char *text)
{
	size_t n = strlen(text);

	while (n) {
		uint32_t cp = 0;
		size_t len = utf8_decode(text, n, &cp);

		if (len && utf8_printable(cp)) {
			str_add_n(out, text, len);
		} else {
			if (!len)
				len = 1;
			for (size_t i = 0; i < len; i++)
				str_addf(out, "\\x%02x", (unsigned char)text[i]);
		}
		text += len;
		n -= len;
	}
}
