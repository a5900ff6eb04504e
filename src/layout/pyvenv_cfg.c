/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "layout.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "fs/fs.h"
#include "util/util.h"

#define FILE_MAX (1024u * 1024u)

/* Keys that another creator's readers take for their own. */
static const char *const foreign_keys[] = { "uv", "virtualenv", "version_info",
					    "relocatable" };

/* Keys that we write, in their order. */
const char *const cfg_own_keys[CFG_OWN_KEYS] = {
	"home",
	"include-system-site-packages",
	"version",
	"prompt",
	"executable",
	"command",
	"python-version",
	"base-prefix",
	"base-exec-prefix",
	"base-executable",
	"implementation",
	"venvctl",
	"venvctl-recipe",
};

/* Keys are read without regard to case; in the arena. */
static const char *folded(struct arena *a, const char *key)
{
	char *copy = arena_strdup(a, key);

	for (char *p = copy; p && *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
	return copy;
}

static struct cfg_entry *find(const struct cfg *c, const char *key)
{
	const char *name = folded(c->arena, key);
	size_t at = name ? (uintptr_t)index_find(&c->keys, name, "") : 0;

	return at ? &c->entries[at - 1] : NULL;
}

static int push(struct cfg *c, const char *key, const char *value, struct venv_error *err)
{
	const char *name;
	void **slot;

	if (c->n == c->size) {
		size_t size = c->size ? c->size * 2 : 16;
		struct cfg_entry *e = arena_alloc(c->arena, size * sizeof(*e));

		if (!e)
			return error_nomem(err);
		if (c->n)
			memcpy(e, c->entries, c->n * sizeof(*e));
		c->entries = e;
		c->size = size;
	}
	name = key ? folded(c->arena, key) : NULL;
	slot = name ? index_slot(c->arena, &c->keys, name, "") : NULL;
	if (!slot || !value)
		return error_nomem(err);
	c->entries[c->n++] = (struct cfg_entry){ key, value };
	/* Of a key that is there twice the first counts. */
	if (!*slot)
		*slot = (void *)(uintptr_t)c->n;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static char *trimmed(struct arena *a, const char *s, size_t n)
{
	while (n && is_blank(*s)) {
		s++;
		n--;
	}
	while (n && is_blank(s[n - 1]))
		n--;
	return arena_strndup(a, s, n);
}

int cfg_parse(struct cfg *c, const char *text, size_t len, struct venv_error *err)
{
	const char *end = text + len;

	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);
		size_t line = n;
		const char *eq;

		/* What stands behind a NUL nobody reads. */
		n = strnlen(text, n);
		eq = memchr(text, '=', n);
		if (eq && *text != '#') {
			char *key = trimmed(c->arena, text, (size_t)(eq - text));
			char *value = trimmed(c->arena, eq + 1,
					      n - (size_t)(eq + 1 - text));
			int r = key && !*key ? 0 : push(c, key, value, err);

			if (r)
				return r;
		}
		text += line + 1;
	}
	return 0;
}

int cfg_read(struct cfg *c, int dirfd)
{
	struct str text = STR_INIT;
	int r = file_read_at(dirfd, CFG_FILE, FILE_MAX, &text);

	if (!r && cfg_parse(c, str_text(&text), text.len, NULL))
		r = -ENOMEM;
	str_release(&text);
	return r;
}

const char *cfg_get(const struct cfg *c, const char *key)
{
	const struct cfg_entry *e = find(c, key);

	return e ? e->value : NULL;
}

int cfg_set(struct cfg *c, const char *key, const char *value, struct venv_error *err)
{
	struct cfg_entry *e = find(c, key);

	if (!value || !*value)
		return 0;
	if (!e)
		return push(c, key, value, err);
	e->value = value;
	return 0;
}

static bool is_in(const char *const *words, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcasecmp(words[i], key))
			return true;
	}
	return false;
}

bool cfg_is_own_key(const char *key)
{
	return is_in(cfg_own_keys, CFG_OWN_KEYS, key) ||
	       is_in(foreign_keys, ARRAY_SIZE(foreign_keys), key);
}

void cfg_add_text(const struct cfg *c, struct str *out)
{
	for (size_t i = 0; i < c->n; i++)
		str_addf(out, "%s = %s\n", c->entries[i].key, c->entries[i].value);
}

