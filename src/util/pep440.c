/* SPDX-License-Identifier: MIT */
#include "pep440.h"

#include <string.h>

/* A part of a text.  Of a number: its digits without leading zeros, so none for 0. */
struct span {
	const char *s;
	size_t n;
};

/* Nothing is converted to a machine number, so no version is too long. */
struct version {
	struct span epoch, release; /* RELEASE as it is written: "1.02.3" */
	char pre;		    /* 'a', 'b', 'r' for rc; 0 for none */
	bool post, dev;		    /* are there such parts? */
	struct span pre_n, post_n, dev_n;
	struct span local; /* what stands behind "+"; S is NULL for none */
};

static const char separators[] = ".-_", blanks[] = " \t\n\v\f\r";

static bool is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

/* As strncasecmp(), in every locale. */
static int compare_text(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (lower(a[i]) != lower(b[i]))
			return lower(a[i]) < lower(b[i]) ? -1 : 1;
	}
	return 0;
}

static bool starts_with(const struct span *text, const char *set)
{
	return text->n && is_one_of(*text->s, set);
}

static void skip(struct span *text, size_t n)
{
	text->s += n;
	text->n -= n;
}

static struct span trimmed(const char *s, size_t n)
{
	struct span text = { s, n };

	while (starts_with(&text, blanks))
		skip(&text, 1);
	while (text.n && is_one_of(text.s[text.n - 1], blanks))
		text.n--;
	return text;
}

/* Take WORD, N bytes in whatever case, from the front of TEXT if it stands there. */
static bool take(struct span *text, const char *word, size_t n)
{
	if (text->n < n || compare_text(text->s, word, n) != 0)
		return false;
	skip(text, n);
	return true;
}

static void skip_separator(struct span *text)
{
	if (starts_with(text, separators))
		skip(text, 1);
}

/* Take a number, 0 where there is none, from the front of TEXT. */
static struct span take_number(struct span *text)
{
	struct span number;

	while (text->n && *text->s == '0')
		skip(text, 1);
	number = (struct span){ text->s, 0 };
	while (text->n && is_digit(*text->s)) {
		number.n++;
		skip(text, 1);
	}
	return number;
}

