/* SPDX-License-Identifier: MIT */
/* self.c - where this code runs from; the platform-dependent half of paths.c */
#include <config.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "fs/fs.h"
#include "load.h"

const char *paths_program(struct arena *a)
{
#if defined(__linux__) || defined(__CYGWIN__)
	_cleanup_free_ char *exe = file_readlink_at(AT_FDCWD, "/proc/self/exe");

	return exe ? arena_strdup(a, exe) : NULL;
#else
	/* macOS: _NSGetExecutablePath(); *BSD: sysctl(KERN_PROC_PATHNAME).  Untested. */
	return path_join(a, paths_bindir(), "venvctl");
#endif
}

/* The file that holds this function: the shared library, or the program. */
static const char *own_file(struct arena *a)
{
	Dl_info info;
	char *name;

	/* The loader knows the main program only by the argv[0] that it was given. */
	if (!dladdr((void *)(uintptr_t)paths_libdir, &info) || !info.dli_fname ||
	    info.dli_fname[0] != '/' || !strstr(path_base(info.dli_fname), ".so"))
		return paths_program(a);
	name = realpath(info.dli_fname, NULL);
	if (name) {
		char *copy = arena_strdup(a, name);

		free(name);
		return copy;
	}
	return NULL;
}

/* From the directory of programs or libraries to DIR as configured: "../lib/venvctl". */
static char *beside(struct arena *a, const char *file, const char *configured)
{
	const char *dir = path_dir(a, file);
	const char *bindir = paths_bindir();
	size_t common = 0;
	char *path;

	if (!dir)
		return NULL;
	/* A library lies in the directory that holds PKGLIBDIR already. */
	if (strstr(path_base(file), ".so"))
		return path_join(a, dir, path_base(configured));
	for (size_t i = 0; bindir[i] && bindir[i] == configured[i]; i++) {
		if (bindir[i] == '/')
			common = i;
	}
	/* bin is one component below the common prefix in every layout that we install. */
	path = arena_printf(a, "%s/..%s", dir, configured + common);
	return path ? path_absolute(a, "/", path) : NULL;
}

/* The directory beside FILE if there is one, else as configured. */
static const char *relocated(struct arena *a, const char *file, const char *configured)
{
	char *dir;

	if (!file)
		return configured;
	dir = beside(a, file, configured);
	if (!dir)
		return NULL;
	if (!strcmp(dir, configured) || !file_exists_at(AT_FDCWD, dir))
		return configured;
	return dir;
}

const char *paths_libdir(struct arena *a, const char *program)
{
	return relocated(a, program ? program : own_file(a), paths_pkglibdir());
}

const char *paths_datadir(struct arena *a, const char *program)
{
	return relocated(a, program ? program : paths_program(a), paths_pkgdatadir());
}
