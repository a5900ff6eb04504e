/* SPDX-License-Identifier: MIT */
/*
 * fs.h - the file system and processes: paths, files, trees, locks, trust, the cache
 *
 * Knows descriptors and names; nothing of Python, environments or configuration.
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "util/util.h"

/* ---- path.c: paths as text; nothing here looks at a file system ---- */

/*
 * Stands for the working directory where there is none (it was removed): whatever is named
 * relative to it cannot be there, and cannot be made.
 */
#define PATH_NO_CWD "/dev/null/(no working directory)"

/* A/B; A alone when B is empty, B when it is absolute. */
char *path_join(struct arena *a, const char *dir, const char *name) _must_check_;

/* The last component, "" for "/"; *borrows* from PATH, which has no '/' at its end. */
const char *path_base(const char *path);

/* All before the last component: "/" for "/x", "." for "x". */
char *path_dir(struct arena *a, const char *path) _must_check_;

/*
 * os.path.abspath(): PATH made absolute with CWD, then "//", "." and ".." taken
 * out by text alone.
 */
char *path_absolute(struct arena *a, const char *cwd, const char *path) _must_check_;

/* True if PATH is DIR or lies below it; both absolute and normalised. */
bool path_is_below(const char *path, const char *dir);

/* Relative, without "..", empty components or a '/' at its end: safe to join. */
bool path_is_inside(const char *path);

/*
 * ---- file.c: whole files, relative to directory descriptors ----
 *
 * Functions of this level return 0 or -errno: only the caller knows by which
 * name the user knows the file.  Nothing here follows a link in the last
 * component of a name that it writes.
 */

/* Append all of FD (a regular file; -EINVAL if not) to OUT; -EFBIG beyond MAX bytes. */
int file_read_fd(int fd, size_t max, struct str *out) _must_check_;

/* The same by name; a FIFO or device does not block. */
int file_read_at(int dirfd, const char *name, size_t max, struct str *out) _must_check_;

/* Write all of it, however many calls that takes. */
int file_write_fd(int fd, const void *data, size_t len) _must_check_;

/*
 * Make a new file with one write; -EEXIST if anything is there.  The mode is MODE
 * & ~umask, or exactly MODE with EXACT.  A file that could not be written whole
 * is removed again.
 */
int file_create_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
		   bool exact) _must_check_;

/* The same in place of what is there (a file or link), by rename: old or new. */
int file_replace_at(int dirfd, const char *name, const void *data, size_t len,
		    mode_t mode) _must_check_;

/*
 * Make a new file, for writing and reading, under a name that no other thread or process
 * uses: a descriptor, and the name in NAME; or -errno.
 */
#define FILE_TEMP_SIZE	 48
#define FILE_TEMP_PREFIX ".venvctl-"
int file_temp_at(int dirfd, mode_t mode, char name[FILE_TEMP_SIZE]) _must_check_;

/* Does NAME look like one of these? */
static inline bool file_is_temp(const char *name)
{
	return !strncmp(name, FILE_TEMP_PREFIX, strlen(FILE_TEMP_PREFIX));
}

/*
 * Copy the contents of a regular file: cloned where the file system can, else
 * copied by the kernel, else by hand.
 */
int file_copy_fd(int from, int to, off_t size) _must_check_;

/* Append SIZE bytes of FROM, which begin at OFFSET, to TO; -EIO if it has not as many. */
int file_copy_part(int from, off_t offset, int to, off_t size) _must_check_;

/*
 * Copy a regular file to a name where nothing is; mode and modification time are kept, the
 * owner where that is allowed.
 */
int file_copy_at(int fromfd, const char *from, int tofd, const char *to) _must_check_;

/*
 * A clone, hard link or symbolic link failed with ERRNUM: true if a copy may do better.  File
 * systems that have no such thing say so in many ways (ZFS EAGAIN, CIFS EACCES, vboxsf
 * EPROTO and EROFS), so all is that but what a copy would meet as well.
 */
bool file_may_copy(int errnum);

/* Share the blocks of FROM with the empty file TO (FICLONE); -errno if it cannot. */
int file_clone_fd(int from, int to) _must_check_;

/* rename() that fails with -EEXIST if TO is there; also where the kernel cannot. */
int file_rename_new(int fromfd, const char *from, int tofd, const char *to) _must_check_;

/* Exchange two names; -EINVAL, -ENOSYS or -EXDEV where that cannot be done. */
int file_exchange(int fd1, const char *name1, int fd2, const char *name2) _must_check_;

/* The target of a link; *returns new*, NULL with errno. */
char *file_readlink_at(int dirfd, const char *name) _must_check_;

/* True if something is there, a dangling link included. */
bool file_exists_at(int dirfd, const char *name);