static int order(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_number(struct span a, struct span b)
{
	return a.n != b.n ? order(a.n, b.n) : a.n ? memcmp(a.s, b.s, a.n) : 0;
}

/* Take one of WORDS and its number, "-alpha.1": the index of the word, or -1. */
static int take_part(struct span *text, const char *const *words, struct span *number)
{
	for (int i = 0; words[i]; i++) {
		struct span rest = *text;

		skip_separator(&rest);
		if (!take(&rest, words[i], strlen(words[i])))
			continue;
		skip_separator(&rest);
		*number = take_number(&rest);
		*text = rest;
		return i;
	}
	return -1;
}

static void take_pre(struct span *text, struct version *v)
{
	static const char *const words[] = { "alpha", "a", "beta", "b", "preview",
					     "pre",   "c", "rc",   NULL };
	int i = take_part(text, words, &v->pre_n);

	if (i >= 0)
		v->pre = "aabbrrrr"[i];
}

static void take_post(struct span *text, struct version *v)
{
	static const char *const words[] = { "post", "rev", "r", NULL };

	/* "1.0-1" is another way to write 1.0.post1. */
	if (text->n > 1 && *text->s == '-' && is_digit(text->s[1])) {
		skip(text, 1);
		v->post_n = take_number(text);
		v->post = true;
	} else {
		v->post = take_part(text, words, &v->post_n) >= 0;
	}
}

static void take_dev(struct span *text, struct version *v)
{
	static const char *const words[] = { "dev", NULL };

	v->dev = take_part(text, words, &v->dev_n) >= 0;
}

/* Letters and digits, with single separators between them; all of TEXT. */
static bool is_local(const struct span *text)
{
	bool wants_more = true;

	for (size_t i = 0; i < text->n; i++) {
		char c = lower(text->s[i]);

		if (is_digit(c) || (c >= 'a' && c <= 'z'))
			wants_more = false;
		else if (wants_more || !is_one_of(c, separators))
			return false;
		else
			wants_more = true;
	}
	return !wants_more;
}

/* All of TEXT, or false. */
static bool parse(struct span text, struct version *v)
{
	struct span number;

	*v = (struct version){ 0 };
	if (starts_with(&text, "vV"))
		skip(&text, 1);
	number = text;
	v->epoch = take_number(&number);
	if (number.s > text.s && starts_with(&number, "!")) {
		skip(&number, 1);
		text = number;
	} else {
		v->epoch.n = 0;
	}
	v->release = (struct span){ text.s, 0 };
	do {
		if (!text.n || !is_digit(*text.s))
			return false;
		take_number(&text);
		v->release.n = (size_t)(text.s - v->release.s);
	} while (text.n > 1 && *text.s == '.' && is_digit(text.s[1]) &&
		 take(&text, ".", 1));
	take_pre(&text, v);
	take_post(&text, v);
	take_dev(&text, v);
	if (starts_with(&text, "+")) {
		skip(&text, 1);
		v->local = text;
		return is_local(&text);
	}
	return !text.n;
}

static bool parse_string(const char *s, struct version *v)
{
	return parse(trimmed(s, strlen(s)), v);
}

static size_t count_release(const struct version *v)
{
	size_t n = 1;

	for (size_t i = 0; i < v->release.n; i++)
		n += v->release.s[i] == '.';
	return n;
}

/* By the epoch and the first N numbers of the release; 1.0 is 1.0.0. */
static int compare_release(const struct version *a, const struct version *b, size_t n)
{
	struct span x = a->release, y = b->release;
	int r = compare_number(a->epoch, b->epoch);

	while (!r && n-- && (x.n || y.n)) {
		r = compare_number(take_number(&x), take_number(&y));
		skip_separator(&x);
		skip_separator(&y);
	}
	return r;
}

/* In this order: 1.0.dev1, 1.0a1, 1.0b1, 1.0rc1, 1.0. */
static size_t rank_pre(const struct version *v)
{
	if (!v->pre)
		return v->dev && !v->post ? 0 : 4;
	return v->pre == 'a' ? 1 : v->pre == 'b' ? 2 : 3;
}

static struct span take_local(struct span *text)
{
	struct span part = { text->s, 0 };

	while (text->n && !is_one_of(*text->s, separators)) {
		part.n++;
		skip(text, 1);
	}
	skip_separator(text);
	return part;
}

static bool is_number(struct span text)
{
	while (text.n && is_digit(*text.s))
		skip(&text, 1);
	return !text.n;
}

static int compare_local_part(struct span a, struct span b)
{
	bool x = is_number(a), y = is_number(b);
	int r;

	if (x != y)
		return order(x, y);
	if (x)
		return compare_number(take_number(&a), take_number(&b));
	r = compare_text(a.s, b.s, a.n < b.n ? a.n : b.n);
	return r ? r : order(a.n, b.n);
}

static int compare_local(struct span a, struct span b)
{
	int r = order(a.s != NULL, b.s != NULL);

	while (!r && a.n && b.n)
		r = compare_local_part(take_local(&a), take_local(&b));
	return r ? r : order(a.n != 0, b.n != 0);
}

static int compare_public(const struct version *a, const struct version *b)
{
	int r = compare_release(a, b, (size_t)-1);

	if (!r)
		r = order(rank_pre(a), rank_pre(b));
	if (!r)
		r = compare_number(a->pre_n, b->pre_n);
	if (!r)
		r = order(a->post, b->post);
	if (!r)
		r = compare_number(a->post_n, b->post_n);
	if (!r)
		r = order(!a->dev, !b->dev);
	return r ? r : compare_number(a->dev_n, b->dev_n);
}

static int compare(const struct version *a, const struct version *b)
{
	int r = compare_public(a, b);

	return r ? r : compare_local(a->local, b->local);
}

int pep440_compare(const char *a, const char *b)
{
	struct version x, y;
	bool is_x = parse_string(a, &x), is_y = parse_string(b, &y);

	if (is_x && is_y)
		return compare(&x, &y);
	return is_x || is_y ? order(is_x, is_y) : strcmp(a, b);
}

static bool is_pre(const struct version *v)
{
	return v->pre || v->dev;
}

bool pep440_is_pre(const char *version)
{
	struct version v;

	return parse_string(version, &v) && is_pre(&v);
}

/* "<3" leaves out the pre-releases of 3, too, the first of which is 3.dev0. */
static bool is_below(const struct version *v, const struct version *than)
{
	struct version first = *than;

	if (!is_pre(than))
		first.dev = true;
	return compare_public(v, &first) < 0;
}

/* ">3" leaves out local versions of 3 and 3.post1, too, and ">3rc1" 3rc1.post1. */
static bool is_above(const struct version *v, const struct version *than)
{
	struct version base = *v;

	base.post = base.dev = false;
	base.post_n.n = base.dev_n.n = 0;
	return compare_public(v, than) > 0 && compare_public(&base, than) != 0;
}

/* Is V one of "==TEXT", where TEXT may end with ".*"?  1, 0, or -1 for no version. */
static int is_equal(const struct version *v, struct span text)
{
	bool wild = text.n > 2 && !memcmp(text.s + text.n - 2, ".*", 2);
	struct version than;

	if (wild)
		text.n -= 2;
	if (!parse(text, &than))
		return -1;
	if (wild && (is_pre(&than) || than.post || than.local.s))
		return -1;
	if (wild)
		return !compare_release(v, &than, count_release(&than));
	return !(than.local.s ? compare(v, &than) : compare_public(v, &than));
}

/* "===1.0" means this text, whatever its case. */
static int is_identical(struct span version, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (is_one_of(text.s[i], blanks) || is_one_of(text.s[i], ";)"))
			return -1;
	}
	return text.n == version.n && !compare_text(text.s, version.s, text.n);
}

