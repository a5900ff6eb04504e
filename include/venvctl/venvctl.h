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

/* The message, "" if there is none; never NULL.  *Borrows* until it is cleared or set again. */
VENV_EXPORT const char *venv_error_message(const struct venv_error *err);

/* Free what the error holds and make it empty; NULL is allowed. */
VENV_EXPORT void venv_error_clear(struct venv_error *err);

/* Version of the library, "MAJOR.MINOR.PATCH"; *borrows* for ever. */
VENV_EXPORT const char *venv_version(void);

/*
 * A builder: EnvBuilder with its options.  It can create any number of
 * environments, one after the other.  Where a pointer may not be NULL and is, a
 * function that returns a result returns VENV_ERR_USAGE.
 */
struct venv_builder;

/*
 * Make a builder with the defaults of EnvBuilder: links on POSIX systems, no
 * pip, no plugins.  The process environment is copied now and not looked at
 * again.  *Returns new*; NULL when memory ran out.
 */
VENV_EXPORT struct venv_builder *venv_builder_new(struct venv_error *err);

/*
 * The same with ENVP ("NAME=value", ..., NULL) in place of the process environment,
 * for programs whose other threads change that.  It is copied; NULL is an empty one.
 */
VENV_EXPORT struct venv_builder *venv_builder_new_environ(const char *const *envp,
							  struct venv_error *err);

/* Free a builder; NULL is allowed.  Not while it is at work. */
VENV_EXPORT void venv_builder_free(struct venv_builder *b);

/*
 * Set an option of `venvctl create` by its long name, without the dashes:
 * "system-site-packages", "symlinks", "copies", "clear", "upgrade",
 * "without-pip", "prompt", "python", ... (venvctl-create(1) has the list).
 * VALUE is what one would write in the configuration ("yes", a path); a list is
 * given one item at a time, and each is added.  It holds for the creates that
 * follow.  With "dry-run" these decide everything, make nothing and return what
 * they would before anything is made.  Errors: VENV_ERR_USAGE for a name or value
 * that does not exist, for what speaks of the tool's output alone ("json", "quiet",
 * "color", "keep-going"), and while a create is at work; NOMEM.
 *
 * One option is the library's alone: "like-venv" lets "upgrade" take any directory,
 * or none, as EnvBuilder does: what is in the way is replaced, .gitignore too, and an
 * upgrade has neither setup_scripts nor post_setup.
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
 * Errors: CONFIG with file and line; USAGE while a create is at work.
 */
VENV_EXPORT int venv_builder_load_config(struct venv_builder *b, struct venv_error *err);

/*
 * Progress of installers, as ExtendedEnvBuilder's progress(text, context):
 * STREAM is an enum venv_stream.  BYTES, without a NUL behind them, are of a child's
 * output (STDOUT, STDERR) a line with its line end, which the last line of a stream
 * may lack and a line that is very long gets in pieces; of MAIN what is to be shown as
 * it comes: "Installing pip ..." has no line end, "done." has.  Called on the thread
 * that called create, never two at a time.  NULL (the default) is silence.
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

/* Methods of EnvBuilder beside the stages of enum venv_stage. */
enum venv_method {
	/* create_git_ignore_file(), unless "without-scm-ignore-files" */
	VENV_METHOD_CREATE_GIT_IGNORE_FILE = 64,
	/* _setup_pip(), if pip is wanted: no plugin that provides pip is selected then */
	VENV_METHOD_SETUP_PIP = 65,
	/* upgrade_dependencies(), with "upgrade-deps" */
	VENV_METHOD_UPGRADE_DEPENDENCIES = 66
};

/*
 * Override a stage (enum venv_stage) or another method (enum venv_method), as a
 * subclass of EnvBuilder overrides the method of that name.  FN returns VENV_OK or an
 * error, which ends the create; it can call the built-in version with
 * venv_builder_stage.  NULL restores that.
 * CTX is *borrowed* until FN returns.  ERR is empty and never NULL: FN may leave it
 * so, or give it a message and a hint from malloc(), which it *takes*.  A result
 * above 0 is VENV_ERR_STEP.  Errors: USAGE for a stage that does not exist, and while a
 * create is at work.
 *
 * create() calls ensure_directories, create_git_ignore_file, create_configuration,
 * setup_python and setup_scripts while the environment is staged (CTX->stage_dir); it
 * publishes; then come setup_pip, the plugins' post_setup, post_setup and
 * upgrade_dependencies, for which the environment's python (CTX->env_exe) runs, and
 * whose failure undoes everything.  An upgrade has no post_setup.
 */
typedef int venv_stage_fn(void *data, struct venv_builder *b,
			  const struct venv_context *ctx, struct venv_error *err);
VENV_EXPORT int venv_builder_override(struct venv_builder *b, int stage,
				      venv_stage_fn *fn, void *data,
				      struct venv_error *err);

/*
 * The built-in version of a stage or method.  Errors: USAGE from anywhere but a function
 * that was given to override for this stage, and between venv_builder_begin and
 * venv_builder_end; those of the stage.
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
 * The stages one by one, on the directory itself: begin() decides everything about
 * ENV_DIR and makes the context, venv_builder_stage() does the work of one stage in any
 * order and as often as wanted, end() lets the directory go.  Each stage is there whole
 * or not at all, what is in the way is replaced, and nothing undoes an earlier stage.
 * No override, no plugin and no hook is called.  A program's own stage is what it does
 * in between.  Until end() the builder does not create.
 */
