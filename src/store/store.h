/* SPDX-License-Identifier: MIT */
/*
 * store.h - wheels, unpacked and compiled once, placed in many environments
 *
 * Knows wheels, the cache and an interpreter's name; nothing of plugins or transactions.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "util/util.h"
#include "tags.h"

struct cache;
struct modules;
struct trust;

/*
 * ---- store.c: wheels, unpacked and compiled once, placed in many environments ----
 *
 * An entry of the store is one wheel for one kind of interpreter: its files as they
 * lie in site-packages, verified against its RECORD, with byte code or without.  It is built in
 * a temporary directory and renamed into place, read-only, never changed again.  Its
 * name is made from all of the wheel's digest, the interpreter's cache tag and the magic
 * number of its byte code, with "-nopyc" behind them if it has none.
 */

enum link_mode {
	LINK_AUTO, /* the first of these that works for the first file, then that */
	LINK_REFLINK,
	LINK_HARDLINK,
	LINK_COPY,
	LINK_SHARED /* pip is a stub that leads into the store, all else LINK_AUTO */
};

struct store {
	struct arena *arena;
	struct cache *cache;  /* the user's store lies in it; may have no place at all */
	const char *site_dir; /* a read-only store of the site; NULL for none */
	struct trust *trust;
	struct modules *modules;
	const struct log *log;
	const char *const *env; /* environment of child processes */
	bool (*cancelled)(void *data);
	void *cancel_data;
	void (*busy)(const char *what); /* something that lasts begins; NULL: is over */
	struct strlist told;		/* what was said once, and is not said again */
	struct store_memory *memory;	/* from one environment to the next; NULL: none */
	bool site_refused;	 /* the site's store cannot be used, which was told */
	struct store_kept *kept; /* entries that were opened by who tried */
};

/*
 * memory.c: what is known of wheels and entries need not be read again for the next environment;
 * in the arena A, which may fail.
 */
struct store_memory *store_memory_new(struct arena *a);

/* Close what is kept open for the install that follows a try. */
void store_release(struct store *s);

/* One wheel to be placed in one environment. */
struct store_wheel {
	const char *path;   /* of the wheel, absolute */
	const char *sha256; /* the digest that it must have; NULL for any */

	/* The interpreter: compiles, and is the environment's base. */
	const char *interpreter; /* absolute path */
	const char *cache_tag;	 /* "cpython-312" */
	uint32_t magic;		 /* of its byte code */
	unsigned major, minor;	 /* of its version */

	/* The environment. */
	int root; /* its directory as it is now (staging); -1: none yet */
	const char *root_path;
	const char *purelib; /* below it: "lib/python3.12/site-packages" */
	const char *platlib;
	const char *bin;       /* "bin" */
	const char *python;    /* final absolute path of its interpreter, for #! lines */
	bool relocatable;      /* scripts find the interpreter beside them instead */
	const char *installer; /* text of INSTALLER */
	bool requested;	       /* write REQUESTED */
	bool try_only;	       /* write nothing, only say what would come of it */
	enum link_mode link_mode;
	bool link_asked; /* for that mode, by name: what cannot be shared is an error */
	bool compile;	 /* with byte code; without, it is an entry of another kind */
	bool look_first; /* store.c: at all files of the entry, before one is placed */

	/*
	 * The environment that is there already and will be merged with ROOT; -1 for
	 * none.  Files of an older version in it are named to REMOVE, relative to it.
	 */
	int existing;
	int (*remove)(void *data, const char *path, struct venv_error *err);
	/* A path that belongs to the environment itself: not written, not removed. */
	bool (*is_owned)(void *data, const char *path);
	void *data;
};

enum {
	STORE_INSTALLED = 0,
	STORE_NOTHING = 1,  /* the same or a newer version is there */
	STORE_NEEDS_PIP = 2 /* only pip can do this; nothing was written; see the log */
};

/* Install it: STORE_*, or an error. */
int store_install(struct store *s, const struct store_wheel *w, struct venv_error *err)
	_must_check_;

/* ---- find.c: the wheel of a project that an interpreter can use ---- */

struct wheel_query {
	const char *project;	   /* compared as PEP 503 says; NULL: whatever is there */
	const char *version;	   /* exactly that (PEP 440); NULL: the newest release */
	const char *const *places; /* directories and wheels, absolute; ends with NULL */
	struct tag_target target;
	const char *python_version; /* "3.12.1", for Requires-Python */
};

/*
 * The best: newest version, then tags; *PATH is in the store's arena.  UNSUPPORTED,
 * with the version that would fit in the hint, if there are only wheels for other
 * Pythons or platforms; FAILED if there is none at all,
 * CONFIG if a place is not there.
 */
int store_find(struct store *s, const struct wheel_query *q, const char **path,
	       struct venv_error *err) _must_check_;

/*
 * ---- site.c: the store of the site, which root fills and all read ----
 */

/* A descriptor of DIR; CONFIG, or the system's error, if others than root can change it. */
int store_open_site(const char *dir, struct venv_error *err) _must_check_;

/* Nothing is in the directory FD that is not of such a store. */
bool store_is_site(int fd);

/*
 * CONFIG if users could not use DIR as it is: it is not there, not root's alone, or nothing is
 * in it.
 */
int store_check_site(const char *dir, struct venv_error *err) _must_check_;

/*
 * Move the entries of FROM, a store that was just made, into the directory TO of the site,
 * readable by all; *N is how many.
 */
int store_give(int from, int to, unsigned *n, struct venv_error *err) _must_check_;

/* shared.c: environments have a pip that leads into the entry with the descriptor ENTRY. */
bool store_is_shared(int entry);

/*
 * 1 if the pip in the directory SITE, an environment's site-packages, is shared from *ENTRY, with
 * what is wrong with that in *WHY ("is gone"), or NULL; 0 if it is none such; or -ENOMEM.
 */
int store_check_shared(struct arena *a, int site, const char **entry, const char **why)
	_must_check_;

/*
 * scratch.c: remove what killed builders left in the directory STORE of a cache: those
 * directories in which an entry was being built that nobody has locked.
 */
void store_sweep(int store);

/*
 * Remove the entry NAME of the directory STORE while others may use it: nobody finds it any
 * more, and its files go when nobody uses it; 0.  -EBUSY if environments share it, unless
 * FORGET_SHARED, or somebody uses it and it is to go with FORGET_UNUSED only.  -ENOENT if it is
 * not there, or being removed.
 */
enum { FORGET_UNUSED = 1, FORGET_SHARED = 2 };
int store_forget(int store, const char *name, unsigned how) _must_check_;