/*
 * The same in three answers: 1, 0, or -errno where the system cannot tell (an I/O error,
 * a directory that may not be searched), which file_exists_at() takes for "nothing".
 */
int file_look_at(int dirfd, const char *name) _must_check_;

/*
 * ---- tree.c: directory trees, by descriptors and never through links ----
 *
 * A failure gives 0 or -errno, and the path that it was about (below the name
 * that was passed in) in WHERE, which may be NULL.
 */

/* Open a directory that is not a link; -1 with errno. */
int tree_open_dir(int dirfd, const char *name) _must_check_;

/* The entries of the directory FD, which stays open and where it is; NULL with errno. */
DIR *tree_walk(int fd) _must_check_;

/*
 * The entries of a directory that need not be there; FD and errno are what opening it has
 * just given.  Where there is none: 0, and *D is NULL.  All else that failed is -errno: what
 * cannot be read is not what is not there.
 */
int tree_walk_if_there(int fd, DIR **d) _must_check_;

/*
 * The next entry but "." and "..": NULL at the end, and where reading fails, which
 * then is in *R as -errno (else *R stays).
 */
struct dirent *tree_next(DIR *d, int *r);

/* What tree_visit() found; gone when the function that it called returns. */
struct tree_entry {
	int dir; /* the directory that has the entry, under NAME */
	const char *name;
	const char *full; /* its path, as the user knows it */
	const char *path; /* the end of FULL that lies below the directory visited */
	struct stat st;	  /* of a link itself */
};

typedef int tree_visit_fn(void *data, const struct tree_entry *e, struct venv_error *err);

/*
 * Call VISIT for each entry below the directory FD, which the user knows as NAME: for a
 * directory and then for what is in it, links not followed.  The first result that is not
 * 0 ends the walk and is returned.  A directory that cannot be read to its end is FAILED,
 * with an error (unlike its neighbours here) that names it.
 */
int tree_visit(int fd, const char *name, tree_visit_fn *visit, void *data,
	       struct venv_error *err) _must_check_;

/*
 * The names of all entries of the directory PATH but "." and "..", sorted, in NAMES: 0,
 * or -errno if the directory could not be read to its end.
 */
int tree_names(struct arena *a, const char *path, struct strlist *names) _must_check_;

/*
 * A directory, known again wherever it lies and whatever its name is: its number and, where
 * the file system tells, its time of birth, which nobody can set.  Device numbers are left
 * out: those of btrfs and overlays change with a reboot.
 */
struct tree_id {
	uint64_t ino;
	int64_t born_ns; /* 0: not told */
};

/* Of the directory FD, with its permission bits in *MODE (or NULL): 0 or -errno. */
int tree_id(int fd, struct tree_id *id, mode_t *mode) _must_check_;

/* The same by name; a link is not followed. */
int tree_id_at(int dirfd, const char *name, struct tree_id *id) _must_check_;

static inline bool tree_same(const struct tree_id *a, const struct tree_id *b)
{
	return a->ino == b->ino && a->born_ns == b->born_ns;
}

/* Is something mounted on the directory FD? */
bool tree_is_mount(int fd);

/*
 * remove.c: a file, a link or a whole directory is removed, however deep it is.  A directory on which
 * something is mounted (a bind mount, too) is not entered: -EBUSY, it stays.  Goes on after
 * a failure and reports the first; -ENOENT if nothing was there.
 */
int tree_remove_at(int dirfd, const char *name, struct str *where);

/* The same for a directory whose entry MARK goes last, and stays if anything else does. */
int tree_remove_marked(int dirfd, const char *name, const char *mark, struct str *where);

/* Remove everything in the directory FD but the entry KEEP (or NULL). */
int tree_empty(int fd, const char *keep, struct str *where) _must_check_;

/*
 * Rename to a name where nothing is.  Where a directory cannot be renamed (-EXDEV: those of
 * a lower layer of overlayfs) it is made anew and its files are renamed, which may be
 * interrupted and begun again.
 */
int tree_move(int fromfd, const char *from, int tofd, const char *to) _must_check_;

/*
 * Make the directory PATH ("a/b/c", or absolute) below DIRFD with its parents, mode 0777 &
 * ~umask, and return a descriptor of it, or -errno.  A link on the way is
 * -ELOOP or -ENOTDIR.
 */
int tree_make_dirs(int dirfd, const char *path) _must_check_;

/*
 * Make and open, in the same way, the directory in which PATH lies: "a/b" for "a/b/c".
 * For a plain name that is DIRFD, of which a copy is returned.
 */
int tree_make_parent(int dirfd, const char *path) _must_check_;

/* The same where it has to be there already. */
int tree_open_parent(int dirfd, const char *path) _must_check_;