int cfg_write(const struct cfg *c, int dirfd, struct venv_error *err)
{
	struct str text = STR_INIT;
	int r;

	cfg_add_text(c, &text);
	r = str_failed(&text) ? -ENOMEM : 0;
	if (!r)
		r = file_create_at(dirfd, CFG_FILE, text.s, text.len, 0666, false);
	/* A plugin that sets a key has it written once more. */
	if (r == -EEXIST)
		r = file_replace_at(dirfd, CFG_FILE, text.s, text.len, 0666);
	str_release(&text);
	return r ? error_errno(err, -r, "cannot write '%s'", CFG_FILE) : 0;
}

bool cfg_is_value(const char *value)
{
	size_t n = strlen(value);

	while (n) {
		uint32_t cp;
		size_t len = utf8_decode(value, n, &cp);

		if (!len || cp < 0x20 || cp == 0x7f || utf8_line_break(cp))
			return false;
		value += len;
		n -= len;
	}
	return true;
}

/*
 * What str.isprintable() is false for, as far as it matters: controls, format
 * characters, separators other than the blank, surrogates and private use
 * (Unicode categories Cc, Cf, Cs, Co, Zl, Zp, Zs).  An unassigned character is
 * left as it is.
 */
static bool is_escaped(uint32_t cp)
{
	static const uint32_t ranges[][2] = {
		{ 0x00, 0x1f },	      { 0x7f, 0xa0 },	     { 0xad, 0xad },
		{ 0x600, 0x605 },     { 0x61c, 0x61c },	     { 0x6dd, 0x6dd },
		{ 0x70f, 0x70f },     { 0x1680, 0x1680 },    { 0x180e, 0x180e },
		{ 0x2000, 0x200f },   { 0x2028, 0x202f },    { 0x205f, 0x206f },
		{ 0x3000, 0x3000 },   { 0xd800, 0xf8ff },    { 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },   { 0xfffe, 0xffff },    { 0x1d173, 0x1d17a },
		{ 0xe0001, 0xe007f }, { 0xf0000, 0x10ffff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		if (cp >= ranges[i][0] && cp <= ranges[i][1])
			return true;
	}
	return false;
}

void cfg_add_repr(struct str *out, const char *text)
{
	/* Python prefers single quotes, unless that saves escaping. */
	char quote = strchr(text, '\'') && !strchr(text, '"') ? '"' : '\'';
	size_t n = strlen(text);

	str_add_char(out, quote);
	while (n) {
		uint32_t cp;
		size_t len = utf8_decode(text, n, &cp);

		if (!len) {
			str_addf(out, "\\udc%02x", (unsigned char)*text);
			len = 1;
		} else if (cp == '\n' || cp == '\r' || cp == '\t') {
			str_addf(out, "\\%c", cp == '\n' ? 'n' : cp == '\r' ? 'r' : 't');
		} else if (cp == '\\' || cp == (uint32_t)quote) {
			str_addf(out, "\\%c", (char)cp);
		} else if (!is_escaped(cp)) {
			str_add_n(out, text, len);
		} else {
			str_addf(out,
				 cp < 0x100	? "\\x%02x"
				 : cp < 0x10000 ? "\\u%04x"
						: "\\U%08x",
				 cp);
		}
		text += len;
		n -= len;
	}
	str_add_char(out, quote);
}

static bool hex(const char *s, size_t n, uint32_t *value)
{
	*value = 0;
	for (size_t i = 0; i < n; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = s[i] ? strchr(digits, s[i] | 0x20) : NULL;

		if (!at)
			return false;
		*value = *value << 4 | (uint32_t)(at - digits);
	}
	return true;
}

const char *cfg_unrepr(struct arena *a, const char *text)
{
	struct str out = STR_INIT;
	size_t n = strlen(text);
	const char *end = text + n, *copy;

	if (n < 2 || (*text != '\'' && *text != '"') || end[-1] != *text)
		return text;
	for (text++, end--; text < end; text++) {
		uint32_t cp;
		size_t digits;

		if (*text != '\\' || text + 1 == end) {
			str_add_char(&out, *text);
			continue;
		}
		text++;
		digits = *text == 'x' ? 2 : *text == 'u' ? 4 : *text == 'U' ? 8 : 0;
		if (digits && (size_t)(end - text) > digits &&
		    hex(text + 1, digits, &cp)) {
			/* A lone surrogate is the byte that was no UTF-8. */
			if (cp >= 0xdc80 && cp <= 0xdcff)
				str_add_char(&out, (char)(cp & 0xff));
			else if (cp)
				utf8_add(&out, cp);
			text += digits;
		} else {
			str_add_char(&out, *text == 'n'	  ? '\n'
					   : *text == 'r' ? '\r'
					   : *text == 't' ? '\t'
							  : *text);
		}
	}
	copy = str_to_arena(&out, a);
	return copy ? copy : text;
}
