/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fs.h"

#include <string.h>

char *path_join(struct arena *a, const char *dir, const char *name)
{
	size_t n = strlen(dir);

	if (*name == '/')
		return arena_strdup(a, name);
	if (!*name || !n)
		return arena_strdup(a, n ? dir : name);
	return arena_printf(a, "%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *path_dir(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return arena_strdup(a, ".");
	if (slash == path)
		return arena_strdup(a, "/");
	return arena_strndup(a, path, (size_t)(slash - path));
}

/* What PATH ends with, where it is relative to nothing: no ".." leads from there. */
static char *nowhere(struct arena *a, const char *path)
{
	const char *base = path_base(path);

	return path_is_inside(base) ? arena_printf(a, PATH_NO_CWD "/%s", base)
				    : arena_strdup(a, PATH_NO_CWD);
}

char *path_absolute(struct arena *a, const char *cwd, const char *path)
{
	char *all = *path == '/' ? arena_strdup(a, path)
				 : arena_printf(a, "%s/%s", cwd, path);
	char *in = all, *out = all;

	if (!all)
		return NULL;
	if (*path != '/' && !strcmp(cwd, PATH_NO_CWD))
		return nowhere(a, path);
	while (*in) {
		size_t n;

		while (*in == '/')
			in++;
		n = strcspn(in, "/");
		if (n == 2 && in[0] == '.' && in[1] == '.') {
			while (out > all && *--out != '/')
				;
		} else if (n && !(n == 1 && in[0] == '.')) {
			*out++ = '/';
			memmove(out, in, n);
			out += n;
		}
		in += n;
	}
	if (out == all)
		*out++ = '/';
	*out = '\0';
	return all;
}

bool path_is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	if (n == 1 && *dir == '/')
		return true;
	return !strncmp(path, dir, n) && (path[n] == '\0' || path[n] == '/');
}

bool path_is_inside(const char *path)
{
	const char *slash;

	do {
		size_t n;

		/* Many times quicker than strcspn(), and thousands of paths come here. */
		slash = strchr(path, '/');
		n = slash ? (size_t)(slash - path) : strlen(path);
		if (!n || (n == 1 && path[0] == '.') ||
		    (n == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		path += n + 1;
	} while (slash);
	return true;
}
