/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "layout.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"

/* One row a platform; the second is kept possible, not used. */
static const struct {
	const char *os_name;
	const char *bin_name;
} platforms[] = {
	{ "posix", "bin" },
	{ "nt", "Scripts" },
};

static bool add_name(struct arena *a, struct layout *l, const char *name)
{
	return !name || strlist_find(&l->names, name) >= 0 ||
	       strlist_add(a, &l->names, name);
}

static bool add_names(struct arena *a, struct layout *l, const struct layout_python *p)
{
	const char *versioned = arena_printf(a, "python%u.%u", p->xy >> 8, p->xy & 0xff);

	/* python3.X came with 3.9; an older environment is no worse for having it. */
	if (!versioned || !add_name(a, l, path_base(p->executable)) ||
	    !add_name(a, l, "python") || !add_name(a, l, "python3") ||
	    !add_name(a, l, versioned))
		return false;
	if (!strcmp(p->implementation, "pypy"))
		return add_name(a, l, "pypy") && add_name(a, l, "pypy3");
	return strcmp(p->implementation, "graalpy") != 0 || add_name(a, l, "graalpy");
}

/* sys.abiflags has a "d": the files of a debug build are named so. */
static bool is_debug(const struct layout_python *p)
{
	const char *name = path_base(p->libpython ? p->libpython : p->real);
	const char *at = strstr(name, path_base(p->lib_dir));

	return at && at[strlen(path_base(p->lib_dir))] == 'd';
}

int layout_init(struct layout *l, struct arena *a, const struct layout_python *p,
		struct venv_error *err)
{
	*l = (struct layout){ .bin_name = platforms[0].bin_name };
	/* bpo-45413 in 3.11 moved it into a directory of its own, gh-127724 in 3.14 back. */
	l->inc_dir = p->xy >= 0x030b && p->xy < 0x030e
			     ? arena_printf(a, "include/%s%s", path_base(p->lib_dir),
					    is_debug(p) ? "d" : "")
			     : "include";
	l->purelib = arena_printf(a, "%s/site-packages", p->lib_dir);
	l->platlib = arena_printf(a, "%s/site-packages", p->platlib_dir);
	/* bpo-21197 in 3.4, until gh-133951 in 3.15 gave platlib directories of its own. */
	l->lib64_link = p->is_64bit && p->xy >= 0x0304 && p->xy < 0x030f;
#ifdef __APPLE__
	l->lib64_link = false;
#endif
	return l->inc_dir && l->purelib && l->platlib && add_names(a, l, p)
		       ? 0
		       : error_nomem(err);
}

/* mkdir -p, where nobody else is at work. */
static int make_directory(int root, const char *path, struct venv_error *err)
{
	char part[512];
	size_t n = 0, len = strlen(path);

	if (len >= sizeof(part))
		return error_errno(err, ENAMETOOLONG, "cannot create '%s'", path);
	while (n < len) {
		n += 1 + strcspn(path + n + 1, "/");
		memcpy(part, path, n);
		part[n] = '\0';
		if (mkdirat(root, part, 0777) && errno != EEXIST)
			return error_errno(err, errno, "cannot create '%s'", part);
	}
	return 0;
}

int layout_make_directories(int root, const struct layout *l, bool has_lib64,
			    struct venv_error *err)
{
	int r;

	if ((r = make_directory(root, l->inc_dir, err)) ||
	    (r = make_directory(root, l->purelib, err)) ||
	    (r = make_directory(root, l->bin_name, err)))
		return r;
	if (!l->lib64_link)
		return strcmp(l->purelib, l->platlib)
			       ? make_directory(root, l->platlib, err)
			       : 0;
	/* A file system without links has no lib64, as nothing that is placed needs it. */
	if (!has_lib64 && symlinkat("lib", root, "lib64") && !file_may_copy(errno))
		return error_errno(err, errno, "cannot create 'lib64'");
	return 0;
}