VENV_EXPORT int venv_builder_begin(struct venv_builder *b, const char *env_dir,
				   struct venv_error *err);
VENV_EXPORT void venv_builder_end(struct venv_builder *b);

/*
 * The context of the environment that is being created, or was created last;
 * *borrows* until the next create or free.  NULL before the first.
 */
VENV_EXPORT const struct venv_context *venv_builder_context(const struct venv_builder *b);

/*
 * Make the create that runs, or waits, stop and roll back; it returns
 * VENV_ERR_CANCELLED, and the next one is not cancelled.  If none is at work nothing
 * happens.  May be called from a signal handler and from another thread.
 */
VENV_EXPORT void venv_builder_cancel(struct venv_builder *b);

/*
 * ---- what a function that was given to override can do ----
 *
 * So it can be done between venv_builder_begin and venv_builder_end.  From anywhere
 * else: USAGE.
 */

/*
 * EnvBuilder.install_scripts(context, path): install the files of PATH/common
 * and PATH/posix into the environment's bin directory, with the placeholders
 * replaced.  FLAGS are VENV_SCRIPTS_*.
 */
VENV_EXPORT int venv_install_scripts(struct venv_builder *b, const char *path,
				     uint32_t flags, struct venv_error *err);

/*
 * Set an attribute of the context: "env_name", "prompt", "executable", "python_dir",
 * "python_exe", "env_exe", "env_exec_cmd", "bin_name", "bin_path", "inc_path",
 * "lib_path" or "platlib_path".  The stages that follow do as it says: python_dir is
 * the `home` of pyvenv.cfg, executable what the interpreter is linked to, python_exe a
 * name that it gets, bin_path (a directory in the environment) where it and the scripts
 * are, the others are what scripts contain.  VALUE is copied.  USAGE for others.
 */
VENV_EXPORT int venv_builder_context_set(struct venv_builder *b, const char *member,
					 const char *value, struct venv_error *err);

/* As host->write_file of plugin.h: PATH is relative to the environment. */
VENV_EXPORT int venv_builder_write_file(struct venv_builder *b, const char *path,
					const void *data, size_t len, uint32_t mode,
					struct venv_error *err);

/*
 * As host->run of plugin.h.  A program that ends with another status than 0 is
 * VENV_ERR_STEP, but for VENV_RUN_ALLOW_FAILURE.
 */
VENV_EXPORT int venv_builder_run(struct venv_builder *b, struct venv_run *run,
				 struct venv_error *err);

/*
 * A key of pyvenv.cfg, as host->config_set of plugin.h, and "command", which the library
 * does not write itself.  Before a create, too: for all environments of the builder.
 */
VENV_EXPORT int venv_builder_config_set(struct venv_builder *b, const char *key,
					const char *value, struct venv_error *err);

/*
 * The child process that failed last in the create at work, or the last one: what
 * subprocess.CalledProcessError has.  *Borrows* until the next create or free; NULL if
 * there was none.  [append-only]
 */
struct venv_child {
	uint32_t struct_size;	 /* sizeof(struct venv_child) */
	int32_t exit_status;	 /* 1 to 255, or 128 + the number of a signal */
	const char *const *argv; /* ends with NULL */
	const char *output; /* of both streams, the last mebibyte or so; with a NUL */
	size_t output_len;
};
VENV_EXPORT const struct venv_child *venv_builder_failed_child(
	const struct venv_builder *b);

/*
 * EnvBuilder.replace_variables(text, context), for each file of setup_scripts and
 * install_scripts that is text: NAME is relative to the directory of scripts (or that of
 * install_scripts' PATH/common).  FN returns VENV_OK with *OUT, LEN bytes from malloc()
 * which it *takes*, or with *OUT as it was, NULL, for the built-in replacement; VENV_SKIP to
 * leave the file out; or an error.
 */
typedef int venv_script_fn(void *data, struct venv_builder *b, const char *name,
			   const char *text, size_t len, char **out, size_t *out_len,
			   struct venv_error *err);
VENV_EXPORT void venv_builder_set_scripts(struct venv_builder *b, venv_script_fn *fn,
					  void *data);

/*
 * EnvBuilder.symlink_or_copy(src, dst), for each name of the interpreter: FN makes DST
 * (below CTX->stage_dir) and returns VENV_OK, or VENV_SKIP for the built-in way, or an error.
 */
typedef int venv_link_fn(void *data, struct venv_builder *b, const char *src,
			 const char *dst, struct venv_error *err);
VENV_EXPORT void venv_builder_set_link(struct venv_builder *b, venv_link_fn *fn,
				       void *data);

/*
 * venv.create(env_dir, system_site_packages, clear, symlinks, with_pip, prompt,
 * upgrade_deps, scm_ignore_files): the convenience function of the module, with its
 * parameters.  PROMPT may be NULL; SCM_IGNORE_FILES says whether .gitignore is written.
 */
VENV_EXPORT int venv_create(const char *env_dir, int system_site_packages, int clear,
			    int symlinks, int with_pip, const char *prompt,
			    int upgrade_deps, int scm_ignore_files,
			    struct venv_error *err);

#ifdef __cplusplus
}
#endif
#endif /* VENVCTL_VENVCTL_H */
