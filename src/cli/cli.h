/* SPDX-License-Identifier: MIT */
/* cli.h - what the commands of the tool share */
#pragma once

#include <signal.h>
#include <stdio.h>
#include <sys/types.h>

#include "util/util.h"
#include "builder/builder.h"

/* A command: one file each, one row in main.c's table. */
struct command {
	const char *name;
	int (*run)(int argc,
		   char **argv); /* argv[0] is the command's name; exit status */
	const char *summary;
	const char *usage; /* behind "venvctl NAME" */
	const char *help;  /* what its words do, in lines; NULL: the summary says it */
};
const struct command *commands_find(const char *name);
const struct command *commands_table(size_t *n);

/* Exit statuses, which venvctl(1) promises. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_NO_PYTHON = 3,
	EXIT_CONFLICT = 4,
	EXIT_PLUGIN = 5,
	EXIT_STEP = 6,
	EXIT_NETWORK = 7,
	EXIT_CONFIG = 8,
	EXIT_NOT_SEEN = 9 /* of check: it could not look */
};

/* exit.c: the one place where results become exit statuses. */
int exit_status(int result);
/* "usage", "no-python", ...: for scripts that read JSON. */
const char *exit_name(int status);

/* ---- ui.c: what the user is told on standard error ---- */

/* The line that the cursor is in. */
struct ui_line {
	bool open; /* the last line of progress has no end yet */
	bool live; /* ... and what a download is at behind it */
};
enum { UI_QUIET = -1, UI_NORMAL, UI_VERBOSE, UI_DEBUG };
struct ui {
	int level;
	int color;	  /* of stderr: 0 or 1 */
	const char *json; /* the command whose errors are JSON; NULL: they are text */
	bool dumb;	  /* a terminal that knows no cursor */
	struct ui_line *line;
	int64_t live_ms; /* when what a download is at was written */
	pid_t parent;	 /* who started the tool; 0: the parent of this process */
};
extern struct ui ui;
void ui_init(const char *color);
/* Before there are threads: from now on what one says is not mixed with what others say. */
void ui_share(void);
/* Is standard error a terminal? */
bool ui_is_terminal(void);
/* "venvctl: error: ..." and "hint: ...", or JSON; returns the exit status of ERR. */
int ui_error(const struct venv_error *err);
/* The same as text, whatever was asked for. */
void ui_error_text(const struct venv_error *err);
/* A usage error of this command line, with a hint or NULL. */
int ui_usage(const char *hint, const char *fmt, ...) _printf_(2, 3);
/* Memory ran out: say so; EXIT_FAILED. */
int ui_nomem(void);
void ui_log(void *data, int level, const char *message);
int ui_log_level(void);
/* "LABEL: TEXT" as a line of its own on stderr. */
void ui_hint(const char *label, const char *text);
/* One line on stderr, as it stands. */
void ui_line(const char *text);

/* ---- ui_progress.c: what is being done ---- */

void ui_progress(void *data, int stream, const char *bytes, size_t len);
/* The same where several environments are made at a time: whole lines, behind the name *DATA. */
void ui_progress_beside(void *data, int stream, const char *bytes, size_t len);
/* How a download gets on, on a terminal alone: host_download_fn. */
void ui_download(const char *name, int64_t got, int64_t total, int64_t ms);
/* Something that lasts is at work, on a terminal alone; NULL: it is over. */
void ui_busy(const char *what);

/* ---- ui_results.c: results, on standard output ---- */

/* Of each thread: the results that it prints. */
struct ui_results {
	FILE *out;  /* where they go; NULL for standard output */
	char *kept; /* of ui_keep() */
	size_t len;
	bool starved; /* memory ran out: what was printed lacks something */
	bool told;    /* an error was told */
};
extern _Thread_local struct ui_results ui_results;
/* Where results go. */
FILE *ui_out(void);
/* Text of them; what is not printable is shown escaped. */
void ui_print(const char *fmt, ...) _printf_(1, 2);
/* Keep what this thread prints from now on, instead; false where there is no memory. */
bool ui_keep(void);
/* What was kept, behind what OUT has; from now on results are printed again. */
void ui_kept(struct str *out);
/* A part of it was printed, WHOLE or not. */
void ui_check_kept(bool whole);
/* If memory ran out for what comes from here, ui_finish() says so. */
void ui_check_arena(const struct arena *a);
void ui_check_builder(const struct venv_builder *b);
/*
 * What an error says where it is an answer of the command, not its end.  That memory ran out
 * is no answer: the command fails, as it does for a text that could not be built.
 */
