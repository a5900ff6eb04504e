/* SPDX-License-Identifier: MIT */
/* ui.c - what the user is told on standard error: faults, hints and the log */
#include <config.h>

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/shown.h"
#include "util/util.h"
#include "ui.h"

static struct ui_line own_line;
struct ui ui = { .line = &own_line };

/* Held by the thread that says something; who says an error says its hint as well. */
static pthread_mutex_t turn;
static bool shared;

void ui_begin_turn(void)
{
	if (shared)
		pthread_mutex_lock(&turn);
}

void ui_end_turn(void)
{
	if (shared)
		pthread_mutex_unlock(&turn);
}

bool ui_is_terminal(void)
{
	/* Asked once: it is a system call. */
	static int is = -1;

	if (is < 0)
		is = isatty(STDERR_FILENO);
	return is;
}

/*
 * Whole lines, and a message with its hint, in one write: what several processes say into one pipe
 * or file is not mixed.  Each function that says something ends with a flush.  On a stream of its
 * own: what plugins print on stderr is not held back.
 */
static FILE *own_err;

FILE *ui_err(void)
{
	static char buffer[32768];

	/* A tool that has nothing to say does not ask for it. */
	if (!own_err) {
		own_err = fdopen(STDERR_FILENO, "w");
		if (own_err)
			setvbuf(own_err, buffer, _IOFBF, sizeof(buffer));
	}
	return own_err ? own_err : stderr;
}

void ui_share(void)
{
	pthread_mutexattr_t again;

	(void)ui_err();
	(void)ui_is_terminal();
	pthread_mutexattr_init(&again);
	pthread_mutexattr_settype(&again, PTHREAD_MUTEX_RECURSIVE);
	shared = shared || !pthread_mutex_init(&turn, &again);
	pthread_mutexattr_destroy(&again);
}

void ui_init(const char *color)
{
	ui_buffer_results();
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");
	const char *force = getenv("CLICOLOR_FORCE");

	ui.dumb = !term || !strcmp(term, "dumb");

	if (color && !strcmp(color, "always"))
		ui.color = 1;
	else if ((color && !strcmp(color, "never")) || (no && *no) ||
		 (term && !strcmp(term, "dumb")))
		ui.color = 0;
	else
		ui.color = (force && *force && strcmp(force, "0") != 0) ||
			   ui_is_terminal();
}

static const char *paint(const char *code)
{
	return ui.color ? code : "";
}

void ui_put(FILE *to, const char *text, size_t n)
{
	while (n) {
		uint32_t cp;
		size_t len = utf8_decode(text, n, &cp);

		if (len && utf8_printable(cp)) {
			bool whole = fwrite(text, 1, len, to) == len;

			if (to == ui_results.out)
				ui_check_kept(whole);
		} else {
			len = len ? len : 1;
			for (size_t i = 0; i < len; i++)
				fprintf(to, "\\x%02x", (unsigned char)text[i]);
		}
		text += len;
		n -= len;
	}
}

/* Not flushed: a hint may follow. */
static void say(const char *color, const char *label, const char *text)
{
	size_t n = strcspn(text, "\n");

	ui_end_progress();
	fprintf(ui_err(), "venvctl: %s%s%s", paint(color), label,
		*label ? paint("\033[0m") : "");
	ui_put(ui_err(), text, n);
	fputc('\n', ui_err());
	/* More lines are quoted output. */
	for (text += n; *text == '\n'; text += n) {
		text++;
		n = strcspn(text, "\n");
		fputs("  ", ui_err());
		ui_put(ui_err(), text, n);
		fputc('\n', ui_err());
	}
}

/* On stdout, as a result is: false without the module that writes JSON. */
static bool print_json(const struct venv_error *err)
{
	struct json *j = json_open(NULL);

	if (!j)
		return false;
	json_print_error(j, ui.json, NULL, err);
	json_close(j);
	return true;
}

void ui_error_text(const struct venv_error *err)
{
	ui_begin_turn();
	ui_results.told = true;
	say("\033[1;31m", "error: ", venv_error_message(err));
	if (err->hint)
		ui_hint("hint", err->hint);
	fflush(ui_err());
	ui_end_turn();
}

int ui_error(const struct venv_error *err)
{
	if (err->code == VENV_ERR_CANCELLED && ui.level <= UI_QUIET)
		return EXIT_FAILED;
	if (!ui.json || !print_json(err))
		ui_error_text(err);
	return exit_status(err->code);
}

int ui_nomem(void)
{
	const struct venv_error err = { .code = VENV_ERR_NOMEM };

	return ui_error(&err);
}

void ui_hint(const char *label, const char *text)
{
	ui_begin_turn();
	ui_end_progress();
	fprintf(ui_err(), "%s%s:%s ", paint("\033[36m"), label, paint("\033[0m"));
	ui_put(ui_err(), text, strlen(text));
	fputc('\n', ui_err());
	fflush(ui_err());
	ui_end_turn();
}

int ui_usage(const char *hint, const char *fmt, ...)
{
	struct venv_error err = { .code = VENV_ERR_USAGE };
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&err.message, fmt, ap) < 0)
		err.message = NULL;
	va_end(ap);
	shown_cut_message(err.message);
	err.hint = hint ? strdup(hint) : NULL;
	ui_error(&err);
	venv_error_clear(&err);
	return EXIT_USAGE;
}

int ui_log_level(void)
{
	switch (ui.level) {
	case UI_QUIET:
		return VENV_LOG_ERROR;
	case UI_NORMAL:
		return VENV_LOG_WARNING;
	case UI_VERBOSE:
		return VENV_LOG_INFO;
	default:
		return VENV_LOG_DEBUG;
	}
}

void ui_log(void *data, int level, const char *message)
{
	(void)data;
	ui_begin_turn();
	if (level == VENV_LOG_ERROR)
		say("\033[1;31m", "error: ", message);
	else if (level == VENV_LOG_WARNING)
		say("\033[33m", "warning: ", message);
	else
		say("", "", message);
	fflush(ui_err());
	ui_end_turn();
}

void ui_line(const char *text)
{
	ui_begin_turn();
	ui_end_progress();
	ui_put(ui_err(), text, strlen(text));
	fputc('\n', ui_err());
	fflush(ui_err());
	ui_end_turn();
}
