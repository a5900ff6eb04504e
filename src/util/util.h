/* SPDX-License-Identifier: MIT */
/*
 * util.h - memory, text, errors: what every other room uses
 *
 * Knows of nothing: no file, no path, no process, no Python.
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <venvctl/venvctl.h>

/* ---- attributes, and variables that own what they name until their scope ends ---- */

#define _must_check_	__attribute__((warn_unused_result))
#define _printf_(f, a)	__attribute__((format(printf, f, a)))
#define _nonnull_(...)	__attribute__((nonnull(__VA_ARGS__)))
#define _noreturn_	__attribute__((noreturn))
#define _cleanup_free_	__attribute__((cleanup(cleanup_free)))
#define _cleanup_close_ __attribute__((cleanup(cleanup_close)))
#define _cleanup_dir_	__attribute__((cleanup(cleanup_dir)))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* Give a scope-owned descriptor away. */
static inline int steal_fd(int *fd)
{
	int r = *fd;

	*fd = -1;
	return r;
}

/*
 * ---- arena.c: memory with one owner ----
 *
 * Strings and small structures that live as long as a builder, a configuration
 * or a session are taken from its arena and freed with it.
 */

struct arena {
	struct arena_chunk *chunk;
	bool failed; /* memory ran out once: what was made of it may lack something */
};

#define ARENA_INIT          \
	{                   \
		NULL, false \
	}

void arena_release(struct arena *a);

/* Zeroed and aligned for anything; NULL when memory ran out.  *Borrows*. */
void *arena_alloc(struct arena *a, size_t size) _must_check_;
char *arena_strdup(struct arena *a, const char *s) _must_check_;
char *arena_strndup(struct arena *a, const char *s, size_t n) _must_check_;
char *arena_printf(struct arena *a, const char *fmt, ...) _must_check_ _printf_(2, 3);

/* A list of strings in an arena; v ends with NULL (NULL itself when empty). */
struct strlist {
	const char **v;
	size_t n;
};

#define STRLIST_INIT    \
	{               \
		NULL, 0 \
	}

/* Append S itself (not a copy of it); false when memory ran out. */
bool strlist_add(struct arena *a, struct strlist *list, const char *s) _must_check_;

/* The position of a string that equals S, or -1. */
ssize_t strlist_find(const struct strlist *list, const char *s);

/*
 * ---- str.c: a growing string ----
 *
 * Running out of memory sticks: later additions do nothing, and the one check at
 * the end (str_failed, or a NULL from str_steal) tells.
 */

struct str {
	char *s; /* NUL-terminated once anything was added; else NULL */
	size_t len;
	size_t size;
	bool failed;
};

#define STR_INIT                  \
	{                         \
		NULL, 0, 0, false \
	}
#define _cleanup_str_ __attribute__((cleanup(str_release)))

void str_release(struct str *s);
void str_clear(struct str *s);
void str_cut(struct str *s, size_t len); /* down to LEN bytes */
void str_add_n(struct str *s, const void *bytes, size_t n);
/* A NULL is what memory ran out for: then it has run out for S as well. */
void str_add(struct str *s, const char *text);
void str_add_char(struct str *s, char c);
/* As two digits in lower case. */
void str_add_hex(struct str *s, unsigned char byte);
void str_addf(struct str *s, const char *fmt, ...) _printf_(2, 3);

/* Room for N more bytes at s->s + s->len; false when there is none. */
bool str_reserve(struct str *s, size_t n);

/* The string, "" when nothing was added; *borrows* until the next change. */
const char *str_text(const struct str *s);

/* Give the string away; *returns new*, NULL when memory ran out. */
char *str_steal(struct str *s);

/* Give it to an arena; NULL when memory ran out, for S before or now. */
char *str_to_arena(struct str *s, struct arena *a) _must_check_;

static inline bool str_failed(const struct str *s)
{
	return s->failed;
}

/*
 * ---- error.c: one error, set where it happens and prefixed on the way up ----
 *
 * Every function that can fail takes a struct venv_error last, which may be
 * NULL, and returns 0 or a negative VENV_ERR_*.  The function that finds the
 * fault fills the error once; callers only prefix or hint.  On success the error
 * is not touched.  What is secret in an address is cut out of every message (shown.h).
 */

/* Set CODE and a message; returns CODE. */
int error_set(struct venv_error *err, int code, const char *fmt, ...) _printf_(3, 4);

