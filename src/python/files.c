/* SPDX-License-Identifier: MIT */
/*
 * files.c - an interpreter identified without being run
 *
 * CPython 3.11 and later export their version as the data symbol Py_Version, in
 * the program or in its libpython.  The rest are landmarks: where os.py lies says
 * prefix, library directory and whether the build is free-threaded (getpath.py
 * looks for the same).  Whatever is missing or ambiguous ends it: the interpreter
 * is asked instead.
 */
#include <config.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "load/load.h"
#include "util/util.h"
#include "fs/fs.h"
#include "details.h"

static const char *const library_dirs[] = {
#if defined(__x86_64__) && defined(__LP64__)
	"/usr/lib/x86_64-linux-gnu",
#elif defined(__aarch64__)
	"/usr/lib/aarch64-linux-gnu",
#elif defined(__i386__)
	"/usr/lib/i386-linux-gnu",
#endif
	"/usr/lib64",
	"/usr/lib",
	"/usr/local/lib64",
	"/usr/local/lib",
	"/lib64",
	"/lib",
};

/* DIR/NAME if that is a file; $ORIGIN in DIR is where the program lies. */
static const char *in_dir(struct arena *a, const char *dir, size_t n, const char *name,
			  const char *origin)
{
	const char *rest = NULL;
	char *path;

	if (n >= 7 && !strncmp(dir, "$ORIGIN", 7))
		rest = dir + 7;
	else if (n >= 9 && !strncmp(dir, "${ORIGIN}", 9))
		rest = dir + 9;
	if (rest)
		path = arena_printf(a, "%s%.*s/%s", origin, (int)(dir + n - rest), rest,
				    name);
	else
		path = arena_printf(a, "%.*s/%s", (int)n, dir, name);
	return path && *path == '/' && !access(path, R_OK) ? path : NULL;
}

static const char *in_list(struct arena *a, const char *list, const char *name,
			   const char *origin)
{
	while (list && *list) {
		size_t n = strcspn(list, ":");
		const char *path = n ? in_dir(a, list, n, name, origin) : NULL;

		if (path)
			return path;
		list += n;
		list += *list == ':';
	}
	return NULL;
}

const char *python_find_libpython(const struct python_env *pe, const char *real,
				  bool *unknown)
{
	_cleanup_close_ int fd = open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *name, *path = NULL, *origin = path_dir(pe->arena, real);
	struct elf e;

	*unknown = false;
	if (fd < 0 || !origin || elf_open(&e, fd))
		return NULL;
	for (unsigned i = 0; (name = elf_needed(&e, i)); i++) {
		if (!strncmp(name, "libpython", 9) || !strncmp(name, "libpypy", 7))
			break;
	}
	if (name) {
		/* The order of ld.so(8): LD_LIBRARY_PATH comes before RUNPATH. */
		path = in_list(pe->arena, env_get(pe->env, "LD_LIBRARY_PATH"), name,
			       origin);
		if (!path)
			path = in_list(pe->arena, elf_runpath(&e), name, origin);
		for (size_t i = 0; !path && i < ARRAY_SIZE(library_dirs); i++)
			path = in_list(pe->arena, library_dirs[i], name, origin);
		*unknown = !path;
	}
	elf_close(&e);
	return path;
}

static bool read_version(const char *file, uint32_t *hexversion)
{
	_cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	unsigned long version = 0;
	struct elf e;
	bool found;

	if (fd < 0 || elf_open(&e, fd))
		return false;
	found = elf_symbol(&e, "Py_Version", &version, sizeof(version));
	elf_close(&e);
	*hexversion = (uint32_t)version;
	return found && version >> 24 == 3;
}

/* PREFIX/lib/python3.12, if the standard library is there. */
static const char *stdlib_at(struct arena *a, const char *prefix, const char *lib,
			     const struct python *p, const char *suffix)
{
	const char *dir = arena_printf(a, "%s%s%s/python%u.%u%s", prefix,
				       prefix[1] ? "/" : "", lib, PYTHON_MAJOR(p),
				       PYTHON_MINOR(p), suffix);
	const char *os = dir ? path_join(a, dir, "os.py") : NULL;

	return os && !access(os, R_OK) ? dir : NULL;
}

/* Look for landmarks in the directory of EXE and above it. */
static bool find_prefix(struct arena *a, const char *exe, const char *suffix,
			struct python *p)
{
	static const char *const libs[] = { "lib", "lib64" };
	const char *dir = exe;

	do {
		dir = path_dir(a, dir);
		for (size_t i = 0; dir && i < ARRAY_SIZE(libs); i++) {
			const char *stdlib = stdlib_at(a, dir, libs[i], p, suffix);

			if (!stdlib)
				continue;
			p->prefix = dir;
			p->stdlib = stdlib;
			p->lib_dir = arena_printf(a, "lib/%s", path_base(stdlib));
			p->platlib_dir = arena_printf(a, "%s/%s", libs[i],
						      path_base(stdlib));
			return p->lib_dir && p->platlib_dir;
		}
	} while (dir && strcmp(dir, "/") != 0);
	return false;
}

/*
 * "" or "t" for a free-threaded build: from the name of the library or program,
 * else from which landmarks there are.  NULL if that leaves it open.
 */
