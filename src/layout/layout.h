/* SPDX-License-Identifier: MIT */
/*
 * layout.h - what an environment consists of: directories, interpreter, pyvenv.cfg, scripts
 *
 * Writes into a directory that it is given, and knows nothing of how that is published.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/util.h"
#include "quote.h"

/*
 * ---- layout.c: where things lie in an environment ----
 *
 * The table of what each version's own venv makes (Lib/venv/__init__.py): which
 * directories, which links, which names of the interpreter.  Paths are relative to
 * the environment.
 */

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
	/*
	 * EnvBuilder.symlink_or_copy(SRC, NAME), of a program: LAYOUT_DONE, LAYOUT_BUILT_IN
	 * or an error.  NULL: the built-in one.
	 */
	int (*link)(void *data, const char *src, const char *name,
		    struct venv_error *err);
	void *link_data;
};

/* What functions of an embedding program answer. */
enum { LAYOUT_DONE, LAYOUT_BUILT_IN, LAYOUT_LEAVE_OUT };

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

/* Does the shared library come along with a copy of the interpreter? */
bool layout_copies_library(const struct layout *l, const struct layout_python *p);

/*
 * ---- pyvenv_cfg.c: pyvenv.cfg (PEP 405): read what anybody wrote, write what every ----
 * reader understands
 *
 * UTF-8, "key = value" with one blank on each side, `home` first, no blank lines or
 * comments, no empty values, no line breaks in a value.
 */

struct cfg_entry {
	const char *key;
	const char *value;
};

struct cfg {
	struct arena *arena;
	struct cfg_entry *entries;
	size_t n, size;
	struct index keys; /* in lower case: the first entry of each, counted from 1 */
};

#define CFG_FILE "pyvenv.cfg"

/* Read TEXT as getpath.py and site.py do; lines without '=' and comments are nothing. */
int cfg_parse(struct cfg *c, const char *text, size_t len, struct venv_error *err);

/* Read DIRFD/pyvenv.cfg: 0, or -errno. */
int cfg_read(struct cfg *c, int dirfd) _must_check_;

/* The value of KEY (without regard to case), the first one; NULL if there is none. */
const char *cfg_get(const struct cfg *c, const char *key);

/* Set KEY, in place or at the end; a NULL or empty VALUE is left out. */
int cfg_set(struct cfg *c, const char *key, const char *value, struct venv_error *err);

/* Append the file's text to OUT. */
void cfg_add_text(const struct cfg *c, struct str *out);

/* Write it as DIRFD/pyvenv.cfg, in place of one that is there. */
int cfg_write(const struct cfg *c, int dirfd, struct venv_error *err) _must_check_;

/* The keys that venvctl writes, in their order. */
#define CFG_OWN_KEYS 13
extern const char *const cfg_own_keys[CFG_OWN_KEYS];

/* True for these, and for keys that readers take for another creator's. */
bool cfg_is_own_key(const char *key);

/* True if VALUE can stand in a line: UTF-8, no control characters, no line breaks. */
bool cfg_is_value(const char *value);

/*
 * Append repr(TEXT) as CPython writes the prompt: 'my env', "it's", 'a\nb'.  Bytes
 * that are not UTF-8 become \udcNN, as os.fsdecode() makes them.
 */
void cfg_add_repr(struct str *out, const char *text);

/* Undo cfg_add_repr, or take off the quotes of another writer; in the arena. */
const char *cfg_unrepr(struct arena *a, const char *text);

/*
 * ---- scripts.c: EnvBuilder.setup_scripts() and install_scripts() ----
 *
 * Texts with placeholders (__VENV_DIR__, __VENV_NAME__, __VENV_PROMPT__,
 * __VENV_BIN_NAME__, __VENV_PYTHON__) become files of the environment's bin
 * directory.  Values are put in in one pass, so a name that contains a placeholder
 * stays a name, and quoted for the language of the file.
 */

struct script_values {
	const char *dir;      /* absolute path of the environment */
	const char *name;     /* its last component */
	const char *prompt;   /* the bare text; __VENV_PROMPT__ is "(prompt) " */
	const char *bin_name; /* "bin" */
	const char *python;   /* absolute path of its interpreter */
	bool relocatable;     /* our own scripts find the directory by where they are */
	bool like_virtualenv; /* set what virtualenv's scripts set, too */
	const char *tcl_library, *tk_library; /* likewise, or NULL */
	/* Names in etc/venvctl/activate.d that end in ".nu", in order; or NULL. */
	const struct strlist *nushell_hooks;
	/*
	 * EnvBuilder.replace_variables(TEXT), of a program, for the script NAME: LAYOUT_DONE
	 * with OUT, LAYOUT_BUILT_IN, LAYOUT_LEAVE_OUT or an error.  NULL: the built-in one.
	 */
	int (*replace)(void *data, const char *name, const char *text, size_t len,
		       struct str *out, struct venv_error *err);
	void *replace_data;
};

/* Sets of activators, for --activators. */
enum {
	ACTIVATE_SH = 1 << 0,
	ACTIVATE_CSH = 1 << 1,
	ACTIVATE_FISH = 1 << 2,
	ACTIVATE_POWERSHELL = 1 << 3,
	ACTIVATE_NUSHELL = 1 << 4,
	ACTIVATE_XONSH = 1 << 5,
	ACTIVATE_PYTHON = 1 << 6,
	ACTIVATE_CMD = 1 << 7
};
#define ACTIVATE_DEFAULT                                                    \
	(ACTIVATE_SH | ACTIVATE_CSH | ACTIVATE_FISH | ACTIVATE_POWERSHELL | \
	 ACTIVATE_NUSHELL | ACTIVATE_XONSH | ACTIVATE_PYTHON)

/*
 * Append TEXT with the placeholders of third parties' scripts replaced; with RAW
 * values are not quoted.
 */
void scripts_expand(struct str *out, const char *text, size_t len, enum language language,
		    const struct script_values *v, bool raw);

/*
 * Append what the file PATH of a third party becomes: text with its placeholders
 * replaced; what is not text (not UTF-8, or very large) as it is, with a note.
 */
void scripts_expand_file(struct str *out, const char *path, const struct str *content,
			 const struct script_values *v, bool raw, const struct log *log);

/* Append the command that a user types to activate: FILE is the script's name. */
void scripts_add_command(struct str *out, enum language language, const char *file,
			 const struct script_values *v);

/*
 * Write the compiled-in activation scripts of the ACTIVATORS (ACTIVATE_*) into the
 * directory BIN, with mode 0644 whatever the umask.  MODE_LEFT is what the umask, or an
 * ACL, leaves of mode 0777 there; 0 if that is not known.
 */
int scripts_install_builtin(int bin, const struct script_values *v, unsigned activators,
			    unsigned mode_left, struct venv_error *err) _must_check_;

/* True for a name that one of them has, or on some file system would have. */
bool scripts_is_builtin(const char *name);

/* Write activate.nu once more, in place of the one that is there: the hooks are known. */
int scripts_replace_nushell(int bin, const struct script_values *v,
			    struct venv_error *err) _must_check_;

/*
 * install_scripts(context, PATH): everything below PATH/common and PATH/posix goes
 * to BIN, sub-directories kept, modes kept, placeholders replaced in text files,
 * binary files (not UTF-8) copied untouched with a note in the log.  A file that is
 * there already is replaced.
 */
int scripts_install_dir(int bin, const char *path, const struct script_values *v,
			bool raw, const struct log *log, struct venv_error *err)
	_must_check_;
