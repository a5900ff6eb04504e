/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "ini.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "util/util.h"

/* A key as our reader saw it; inih is shown its index. */
struct entry {
	struct entry *next;
	const char *section;
	const char *key;
	struct ini_value value;
	size_t bytes; /* of the value, over all its lines */
};

struct parse {
	struct arena *a;
	const struct ini_reader *reader;
	const char *pos, *end;
	unsigned line;
	const char *section; /* NULL before the first */
	bool refused;	     /* the last key was: what continues it says nothing */
	struct entry *first, *last;
	struct index seen;	  /* each key of each section */
	const struct entry *show; /* the next entry that inih is to be shown */
	const struct entry *told; /* the one that it told of last */
	size_t told_number;
	const char *shown; /* the section that inih is in */
	size_t number;
	int result;
	bool nomem;
};

bool ini_is_name(const char *name, size_t n)
{
	if (!n || n > INI_NAME_MAX || name[0] < 'a' || name[0] > 'z')
		return false;
	for (size_t i = 1; i < n; i++) {
		if (!(name[i] >= 'a' && name[i] <= 'z') &&
		    !(name[i] >= '0' && name[i] <= '9') && name[i] != '-')
			return false;
	}
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int problem(struct parse *p, const char *message, const char *hint)
{
	int r = p->reader->problem(p->reader->data, p->line, message, hint);

	if (r && !p->result)
		p->result = r;
	return r;
}

/* The next line without its end and the blanks there; false at the end of the text. */
static bool next_line(struct parse *p, const char **line, size_t *n)
{
	const char *nl;

	if (p->pos >= p->end)
		return false;
	nl = memchr(p->pos, '\n', (size_t)(p->end - p->pos));
	*line = p->pos;
	*n = (size_t)((nl ? nl : p->end) - p->pos);
	p->pos = nl ? nl + 1 : p->end;
	p->line++;
	if (*n && (*line)[*n - 1] == '\r')
		--*n;
	while (*n && is_blank((*line)[*n - 1]))
		--*n;
	return true;
}

/* NULL, or what no line may contain. */
static const char *unfit(const char *line, size_t n)
{
	while (n) {
		uint32_t cp;
		size_t len = utf8_decode(line, n, &cp);

		if (!len)
			return "text is not UTF-8";
		if (!cp)
			return "NUL byte";
		if ((cp < 0x20 && cp != '\t') || cp == 0x7f)
			return "control character";
		line += len;
		n -= len;
	}
	return NULL;
}

/*
 * A ';' or '#' behind a blank: elsewhere that would begin a comment.  S may begin with
 * blanks, so that a comment where a value should be is found, too.
 */
static bool has_comment(const char *s, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if ((s[i] == ';' || s[i] == '#') && is_blank(s[i - 1]))
			return true;
	}
	return false;
}

static int check_value(struct parse *p, const char *s, size_t n)
{
	if (has_comment(s, n))
		return problem(p, "comment behind a value",
			       "put it on a line of its own");
	return 0;
}

static int add_section(struct parse *p, const char *s, size_t n)
{
	char *name;

	if (s[n - 1] != ']')
		return problem(p, "no ']' at the end of the line", NULL);
	s++;
	n -= 2;
	if (!n)
		return problem(p, "section without a name", NULL);
	if (n > INI_NAME_MAX)
		return problem(p, "section name of over 48 bytes", NULL);
	for (size_t i = 0; i < n; i++) {
		if (strchr("[]= \t;#\"", s[i]))
			return problem(
				p, "section name with a character that it cannot have",
				NULL);
	}
	name = arena_strndup(p->a, s, n);
	p->nomem |= !name;
	if (p->nomem)
		return 1;
	p->section = name;
	p->result = p->reader->section(p->reader->data, name, p->line);
	return p->result;
}

/* True if the section at work had KEY before; from now on it has. */
static bool seen_key(struct parse *p, const char *key)
{
	void **slot = index_slot(p->a, &p->seen, p->section, key);
	bool seen = slot && *slot;

	p->nomem |= !slot;
	if (slot)
		*slot = p;
	return seen;
}

