/* SPDX-License-Identifier: MIT */
/*
 * venvctl/venvctl.h - libvenvctl: Python virtual environments for C programs
 *
 * The library is venv.EnvBuilder in C.  It prints nothing, never exits, installs
 * no signal handler, changes neither working directory nor umask nor locale, and
 * reads no configuration and no plugin unless it is told to.  One builder is
 * used by one thread at a time; different builders are independent.  A child
 * process that a builder starts is waited for by its own process id.
 *
 * Ownership is said in three words: a function *returns new* what the caller
 * frees, *borrows* what stays the library's, *takes* what becomes the library's.
 * Strings that are passed in are copied; the DATA of a callback is only handed on,
 * and has to live until the callback is replaced or the builder is freed.  No C++
 * exception or longjmp() leaves a callback.
 *
 * Everything here exists since 0.1 unless it says otherwise.  libvenvctl(3) has
 * examples.
 */
#ifndef VENVCTL_VENVCTL_H
#define VENVCTL_VENVCTL_H

#include <venvctl/plugin.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Results that only the library has; see plugin.h for the others. */
enum {
	/* A wrong argument, or a target that cannot be one. */
	VENV_ERR_USAGE = -32,
	/* No interpreter fits, or the one that was named cannot be used. */
	VENV_ERR_NO_PYTHON = -33,
	/* The target exists, is locked or is not an environment. */
	VENV_ERR_CONFLICT = -34,
	/* A plugin was not found, was refused or cannot be loaded. */
	VENV_ERR_PLUGIN = -35,
	/* A plugin reported failure, or the child process of a step failed. */
	VENV_ERR_STEP = -36
};

/*
 * What went wrong.  Begin with VENV_ERROR_INIT; the function that fails fills
 * it, freeing what it held, and a function that succeeds leaves it alone.  May be
 * passed as NULL where nobody wants to know.  Its size is fixed.
 */
struct venv_error {
	int32_t code;	   /* the negative result, 0 for none */
	int32_t os_errno;  /* errno behind it, 0 for none */
	char *message;	   /* from malloc(); one line; ask venv_error_message() */
	char *hint;	   /* from malloc(): what to do about it, or NULL */
	void *reserved[4]; /* NULL */
};

#define VENV_ERROR_INIT                        \
	{                                      \
		0, 0, NULL, NULL,              \
		{                              \
			NULL, NULL, NULL, NULL \
		}                              \
	}

/* The message; never NULL.  ERR is not NULL.  *Borrows* until it is cleared or set again. */
VENV_EXPORT const char *venv_error_message(const struct venv_error *err);

/* Free what the error holds and make it empty. */
VENV_EXPORT void venv_error_clear(struct venv_error *err);

/* Version of the library, "MAJOR.MINOR.PATCH"; *borrows* for ever. */
VENV_EXPORT const char *venv_version(void);

/*
 * A builder: EnvBuilder with its options.  It can create any number of
 * environments, one after the other.
 */
struct venv_builder;

/*
 * Make a builder with the defaults of EnvBuilder: links on POSIX systems, no
 * pip, no plugins.  The process environment is looked at now and not again (the
 * pointer `environ` is kept: do not change the environment while the builder
 * lives).  *Returns new*; NULL when memory ran out.
 */
VENV_EXPORT struct venv_builder *venv_builder_new(struct venv_error *err);

/* Free a builder; NULL is allowed. */
VENV_EXPORT void venv_builder_free(struct venv_builder *b);

/*
 * Set an option of `venvctl create` by its long name, without the dashes:
 * "system-site-packages", "symlinks", "copies", "clear", "upgrade",
 * "without-pip", "prompt", "python", ... (venvctl-create(1) has the list).
 * VALUE is what one would write in the configuration ("yes", a path); a list is
 * given one item at a time.  Errors: VENV_ERR_USAGE for a name or value that
 * does not exist, and after the first create; NOMEM.
 */
VENV_EXPORT int venv_builder_set(struct venv_builder *b, const char *option,
				 const char *value, struct venv_error *err);

/*
 * Select a plugin to run after those selected before: NAME or
 * NAME:KEY=VALUE,KEY=VALUE as with --plugin; with a '/' in it a file.  Errors:
 * USAGE; that the plugin exists is seen by venv_builder_create.
 */