/*
 * Make the directory PATH (absolute and normalised) with its parents, mode MODE & ~umask,
 * and return a descriptor of it, or -errno.  For paths below HOME and the like, which may
 * be links: a link that root or the effective user owns is followed.
 */
int tree_make_path(const char *path, mode_t mode) _must_check_;

/*
 * Remove the file or link PATH ("a/b/c") below DIRFD.  A link on the way to it is
 * -ELOOP or -ENOTDIR; nothing there is -ENOENT.
 */
int tree_unlink(int dirfd, const char *path) _must_check_;

/* 1 if the directory has no entry but KEEP (or NULL), else 0; -errno on failure. */
int tree_is_empty(int fd, const char *keep) _must_check_;

/*
 * ---- lock.c: locks of files, between processes of venvctl ----
 *
 * A courtesy, so that one waits for the other: what is correct without locks is made so
 * by rename.
 */

/*
 * Take the lock of an open, writable file without waiting: 0 taken, -EWOULDBLOCK
 * somebody has it, another -errno where the file system has no locks.  The kernel
 * drops it when the last copy of the descriptor is closed, so nothing goes stale.
 */
int lock_try(int fd);

/*
 * A lock that several have at once, in the place of one that this descriptor has already, with
 * the results of lock_try().
 */
int lock_share(int fd);

/*
 * The same, waiting until the lock is free, or until CANCELLED returns true (-EINTR).
 * The lock is tried again and again rather than waited for in flock(): a signal that
 * arrives just before that call, or in another thread, would not end it.
 */
int lock_wait(int fd, bool (*cancelled)(void *data), void *data);
int lock_wait_shared(int fd, bool (*cancelled)(void *data), void *data);

/*
 * Give the lock back and close *FD, if it is one.  Closing alone is not enough where another
 * process, forked by a plugin or by the caller, has the same descriptor.
 */
void lock_close(int *fd);

/*
 * ---- stamp.c: "is it still the same file": device, inode, size and times ----
 *
 * ctime cannot be set by anybody, so a file that was exchanged or changed has
 * another stamp even if its size and mtime were made to match.
 */

struct stamp {
	uint64_t dev, ino;
	int64_t size, mtime_ns, ctime_ns;
};

static inline int64_t stamp_ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

static inline struct stamp stamp_of(const struct stat *st)
{
	return (struct stamp){ (uint64_t)st->st_dev, (uint64_t)st->st_ino,
			       (int64_t)st->st_size, stamp_ns(&st->st_mtim),
			       stamp_ns(&st->st_ctim) };
}

