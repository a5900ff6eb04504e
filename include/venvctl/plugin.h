/* SPDX-License-Identifier: MIT */
/*
 * venvctl/plugin.h - the interface between venvctl and its plugins
 *
 * This is the only header that a plugin may include.  It needs nothing from
 * libvenvctl at link time: every service comes through struct venv_host.
 * venvctl-plugin(3) tells the whole story; this file is the reference.
 *
 * A plugin is one VENV_PLUGIN_DEFINE at file level, the last thing in this file.  It names
 * the hooks, and what the plugin is: struct venv_plugin, which also says when each hook is
 * called.  A hook learns what is being made from struct venv_context, and works through
 * struct venv_host:
 *
 *	to say something    error, log, progress, cancelled
 *	its options         option, option_bool, option_int, option_list (struct venv_option)
 *	files               write_file, read_file, remove_file, install_scripts,
 *	                    install_tree, config_set
 *	wheels              find_wheel, install_wheel (struct venv_wheel)
 *	from elsewhere      download (struct venv_download)
 *	other programs      run (struct venv_run), context_json
 *	what it keeps       alloc, temp_dir, cache_dir
 *
 * ABI rules.  A structure marked [append-only] grows at its end, never shrinks
 * and never changes the meaning of a member.  Each side states the size that it
 * was compiled with, and neither reads past the smaller of the two.  A minor
 * version adds members, enumerators or flags; a major version may change
 * anything and has another name of the entry symbol.  Results, types and levels
 * are plain integers in structures and signatures, because the size of an enum
 * is not part of an ABI.
 *
 * Ownership.  The tables that a plugin hands out (venv_plugin, its options, every
 * string in them) are constant for as long as it is loaded.  What it passes to a
 * service is read until that returns, and stays the plugin's; what a service
 * returns is the host's.  A hook returns to its caller: no C++ exception, panic or
 * longjmp() leaves it.
 *
 * Everything here exists since ABI 1.0 unless it says otherwise.
 */
#ifndef VENVCTL_PLUGIN_H
#define VENVCTL_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VENV_PLUGIN_ABI_MAJOR	      1
#define VENV_PLUGIN_ABI_MINOR	      0
#define VENV_PLUGIN_ABI(major, minor) ((uint32_t)(major) << 16 | (uint32_t)(minor))
#define VENV_PLUGIN_ABI_VERSION \
	VENV_PLUGIN_ABI(VENV_PLUGIN_ABI_MAJOR, VENV_PLUGIN_ABI_MINOR)

/*
 * True if the other side's *P, which may have been built smaller, has member M.
 * To be asked before any member is read that is newer than ABI 1.0.
 */
#define VENV_HAS(p, m) ((p)->struct_size >= VENV_OFFSET_END_(p, m))
#define VENV_OFFSET_END_(p, m) \
	((size_t)((const char *)&(p)->m - (const char *)(p)) + sizeof((p)->m))

#if defined(__GNUC__)
#define VENV_EXPORT __attribute__((visibility("default")))
#else
#define VENV_EXPORT
#endif

/*
 * Results.  Every hook, every service and every function of libvenvctl that can
 * fail returns one of these as an int; negative ones are errors.  -1 to -31 are
 * shared by plugins and library, -32 and below are the library's alone
 * (venvctl/venvctl.h): a hook that returns anything else has failed.
 */
enum {
	VENV_OK = 0,
	/* From before_stage: leave out the built-in work of this stage. */
	VENV_SKIP = 1,
	/* From seed: nothing was written; call post_setup after publication. */
	VENV_LATER = 2,
	/* It did not work; the message was given to host->error. */
	VENV_ERR_FAILED = -1,
	/* The user or the embedding program asked to stop. */
	VENV_ERR_CANCELLED = -2,
	/* An option is wrong or missing. */
	VENV_ERR_CONFIG = -3,
	/* This host, interpreter or platform cannot do it. */
	VENV_ERR_UNSUPPORTED = -4,
	/* The network failed; trying again later may help. */
	VENV_ERR_NETWORK = -5,
	/* A digest, signature or size was not the one expected. */
	VENV_ERR_INTEGRITY = -6,
	/* Memory ran out. */
	VENV_ERR_NOMEM = -7
};

