/* SPDX-License-Identifier: MIT */
/*
 * scripts.h - EnvBuilder.setup_scripts() and install_scripts()
 *
 * Texts with placeholders (__VENV_DIR__, __VENV_NAME__, __VENV_PROMPT__,
 * __VENV_BIN_NAME__, __VENV_PYTHON__) become files of the environment's bin
 * directory.  Values are put in in one pass, so a name that contains a placeholder
 * stays a name, and quoted for the language of the file.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "base/str.h"
#include "quote.h"

struct script_values {
	const char *dir;      /* absolute path of the environment */
	const char *name;     /* its last component */
	const char *prompt;   /* the bare text; __VENV_PROMPT__ is "(prompt) " */
	const char *bin_name; /* "bin" */
	const char *python;   /* absolute path of its interpreter */
	/* Names in etc/venvctl/activate.d that end in ".nu", in order; or NULL. */
	const struct strlist *nushell_hooks;
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