/* Set VENV_ERR_FAILED (NOMEM for ENOMEM) and a message, ": " and strerror(ERRNUM). */
int error_errno(struct venv_error *err, int errnum, const char *fmt, ...) _printf_(3, 4);

/* Put a message and ": " before what is there; returns the error's code. */
int error_prefix(struct venv_error *err, int code, const char *fmt, ...) _printf_(3, 4);

/* Say what the user can do about it, replacing an earlier hint; returns CODE. */
int error_hint(struct venv_error *err, int code, const char *fmt, ...) _printf_(3, 4);

/* Memory ran out. */
int error_nomem(struct venv_error *err);

/* Move an error from one place to another, which is cleared first. */
void error_move(struct venv_error *to, struct venv_error *from);

/* ---- log.c: messages to a function of the caller's; nothing is printed here ---- */

struct log {
	venv_log_fn *fn; /* NULL: nobody listens */
	void *data;
	int level; /* the highest enum venv_log_level that is wanted */
};

static inline int log_wants(const struct log *log, int level)
{
	return log && log->fn && level <= log->level;
}

void log_error(const struct log *log, const char *fmt, ...) _printf_(2, 3);
void log_warn(const struct log *log, const char *fmt, ...) _printf_(2, 3);
void log_info(const struct log *log, const char *fmt, ...) _printf_(2, 3);
void log_debug(const struct log *log, const char *fmt, ...) _printf_(2, 3);

/* ---- utf8.c: UTF-8: strict decoding, and text that is safe to show ---- */

/* Bytes of the longest sequence. */
#define UTF8_MAX 4

/* Length of the sequence at S (N bytes), its code point in *CP; 0 if it is none. */
size_t utf8_decode(const char *s, size_t n, uint32_t *cp);

/* True if all N bytes are UTF-8 (no overlong forms, no surrogates, at most U+10FFFF). */
bool utf8_valid(const char *s, size_t n);

/* Append CP as UTF-8. */
void utf8_add(struct str *out, uint32_t cp);

/* Not a control character, line separator or bidirectional control. */
bool utf8_printable(uint32_t cp);

/* A character at which Python's str.splitlines() breaks a line. */
bool utf8_line_break(uint32_t cp);

/* True if TEXT is UTF-8 and shows as it is: a name without surprises on a terminal. */
bool utf8_all_printable(const char *text);

/* Append TEXT with every byte that is not printable UTF-8 as \xNN. */
void utf8_add_shown(struct str *out, const char *text);

/*
 * ---- environ.c: a process environment that is passed around ----
 *
 * The library looks at `environ` once, when a builder is made; from then on the
 * environment is a value like any other.
 */

/* The value of NAME, or NULL; an empty value is NULL as well (product rule). */
const char *env_get(const char *const *env, const char *name);

/*
 * Set NAME=VALUE in a list of such strings, in place of what is there; a NULL
 * VALUE removes the name.  False when memory ran out.
 */
bool env_set(struct arena *a, struct strlist *env, const char *name, const char *value)
	_must_check_;

/* Remove every variable whose name begins with PREFIX. */
void env_drop_prefix(struct strlist *env, const char *prefix);

/*
 * ---- a 64-bit hash for names and for "is it the same" (FNV-1a) ----
 *
 * Not for anything that an attacker may choose: integrity is SHA-256's work.
 */

#define HASH_INIT UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_add(uint64_t h, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	while (n--)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return h;
}

/* A string with its NUL, so that ("a", "bc") is not ("ab", "c"). */
static inline uint64_t hash_add_str(uint64_t h, const char *s)
{
	return hash_add(h, s, strlen(s) + 1);
}

/*
 * ---- index.c: what a name stands for, however many there are ----
 *
 * For lists of others' making: looking one up takes about as long in a long one as in a
 * short one.  A name has two parts, of which the second may be "".
 */

struct index {
	struct index_node *root;
};

/*
 * Where the value of a name is kept, which is NULL if the name is new; NULL when memory
 * ran out.  The two texts are kept, not copied.
 */
void **index_slot(struct arena *a, struct index *x, const char *name, const char *part)
	_must_check_;

/* The value of a name; NULL if it has none. */
void *index_find(const struct index *x, const char *name, const char *part);

/* ---- suggest.c: "did you mean" ---- */

struct suggest {
	const char *word; /* what the user wrote */
	const char *best; /* the nearest name so far, NULL if none is near */
	unsigned distance;
};

#define SUGGEST_INIT(w)      \
	{                    \
		(w), NULL, 3 \
	}

/* Offer a name that exists. */
void suggest_offer(struct suggest *s, const char *name);
