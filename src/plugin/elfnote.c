/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "plugin.h"

#include <venvctl/plugin.h>

#include <string.h>

#include "load/load.h"

#define HEAD_SIZE offsetof(struct venv_note, abi_version)

static bool add_words(struct arena *a, struct strlist *list, const char *text, size_t n)
{
	while (n) {
		size_t word = 0;

		while (word < n && text[word] != ' ')
			word++;
		if (word) {
			const char *copy = arena_strndup(a, text, word);

			if (!copy || !strlist_add(a, list, copy))
				return false;
		}
		text += word;
		n -= word;
		if (n) {
			text++;
			n--;
		}
	}
	return true;
}

static const char *parse(struct arena *a, const unsigned char *desc, size_t len,
			 struct plugin_note *note)
{
	struct venv_note n = { 0 };
	const char *lists[3], *p = (const char *)desc;
	size_t sizes[3] = { 0, 0, 0 }, rest;
	char *name;

	if (len < sizeof(n) - HEAD_SIZE)
		return "not a venvctl plugin";
	memcpy((char *)&n + HEAD_SIZE, desc, sizeof(n) - HEAD_SIZE);
	if (!memchr(n.name, 0, sizeof(n.name)) ||
	    !memchr(n.version, 0, sizeof(n.version)))
		return "its note is damaged";
	p += sizeof(n) - HEAD_SIZE;
	rest = len - (sizeof(n) - HEAD_SIZE);
	if (rest > VENV_NOTE_LIST_MAX)
		rest = VENV_NOTE_LIST_MAX;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		const char *end = rest ? memchr(p, 0, rest) : NULL;

		lists[i] = p;
		if (!end)
			break;
		sizes[i] = (size_t)(end - p);
		rest -= sizes[i] + 1;
		p = end + 1;
	}
	*note = (struct plugin_note){ .abi_version = n.abi_version,
				      .struct_size = n.struct_size };
	name = arena_strdup(a, n.name);
	note->version = arena_strdup(a, n.version);
	note->name = name;
	if (!name || !note->version ||
	    (sizes[0] && !add_words(a, &note->provides, lists[0], sizes[0])) ||
	    (sizes[1] && !add_words(a, &note->after, lists[1], sizes[1])) ||
	    (sizes[2] && !add_words(a, &note->requires, lists[2], sizes[2])))
		return "out of memory";
	/* A C identifier has '_' where the name has '-'. */
	for (char *c = name; *c; c++) {
		if (*c == '_')
			*c = '-';
	}
	return NULL;
}

const char *elfnote_read(struct arena *a, int fd, struct plugin_note *note)
{
	const unsigned char *desc;
	struct elf e;
	const char *why = elf_open(&e, fd);
	size_t len;

	if (why)
		return why;
	desc = e.shared ? elf_note(&e, VENV_NOTE_OWNER, VENV_NOTE_TYPE, &len) : NULL;
	why = desc ? parse(a, desc, len, note) : "not a venvctl plugin";
	elf_close(&e);
	return why;
}