VENV_EXPORT int venv_builder_add_plugin(struct venv_builder *b, const char *plugin,
					struct venv_error *err);

/*
 * Read the configuration of the site and the user and VENVCTL_* of the process
 * environment; what was or will be set by the functions above is stronger.
 * Errors: CONFIG with file and line.
 */
VENV_EXPORT int venv_builder_load_config(struct venv_builder *b, struct venv_error *err);

/*
 * Progress of installers, as ExtendedEnvBuilder's progress(text, context):
 * STREAM is an enum venv_stream; BYTES are whole lines with their line end (the
 * last one of a stream without, if it had none), not NUL-terminated.  Called on
 * the thread that called create, never two at a time.  NULL (the default) is
 * silence.
 */
typedef void venv_progress_fn(void *data, int stream, const char *bytes, size_t len);
VENV_EXPORT void venv_builder_set_progress(struct venv_builder *b, venv_progress_fn *fn,
					   void *data);

/*
 * A progress function that writes what the specification's example writes to
 * standard error: "Installing pip ...", a dot a line, "done.".  DATA points to an
 * int: not 0 shows the lines themselves; NULL is 0.
 */
VENV_EXPORT void venv_progress_stderr(void *data, int stream, const char *bytes,
				      size_t len);

/*
 * Messages up to and including LEVEL (enum venv_log_level) go to FN, without
 * the last line end, *borrowed* until FN returns.  NULL (the default) is silence.
 */
typedef void venv_log_fn(void *data, int level, const char *message);
VENV_EXPORT void venv_builder_set_log(struct venv_builder *b, int level, venv_log_fn *fn,
				      void *data);

/*
 * Override a stage (enum venv_stage), as a subclass of EnvBuilder overrides the
 * method of that name.  FN returns VENV_OK or an error, which ends the create; it
 * can call the built-in version with venv_builder_stage.  NULL restores that.
 * CTX is *borrowed* until FN returns.  ERR is empty and never NULL: FN may leave it
 * so, or give it a message and a hint from malloc(), which it *takes*.  A result
 * above 0 is VENV_ERR_STEP.  Errors: USAGE for a stage that does not exist.
 */
typedef int venv_stage_fn(void *data, struct venv_builder *b,
			  const struct venv_context *ctx, struct venv_error *err);
VENV_EXPORT int venv_builder_override(struct venv_builder *b, int stage,
				      venv_stage_fn *fn, void *data,
				      struct venv_error *err);

/*
 * The built-in version of a stage.  Errors: USAGE from anywhere but a function that
 * was given to override for this stage; those of the stage.
 */
VENV_EXPORT int venv_builder_stage(struct venv_builder *b, int stage,
				   struct venv_error *err);

/*
 * Create the environment ENV_DIR (absolute, or relative to the current
 * directory).  All or nothing: after an error what was there before is there
 * again, and the builder can be used further.  Errors: any.
 */
VENV_EXPORT int venv_builder_create(struct venv_builder *b, const char *env_dir,
				    struct venv_error *err);

/*
 * The context of the environment that is being created, or was created last;
 * *borrows* until the next create or free.  NULL before the first.
 */
VENV_EXPORT const struct venv_context *venv_builder_context(const struct venv_builder *b);

/*
 * Make a running create stop and roll back; it returns VENV_ERR_CANCELLED.  May
 * be called from a signal handler and from another thread.
 */
VENV_EXPORT void venv_builder_cancel(struct venv_builder *b);

/*
 * EnvBuilder.install_scripts(context, path): install the files of PATH/common
 * and PATH/posix into the environment's bin directory, with the placeholders
 * replaced.  Only from a function given to venv_builder_override.  FLAGS are
 * VENV_SCRIPTS_*.
 */
VENV_EXPORT int venv_install_scripts(struct venv_builder *b, const char *path,
				     uint32_t flags, struct venv_error *err);

/*
 * venv.create(env_dir, system_site_packages, clear, symlinks, with_pip): the
 * convenience function of the specification, with its parameters.
 */
VENV_EXPORT int venv_create(const char *env_dir, int system_site_packages, int clear,
			    int symlinks, int with_pip, struct venv_error *err);

#ifdef __cplusplus
}
#endif
#endif /* VENVCTL_VENVCTL_H */
