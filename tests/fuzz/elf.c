/* SPDX-License-Identifier: MIT */
/* elf.c - ELF files: a plugin's note, and what an interpreter's file tells */
#include <config.h>

#include "fuzz.h"
#include "load/load.h"
#include "plugin/plugin.h"

static void check_list(const struct strlist *list)
{
	for (size_t i = 0; i < list->n; i++)
		MUST(*list->v[i] && !strchr(list->v[i], ' '));
}

FUZZ(elf)
{
	struct arena a = ARENA_INIT;
	struct plugin_note note = { 0 };
	struct elf e;
	char path[32];
	int fd = fuzz_file(data, size, path);

	if (!elfnote_read(&a, fd, &note)) {
		MUST(note.name && note.version);
		check_list(&note.provides);
		check_list(&note.after);
	}
	if (!elf_open(&e, fd)) {
		const char *text;
		uint32_t version;
		size_t i = 0;

		for (unsigned n = 0; n < 1000 && (text = elf_needed(&e, n)); n++)
			MUST(strlen(text) < size);
		text = elf_runpath(&e);
		MUST(!text || strlen(text) < size);
		elf_symbol(&e, "Py_Version", &version, sizeof(version));
		for (unsigned n = 0; n < 1000 && (text = elf_exported(&e, &i)); n++)
			MUST(strlen(text) < size);
		elf_close(&e);
	}
	arena_release(&a);
	close(fd);
	return 0;
}