/* The stages of venv.EnvBuilder.create(), in the order in which they run. */
enum venv_stage {
	VENV_STAGE_ENSURE_DIRECTORIES,
	VENV_STAGE_CREATE_CONFIGURATION,
	VENV_STAGE_SETUP_PYTHON,
	VENV_STAGE_SETUP_SCRIPTS,
	VENV_STAGE_POST_SETUP
};

/*
 * Where a progress line comes from: "main", "stdout" and "stderr" in the
 * documentation of venv.  main is the installer itself, the others are what its
 * child process wrote.
 */
enum venv_stream { VENV_STREAM_MAIN, VENV_STREAM_STDOUT, VENV_STREAM_STDERR };

enum venv_log_level {
	VENV_LOG_ERROR,	  /* always shown */
	VENV_LOG_WARNING, /* shown unless quiet */
	VENV_LOG_INFO,	  /* shown with --verbose */
	VENV_LOG_DEBUG	  /* shown with --verbose given twice */
};

/* The type of an option: how the host reads and checks what the user wrote. */
enum venv_option_type {
	VENV_OPTION_BOOL,     /* yes/no, true/false, on/off, 1/0 */
	VENV_OPTION_INT,      /* decimal, 64 bits, may be negative */
	VENV_OPTION_STRING,   /* any text */
	VENV_OPTION_PATH,     /* made absolute before the plugin sees it */
	VENV_OPTION_URL,      /* https:, http: or file: */
	VENV_OPTION_LOCATION, /* a path (made absolute) or a URL */
	VENV_OPTION_SHA256,   /* 64 hexadecimal digits; seen in lower case */
	VENV_OPTION_CHOICE    /* one of choices */
};

enum {
	/* The user must set it: checked before anything is written. */
	VENV_OPTION_REQUIRED = 1u << 0,
	/* Never shown in messages, logs or `config show`. */
	VENV_OPTION_SECRET = 1u << 1,
	/* May be set in the site's configuration only. */
	VENV_OPTION_SYSTEM_ONLY = 1u << 2,
	/* May have several values of its type; read with option_list. */
	VENV_OPTION_LIST = 1u << 3
};

/*
 * One option that a plugin accepts.  The host reads, checks and shows it, and shells
 * complete its name.  An array of these, at most 255, ends with VENV_OPTION_END; its
 * stride is venv_plugin.option_size.  [append-only]
 */
struct venv_option {
	const char *name;	   /* [a-z][a-z0-9-]{0,30} */
	uint32_t type;		   /* enum venv_option_type */
	uint32_t flags;		   /* VENV_OPTION_* */
	const char *default_value; /* as a user would write it; NULL for none */
	const char *help;	   /* one line, no capital, no full stop */
	const char *metavar; /* name of the value in help; NULL for the type's own */
	const char *const *choices; /* VENV_OPTION_CHOICE: ends with NULL */
};
#define VENV_OPTION_END                            \
	{                                          \
		NULL, 0, 0, NULL, NULL, NULL, NULL \
	}

/*
 * The environment that is being made: EnvBuilder's context.  Owned by the host,
 * read-only, valid until close returns.  All paths are absolute and are those
 * of the finished environment, to be written into files; before publication the
 * files themselves lie below stage_dir instead.  Strings are never NULL unless
 * it says so.  [append-only]
 */
