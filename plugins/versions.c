/* SPDX-License-Identifier: MIT */
#include "versions.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PARTS 12

/* A version as numbers that are compared one after the other. */
struct version {
	long epoch, release[PARTS];
	long pre, pre_n; /* BEFORE_PRE, 0 to 2 for a, b, rc, FINAL */
	long post, dev;	 /* -1 for none; LONG_MAX for none */
	size_t n;	 /* of the release as it is written */
};

enum { BEFORE_PRE = -1, FINAL = 3 };

/* The number at *S, without sign or blanks; DEF if there is none. */
static long number(const char **s, long def)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)**s))
		return def;
	n = strtol(*s, &end, 10);
	*s = end;
	return n;
}

/* Take WORD with the separators that may stand around it. */
static int take(const char **s, const char *word)
{
	const char *p = *s + (**s && strchr(".-_", **s) ? 1 : 0);
	size_t n = strlen(word);

	if (strncasecmp(p, word, n) != 0)
		return 0;
	p += n;
	/* "1.0.post.2", but "1.0.post.dev3" has two words. */
	if (*p && strchr(".-_", *p) && isdigit((unsigned char)p[1]))
		p++;
	*s = p;
	return 1;
}

static void parse_pre(const char **s, struct version *v)
{
	static const struct {
		const char *word;
		long rank;
	} words[] = { { "alpha", 0 }, { "a", 0 },	{ "beta", 1 }, { "b", 1 },
		      { "rc", 2 },    { "preview", 2 }, { "pre", 2 },  { "c", 2 } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (take(s, words[i].word)) {
			v->pre = words[i].rank;
			v->pre_n = number(s, 0);
			return;
		}
	}
}

/* All of TEXT, N bytes, or nothing. */
static int parse(const char *text, size_t n, struct version *v)
{
	char copy[128] = "";
	const char *s = copy, *p;

	*v = (struct version){ .pre = FINAL, .post = -1, .dev = LONG_MAX };
	if (n >= sizeof(copy))
		return 0;
	memcpy(copy, text, n);
	copy[n] = '\0';
	s += *s == 'v' || *s == 'V';
	p = s;
	v->epoch = number(&p, 0);
	if (*p == '!')
		s = p + 1;
	else
		v->epoch = 0;
	do {
		if (v->n == PARTS || !isdigit((unsigned char)*s))
			return 0;
		v->release[v->n++] = number(&s, 0);
	} while (*s == '.' && isdigit((unsigned char)s[1]) && s++);
	parse_pre(&s, v);
	if (*s == '-' && isdigit((unsigned char)s[1])) {
		s++;
		v->post = number(&s, 0);
	} else if (take(&s, "post") || take(&s, "rev") || take(&s, "r")) {
		v->post = number(&s, 0);
	}
	if (take(&s, "dev"))
		v->dev = number(&s, 0);
	if (v->dev != LONG_MAX && v->pre == FINAL && v->post < 0)
		v->pre = BEFORE_PRE;
	/* A local version is the same for us. */
	return !*s || *s == '+';
}

static int order(long a, long b)
{
	return (a > b) - (a < b);
}

static int compare_release(const struct version *a, const struct version *b, size_t n)
{
	int r = order(a->epoch, b->epoch);

	for (size_t i = 0; !r && i < n; i++)
		r = order(a->release[i], b->release[i]);
	return r;
}

static int compare(const struct version *a, const struct version *b)
{
	int r = compare_release(a, b, PARTS);

	if (!r)
		r = order(a->pre, b->pre);
	if (!r)
		r = order(a->pre_n, b->pre_n);
	if (!r)
		r = order(a->post, b->post);
	return r ? r : order(a->dev, b->dev);
}

static int is_pre(const struct version *v)
{
	return v->pre != FINAL || v->dev != LONG_MAX;
}

/* "<3" does not mean 3.0rc1, nor ">3" 3.0.post1. */
static int is_near(const struct version *v, const struct version *than, int below)
{
	return !compare_release(v, than, PARTS) &&
	       (below ? is_pre(v) && !is_pre(than) : v->post >= 0 && than->post < 0);
}

static int is_one(const struct version *v, const char *op, size_t ops, const char *text,
		  size_t n)
{
	int wild = n > 2 && !memcmp(text + n - 2, ".*", 2), r;
	struct version than;

	if (!parse(text, wild ? n - 2 : n, &than))
		return -1;
	r = wild ? compare_release(v, &than, than.n) : compare(v, &than);
	if (ops == 2 && op[1] == '=') {
		switch (*op) {
		case '=':
			return !r;
		case '!':
			return r != 0;
		case '<':
			return wild ? -1 : r <= 0;
		case '>':
			return wild ? -1 : r >= 0;
		case '~':
			return wild || than.n < 2
				       ? -1
				       : r >= 0 && !compare_release(v, &than, than.n - 1);
		default:
			return -1;
		}
	}
	if (ops != 1 || wild || (*op != '<' && *op != '>'))
		return -1;
	return *op == '<' ? r < 0 && !is_near(v, &than, 1)
			  : r > 0 && !is_near(v, &than, 0);
}

int version_is_one_of(const char *version, const char *specifiers, size_t n)
{
	const char *s = specifiers, *end = specifiers + n;
	struct version v;
	int all = 1;

	if (!parse(version, strlen(version), &v))
		return -1;
	for (;;) {
		const char *op, *text;
		size_t ops;
		int r;

		while (s < end && strchr(" \t,", *s))
			s++;
		if (s == end)
			return all;
		for (op = s; s < end && strchr("<>=!~", *s);)
			s++;
		ops = (size_t)(s - op);
		while (s < end && (*s == ' ' || *s == '\t'))
			s++;
		for (text = s; s < end && !strchr(" \t,", *s);)
			s++;
		/* "===" is a comparison of texts. */
		if (ops == 3 && !memcmp(op, "===", 3))
			r = strlen(version) == (size_t)(s - text) &&
			    !strncasecmp(version, text, (size_t)(s - text));
		else
			r = is_one(&v, op, ops, text, (size_t)(s - text));
		if (r < 0)
			return -1;
		all &= r;
	}
}

int is_same_project(const char *a, size_t n, const char *b, size_t m)
{
	size_t i = 0, j = 0;

	for (;;) {
		int x = i < n && strchr("-_.", a[i]), y = j < m && strchr("-_.", b[j]);

		if (x != y)
			return 0;
		if (x) {
			/* A run of separators is one. */
			while (i < n && strchr("-_.", a[i]))
				i++;
			while (j < m && strchr("-_.", b[j]))
				j++;
		} else if (i == n || j == m) {
			return i == n && j == m;
		} else if (tolower((unsigned char)a[i++]) !=
			   tolower((unsigned char)b[j++])) {
			return 0;
		}
	}
}
