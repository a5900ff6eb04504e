/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "spec.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *text;
	enum spec_op op;
} ops[] = {
	{ ">=", SPEC_MORE_EQUAL }, { "<=", SPEC_LESS_EQUAL }, { "==", SPEC_IS },
	{ "!=", SPEC_NOT },	   { "~=", SPEC_COMPATIBLE }, { ">", SPEC_MORE },
	{ "<", SPEC_LESS },
};

/* "3.12.1" or "3.12.*"; the end of it, or NULL. */
static const char *parse_version(struct spec_clause *c, const char *p)
{
	c->parts = 0;
	for (;;) {
		unsigned n = 0, digits = 0;

		while (*p >= '0' && *p <= '9' && ++digits <= 4)
			n = n * 10 + (unsigned)(*p++ - '0');
		if (!digits || digits > 4 || c->parts == 3)
			return NULL;
		c->version[c->parts++] = n;
		if (p[0] == '.' && p[1] == '*')
			return p + 2;
		if (*p != '.')
			return p;
		p++;
	}
}

/* "311" is 3.11, as in py311. */
static void split_digits(struct spec_clause *c)
{
	unsigned major = c->version[0], minor = 0;

	if (c->parts != 1 || major < 10)
		return;
	for (unsigned scale = 1; major >= 10; scale *= 10, major /= 10)
		minor += major % 10 * scale;
	c->version[0] = major;
	c->version[1] = minor;
	c->parts = 2;
}

static bool parse_clauses(struct spec *s, const char *p)
{
	do {
		struct spec_clause *c = &s->clauses[s->n];
		size_t i = 0;

		if (s->n == ARRAY_SIZE(s->clauses))
			return false;
		p += strspn(p, " ");
		while (i < ARRAY_SIZE(ops) &&
		       strncmp(p, ops[i].text, strlen(ops[i].text)) != 0)
			i++;
		if (i == ARRAY_SIZE(ops))
			return false;
		c->op = ops[i].op;
		p += strlen(ops[i].text);
		p = parse_version(c, p + strspn(p, " "));
		if (!p || (c->op == SPEC_COMPATIBLE && c->parts < 2))
			return false;
		s->n++;
		p += strspn(p, " ");
	} while (*p++ == ',');
	return !p[-1];
}

bool spec_parse(struct spec *s, const char *text)
{
	static const struct {
		const char *prefix;
		const char *implementation;
	} names[] = {
		{ "cpython", "cpython" }, { "python", NULL }, { "pypy", "pypy" },
		{ "graalpy", "graalpy" }, { "py", NULL },
	};

	*s = (struct spec){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t n = strlen(names[i].prefix);

		if (strncasecmp(text, names[i].prefix, n) != 0)
			continue;
		s->implementation = names[i].implementation;
		text += n;
		/* "python" alone asks for nothing that a version could answer. */
		if (!*text)
			return s->implementation != NULL;
		break;
	}
	if (*text >= '0' && *text <= '9') {
		text = parse_version(&s->clauses[0], text);
		s->n = 1;
		split_digits(&s->clauses[0]);
		if (text && *text == 't') {
			s->threaded = true;
			text++;
		}
		if (text && (!strcmp(text, "-64") || !strcmp(text, "-32"))) {
			s->bits = text[1] == '6' ? 64 : 32;
			text += 3;
		}
		return text && !*text;
	}
	return parse_clauses(s, text);
}

/* -1, 0, 1; only as many parts as the clause has. */
static int compare(const unsigned version[3], const struct spec_clause *c, unsigned parts)
{
	for (unsigned i = 0; i < 3 && i < parts && i < c->parts; i++) {
		if (version[i] != c->version[i])
			return version[i] < c->version[i] ? -1 : 1;
	}
	return 0;
}

static bool fits(const struct spec_clause *c, const unsigned v[3])
{
	unsigned full[3] = { c->version[0], c->parts > 1 ? c->version[1] : 0,
			     c->parts > 2 ? c->version[2] : 0 };
	struct spec_clause whole = { c->op, { full[0], full[1], full[2] }, 3 };
	int prefix = compare(v, c, 3), all = compare(v, &whole, 3);

	switch (c->op) {
	case SPEC_IS:
		return !prefix;
	case SPEC_NOT:
		return prefix != 0;
	case SPEC_LESS:
		return all < 0;
	case SPEC_LESS_EQUAL:
		return prefix <= 0;
	case SPEC_MORE:
		/* Unlike a package's version, 3.12.1 is one of 3.12, not above it. */
		return prefix > 0;
	case SPEC_MORE_EQUAL:
		return all >= 0;
	case SPEC_COMPATIBLE:
		return all >= 0 && !compare(v, c, c->parts - 1);
	}
	return false;
}

bool spec_matches(const struct spec *s, const struct python *p)
{
	const unsigned version[3] = { PYTHON_MAJOR(p), PYTHON_MINOR(p), PYTHON_MICRO(p) };
	size_t n = strlen(p->lib_dir);

	if (s->implementation && strcmp(s->implementation, p->implementation) != 0)
		return false;
	if (s->threaded && p->lib_dir[n - 1] != 't')
		return false;
	if (s->bits && (s->bits == 64) != p->is_64bit)
		return false;
	for (unsigned i = 0; i < s->n; i++) {
		if (!fits(&s->clauses[i], version))
			return false;
	}
	return true;
}

bool spec_may_be(const struct spec *s, unsigned minor)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct spec_clause *c = &s->clauses[i];

		if (c->op == SPEC_IS &&
		    (c->version[0] != 3 || (c->parts > 1 && c->version[1] != minor)))
			return false;
	}
	return true;
}