struct venv_context {
	uint32_t struct_size;
	uint32_t flags;		  /* VENV_CONTEXT_* */
	const char *env_dir;	  /* the environment's directory, as the user named it */
	const char *env_name;	  /* last component of env_dir */
	const char *prompt;	  /* the text of the prompt, without parentheses */
	const char *executable;	  /* the interpreter that the environment is made from */
	const char *python_dir;	  /* directory of executable: `home` of pyvenv.cfg */
	const char *python_exe;	  /* base name of executable */
	const char *inc_path;	  /* directory for header files */
	const char *lib_path;	  /* site-packages of pure Python (purelib) */
	const char *platlib_path; /* site-packages of compiled code; often lib_path */
	const char *bin_path;	  /* directory of scripts */
	const char *bin_name;	  /* its name inside env_dir: "bin" */
	const char *env_exe;	  /* the environment's interpreter */
	const char *env_exec_cmd; /* how to run it: the same on POSIX systems */
	const char *cfg_path;	  /* pyvenv.cfg */
	const char *stage_dir;	  /* where the files are now; env_dir after publication */
	const char *base_prefix;  /* sys.base_prefix of executable */
	const char *stdlib_dir;	  /* its standard library */
	const char *implementation; /* sys.implementation.name: "cpython", "pypy" */
	const char *cache_tag;	    /* sys.implementation.cache_tag: "cpython-312" */
	const char *wheel_dir;	    /* WHEEL_PKG_DIR of the interpreter; NULL if none */
	uint32_t python_version;    /* sys.hexversion of executable */
	uint32_t reserved;	    /* 0 */
};

enum {
	VENV_CONTEXT_SYSTEM_SITE_PACKAGES = 1u << 0,
	/* What was there is replaced as a whole. */
	VENV_CONTEXT_CLEAR = 1u << 1,
	VENV_CONTEXT_SYMLINKS = 1u << 2,
	VENV_CONTEXT_UPGRADE = 1u << 3,
	/* pip and setuptools are wanted; a plugin that installs them asks these. */
	VENV_CONTEXT_WITH_PIP = 1u << 4,
	VENV_CONTEXT_WITH_SETUPTOOLS = 1u << 5,
	VENV_CONTEXT_UPGRADE_DEPS = 1u << 6,
	VENV_CONTEXT_VERBOSE = 1u << 7,
	VENV_CONTEXT_OFFLINE = 1u << 8,
	/* env_dir held an environment, whose files stay where nothing replaces them. */
	VENV_CONTEXT_EXISTING = 1u << 9
};

/*
 * A child process.  It is started directly, never through a shell, in a process
 * group of its own, with the environment that venvctl(1) describes.  Its output
 * goes line by line to on_line, or to the progress of the user where on_line is
 * NULL.  Zero the structure, then set what is needed.  [append-only]
 */
struct venv_run {
	uint32_t struct_size; /* sizeof(struct venv_run) */
	uint32_t flags;	      /* VENV_RUN_* */
	/* argv[0] is the absolute path of the program; ends with NULL. */
	const char *const *argv;
	/* "NAME=value" sets, "NAME" unsets; ends with NULL; may be NULL. */
	const char *const *env;
	/* Absolute; NULL for env_dir, before publication for "/". */
	const char *cwd;
	/* Bytes for its standard input; NULL and 0 for none (/dev/null). */
	const void *stdin_data;
	size_t stdin_len;
	/* Milliseconds; 0 for the host's default (ten minutes), -1 for no limit. */
	int32_t timeout_ms;
	/* Out: 0 to 255, or 128 + the number of the signal that ended it. */
	int32_t exit_status;
	/*
	 * STREAM is VENV_STREAM_STDOUT or _STDERR; LINE has no NUL behind it and
	 * keeps its line end, which the last line of a stream may lack.  Called on
	 * the thread that called run, never two at a time.
	 */
	void (*on_line)(void *data, int stream, const char *line, size_t len);
	void *data;
};

