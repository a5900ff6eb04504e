/* SPDX-License-Identifier: MIT */
/* plugins_exports.c - whatever a plugin exports can clash with what another one exports */
#include <config.h>

#include <fcntl.h>
#include <string.h>

#include "load/load.h"
#include "plugins.h"

#define NAMED_MAX 5
/* The note in which Go's linker writes what it built. */
#define GO_NOTE_TYPE 4

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

static bool is_entry(const char *name)
{
	static const char suffix[] = "_LTX_venv_plugin_v1";
	size_t n = strlen(name), s = sizeof(suffix) - 1;

	return n > s && !strcmp(name + n - s, suffix);
}

/*
 * A template of the C++ standard library, as the compiler instantiates it in each program:
 * its visibility is that of the library's headers, which no option changes.
 */
static bool is_standard(const char *name)
{
	static const char *const kinds[] = { "TI", "TS", "TV", "TT", "GV", "Z" };
	static const char *const spaces[] = { "St", "Sa",	  "Ss",
					      "Sb", "9__gnu_cxx", "10__cxxabiv1" };

	if (!begins(name, "_Z"))
		return false;
	name += 2;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		name += begins(name, kinds[i]) ? strlen(kinds[i]) : 0;
	name += *name == 'N';
	name += *name == 'K';
	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++) {
		if (begins(name, spaces[i]))
			return true;
	}
	return false;
}

const char *plugins_exports(struct arena *a, const char *path, bool *go)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct strlist names = STRLIST_INIT;
	bool mangled = false;
	struct elf elf;
	const char *name;
	size_t len;

	*go = false;
	if (fd < 0 || elf_open(&elf, fd))
		return NULL;
	*go = elf_note(&elf, "Go", GO_NOTE_TYPE, &len) != NULL;
	/* Those of cgo are there in any case, and have names that nobody else has. */
	for (size_t i = 0; !*go && (name = elf_exported(&elf, &i));) {
		if (is_entry(name) || is_standard(name))
			continue;
		mangled |= begins(name, "_Z");
		if (names.n == NAMED_MAX)
			name = "...";
		if (names.n > NAMED_MAX || !strlist_add(a, &names, arena_strdup(a, name)))
			break;
	}
	elf_close(&elf);
	if (!names.n)
		return NULL;
	return arena_printf(a, "beside its entry: %s (build with -fvisibility=hidden%s)",
			    plugins_words(a, &names),
			    mangled ? " -fvisibility-inlines-hidden" : "");
}