const char *ui_reason(const struct venv_error *err);
const char *ui_built(const struct str *text);
/*
 * The end of a command whose exit status is STATUS: flush stdout, and say so if memory ran out
 * for a part of what was to be printed, or if it cannot be written.  Returns the exit status.
 */
int ui_finish(int status);

/*
 * hint.c: on a terminal, one line that says how to activate what was created, in the
 * shell that is our parent, else SHELL; nothing if that is none we know.
 */
void hint_activate(const struct report *r);
/* On a terminal: one line that says what was made at DIR. */
void hint_made(const struct report *r, const char *dir);

/* args.c: the command lines of create and upgrade from the option table. */
struct args {
	struct strlist dirs;
	bool help, json, dry_run, keep_going;
};
/* Is that the name of virtualenv? */
bool args_is_virtualenv(const char *program);
/* ... or of another tool that does what `create` does? */
bool args_is_creator(const char *program);
/* The bit that options of the table have which COMMAND takes; 0: none, it has its own. */
uint32_t args_options(const char *command);
int args_parse(struct args *a, const char *command, struct venv_builder *b,
	       struct arena *arena, int argc, char **argv);

/* usage.c */
void usage_main(bool to_stderr);
void usage_command(const struct command *c);

/* A small command line: --help, and the named flags; the rest goes to REST. */
struct flag {
	const char *name; /* "json" */
	bool *set;
	const char **value; /* in place of SET: it takes one; if SET, too, none is "" */
	const char *word;   /* with VALUE: it takes none, and this is it */
	struct strlist *values; /* in place of these: it takes one each time */
	char letter;		/* 0 for none */
};
int args_simple(const struct command *c, int argc, char **argv, const struct flag *flags,
		struct arena *arena, struct strlist *rest);

/* signals.c: INT, TERM and HUP cancel the builder; afterwards we die of them. */
void signals_catch(struct venv_builder *b);
/* Before that builder is freed: there is nothing to cancel any more. */
void signals_forget(void);
bool signals_came(void);
/* Does not return if one came. */
void signals_deliver(void);
/*
 * For who waits for a child that has its own copy of all this: hold those signals and SIGCHLD
 * back, but while ppoll() has the mask of signals_unblocked(), and count them.  The child
 * releases them after signals_catch().  *LAST is the one that came last, or 0.
 */
void signals_hold(void);
void signals_release(void);
void signals_unblocked(sigset_t *mask);
unsigned signals_count(int *last);
/* As if SIG had come to this process; false if it is none of those. */
bool signals_take(int sig);

/* json.c */
struct json;
struct json *json_open(struct venv_error *err);
/* The same; where it cannot be had that is said, and *STATUS is what the command ends with. */
struct json *json_begin(int *status);
void json_close(struct json *j);
void *json_new_object(struct json *j);
void *json_new_array(struct json *j);
/* {"schema":1,"ok":OK,"command":COMMAND}, as what every command says begins. */
void *json_new_result(struct json *j, bool ok, const char *command);
/* Any bytes: what is not UTF-8 becomes U+FFFD and KEY_bytes has them in base64. */
void json_text(struct json *j, void *object, const char *key, const char *text);
void json_int(struct json *j, void *object, const char *key, int64_t value);
void json_bool(struct json *j, void *object, const char *key, bool value);
void json_put(struct json *j, void *object, const char *key, void *value);
void json_append(struct json *j, void *array, void *value);
void json_append_text(struct json *j, void *array, const char *text);
/*
 * Print one line on stdout and release it; nothing of it, and false, where memory ran out for
 * any part, which ui_finish() says then.
 */
bool json_print(struct json *j, void *value);
void json_release(struct json *j, void *value);
/* The same with another exit status than that of ERR. */
void json_print_failure(struct json *j, const char *command, const char *env_dir,
			int status, const struct venv_error *err);
/* {"schema":1,"ok":false,...,"error":{...}}; as text where memory ran out. */
void json_print_error(struct json *j, const char *command, const char *env_dir,
		      const struct venv_error *err);

/* The commands. */
int cmd_create(int argc, char **argv);
int cmd_upgrade(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_remove(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_plugins(int argc, char **argv);
int cmd_python(int argc, char **argv);
int cmd_cache(int argc, char **argv);
int cmd_completions(int argc, char **argv);

/* complete.c: words of WHAT ("plugins", "keys") that may stand where WORD is typed. */
int complete(const char *what, const char *word);
int cmd_help(int argc, char **argv);