static inline bool stamp_equal(const struct stamp *a, const struct stamp *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

/* As text: five hexadecimal numbers with ':' between them. */
void stamp_add(struct str *out, const struct stamp *s);
bool stamp_parse(const char *text, struct stamp *s);

/* ---- accounts.c: users and groups, as /etc/passwd and /etc/group have them ---- */

enum account_kind { ACCOUNT_USER, ACCOUNT_GROUP };

/* The number of NAME, which may be that number; -1 if nobody is called so, -ENOMEM. */
int64_t account_find(enum account_kind kind, const char *name);

/* The name of NUMBER; NULL if it has none, or one that a configuration could not say. */
const char *account_name(struct arena *a, enum account_kind kind, uint32_t number);

/* The LEN bytes of TEXT as the number of an account; -1 if they are none. */
int64_t account_number(const char *text, size_t len);

/*
 * ---- trust.c, trust_judge.c: files that decide what code runs: configuration and plugins ----
 *
 * Such a file is used only if nobody but root, the effective user and whom the
 * site trusts can change what its path leads to: every directory on the resolved
 * path and the file itself must be theirs and not writable by others.  Accepted
 * are a sticky directory of root (/tmp) but for the links that others made in it,
 * and a group-write bit whose group is root's, the owner's private one (its number
 * is the owner's) or trusted, and which no access control list turns into a right
 * of somebody else.
 *
 * In a user namespace without a root of its own, files in the installation's directories
 * may also belong to the overflow user, who stands for root there and for everybody else, as
 * long as this process cannot write them.
 *
 * Nobody else can then exchange the file between this check and its use.
 */

struct trust {
	struct arena *arena;
	const uid_t *users; /* more owners to trust */
	size_t n_users;
	const gid_t *groups; /* groups that may write */
	size_t n_groups;
	struct strlist walked; /* resolved paths of directories that were found good */
};

enum {
	/* The installation's own directory: judge the file and its directory only. */
	TRUST_SHALLOW = 1 << 0,
	/* The path names a directory, which is opened. */
	TRUST_DIRECTORY = 1 << 1
};

/*
 * Open PATH (absolute) for reading.  The descriptor, with the resolved path in
 * *REAL (in the arena); or CODE with an error that names the component and a hint
 * with what to type.  A missing file has os_errno ENOENT.
 */
int trust_open(struct trust *t, const char *path, int flags, int code, const char **real,
	       struct venv_error *err) _must_check_;

/*
 * Judge the directory PATH with everything below it.  Links in it are left out: who can
 * exchange a link can write its directory, which is judged.
 */
int trust_tree(struct trust *t, const char *path, int code, struct venv_error *err)
	_must_check_;

/*
 * Is root to go on as if the variable WHO had not named PATH?  Under sudo the environment
 * may be another user's, so what a variable names must be trusted.  True with a warning
 * if it is not; false for other users, and if nothing is at PATH.
 */
bool trust_passes_over(struct trust *t, const char *path, int flags, const char *who,
		       const struct log *log);

/*
 * Could somebody else make a file in the directory DIR, if it is there?  Also in a sticky
 * one, where nobody can take another's place but anybody can be the first.
 */
bool trust_others_may_add(const struct trust *t, const char *dir);

/*
 * ---- cache.c: the user's cache directory ----
 *
 * $VENVCTL_CACHE_DIR, else $XDG_CACHE_HOME/venvctl, else $HOME/.cache/venvctl;
 * used only if it belongs to the effective user and nobody else may write it, and if it has
 * a CACHEDIR.TAG of ours or nothing at all.  It may be a link, or lie behind links, of root's
 * or the effective user's own.  Without one everything works, only slower.
 */

/* All that is ever made in one, but for that file. */
#define CACHE_PYTHON   "python"	       /* what is known of interpreters */
#define CACHE_WHEELS   "wheels"	       /* digests of wheels */
#define CACHE_STORE    "store"	       /* wheels, unpacked and compiled */
#define CACHE_DOWNLOAD "download"      /* what was fetched */
#define CACHE_PLUGINS  "plugins"       /* what plugins keep */
extern const char *const cache_dirs[]; /* these; NULL ends them */
#define CACHE_TAG "CACHEDIR.TAG"

struct cache {
	const char *path; /* NULL: there is no place for one */
	bool named;	  /* by VENVCTL_CACHE_DIR: what is wrong with it is a warning */
	int fd;		  /* of cache_make(); -1 before */
	bool there;	  /* it exists and is ours alone to write */
	bool refused;	  /* it is not, or could not be made: said in the log */
	bool look;	  /* nothing is made, or written into it */
	bool full;	  /* its file system takes no more: said in the log */
};

/* Find it and look whether it is there; never fails. */
void cache_init(struct cache *c, struct arena *a, const char *const *env,
		const char *cwd);
void cache_release(struct cache *c);

/*
 * The descriptor of the cache, which is made (mode 0700) if it is missing; -1 if there is
 * none, with the reason in the log once.
 */
int cache_make(struct cache *c, const struct log *log);

/* Its file system takes no more (WHY): say so once. */
void cache_is_full(struct cache *c, const struct log *log, const char *why);

/*
 * ---- hashbang.c: the lines of a script that say which program runs it ----
 */

/*
 * Append them for PROGRAM, whatever its path is.  Where no #! line can hold it, sh reads a
 * second line that Python takes for a string.
 */
void hashbang_add(struct str *out, const char *program);

/*
 * Append them for the program NAME in the directory of the script, wherever that is by then:
 * the lines that uv writes into an environment that may be moved.
 */
void hashbang_add_beside(struct str *out, const char *name);

/*
 * The program that such lines at the beginning of TEXT name, ours or those of pip, and
 * behind them *REST; NULL where there are none, or some that are not understood.
 */
const char *hashbang_program(struct arena *a, const char *text, const char **rest)
	_must_check_;

/*
 * ---- process.c: a child process: started directly, drained, timed, stopped ----
 */

struct process {
	const char *const *argv; /* argv[0] is the path of the program */
	const char *const *env;
	const char *cwd; /* NULL: the caller's */
	const void *stdin_data;
	size_t stdin_len;
	int timeout_ms; /* below 0: none */
	/* Asked now and then while the child runs; NULL: never cancelled. */
	bool (*cancelled)(void *data);
	/* Whole lines of stdout and stderr (VENV_STREAM_*) with their line end. */
	void (*on_line)(void *data, int stream, const char *line, size_t len);
	void *data;
};

/*
 * Run it and wait.  0: it ended, *STATUS is 0 to 255 or 128 + its signal; unless that is 0
 * what it left running in its process group was ended, too.
 * CANCELLED or FAILED (timeout): its process group was ended first, by TERM, then
 * KILL.  FAILED with os_errno: it could not be started.
 */
int process_run(const struct process *p, int *status, struct venv_error *err)
	_must_check_;

/* The processors that this process may use: at least 1. */
int process_processors(void);
