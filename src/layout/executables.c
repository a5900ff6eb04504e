/* SPDX-License-Identifier: MIT */
/* executables.c - the interpreter under its names: links, or copies */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "load/load.h"
#include "fs/fs.h"
#include "layout.h"

static int copy_program(const char *from, int dir, const char *name, mode_t mode,
			struct venv_error *err)
{
	_cleanup_close_ int in = open(from, O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int out = -1;
	struct stat st;
	int r;

	if (in < 0 || fstat(in, &st))
		return error_errno(err, errno, "cannot read '%s'", from);
	out = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		     mode);
	if (out < 0)
		return error_errno(err, errno, "cannot create '%s'", name);
	r = file_copy_fd(in, out, st.st_size);
	/* venv gives these modes whatever the umask. */
	if (!r && fchmod(out, mode))
		r = -errno;
	if (close(steal_fd(&out)) && !r && errno != EINTR)
		r = -errno;
	return r ? error_errno(err, -r, "cannot copy '%s' to '%s'", from, name) : 0;
}

/*
 * A library that the program looks for relative to itself ($ORIGIN) has to come
 * along; one with an absolute place is found from the copy as well.
 */
static const char *library_beside(const struct layout *l, const struct layout_python *p,
				  char *buf, size_t size)
{
	_cleanup_close_ int fd = open(p->real, O_RDONLY | O_CLOEXEC);
	const char *runpath, *rest, *where = NULL;
	struct elf e;
	size_t n;

	if (fd < 0 || !p->libpython || elf_open(&e, fd))
		return NULL;
	runpath = elf_runpath(&e);
	rest = runpath ? strstr(runpath, "$ORIGIN") : NULL;
	if (rest) {
		rest += strlen("$ORIGIN");
		n = strcspn(rest, ":");
		if (!n || (n == 1 && *rest == '/')) {
			where = l->bin_name;
		} else if (n >= 4 && n - 4 < size && !strncmp(rest, "/../", 4)) {
			/* "/../lib" is a directory of the environment. */
			memcpy(buf, rest + 4, n - 4);
			buf[n - 4] = '\0';
			where = path_is_inside(buf) ? buf : NULL;
		}
	}
	elf_close(&e);
	return where;
}

/* True if the library lies where its program looks relative to itself. */
static bool lies_beside(const struct layout_python *p, const char *where,
			const char *bin_name)
{
	const char *dir = strcmp(where, bin_name) ? where : ".";
	const char *slash = strrchr(p->real, '/');
	struct stat a, b;
	char path[4096];
	int n;

	n = snprintf(path, sizeof(path), "%.*s/%s%s/%s", (int)(slash - p->real), p->real,
		     *dir == '.' ? "" : "../", dir, path_base(p->libpython));
	return n > 0 && (size_t)n < sizeof(path) && !stat(path, &a) &&
	       !stat(p->libpython, &b) && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

bool layout_copies_library(const struct layout *l, const struct layout_python *p)
{
	char buf[256];
	const char *where = library_beside(l, p, buf, sizeof(buf));

	return where && lies_beside(p, where, l->bin_name);
}

static int copy_library(int root, const struct layout *l, const struct layout_python *p,
			struct venv_error *err)
{
	char buf[256];
	const char *where = library_beside(l, p, buf, sizeof(buf));
	_cleanup_close_ int dir = -1;

	if (!where || !lies_beside(p, where, l->bin_name))
		return 0;
	dir = tree_make_dirs(root, where);
	if (dir < 0)
		return error_errno(err, -dir, "cannot create '%s'", where);
	return copy_program(p->libpython, dir, path_base(p->libpython), 0755, err);
}

/* LAYOUT_DONE, LAYOUT_BUILT_IN, or an error. */
static int ask_program(const struct layout_python *p, const char *src, const char *name,
		       struct venv_error *err)
{
	return p->link ? p->link(p->link_data, src, name, err) : LAYOUT_BUILT_IN;
}

static int copy_all(int root, int bin, const struct layout *l,
		    const struct layout_python *p, struct venv_error *err)
{
	int r = 0;

	/* Not one file with several names: archivers of environments lose those. */
	for (size_t i = 0; !r && i < l->names.n; i++) {
		r = ask_program(p, p->real, l->names.v[i], err);
		if (r == LAYOUT_BUILT_IN)
			r = copy_program(p->real, bin, l->names.v[i], 0755, err);
	}
	return r ? r : copy_library(root, l, p, err);
}

/*
 * PyPy finds its library beside the program that it really is: a copy of what a
 * link in another directory points at would not run.  Its own venv links then.
 */
static bool must_link(const struct layout_python *p)
{
	return !strcmp(p->implementation, "pypy") && strcmp(p->executable, p->real) != 0;
}

int layout_install_python(int root, int bin, const struct layout *l,
			  const struct layout_python *p, enum interpreter_mode mode,
			  bool *fell_back, struct venv_error *err)
{
	const char *target = p->executable;

	*fell_back = false;
	if (mode == INTERPRETER_COPY) {
		if (!must_link(p))
			return copy_all(root, bin, l, p, err);
		target = p->real;
	}
	for (size_t i = 0; i < l->names.n; i++) {
		const char *to = i && target == p->executable ? l->names.v[0] : target;

		int r = ask_program(p, to, l->names.v[i], err);

		if (r < 0)
			return r;
		if (r == LAYOUT_DONE || !symlinkat(to, bin, l->names.v[i]))
			continue;
		if (i || errno == EEXIST || !file_may_copy(errno))
			return error_errno(err, errno, "cannot create the link '%s'",
					   l->names.v[i]);
		*fell_back = true;
		return copy_all(root, bin, l, p, err);
	}
	return 0;
}
