/* SPDX-License-Identifier: MIT */
/*
 * environment.h - an environment that is there, whoever made it: found, read and checked
 *
 * Knows what lies below it (the redirect files and journals of transaction, pyvenv.cfg, the
 * interpreters) and nothing of how an environment is built.  Nothing of it is run.
 */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "layout/layout.h"
#include "python/python.h"
#include "util/util.h"

/* ---- find.c: which one is meant ---- */

/* What named it. */
enum environment_origin {
	ENVIRONMENT_GIVEN,    /* ENV_DIR, or --env */
	ENVIRONMENT_VARIABLE, /* VIRTUAL_ENV */
	ENVIRONMENT_SEARCHED  /* the nearest .venv upward from the working directory */
};

/*
 * An environment.  environment_find() fills the first part, environment_open() the second.
 * All strings are in the arena of the python_env.
 */
struct environment {
	enum environment_origin origin;
	const char *given;    /* as it was named, for messages */
	const char *dir;      /* absolute path */
	const char *redirect; /* absolute path of the file that led to it, or
				 was to; NULL if none did */

	int fd;		  /* of the directory; -1 if it is not open */
	const char *real; /* with links resolved */
	struct stat st;
	bool half_built; /* it has a journal */
	bool has_cfg;	 /* it has a pyvenv.cfg; what is half-built may have none */
	int cfg_fault;	 /* 0, or -errno: it cannot be read */
	const char *cfg_text;
	size_t cfg_len;
	struct cfg cfg;
	const char *creator; /* "venvctl", "uv", "virtualenv", "venv"; NULL: not known */
	const char *creator_version;
	const char *prompt;	    /* the bare text */
	const char *version;	    /* "3.12.1", as pyvenv.cfg has it; or NULL */
	const char *implementation; /* "CPython" */
	const char *executable;	    /* its own interpreter; NULL: there is none */
	const char *base_prefix;    /* or NULL */
	const char *base;    /* the interpreter that it was made from; NULL: it is gone */
	struct strlist libs; /* "python3.12", of those that lib has */
	const char *lib;     /* the one of its version; or NULL */
	const char *pip;     /* its version; NULL: it has none */
	unsigned packages;   /* how many distributions */
	bool system_site_packages, relocatable;
};

/*
 * Which environment is meant: GIVEN (ENV_DIR, or what --env says) if it is not NULL, else
 * VIRTUAL_ENV, else the nearest `.venv` upward.  The first that is there counts, a
 * broken one too.  CONFLICT if there is none, or if it is a redirect that names no path.
 */
int environment_find(struct environment *e, const struct python_env *pe,
		     const char *given, struct venv_error *err) _must_check_;

/*
 * May code be run that the environment names?  CONFLICT, with a hint, if it was not named
 * by the user and others than root and the effective user can change the redirect, or the
 * directory.
 */
int environment_trust(const struct environment *e, const struct python_env *pe,
		      struct venv_error *err) _must_check_;

/* ---- read.c: what it is ---- */

/*
 * Open and read what environment_find() found.  CONFLICT if it is no environment.  What is
 * wrong with one is no error.
 */
int environment_open(struct environment *e, const struct python_env *pe,
		     struct venv_error *err) _must_check_;
void environment_close(struct environment *e);

/*
 * The interpreter that the environment CFG, in the directory FD whose real path is REAL,
 * was made from; NULL if it is gone, or nothing names it.
 */
const char *environment_base(struct arena *a, const struct cfg *cfg, int fd,
			     const char *real);

/* The length of the name of an implementation that NAME begins with; 0 if there is none. */
size_t environment_stem(const char *name);

/* lib/LIB/site-packages of it: a descriptor, or -1. */
int environment_site(const struct environment *e, const char *lib);

/* ---- place.c: where it was made, and what installers made in it ---- */

/*
 * The absolute path at which the environment CFG in the directory FD was made, as its
 * `command` or its bin/activate says; NULL if neither does.
 */
const char *environment_place(struct arena *a, const struct cfg *cfg, int fd);

/* The directory whose bin/python PROGRAM would be; NULL if it is named otherwise. */
const char *environment_of(struct arena *a, const char *program);

/*
 * Call EACH with the name of every script in bin that the RECORDs in the directory SITE list,
 * until it returns something: that, or -ENOMEM.
 */
int environment_scripts(struct arena *a, int site,
			int (*each)(void *data, const char *name), void *data)
	_must_check_;

/* Add these names to NAMES; 0 or -ENOMEM. */
int environment_recorded(struct arena *a, int site, struct index *names) _must_check_;

/* ---- check.c: what is wrong with it ---- */

struct problem {
	const char *id;	  /* "base-gone", "moved", ... */
	const char *text; /* what is wrong */
	const char *todo; /* what the user can do about it */
	bool fixable;	  /* without a decision of the user's */
	bool fixed;
};

#define PROBLEMS_MAX 32

struct checkup {
	struct problem v[PROBLEMS_MAX]; /* the most important first */
	size_t n;
	bool broken;	/* its Python does not start, or not as what it was, or its pip */
	bool wants_pip; /* pip is missing where it was meant to be */
	bool same_python; /* the base is of the version that it was made for */
};

/*
 * Look for what is wrong; 0 also if there is something.  With MAY_RUN the base interpreter
 * is asked for its version where its files do not tell, if nobody else can change it; nothing
 * of the environment itself is ever run.
 */
int environment_check(const struct environment *e, const struct python_env *pe,
		      bool may_run, struct checkup *out, struct venv_error *err)
	_must_check_;

/* The first problem with this ID; NULL if there is none. */
const struct problem *checkup_find(const struct checkup *c, const char *id);

/*
 * Of an entry NAME of the directory BIN, for who mends it: is it an interpreter, or pip's
 * script, named for another version than VERSION; and is it to be run, and its mode ST
 * forbids that?
 */
bool environment_is_stale(int bin, const char *name, const char *version);
bool environment_wants_x(int bin, const char *name, const struct stat *st);
