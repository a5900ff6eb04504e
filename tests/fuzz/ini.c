/* SPDX-License-Identifier: MIT */
/* ini.c - INI text: what was read, written in the plainest way, is read as the same */
#include <config.h>

#include "config/ini.h"
#include "fuzz.h"

struct reading {
	struct str out;
	unsigned problems;
	bool stop; /* at the first problem */
	char section[INI_NAME_MAX + 1];
};

static int on_section(void *data, const char *section, unsigned line)
{
	(void)data;
	MUST(line > 0 && *section && strlen(section) <= INI_NAME_MAX);
	return 0;
}

static int on_value(void *data, const char *section, const char *key,
		    const struct ini_value *value)
{
	struct reading *r = data;

	MUST(ini_is_name(key, strlen(key)) && value->line > 0);
	MUST(!value->text || !value->lines.n);
	if (strcmp(r->section, section) != 0)
		str_addf(&r->out, "[%s]\n", section);
	snprintf(r->section, sizeof(r->section), "%s", section);
	/* Without a blank: "key = #1" would be a comment in the place of a value. */
	str_addf(&r->out, "%s =%s", key, value->text ? value->text : "");
	for (size_t i = 0; i < value->lines.n; i++) {
		const char *item = value->lines.v[i];

		MUST(*item && !strchr(item, '\n'));
		str_addf(&r->out, "%s%s", !i && strchr("#;", *item) ? "" : "\n\t", item);
	}
	str_add(&r->out, "\n");
	return 0;
}

static int on_problem(void *data, unsigned line, const char *message, const char *hint)
{
	struct reading *r = data;

	(void)hint;
	MUST(line > 0 && *message);
	r->problems++;
	return r->stop ? VENV_ERR_CONFIG : 0;
}

static struct reading read_ini(struct arena *a, const char *text, size_t n, bool stop)
{
	struct reading r = { .stop = stop };
	const struct ini_reader reader = { on_section, on_value, on_problem, &r };
	int result = ini_read(a, text, n, &reader, NULL);

	MUST(result == (stop && r.problems ? VENV_ERR_CONFIG : 0));
	MUST(!str_failed(&r.out));
	return r;
}

FUZZ(ini)
{
	struct arena a = ARENA_INIT;
	bool stop = fuzz_byte(&data, &size) & 1;
	char *text = fuzz_copy(data, size);
	struct reading first = read_ini(&a, text, size, stop), second = { 0 };

	if (!first.problems) {
		second = read_ini(&a, str_text(&first.out), first.out.len, stop);
		MUST(!second.problems);
		MUST(!strcmp(str_text(&first.out), str_text(&second.out)));
	}
	str_release(&first.out);
	str_release(&second.out);
	free(text);
	arena_release(&a);
	return 0;
}