static const char *thread_suffix(struct arena *a, const struct python *p)
{
	struct python plain = *p, threaded = *p;
	char want[32];
	bool has_plain, has_threaded;

	if (PYTHON_XY(p) < 0x030d)
		return "";
	snprintf(want, sizeof(want), "python%u.%ut", PYTHON_MAJOR(p), PYTHON_MINOR(p));
	if (p->libpython)
		return strstr(path_base(p->libpython), want) ? "t" : "";
	if (!strncmp(path_base(p->real), want, strlen(want)))
		return "t";
	has_plain = find_prefix(a, p->real, "", &plain);
	has_threaded = find_prefix(a, p->real, "t", &threaded);
	if (has_plain && has_threaded) {
		want[strlen(want) - 1] = '\0';
		return !strcmp(path_base(p->real), want) ? "" : NULL;
	}
	return has_threaded ? "t" : "";
}

/*
 * The name by which the environment will know its base: as it was given, if the
 * standard library is found from there, else the first link on the way that has
 * it (an interpreter that is linked to from outside its installation).
 */
static bool find_home(struct arena *a, const char *path, const char *suffix,
		      struct python *p)
{
	for (int links = 0; links < 40; links++) {
		_cleanup_free_ char *target = NULL;

		if (find_prefix(a, path, suffix, p)) {
			p->executable = path;
			return true;
		}
		target = file_readlink_at(AT_FDCWD, path);
		path = target ? path_absolute(a, path_dir(a, path), target) : NULL;
		if (!path)
			return false;
	}
	return false;
}

/* The first four bytes of a compiled module of the standard library; 0 if none. */
static uint32_t read_magic(struct arena *a, const struct python *p)
{
	const char *name = arena_printf(a, "%s/__pycache__/os.%s.pyc", p->stdlib,
					p->cache_tag);
	_cleanup_close_ int fd = name ? open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
				      : -1;
	unsigned char b[4];

	if (fd < 0 || read(fd, b, sizeof(b)) != sizeof(b))
		return 0;
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	       (uint32_t)b[3] << 24;
}

/* The value of 'WHEEL_PKG_DIR': '...' in a sysconfig data file; "" if empty or none. */
static const char *wheel_dir_in(struct arena *a, int dirfd, const char *name)
{
	static const char key[] = "'WHEEL_PKG_DIR': '";
	struct str text = STR_INIT;
	const char *at, *value = "";

	if (file_read_at(dirfd, name, 4u << 20, &text))
		value = NULL;
	else if ((at = strstr(str_text(&text), key))) {
		at += strlen(key);
		value = arena_strndup(a, at, strcspn(at, "'\\\n"));
	}
	str_release(&text);
	return value;
}

/* False if the sysconfig data is missing, or several files say different things. */
static bool find_wheel_dir(struct arena *a, struct python *p)
{
	_cleanup_dir_ DIR *d = opendir(p->stdlib);
	const char *found = NULL;
	struct dirent *e;
	int r = 0;

	while (d && (e = tree_next(d, &r))) {
		size_t n = strlen(e->d_name);
		const char *value;

		if (strncmp(e->d_name, "_sysconfigdata_", 15) || n < 19 ||
		    strcmp(e->d_name + n - 3, ".py") != 0)
			continue;
		value = wheel_dir_in(a, dirfd(d), e->d_name);
		if (!value || (found && strcmp(found, value) != 0))
			return false;
		found = value;
	}
	if (!found || r)
		return false;
	p->wheel_dir = *found ? found : NULL;
	return true;
}

/*
 * True if the installation itself says by which path it is to be known, as Homebrew's does: by
 * one that stays while the versions behind it change.
 */
static bool names_itself(const struct python_env *pe, const struct python *p)
{
	const char *files[] = {
		path_join(pe->arena, p->stdlib, "sitecustomize.py"),
		path_join(pe->arena, p->stdlib, "site-packages/sitecustomize.py"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_str_ struct str text = STR_INIT;
		int r = files[i] ? file_read_at(AT_FDCWD, files[i], 1u << 20, &text)
				 : -ENOMEM;

		/* One that cannot be read may say so: the interpreter is asked. */
		if (r && r != -ENOENT && r != -ENOTDIR)
			return true;
		if (strstr(str_text(&text), "_base_executable"))
			return true;
	}
	return false;
}

int python_from_files(const struct python_env *pe, const char *path, struct python *out,
		      struct venv_error *err)
{
	struct arena *a = pe->arena;
	struct python p = { .implementation = "cpython" };
	_cleanup_free_ char *real = realpath(path, NULL);
	const char *suffix, *dynload;
	bool unknown;

	if (!real || strncmp(path_base(real), "python", 6) != 0)
		return 0;
	p.real = arena_strdup(a, real);
	if (!p.real)
		return error_nomem(err);
	p.libpython = python_find_libpython(pe, p.real, &unknown);
	if (unknown || !read_version(p.libpython ? p.libpython : p.real, &p.hexversion))
		return 0;
	suffix = thread_suffix(a, &p);
	if (!suffix || !find_home(a, path, suffix, &p) || names_itself(pe, &p))
		return 0;
	/* sys.exec_prefix has a landmark of its own, which is nearly always here. */
	dynload = path_join(a, p.stdlib, "lib-dynload");
	if (!dynload || access(dynload, X_OK))
		return 0;
	p.exec_prefix = p.prefix;
	p.is_64bit = sizeof(void *) == 8;
	p.cache_tag = arena_printf(a, "cpython-%u%u%s", PYTHON_MAJOR(&p),
				   PYTHON_MINOR(&p), suffix);
	if (!p.cache_tag)
		return error_nomem(err);
	p.magic = read_magic(a, &p);
	if (!find_wheel_dir(a, &p))
		return 0;
	*out = p;
	return 1;
}
