/* SPDX-License-Identifier: MIT */
/* expand.c - one pass over a text: what is put in is not looked at again */
#include <config.h>

#include <string.h>

#include "expand.h"

/* One text and where it goes. */
struct expansion {
	struct str *out;
	enum language language;
	const char *file; /* NULL for scripts of third parties */
	const struct script_values *v;
};

struct placeholder {
	const char *name; /* what stands between "__VENV_" and "__" */
	void (*add)(const struct expansion *);
	bool is_own; /* for our own templates only */
};

static void add_literal(const struct expansion *e, const char *text)
{
	quote(e->out, e->language, e->file ? READER_TEMPLATE : READER_FILE, text);
}

static void add_dir(const struct expansion *e)
{
	/* What a script of a third party does with it is not ours to say. */
	add_literal(e, e->file && e->v->relocatable ? "" : e->v->dir);
}

static void add_name(const struct expansion *e)
{
	add_literal(e, e->v->name);
}

static void add_bin_name(const struct expansion *e)
{
	add_literal(e, e->v->bin_name);
}

static void add_python(const struct expansion *e)
{
	add_literal(e, e->v->python);
}

/* The prompt, put together by WRITE from "(", the bare text and ") "; nothing of none. */
static void add_written(const struct expansion *e,
			void (*write)(struct str *, const char *))
{
	const char *const parts[] = { "(", e->v->prompt, ") " };
	struct str text = STR_INIT;

	for (size_t i = 0; *e->v->prompt && i < ARRAY_SIZE(parts); i++)
		write(&text, parts[i]);
	add_literal(e, str_text(&text));
	e->out->failed |= text.failed;
	str_release(&text);
}

static void add_prompt(const struct expansion *e)
{
	add_written(e, str_add);
}

static void add_bare_prompt(const struct expansion *e)
{
	add_literal(e, e->v->prompt);
}

/* A variable of that name; what stands behind it ends the name, and draws nothing. */
static void add_tcsh_prompt(const struct expansion *e)
{
	add_literal(e, "%$_VENV_PROMPT%{%}");
}

/* In csh only ! is special, and not behind a backslash. */
static void write_csh(struct str *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '!')
			str_add_char(out, '\\');
		str_add_char(out, *s);
	}
}

static void add_csh_prompt(const struct expansion *e)
{
	add_written(e, write_csh);
}

/* bash formats a date into 128 bytes; what does not fit is not drawn at all. */
#define DATE_FULL 128

/* Begins and ends what is not shown, as in \\[\\]. */
#define BASH_NOTHING "\\001\\002"

/*
 * bash (5.0 and newer) reads a prompt twice: for its escapes, and then like a text in
 * double quotes, unless promptvars is off.  Octal escapes are for what means something
 * the first time only, and for all that is not ASCII.
 *
 * What means something the second time is drawn by \D{FORMAT}, a date by strftime(3), here
 * one that has no date in it: bash protects the result from what follows, which it does
 * for no other way to write a character.  The protection is a backslash, and with a byte
 * that is not ASCII before it that might be one character: so there is a nothing between.
 * One also stands behind the four pairs of bytes that are two characters in BIG5-HKSCS,
 * which readline would look for the end of for ever.
 *
 * A $ stands alone in its braces, where no shell sees an expansion.  A backquote cannot
 * be hidden from other shells that inherit the prompt and look for the next one: so that
 * one lies in a format that is too long to be drawn, and between the two is nothing of
 * ours.
 */
static void write_bash(struct str *out, const char *s)
{
	for (unsigned char c, before = 0; (c = (unsigned char)*s); s++, before = c) {
		if (c == '$' || c == '`' || c == '\\' || c == '"') {
			str_addf(out, "%s\\D{%c}", before >= 0x80 ? BASH_NOTHING : "", c);
			if (c == '`') {
				str_add(out, "\\D{`");
				for (int i = 0; i < DATE_FULL; i++)
					str_add_char(out, '_');
				str_add_char(out, '}');
			}
		} else if (c < ' ' || c >= 0x7f || c == '!') {
			str_addf(out, "\\%03o", c);
		} else {
			str_add_char(out, (char)c);
		}
		if (before == 0x88 && (c == 'b' || c == 'd' || c == 0xa3 || c == 0xa5))
			str_add(out, BASH_NOTHING);
	}
}