static int add_key(struct parse *p, const char *s, size_t n)
{
	const char *eq = memchr(s, '=', n);
	size_t key_len, value_len;
	const char *value;
	bool appends;
	struct entry *e;
	char *key;

	if (!eq)
		return problem(p, "neither a section, nor 'key = value', nor a comment",
			       NULL);
	if (!p->section)
		return problem(p, "key before the first [section]", NULL);
	key_len = (size_t)(eq - s);
	appends = key_len && s[key_len - 1] == '+';
	key_len -= appends;
	while (key_len && is_blank(s[key_len - 1]))
		key_len--;
	value = eq + 1;
	while (value < s + n && is_blank(*value))
		value++;
	value_len = (size_t)(s + n - value);
	if (!key_len)
		return problem(p, "no key before '='", NULL);
	if (key_len > INI_NAME_MAX)
		return problem(p, "key of over 48 bytes", NULL);
	if (!ini_is_name(s, key_len))
		return problem(p, "key with a character that it cannot have",
			       "keys are lower-case letters, digits and '-'");
	if (value_len > INI_VALUE_MAX)
		return problem(p, "value of over 32 KiB", NULL);
	if (check_value(p, eq + 1, (size_t)(s + n - eq - 1)))
		return p->result;
	key = arena_strndup(p->a, s, key_len);
	e = arena_alloc(p->a, sizeof(*e));
	p->nomem |= !key || !e;
	if (p->nomem)
		return 1;
	if (seen_key(p, key))
		return problem(p, "the same key a second time in this section", NULL);
	if (p->nomem)
		return 1;
	*e = (struct entry){ .section = p->section,
			     .key = key,
			     .value.line = p->line,
			     .value.appends = appends,
			     .bytes = value_len };
	e->value.text = arena_strndup(p->a, value, value_len);
	p->nomem |= !e->value.text;
	if (p->last)
		p->last->next = e;
	else
		p->first = e;
	p->last = e;
	return p->nomem;
}

static int add_continuation(struct parse *p, const char *s, size_t n)
{
	struct ini_value *v;
	const char *item;

	if (p->refused)
		return 0;
	if (!p->last || p->last->section != p->section)
		return problem(p, "indented line that continues nothing",
			       "keys begin in the first column");
	if (check_value(p, s, n))
		return p->result;
	p->last->bytes += n + 1;
	if (p->last->bytes > INI_VALUE_MAX)
		return problem(p, "value of over 32 KiB", NULL);
	v = &p->last->value;
	item = arena_strndup(p->a, s, n);
	if (!item || (v->text && *v->text && !strlist_add(p->a, &v->lines, v->text)) ||
	    !strlist_add(p->a, &v->lines, item)) {
		p->nomem = true;
		return 1;
	}
	v->text = NULL;
	return 0;
}

/* Our half: decide what each line is. */
static void scan(struct parse *p)
{
	const char *line;
	size_t n;

	while (next_line(p, &line, &n)) {
		const char *why = unfit(line, n);
		bool indented = n && is_blank(*line);
		const struct entry *before;
		int stop;

		if (why) {
			p->refused |= !indented;
			if (problem(p, why, NULL))
				return;
			continue;
		}
		while (n && is_blank(*line)) {
			line++;
			n--;
		}
		if (!n || *line == '#' || *line == ';')
			continue;
		before = p->last;
		if (indented) {
			stop = add_continuation(p, line, n);
		} else if (*line == '[') {
			stop = add_section(p, line, n);
			p->refused = false;
		} else {
			stop = add_key(p, line, n);
			p->refused = p->last == before;
		}
		if (p->nomem || (stop && p->result))
			return;
	}
}

/* inih's half: it reads lines that cannot be misunderstood, and calls back. */
static char *show_line(char *out, int size, void *data)
{
	struct parse *p = data;

	if (!p->show)
		return NULL;
	if (p->shown != p->show->section) {
		p->shown = p->show->section;
		snprintf(out, (size_t)size, "[%s]\n", p->shown);
		return out;
	}
	snprintf(out, (size_t)size, "%s=%zu\n", p->show->key, p->number++);
	p->show = p->show->next;
	return out;
}

static int on_value(void *data, const char *section, const char *key, const char *value)
{
	struct parse *p = data;
	const struct entry *e = p->told;
	size_t number;

	/* Some builds call for a new section as well, without a key. */
	if (!key || !value)
		return 1;
	number = strtoul(value, NULL, 10);
	/* They come in order: from one to the next is one step. */
	if (!e || number < p->told_number) {
		e = p->first;
		p->told_number = 0;
	}
	for (; e && p->told_number < number; p->told_number++)
		e = e->next;
	p->told = e;
	if (e && !p->result)
		p->result = p->reader->value(p->reader->data, section, key, &e->value);
	return 1;
}

int ini_read(struct arena *a, const char *text, size_t len,
	     const struct ini_reader *reader, struct venv_error *err)
{
	struct parse p = { .a = a, .reader = reader, .pos = text, .end = text + len };

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		p.pos += 3;
	scan(&p);
	if (p.nomem)
		return error_nomem(err);
	if (p.result)
		return p.result;
	p.show = p.first;
	if (p.show && ini_parse_stream(show_line, &p, on_value, &p) && !p.result)
		p.result = error_set(err, VENV_ERR_CONFIG,
				     "inih did not read what it was shown");
	return p.result;
}