/* Does V, written as VERSION, satisfy the one specifier TEXT?  1, 0, or -1. */
static int satisfies(const struct version *v, struct span version, struct span text)
{
	enum { IDENTICAL, EQUAL, DIFFERENT, COMPATIBLE, AT_MOST, AT_LEAST, BELOW, ABOVE };
	static const char *const ops[] = {
		"===", "==", "!=", "~=", "<=", ">=", "<", ">"
	};
	struct version than;
	int op = 0, r;

	while (op <= ABOVE && !take(&text, ops[op], strlen(ops[op])))
		op++;
	text = trimmed(text.s, text.n);
	switch (op) {
	case IDENTICAL:
		return is_identical(version, text);
	case EQUAL:
		return is_equal(v, text);
	case DIFFERENT:
		r = is_equal(v, text);
		return r < 0 ? r : !r;
	default:
		if (op > ABOVE || !parse(text, &than) || than.local.s)
			return -1;
	}
	switch (op) {
	case COMPATIBLE:
		if (count_release(&than) < 2)
			return -1;
		return compare_public(v, &than) >= 0 &&
		       !compare_release(v, &than, count_release(&than) - 1);
	case AT_MOST:
		return compare_public(v, &than) <= 0;
	case AT_LEAST:
		return compare_public(v, &than) >= 0;
	case BELOW:
		return is_below(v, &than);
	default:
		return is_above(v, &than);
	}
}

int pep440_matches(const char *version, const char *specifiers, size_t n)
{
	const struct span text = trimmed(version, strlen(version));
	const char *s = specifiers, *end = specifiers + n;
	struct version v;
	int all = 1;

	if (!parse(text, &v))
		return -1;
	while (s < end) {
		const char *comma = memchr(s, ',', (size_t)(end - s));
		struct span one = trimmed(s, (size_t)((comma ? comma : end) - s));
		int r = one.n ? satisfies(&v, text, one) : 1;

		if (r < 0)
			return -1;
		all &= r;
		s = comma ? comma + 1 : end;
	}
	return all;
}

bool pep440_same_project(const char *a, size_t n, const char *b, size_t m)
{
	struct span x = { a, n }, y = { b, m };

	while (x.n && y.n) {
		bool run = starts_with(&x, separators);

		if (run != starts_with(&y, separators) ||
		    (!run && lower(*x.s) != lower(*y.s)))
			return false;
		/* A run of separators is one. */
		do
			skip(&x, 1);
		while (run && starts_with(&x, separators));
		do
			skip(&y, 1);
		while (run && starts_with(&y, separators));
	}
	return !x.n && !y.n;
}
