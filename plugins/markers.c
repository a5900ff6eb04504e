/* SPDX-License-Identifier: MIT */
#include "markers.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "util/pep440.h"

/* Parentheses nest no deeper than anybody writes them. */
#define DEPTH_MAX 20

struct parser {
	const struct marker_env *env;
	const char *at;
	const char *why; /* set once it failed */
	int depth;
};

/* One side of a comparison. */
struct side {
	char text[256];
	int is_variable, is_version;
};

static int fail(struct parser *p, const char *why)
{
	if (!p->why)
		p->why = why;
	return 0;
}

static void skip_blanks(struct parser *p)
{
	p->at += strspn(p->at, " \t");
}

static int take_word(struct parser *p, const char *word)
{
	size_t n = strlen(word);

	skip_blanks(p);
	if (strncmp(p->at, word, n) != 0)
		return 0;
	/* "or" is no beginning of "os_name". */
	if (p->at[n] && !strchr(" \t(\"'", p->at[n]))
		return 0;
	p->at += n;
	return 1;
}

static void full_version(const struct marker_env *env, char *out, size_t size)
{
	uint32_t v = env->hexversion;
	unsigned level = v >> 4 & 15;
	int n = snprintf(out, size, "%u.%u.%u", v >> 24, v >> 16 & 255, v >> 8 & 255);

	if (level != 15 && n > 0 && (size_t)n < size)
		snprintf(out + n, size - (size_t)n, "%s%u",
			 level == 10   ? "a"
			 : level == 11 ? "b"
				       : "rc",
			 v & 15);
}

static const char *python_name(const char *implementation)
{
	static const char *const names[][2] = { { "cpython", "CPython" },
						{ "pypy", "PyPy" },
						{ "graalpy", "GraalVM" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(names[i][0], implementation))
			return names[i][1];
	}
	return implementation;
}

/* The value of the variable NAME: 0 if there is none of that name. */
static int look_up(const struct marker_env *env, const char *name, struct side *out)
{
	struct utsname u;
	char version[32];
	const char *value = NULL;

	memset(&u, 0, sizeof(u));
	uname(&u);
	full_version(env, version, sizeof(version));
	if (!strcmp(name, "python_full_version")) {
		value = version;
		out->is_version = 1;
	} else if (!strcmp(name, "python_version")) {
		snprintf(version, sizeof(version), "%u.%u", env->hexversion >> 24,
			 env->hexversion >> 16 & 255);
		value = version;
		out->is_version = 1;
	} else if (!strcmp(name, "os_name")) {
		value = "posix";
	} else if (!strcmp(name, "sys_platform")) {
#if defined(__APPLE__)
		value = "darwin";
#else
		value = "linux";
#endif
	} else if (!strcmp(name, "platform_machine")) {
		value = u.machine;
	} else if (!strcmp(name, "platform_system")) {
		value = u.sysname;
	} else if (!strcmp(name, "implementation_name")) {
		value = env->implementation;
	} else if (!strcmp(name, "platform_python_implementation")) {
		value = python_name(env->implementation);
	} else if (!strcmp(name, "extra")) {
		value = "";
	}
	if (value)
		snprintf(out->text, sizeof(out->text), "%s", value);
	return value != NULL;
}

static int parse_side(struct parser *p, struct side *out)
{
	char name[64], quote;
	size_t n;

	*out = (struct side){ .is_variable = 1 };
	skip_blanks(p);
	quote = *p->at;
	if (quote == '"' || quote == '\'') {
		n = strcspn(p->at + 1, quote == '"' ? "\"" : "'");
		if (p->at[n + 1] != quote || n >= sizeof(out->text))
			return fail(p, "a quote has no end");
		memcpy(out->text, p->at + 1, n);
		p->at += n + 2;
		out->is_variable = 0;
		return 1;
	}
	n = strspn(p->at, "abcdefghijklmnopqrstuvwxyz_.");
	if (!n || n >= sizeof(name))
		return fail(p, "a variable or a text in quotes is missing");
	memcpy(name, p->at, n);
	name[n] = '\0';
	p->at += n;
	return look_up(p->env, name, out) ||
	       fail(p, "it has a variable that is not known here");
}

static int compare(struct parser *p, const struct side *a, const char *op,
		   const struct side *b)
{
	int found = strstr(b->text, a->text) != NULL, equal = !strcmp(a->text, b->text),
	    r;
	char specifier[264];

	if (!a->is_variable && !b->is_variable)
		return fail(p, "a variable is missing");
	if (!strcmp(op, "in"))
		return found;
	if (!strcmp(op, "not in"))
		return !found;
	if (a->is_version || b->is_version) {
		snprintf(specifier, sizeof(specifier), "%s%s", op, b->text);
		r = pep440_matches(a->text, specifier, strlen(specifier));
		if (r >= 0)
			return r;
	}
	if (!strcmp(op, "==") || !strcmp(op, "==="))
		return equal;
	if (!strcmp(op, "!="))
		return !equal;
	return fail(p, "only versions are larger or smaller than others");
}

static int parse_or(struct parser *p);

static int parse_term(struct parser *p)
{
	struct side a, b;
	char op[8] = "";
	int r;

	skip_blanks(p);
	if (*p->at == '(') {
		p->at++;
		if (++p->depth > DEPTH_MAX)
			return fail(p, "its parentheses are too deep");
		r = parse_or(p);
		p->depth--;
		skip_blanks(p);
		if (*p->at != ')')
			return fail(p, "a parenthesis is not closed");
		p->at++;
		return r;
	}
	if (!parse_side(p, &a))
		return 0;
	if (take_word(p, "in")) {
		strcpy(op, "in");
	} else if (take_word(p, "not")) {
		strcpy(op, "not in");
		if (!take_word(p, "in"))
			return fail(p, "'not' needs 'in'");
	} else {
		size_t n = strspn(p->at, "<>=!~");

		if (!n || n > 3)
			return fail(p, "a comparison is missing");
		memcpy(op, p->at, n);
		p->at += n;
	}
	return parse_side(p, &b) ? compare(p, &a, op, &b) : 0;
}

static int parse_and(struct parser *p)
{
	int r = parse_term(p);

	while (!p->why && take_word(p, "and"))
		r &= parse_term(p);
	return r;
}

static int parse_or(struct parser *p)
{
	int r = parse_and(p);

	while (!p->why && take_word(p, "or"))
		r |= parse_and(p);
	return r;
}

int marker_holds(const struct marker_env *env, const char *text, const char **why)
{
	struct parser p = { .env = env, .at = text };
	int r = parse_or(&p);

	skip_blanks(&p);
	if (*p.at)
		fail(&p, "something is left behind its end");
	*why = p.why;
	return p.why ? -1 : r;
}