static void add_bash_prompt(const struct expansion *e)
{
	add_written(e, write_bash);
}

static void write_cmd(struct str *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '$')
			str_add_char(out, '$');
		str_add_char(out, *s);
	}
}

static void add_cmd_prompt(const struct expansion *e)
{
	add_written(e, write_cmd);
}

static void add_tcl_library(const struct expansion *e)
{
	add_literal(e, e->v->tcl_library);
}

static void add_tk_library(const struct expansion *e)
{
	add_literal(e, e->v->tk_library);
}

/* For the hint of a script that was run: a literal that is a command. */
static void add_source(const struct expansion *e)
{
	struct str command = STR_INIT;

	scripts_add_command(&command, e->language, e->file, e->v);
	add_literal(e, str_text(&command));
	e->out->failed |= command.failed;
	str_release(&command);
}

/* nushell can source only what is named: a line for each hook. */
static void add_nushell_hooks(const struct expansion *e)
{
	const struct strlist *hooks = e->v->nushell_hooks;

	for (size_t i = 0; hooks && i < hooks->n; i++) {
		str_add(e->out,
			"    const hook = $dir | path join etc venvctl activate.d ");
		add_literal(e, hooks->v[i]);
		str_add(e->out, "\n    const file = if ($hook | path exists) { $hook } "
				"else { null }\n"
				"    source $file\n");
	}
}

static const struct placeholder placeholders[] = {
	{ "DIR", add_dir, false },
	{ "NAME", add_name, false },
	{ "PROMPT", add_prompt, false },
	{ "BIN_NAME", add_bin_name, false },
	{ "PYTHON", add_python, false },
	{ "PROMPT_NAME", add_bare_prompt, true },
	{ "PROMPT_BASH", add_bash_prompt, true },
	{ "PROMPT_TCSH", add_tcsh_prompt, true },
	{ "PROMPT_CSH", add_csh_prompt, true },
	{ "PROMPT_CMD", add_cmd_prompt, true },
	{ "SOURCE", add_source, true },
	/* On lines alone that are left out where these are NULL. */
	{ "TCL_LIBRARY", add_tcl_library, true },
	{ "TK_LIBRARY", add_tk_library, true },
	{ "NUSHELL_HOOKS", add_nushell_hooks, true },
};

const char *expand_find(const char *text, const char *end)
{
	static const char begin[] = EXPAND_BEGIN;
	const size_t n = sizeof(begin) - 1, at = 2; /* where its rarest character is */

	while ((size_t)(end - text) >= n) {
		/* memmem() of glibc is several times slower. */
		const char *p = memchr(text + at, begin[at],
				       (size_t)(end - text) - n + 1);

		if (!p || !memcmp(p - at, begin, n))
			return p ? p - at : NULL;
		text = p - at + 1;
	}
	return NULL;
}

/* The placeholder at S, which begins with EXPAND_BEGIN and has N bytes; its length in *LEN. */
static const struct placeholder *match(const struct expansion *e, const char *s, size_t n,
				       size_t *len)
{
	const size_t prefix = strlen(EXPAND_BEGIN);

	for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++) {
		const struct placeholder *p = &placeholders[i];
		size_t name = strlen(p->name);

		*len = prefix + name + 2;
		if ((e->file || !p->is_own) && *len <= n &&
		    !memcmp(s + prefix, p->name, name) &&
		    !memcmp(s + prefix + name, "__", 2))
			return p;
	}
	return NULL;
}

static void expand(const struct expansion *e, const char *text, size_t len)
{
	const char *end = text + len, *plain = text, *p;

	while ((p = expand_find(text, end))) {
		size_t n;
		const struct placeholder *found = match(e, p, (size_t)(end - p), &n);

		text = p + 1;
		if (!found)
			continue;
		str_add_n(e->out, plain, (size_t)(p - plain));
		found->add(e);
		plain = text = p + n;
	}
	str_add_n(e->out, plain, (size_t)(end - plain));
}

void expand_own(struct str *out, const char *text, size_t len, enum language language,
		const char *file, const struct script_values *v)
{
	expand(&(struct expansion){ out, language, file, v }, text, len);
}

void scripts_expand(struct str *out, const char *text, size_t len, enum language language,
		    const struct script_values *v, bool raw)
{
	expand(&(struct expansion){ out, raw ? LANGUAGE_NONE : language, NULL, v }, text,
	       len);
}