enum {
	/* A non-zero exit status is no error: look at exit_status. */
	VENV_RUN_ALLOW_FAILURE = 1u << 0,
	/* Output is kept for the message of a failure, but not shown. */
	VENV_RUN_QUIET = 1u << 1,
	/* The child may reach a package index: PIP_* of the caller reaches it. */
	VENV_RUN_INDEX = 1u << 2
};

/*
 * A wheel (PEP 427) to be installed without starting Python: unpacked and
 * verified once into the store of the user, compiled to byte code once by the
 * interpreter, then placed in each environment.  Zero the structure, then set
 * what is needed.  [append-only]
 */
struct venv_wheel {
	uint32_t struct_size; /* sizeof(struct venv_wheel) */
	uint32_t flags;	      /* VENV_WHEEL_* */
	const char *path;     /* absolute path of the .whl file */
	const char *sha256;   /* digest that it must have, in either case; NULL for any */
	const char *installer; /* text of INSTALLER; NULL for "venvctl" */
};

enum {
	/* Write REQUESTED (PEP 376): the user asked for it, it is no dependency. */
	VENV_WHEEL_REQUESTED = 1u << 0,
	/* Only say what would be returned: VENV_OK, VENV_LATER or an error. */
	VENV_WHEEL_TRY = 1u << 1
};

/*
 * A file that is fetched over HTTPS, or copied from this machine, as the site's policy
 * allows it.  What it contains was verified before it has its name.  Zero the
 * structure, then set what is needed.  [append-only]
 */
struct venv_download {
	uint32_t struct_size; /* sizeof(struct venv_download) */
	uint32_t flags;	      /* VENV_DOWNLOAD_* */
	const char *url; /* https: (http: where the site allows it), file:, or a path */
	/* Digests, one of which it must have, in either case; NULL or none for any. */
	const char *const *sha256;
	/* Directory to put it in, absolute; NULL for temp_dir. */
	const char *dir;
	/* Its name there, where nothing may be; NULL for the last segment of the URL. */
	const char *filename;
	uint64_t max_size; /* 0 for the host's limit, which holds in any case */
	/* Out: absolute path, and digest. */
	const char *path;
	const char *digest;
};

enum {
	/*
	 * Only say whether it may be fetched, without the network: for open, so that a
	 * refusal comes before anything is made.
	 */
	VENV_DOWNLOAD_TRY = 1u << 0,
	/*
	 * It will be run: a file of this machine without a digest has to be one that
	 * nobody but root, the user and whom the site trusts can change.
	 */
	VENV_DOWNLOAD_CODE = 1u << 1
};

/* Flags of install_scripts and install_tree. */
enum {
	/* Put the values of placeholders in as they are, without any quoting. */
	VENV_SCRIPTS_RAW = 1u << 0,
	/* install_tree: replace placeholders in text files, as install_scripts does. */
	VENV_TREE_PLACEHOLDERS = 1u << 1,
	/*
	 * Only say whether DIR may be used, for open: so that a refusal comes before
	 * anything is made.
	 */
	VENV_TREE_TRY = 1u << 2
};

struct venv_session; /* opaque: one plugin at work on one environment */

/*
 * What the host does for a plugin.  Every function may be called from any hook,
 * on the thread that called the hook: from another one all but cancelled do nothing and
 * return VENV_ERR_FAILED, NULL or 0, and the user is told.  What they return lives until close
 * returns and belongs to the host.  A function that fails has set the message of
 * the error already: return its result as it is.  [append-only]
 */
struct venv_host {
	uint32_t struct_size;
	uint32_t abi_version; /* VENV_PLUGIN_ABI_VERSION of the host */
	const char *version;  /* of venvctl; for messages only */

