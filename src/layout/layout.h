/* SPDX-License-Identifier: MIT */
/*
 * layout.h - where things lie in an environment
 *
 * The table of what each version's own venv makes (Lib/venv/__init__.py): which
 * directories, which links, which names of the interpreter.  Paths are relative to
 * the environment.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

/* What of the base interpreter decides the layout. */
struct layout_python {
	const char *executable;	    /* absolute path, as the environment will name it */
	const char *real;	    /* the same with all links resolved */
	const char *implementation; /* "cpython", "pypy" */
	const char *lib_dir;	    /* "lib/python3.12" */
	const char *platlib_dir;    /* "lib64/python3.12" where that is so */
	const char *libpython;	    /* shared library that it needs, or NULL */
	unsigned xy;		    /* 0x030c for 3.12 */
	bool is_64bit;
};

/* The newest Python whose tree is known; what is newer is taken for it. */
#define LAYOUT_NEWEST 0x0310u

struct layout {
	const char *bin_name; /* "bin" */
	const char *inc_dir;  /* "include", "include/python3.12" */
	const char *purelib;  /* "lib/python3.12/site-packages" */
	const char *platlib;
	bool lib64_link;      /* lib64 -> lib */
	struct strlist names; /* of the interpreter in bin; the first is the real one */
};

/* Fill L for an interpreter; strings are in the arena or P's. */
int layout_init(struct layout *l, struct arena *a, const struct layout_python *p,
		struct venv_error *err) _must_check_;

/*
 * EnvBuilder.ensure_directories(): make the directories below ROOT, and lib64 -> lib
 * unless HAS_LIB64 says that the environment has something of that name already.
 */
int layout_make_directories(int root, const struct layout *l, bool has_lib64,
			    struct venv_error *err) _must_check_;

enum interpreter_mode {
	INTERPRETER_LINK, /* link; *FELL_BACK if that could not be done and it was copied */
	INTERPRETER_COPY
};

/*
 * EnvBuilder.setup_python(): the interpreter under all its names in the directory
 * BIN of the environment ROOT.
 */
int layout_install_python(int root, int bin, const struct layout *l,
			  const struct layout_python *p, enum interpreter_mode mode,
			  bool *fell_back, struct venv_error *err) _must_check_;
