/* SPDX-License-Identifier: MIT */
/*
 * templates.c - every template with any values: between its placeholders nothing changes,
 * and where one stood is one literal, which means the value
 */
#include <config.h>

#include "fuzz.h"
#include "layout/expand.h"
#include "layout/templates.h"
#include "readers.h"

/* What the placeholder NAME stands for; NULL where only a shell that draws it knows. */
static const char *value_of(const char *name, size_t n, const struct script_values *v,
			    struct str *prompt)
{
	const struct {
		const char *name, *value;
	} values[] = {
		{ "DIR", v->dir },
		{ "NAME", v->name },
		{ "BIN_NAME", v->bin_name },
		{ "PYTHON", v->python },
		{ "PROMPT_NAME", v->prompt },
		{ "PROMPT", str_text(prompt) },
		{ "TCL_LIBRARY", v->tcl_library },
		{ "TK_LIBRARY", v->tk_library },
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		if (strlen(values[i].name) == n && !memcmp(values[i].name, name, n))
			return values[i].value;
	}
	return NULL;
}

/* Does TEXT mean WANT, as far as LANGUAGE can say it? */
static bool means(enum language language, const char *text, const char *want)
{
	struct str sayable = STR_INIT;
	bool same;

	add_sayable(language, want, &sayable);
	same = !strcmp(text, str_text(&sayable));
	str_release(&sayable);
	return same;
}

/* The next "__VENV_NAME__" of a template; its NAME. */
static const char *next_placeholder(const char *text, const char **name, size_t *n)
{
	static const char begin[] = "__VENV_";

	while ((text = strstr(text, begin))) {
		*name = text + sizeof(begin) - 1;
		*n = strspn(*name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
		while (*n > 1 && (strncmp(*name + *n - 2, "__", 2) != 0))
			--*n;
		if (*n > 2) {
			*n -= 2;
			return text;
		}
		text++;
	}
	return NULL;
}

static void check(const struct template *t, const struct script_values *v,
		  struct str *prompt)
{
	enum language language = language_of(t->name, t->text, t->len);
	struct str out = STR_INIT, read = STR_INIT;
	const char *from = t->text, *to, *at, *name, *want;
	size_t n;

	expand_own(&out, t->text, t->len, language, t->name, v);
	MUST(!str_failed(&out));
	to = str_text(&out);
	while ((at = next_placeholder(from, &name, &n))) {
		MUST(!strncmp(from, to, (size_t)(at - from)));
		to += at - from;
		from = name + n + 2;
		/* Lines of their own, of which there are none without hooks. */
		if (n == 13 && !memcmp(name, "NUSHELL_HOOKS", n))
			continue;
		/* What begins a line that is there for some values only is no placeholder. */
		if (n > 3 && !memcmp(name, "IF_", 3)) {
			MUST(!strncmp(at, to, (size_t)(from - at)));
			to += from - at;
			continue;
		}
		/* In cmd no literal has an end of its own. */
		if (language == LANGUAGE_CMD)
			goto out;
		to = read_literal(language, to, &read);
		MUST(to);
		want = value_of(name, n, v, prompt);
		MUST(!want || means(language, str_text(&read), want));
		str_clear(&read);
	}
	MUST(!strcmp(from, to));
out:
	str_release(&out);
	str_release(&read);
}

FUZZ(templates)
{
	char *texts[5];
	struct script_values v;
	struct str prompt = STR_INIT;

	for (int i = 0; i < 5; i++)
		texts[i] = fuzz_text(&data, &size);
	v = (struct script_values){ .dir = texts[0],
				    .name = texts[1],
				    .prompt = texts[2],
				    .bin_name = texts[3],
				    .python = texts[4],
				    .tcl_library = texts[0],
				    .tk_library = texts[1] };
	if (*v.prompt)
		str_addf(&prompt, "(%s) ", v.prompt);
	for (const struct template *t = templates; t->name; t++)
		check(t, &v, &prompt);
	str_release(&prompt);
	for (int i = 0; i < 5; i++)
		free(texts[i]);
	return 0;
}