	/*
	 * Set the message of an error that the hook is about to return: what went
	 * wrong first ("cannot open 'x': ..."), no capital, no full stop, one line.
	 * The host puts the plugin's name before it.  A second call, or a service that
	 * fails later, replaces it.
	 */
	void (*error)(struct venv_session *s, const char *message);
	/* LEVEL is an enum venv_log_level. */
	void (*log)(struct venv_session *s, int level, const char *message);
	/* One line for the user's progress, with or without its line end. */
	void (*progress)(struct venv_session *s, int stream, const char *line);
	/* Not 0 once the user wants to stop: return VENV_ERR_CANCELLED soon. */
	int (*cancelled)(struct venv_session *s);

	/*
	 * The value of an option of this plugin: what the user set, else its
	 * default, else NULL (0 for bool and int).  Already checked against the
	 * declared type.  A name that was not declared is NULL.  For a list,
	 * option gives the first item, option_list all, ending with NULL.
	 */
	const char *(*option)(struct venv_session *s, const char *name);
	int (*option_bool)(struct venv_session *s, const char *name);
	int64_t (*option_int)(struct venv_session *s, const char *name);
	const char *const *(*option_list)(struct venv_session *s, const char *name);

	/*
	 * Run a child process and wait for it.  Running anything that lies in the
	 * environment is refused (VENV_ERR_UNSUPPORTED) before publication, that is
	 * in every hook but post_setup and undo.  A non-zero exit, the end of its time and a
	 * program that cannot be started are VENV_ERR_FAILED; once the user wants to
	 * stop the child is ended, and it is VENV_ERR_CANCELLED.
	 */
	int (*run)(struct venv_session *s, struct venv_run *run);
	/*
	 * EnvBuilder.install_scripts(): install the files below DIR/common and
	 * DIR/posix into the environment's bin directory with the placeholders
	 * __VENV_DIR__, __VENV_NAME__, __VENV_PROMPT__, __VENV_BIN_NAME__ and
	 * __VENV_PYTHON__ replaced.  FLAGS are VENV_SCRIPTS_* and VENV_TREE_TRY.
	 */
	int (*install_scripts)(struct venv_session *s, const char *dir, uint32_t flags);
	/*
	 * Write a file of the environment.  PATH is relative to it; an absolute
	 * path, "..", a link on the way and the environment's own pyvenv.cfg or
	 * interpreter are refused.  Missing directories are made.  MODE is
	 * subject to the umask.  An existing file is replaced, inside the
	 * transaction.  DATA may hold any bytes.  What is refused is VENV_ERR_FAILED,
	 * and so is every path in open: there is no environment yet.
	 */
	int (*write_file)(struct venv_session *s, const char *path, const void *data,
			  size_t len, uint32_t mode);
	/*
	 * Set a key of pyvenv.cfg, before publication; afterwards it is
	 * VENV_ERR_UNSUPPORTED.  A key that venvctl writes itself, and a value with
	 * a line break or without any character, is VENV_ERR_CONFIG.
	 */
	int (*config_set)(struct venv_session *s, const char *key, const char *value);
	/*
	 * A private directory, made at the first call, gone after close; NULL if it
	 * cannot be made.
	 */
	const char *(*temp_dir)(struct venv_session *s);
	/* Zeroed memory that lives until close; NULL when there is none. */
	void *(*alloc)(struct venv_session *s, size_t size);
	/*
	 * A directory of the user's cache for what this plugin keeps; `venvctl cache
	 * clean` empties it.  NULL where none can be used.
	 */
	const char *(*cache_dir)(struct venv_session *s);
	/*
	 * Copy the tree below DIR over the environment, like write_file for each
	 * file of it.  Links are copied as links if they stay inside the
	 * environment, else refused.  FLAGS are VENV_TREE_* and VENV_SCRIPTS_RAW.
	 * Of this and install_scripts: what lies below DIR has to be such that
	 * nobody but root, the user and whom the site trusts can change it, or it is
	 * VENV_ERR_CONFIG.
	 */
	int (*install_tree)(struct venv_session *s, const char *dir, uint32_t flags);
	/*
	 * Install a wheel.  VENV_LATER: this wheel, or what the environment already
	 * has of it, is something that only pip can deal with; nothing was written.
	 */
	int (*install_wheel)(struct venv_session *s, const struct venv_wheel *wheel);
	/*
	 * Get a file.  VENV_ERR_NETWORK if it cannot be had, VENV_ERR_INTEGRITY if it
	 * is not what it should be, VENV_ERR_CONFIG if that is not allowed.
	 */
	int (*download)(struct venv_session *s, struct venv_download *download);
	/*
	 * The context as one JSON object, for programs that are no plugins: the members
	 * of struct venv_context under their names, and the flags as booleans.  Text that
	 * is not UTF-8 has U+FFFD in it.
	 */
	int (*context_json)(struct venv_session *s, const char **json);
	/*
	 * The wheel of project NAME that this interpreter can use: its tags fit, and its
	 * Requires-Python.  VERSION is exact; NULL for the newest that is no pre-release.
	 * PLACES are absolute paths of directories and of wheels, ending with NULL; with
	 * NAME NULL any project will do.  VENV_ERR_UNSUPPORTED if none fits,
	 * VENV_ERR_FAILED if there is none, VENV_ERR_CONFIG if a place is not there.
	 */
	int (*find_wheel)(struct venv_session *s, const char *name, const char *version,
			  const char *const *places, const char **path);
	/*
	 * Read a file of the environment, staged or published; of one that is changed in
	 * place also what is there already.  PATH as in write_file; no link is followed.
	 * *DATA has a NUL behind its *LEN bytes and lives until close.
	 */
	int (*read_file)(struct venv_session *s, const char *path, const void **data,
			 size_t *len);
	/*
	 * Remove a file or a link of the environment, inside the transaction.  PATH as in
	 * write_file.  A directory, and what is not there, is VENV_ERR_FAILED.
	 */
	int (*remove_file)(struct venv_session *s, const char *path);
};

