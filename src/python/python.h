/* SPDX-License-Identifier: MIT */
/* python.h - what there is to know of an interpreter to make an environment from it */
#pragma once

#include "util/util.h"

struct cache;

struct python {
	const char *executable;	 /* as it was found, never an environment's: absolute */
	const char *real;	 /* the same with all links resolved */
	const char *prefix;	 /* sys.base_prefix */
	const char *exec_prefix; /* sys.base_exec_prefix */
	const char *stdlib;	 /* its standard library */
	const char *implementation; /* sys.implementation.name: "cpython", "pypy" */
	const char *cache_tag;	    /* sys.implementation.cache_tag: "cpython-312" */
	const char *lib_dir;	    /* below an environment: "lib/python3.12" (purelib) */
	const char *platlib_dir;    /* the same for compiled code */
	const char *libpython;	    /* the shared library that it needs; NULL if none */
	const char *wheel_dir;	    /* WHEEL_PKG_DIR; NULL if none */
	uint32_t hexversion;	    /* sys.hexversion */
	uint32_t magic; /* of byte code, as the first four bytes of a .pyc; 0 unknown */
	bool is_64bit;
};

#define PYTHON_MAJOR(p) ((p)->hexversion >> 24)
#define PYTHON_MINOR(p) ((p)->hexversion >> 16 & 0xff)
#define PYTHON_MICRO(p) ((p)->hexversion >> 8 & 0xff)
/* For comparisons: PYTHON_XY(p) >= 0x030b */
#define PYTHON_XY(p) ((p)->hexversion >> 16)

/* What finding and asking interpreters needs to know. */
struct python_env {
	struct arena *arena;
	const char *const *env;
	const char *cwd;
	const struct log *log;
	struct cache *cache;
	bool read_only; /* do not write the cache (-n) */
	bool no_run;	/* start none: NO_PYTHON where files and the cache do not tell */
	bool (*cancelled)(void *data);
	void *cancel_data;
};

/*
 * Find the interpreter that SPEC means: a path, a directory with bin/python3, a
 * name on PATH, "3", "3.12", "3.12.1", "pypy3.9", ">=3.10,<3.13".  NULL is the
 * first python3 on PATH.  NO_PYTHON with what was looked at.
 */
int python_find(const struct python_env *pe, const char *spec, struct python *out,
		struct venv_error *err) _must_check_;

/*
 * The first of several specifications that is found, NULL's interpreter if there is none;
 * NO_PYTHON of the last if none is found.
 */
int python_find_first(const struct python_env *pe, const struct strlist *specs,
		      struct python *out, struct venv_error *err) _must_check_;

/*
 * Identify the interpreter at PATH (absolute): from the cache, else from files,
 * else by running it once.  An environment's python leads to its base.  NO_PYTHON
 * if it is none, or older than 3.3.
 */
int python_identify(const struct python_env *pe, const char *path, struct python *out,
		    struct venv_error *err) _must_check_;

/*
 * True if PATH, which may be NULL, is a file that may be run; also where that cannot be
 * seen: then it is what was meant, and python_identify() says what is wrong with it.
 */
bool python_is_program(const char *path);

/* Every interpreter that python_find would consider; paths go to FOUND. */
int python_list(const struct python_env *pe, struct strlist *found,
		struct venv_error *err) _must_check_;

/*
 * source.c: who keeps it: "conda", "uv", "pyenv", "system" (the distribution, in /usr) or "other".
 * A constant.
 */
const char *python_source(const struct python_env *pe, const struct python *p);

/*
 * Where its Tcl and Tk have their libraries, as Tcl itself finds them; NULL where it has none.
 * It is run for that.
 */
int python_find_tk(const struct python_env *pe, const struct python *p, const char **tcl,
		   const char **tk, struct venv_error *err) _must_check_;

/* platform.python_implementation() of it: "CPython" for "cpython"; *borrows*. */
const char *python_implementation(const struct python *p);

/*
 * True if NAME, as a pyvenv.cfg has it, is its implementation: venv writes what
 * python_implementation() says, other tools "GraalPy" for what that calls "GraalVM".
 */
bool python_is_implementation(const struct python *p, const char *name);

/* "3.12.1", with "a2", "rc1" behind it where that is so; in the arena. */
const char *python_version_text(struct arena *a, const struct python *p);
