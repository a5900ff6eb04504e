/* SPDX-License-Identifier: MIT */
/* place.c - where an environment was made, and which scripts installers made in it */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "environment.h"
#include "fs/fs.h"

#define SCRIPT_MAX (16u << 20)
#define RECORD_MAX (16u << 20)

/*
 * Where the prompt ends that begins at TEXT, with a quote; NULL if it does not end.  venvctl
 * escapes what is in it (ESCAPED), and venv does not.
 */
static const char *behind_prompt(const char *text, bool escaped)
{
	char quote = *text;

	if (quote != '\'' && quote != '"')
		return text;
	while (*++text) {
		if (escaped && *text == '\\' && text[1])
			text++;
		else if (*text == quote &&
			 (!strncmp(text + 1, " -", 2) || !strncmp(text + 1, " /", 2)))
			return text + 1;
	}
	return NULL;
}

/*
 * `command` ends with the absolute path, which may have blanks; in front of it are options
 * alone, of which a prompt is quoted.
 */
static const char *place_of_command(const char *command)
{
	static const struct {
		const char *verb;
		bool escaped;
	} creators[] = { { " -m venv ", false }, { " create ", true } };
	static const char prompt[] = " --prompt=";

	for (size_t i = 0; command && i < ARRAY_SIZE(creators); i++) {
		const char *at = strstr(command, creators[i].verb), *place, *option;

		if (!at)
			continue;
		at += strlen(creators[i].verb) - 1;
		place = strstr(at, " /");
		option = strstr(at, prompt);
		if (place && option && option < place) {
			at = behind_prompt(option + strlen(prompt), creators[i].escaped);
			place = at ? strstr(at, " /") : NULL;
		}
		return place ? place + 1 : NULL;
	}
	return NULL;
}

/* A word of sh that quotes nothing but text: 'a b', "a b", a"b"; NULL if it is another. */
static const char *unquoted(struct arena *a, const char *word)
{
	_cleanup_str_ struct str out = STR_INIT;
	char quote = 0;

	for (; *word && *word != '\n'; word++) {
		if (quote && *word == quote)
			quote = 0;
		else if (!quote && (*word == '\'' || *word == '"'))
			quote = *word;
		else if (quote != '\'' && strchr("$`(", *word))
			return NULL;
		else if (!quote && strchr(" \t\r;", *word))
			break;
		else if (quote != '\'' && *word == '\\' && word[1])
			str_add_char(&out, *++word);
		else
			str_add_char(&out, *word);
	}
	return quote ? NULL : str_to_arena(&out, a);
}

/* The line of bin/activate that says so in the scripts of all creators. */
static const char *place_of_activate(struct arena *a, int fd)
{
	static const char name[] = "VIRTUAL_ENV=";
	_cleanup_str_ struct str text = STR_INIT;
	const char *found = NULL;
	int r = file_read_at(fd, "bin/activate", SCRIPT_MAX, &text);

	if (r == -ENOMEM)
		a->failed = true;
	if (r)
		return NULL;
	for (const char *line = str_text(&text); line && *line && !found;) {
		line += strspn(line, " \t");
		if (!strncmp(line, "export ", 7))
			line += 7;
		if (!strncmp(line, name, strlen(name)))
			found = unquoted(a, line + strlen(name));
		if (found && *found != '/')
			found = NULL;
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return found;
}

const char *environment_place(struct arena *a, const struct cfg *cfg, int fd)
{
	const char *place = place_of_command(cfg_get(cfg, "command"));

	return place ? place : place_of_activate(a, fd);
}

const char *environment_of(struct arena *a, const char *program)
{
	const char *bin = path_dir(a, program);

	return bin && environment_stem(path_base(program)) &&
			       !strcmp(path_base(bin), "bin")
		       ? path_dir(a, bin)
		       : NULL;
}

/* The scripts that one RECORD lists: "../../../bin/pip3.12,sha256=...,230". */
static int each_of_record(struct arena *a, char *record,
			  int (*each)(void *data, const char *name), void *data)
{
	static const char up[] = "../../../bin/";
	char *rest, *line;
	int r = 0;

	for (line = strtok_r(record, "\r\n", &rest); !r && line;
	     line = strtok_r(NULL, "\r\n", &rest)) {
		const char *name;

		if (strncmp(line, up, strlen(up)) != 0)
			continue;
		name = arena_strndup(a, line + strlen(up),
				     strcspn(line + strlen(up), ","));
		r = name ? each(data, name) : -ENOMEM;
	}
	return r;
}

int environment_scripts(struct arena *a, int site,
			int (*each)(void *data, const char *name), void *data)
{
	_cleanup_dir_ DIR *d = site < 0 ? NULL : tree_walk(site);
	struct dirent *entry;
	int r = d || site < 0 ? 0 : -errno, failed = 0;

	while (!r && d && (entry = tree_next(d, &failed))) {
		_cleanup_str_ struct str record = STR_INIT;
		const char *dot = strrchr(entry->d_name, '.'), *path;

		if (!dot || strcmp(dot, ".dist-info") != 0)
			continue;
		path = path_join(a, entry->d_name, "RECORD");
		if (!path)
			return -ENOMEM;
		r = file_read_at(site, path, RECORD_MAX, &record);
		if (!r && record.s)
			r = each_of_record(a, record.s, each, data);
		else if (r == -ENOENT || r == -ENOTDIR || r == -EISDIR || r == -EINVAL ||
			 r == -EACCES || r == -EFBIG)
			r = 0;
	}
	return r ? r : failed;
}

struct recorded {
	struct arena *arena;
	struct index *names;
};

static int add_recorded(void *data, const char *name)
{
	struct recorded *to = data;
	void **slot = index_slot(to->arena, to->names, name, "");

	if (!slot)
		return -ENOMEM;
	*slot = to->names;
	return 0;
}

int environment_recorded(struct arena *a, int site, struct index *names)
{
	struct recorded to = { a, names };

	return environment_scripts(a, site, add_recorded, &to);
}