/*
 * What a plugin is.  Constant; one in a shared object; made by
 * VENV_PLUGIN_DEFINE.  Any hook may be NULL.
 *
 * Hooks of one environment run in this order, all on one thread: open of each
 * selected plugin; then for each stage S before_stage(S) of each plugin, the
 * built-in work unless one of them said VENV_SKIP, and the hook of that stage of
 * each plugin; then seed of each; publication; post_setup of those that have to
 * run the environment's python; if it failed, undo; close, in reverse order of open, for
 * every plugin whose open returned VENV_OK, whatever happened.  [append-only]
 */
struct venv_plugin {
	uint32_t struct_size; /* set by VENV_PLUGIN_DEFINE */
	uint32_t abi_version; /* set by VENV_PLUGIN_DEFINE */
	uint32_t option_size; /* set by VENV_PLUGIN_DEFINE */
	uint32_t reserved;    /* 0 */
	const char *name;    /* set by VENV_PLUGIN_DEFINE; the file's stem, '_' for '-' */
	const char *version; /* set by VENV_PLUGIN_DEFINE */

	/* The author's members: C++ wants them in this order. */
	uint64_t flags;			   /* VENV_PLUGIN_* */
	const char *summary;		   /* one line */
	const char *help;		   /* several lines, or NULL */
	const struct venv_option *options; /* or NULL */

	/*
	 * Begin.  HOST, SESSION and CTX live until close returns.  *DATA is what
	 * the other hooks get; if this fails, close is not called.
	 */
	int (*open)(const struct venv_host *host, struct venv_session *session,
		    const struct venv_context *ctx, void **data);
	/*
	 * End, when the environment is finished or rolled back.  RESULT is that of the whole
	 * environment: VENV_OK or an error.  Nothing can be changed any more: services that
	 * would write or run something fail.
	 */
	void (*close)(void *data, int result);

