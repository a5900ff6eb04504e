/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "version.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* How what stands behind the release orders it: 1.0.dev1 < 1.0a1 < 1.0 < 1.0.post1. */
enum phase { PHASE_DEV, PHASE_ALPHA, PHASE_BETA, PHASE_RC, PHASE_FINAL, PHASE_POST };

static const struct {
	const char *word;
	enum phase phase;
} words[] = {
	{ "dev", PHASE_DEV },	{ "alpha", PHASE_ALPHA }, { "a", PHASE_ALPHA },
	{ "beta", PHASE_BETA }, { "b", PHASE_BETA },	  { "preview", PHASE_RC },
	{ "pre", PHASE_RC },	{ "rc", PHASE_RC },	  { "c", PHASE_RC },
	{ "post", PHASE_POST }, { "rev", PHASE_POST },	  { "r", PHASE_POST },
};

static unsigned long number(const char **s)
{
	unsigned long n = 0;
	char *end;

	if (isdigit((unsigned char)**s)) {
		n = strtoul(*s, &end, 10);
		*s = end;
	}
	return n;
}

static const char *skip_separator(const char *s)
{
	return *s && strchr(".-_", *s) ? s + 1 : s;
}

/* The next part behind the release: its phase and number; FINAL where there is none. */
static enum phase next_phase(const char **s, unsigned long *n)
{
	const char *p = skip_separator(*s);

	*n = 0;
	/* "1.0-1" is a post-release. */
	if (**s == '-' && isdigit((unsigned char)*p)) {
		*s = p;
		*n = number(s);
		return PHASE_POST;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].word);

		if (strncmp(p, words[i].word, len) != 0)
			continue;
		*s = skip_separator(p + len);
		*n = number(s);
		return words[i].phase;
	}
	return PHASE_FINAL;
}

static unsigned long epoch(const char **s)
{
	const char *p = *s;
	unsigned long n = number(&p);

	if (*p != '!')
		return 0;
	*s = p + 1;
	return n;
}

static int order(unsigned long a, unsigned long b)
{
	return a < b ? -1 : a > b;
}

int version_compare(const char *a, const char *b)
{
	int r;

	a += *a == 'v';
	b += *b == 'v';
	r = order(epoch(&a), epoch(&b));
	/* The release: 1.0 is 1.0.0. */
	while (!r && (isdigit((unsigned char)*a) || isdigit((unsigned char)*b))) {
		r = order(number(&a), number(&b));
		if (*a == '.' && isdigit((unsigned char)a[1]))
			a++;
		if (*b == '.' && isdigit((unsigned char)b[1]))
			b++;
	}
	/* A pre-release may have a post-release, and that a dev-release. */
	for (int i = 0; !r && i < 3; i++) {
		unsigned long m, n;
		enum phase x = next_phase(&a, &m), y = next_phase(&b, &n);

		r = order(x, y);
		if (!r)
			r = order(m, n);
	}
	return r;
}

bool version_is_pre(const char *version)
{
	unsigned long n;
	enum phase phase;

	version += *version == 'v';
	epoch(&version);
	version += strspn(version, "0123456789.");
	/* A dot may belong to ".dev1". */
	phase = next_phase(&version, &n);
	if (phase < PHASE_FINAL)
		return true;
	return phase == PHASE_POST && next_phase(&version, &n) == PHASE_DEV;
}

/* Has VERSION the release numbers of PREFIX ("3.9" of "3.9.*")? */
static bool has_prefix(const char *version, const char *prefix)
{
	while (isdigit((unsigned char)*prefix)) {
		if (number(&version) != number(&prefix))
			return false;
		version += *version == '.';
		prefix += *prefix == '.';
	}
	return true;
}

static bool matches_one(const char *version, const char *op, char *than)
{
	size_t n = strlen(than);
	bool wild = n > 2 && !strcmp(than + n - 2, ".*");
	int order_is = version_compare(version, than);
	char *dot;

	if (wild)
		than[n - 2] = '\0';
	if (!strcmp(op, "==") || !strcmp(op, "!=")) {
		bool equal = wild ? has_prefix(version, than) : !order_is;

		return equal == (*op == '=');
	}
	/* ">=3.*" is written now and then. */
	if (wild)
		order_is = version_compare(version, than);
	if (!strcmp(op, "~=")) {
		dot = strrchr(than, '.');
		if (!dot || order_is < 0)
			return false;
		*dot = '\0';
		return has_prefix(version, than);
	}
	if (!strcmp(op, ">="))
		return order_is >= 0;
	if (!strcmp(op, "<="))
		return order_is <= 0;
	if (!strcmp(op, ">"))
		return order_is > 0;
	return !strcmp(op, "<") && order_is < 0;
}

bool version_matches(const char *version, const char *specifiers)
{
	const char *s = specifiers;

	while (*(s += strspn(s, " \t,"))) {
		size_t ops = strspn(s, "<>=!~");
		char op[4], than[64];
		size_t n;

		if (!ops || ops > 2)
			return false;
		memcpy(op, s, ops);
		op[ops] = '\0';
		s += ops;
		s += strspn(s, " \t");
		n = strcspn(s, " \t,");
		if (!n || n >= sizeof(than))
			return false;
		memcpy(than, s, n);
		than[n] = '\0';
		s += n;
		if (!matches_one(version, op, than))
			return false;
	}
	return true;
}

bool project_equal(const char *a, const char *b)
{
	for (;; a++, b++) {
		bool x = *a && strchr("-_.", *a), y = *b && strchr("-_.", *b);

		if (x != y)
			return false;
		if (x) {
			/* A run of separators is one. */
			a += strspn(a, "-_.") - 1;
			b += strspn(b, "-_.") - 1;
		} else if (tolower((unsigned char)*a) != tolower((unsigned char)*b)) {
			return false;
		} else if (!*a) {
			return true;
		}
	}
}