	/* Before a stage's built-in work; VENV_SKIP leaves that out. */
	int (*before_stage)(void *data, int stage);
	/* After a stage's built-in work (or in place of it). */
	int (*ensure_directories)(void *data);
	int (*create_configuration)(void *data);
	int (*setup_python)(void *data);
	int (*setup_scripts)(void *data);
	/*
	 * Place files, before publication.  VENV_LATER, if it cannot be done
	 * without running the environment's python: then nothing may have been
	 * written, and post_setup is called.
	 */
	int (*seed)(void *data);
	/*
	 * Whatever needs the published environment.  Of a plugin that has seed as
	 * well, called only after that said VENV_LATER.
	 */
	int (*post_setup)(void *data);
	/*
	 * Take back what post_setup did outside the environment.  Called when the
	 * environment is rolled back, if post_setup was called, whatever it returned: in
	 * reverse order of post_setup, before the files go.  The user may have asked to stop
	 * before; that is nothing to the services then.  Not called after a crash.
	 */
	int (*undo)(void *data);
};

enum {
	/*
	 * Uses the network: shown by `plugins info`, and -n holds the address in its
	 * options against the site's policy.  With --offline it is called all the same.
	 */
	VENV_PLUGIN_NETWORK = 1u << 0,
	/* Runs code that it fetched or was given. */
	VENV_PLUGIN_RUNS_CODE = 1u << 1,
	/* Several sessions may run at the same time, on different threads. */
	VENV_PLUGIN_PARALLEL = 1u << 2,
	/*
	 * Its open and close only look: they are called under -n, too, where services that
	 * would write or run something fail.
	 */
	VENV_PLUGIN_LOOKS = 1u << 3
};

/* The entry: NAME_LTX_venv_plugin_v1, exported.  HOST_ABI is the host's version. */
typedef const struct venv_plugin *venv_plugin_entry_fn(uint32_t host_abi);

/*
 * The ELF note ".note.venvctl" says what a file is without any of its code being
 * run.  Behind this head come three strings, each with its NUL: what the plugin
 * provides, what it comes after and what it requires, names separated by blanks, all
 * together at most 1 KiB.  [append-only]
 */
#define VENV_NOTE_TYPE	   1u
#define VENV_NOTE_OWNER	   "venvctl"
#define VENV_NOTE_LIST_MAX 1024
struct venv_note {
	uint32_t namesz, descsz, type; /* 8, bytes from abi_version on, VENV_NOTE_TYPE */
	char owner[8];		       /* VENV_NOTE_OWNER */
	uint32_t abi_version;	       /* VENV_PLUGIN_ABI_VERSION of the plugin */
	uint32_t struct_size;	       /* sizeof(struct venv_plugin) */
	char name[32];
	char version[24];
};

#if defined(__cplusplus)
#define VENV_C_LINKAGE_		    extern "C"
#define VENV_STATIC_ASSERT_(c, tag) static_assert(c, #tag)
#define VENV_PUSH_                     \
	_Pragma("GCC diagnostic push") \
		_Pragma("GCC diagnostic ignored \"-Wmissing-field-initializers\"")
#define VENV_POP_ _Pragma("GCC diagnostic pop")
#else
#define VENV_PUSH_
#define VENV_POP_
#define VENV_C_LINKAGE_
#define VENV_STATIC_ASSERT_(c, tag) extern int venv_assert_##tag##_[(c) ? 1 : -1]
#endif

#if defined(__ELF__) && defined(__GNUC__)
#define VENV_PLUGIN_NOTE_(TEXT, ID, VERSION, PROVIDES, AFTER, REQUIRES)                  \
	VENV_STATIC_ASSERT_(sizeof(PROVIDES) + sizeof(AFTER) + sizeof(REQUIRES) <=       \
				    VENV_NOTE_LIST_MAX,                                  \
			    provides_after_and_requires_are_too_long);                   \
	__attribute__((used, section(".note.venvctl"),                                   \
		       aligned(4))) static const struct {                                \
		struct venv_note head;                                                   \
		char provides[sizeof(PROVIDES)];                                         \
		char after[sizeof(AFTER)];                                               \
		char requires_[sizeof(REQUIRES)];                                        \
	} ID##_note_ = { { 8,                                                            \
			   (uint32_t)(sizeof(struct venv_note) - 20 + sizeof(PROVIDES) + \
				      sizeof(AFTER) + sizeof(REQUIRES)),                 \
			   VENV_NOTE_TYPE, VENV_NOTE_OWNER, VENV_PLUGIN_ABI_VERSION,     \
			   (uint32_t)sizeof(struct venv_plugin), TEXT, VERSION },        \
			 PROVIDES,                                                       \
			 AFTER,                                                          \
			 REQUIRES };
#else
#define VENV_PLUGIN_NOTE_(TEXT, ID, VERSION, PROVIDES, AFTER, REQUIRES)
#endif

/*
 * VENV_PLUGIN_DEFINE(getpip, "1.0", .summary = "...", .post_setup = fn);
 *
 * NAME is a C identifier: the plugin's name with '_' for '-' ("acme_setup" is
 * the plugin acme-setup in the file acme-setup.so).  The rest are designated
 * initialisers of struct venv_plugin (C99, or C++20).
 */
#define VENV_PLUGIN_DEFINE(NAME, VERSION, ...)                                          \
	VENV_PLUGIN_DEFINE_(#NAME, NAME##_venv, NAME##_LTX_venv_plugin_v1, VERSION, "", \
			    "", "", __VA_ARGS__)

/*
 * The same with what the plugin PROVIDES ("pip setuptools"), the names AFTER which it runs
 * when they are selected, too ("ensurepip getpip"), and those that it REQUIRES: it runs
 * after them as well; a plugin of that name is selected, if nothing that is selected
 * provides the name, and without such a plugin nothing is made.  Names are those of plugins,
 * or of what they provide, separated by blanks.
 */
#define VENV_PLUGIN_DEFINE_ORDERED(NAME, VERSION, PROVIDES, AFTER, REQUIRES, ...)   \
	VENV_PLUGIN_DEFINE_(#NAME, NAME##_venv, NAME##_LTX_venv_plugin_v1, VERSION, \
			    PROVIDES, AFTER, REQUIRES, __VA_ARGS__)

/* NAME does not come here: it could be a macro of the compiler's, as linux and unix are. */
#define VENV_PLUGIN_DEFINE_(TEXT, ID, ENTRY, VERSION, PROVIDES, AFTER, REQUIRES, ...) \
	VENV_STATIC_ASSERT_(sizeof(TEXT) <= 32, name_is_longer_than_31);              \
	VENV_STATIC_ASSERT_(sizeof(VERSION) <= 24, version_is_longer_than_23);        \
	VENV_PLUGIN_NOTE_(TEXT, ID, VERSION, PROVIDES, AFTER, REQUIRES)               \
	VENV_PUSH_                                                                    \
	static const struct venv_plugin ID##_plugin_ = {                              \
		.struct_size = (uint32_t)sizeof(struct venv_plugin),                  \
		.abi_version = VENV_PLUGIN_ABI_VERSION,                               \
		.option_size = (uint32_t)sizeof(struct venv_option),                  \
		.name = TEXT,                                                         \
		.version = VERSION,                                                   \
		__VA_ARGS__                                                           \
	};                                                                            \
	VENV_POP_                                                                     \
	VENV_C_LINKAGE_ VENV_EXPORT venv_plugin_entry_fn ENTRY;                       \
	const struct venv_plugin *ENTRY(uint32_t host_abi)                            \
	{                                                                             \
		(void)host_abi;                                                       \
		return &ID##_plugin_;                                                 \
	}                                                                             \
	struct venv_plugin /* takes the semicolon */

#ifdef __cplusplus
}
#endif
#endif /* VENVCTL_PLUGIN_H */
