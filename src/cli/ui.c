/* SPDX-License-Identifier: MIT */
/* ui.c - every word that the user sees */
#include <config.h>

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/shown.h"
#include "util/util.h"
#include "cli.h"

static struct ui_line own_line;
struct ui ui = { .line = &own_line };
_Thread_local struct ui_results ui_results;

/* Held by the thread that says something; who says an error says its hint as well. */
static pthread_mutex_t turn;
static bool shared;

static void begin_turn(void)
{
	if (shared)
		pthread_mutex_lock(&turn);
}

static void end_turn(void)
{
	if (shared)
		pthread_mutex_unlock(&turn);
}

FILE *ui_out(void)
{
	return ui_results.out ? ui_results.out : stdout;
}

bool ui_keep(void)
{
	ui_results.kept = NULL;
	ui_results.out = open_memstream(&ui_results.kept, &ui_results.len);
	return ui_results.out != NULL;
}

/* No stream of memory has an error of its own where it could not grow. */
void ui_check_kept(bool whole)
{
	ui_results.starved |= ui_results.out && !whole;
}

void ui_kept(struct str *out)
{
	bool failed = !ui_results.out || ferror(ui_results.out);

	if (ui_results.out)
		failed |= fclose(ui_results.out) != 0;
	ui_results.out = NULL;
	/* Nothing printed is no NULL. */
	failed |= !ui_results.kept;
	if (ui_results.kept)
		str_add_n(out, ui_results.kept, ui_results.len);
	free(ui_results.kept);
	ui_results.kept = NULL;
	ui_results.starved |= failed || str_failed(out);
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

static FILE *err_out(void)
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

	(void)err_out();
	(void)ui_is_terminal();
	pthread_mutexattr_init(&again);
	pthread_mutexattr_settype(&again, PTHREAD_MUTEX_RECURSIVE);
	shared = shared || !pthread_mutex_init(&turn, &again);
	pthread_mutexattr_destroy(&again);
}

static void buffer_output(void)
{
	static char out[65536];
	static bool done;

	if (done)
		return;
	done = true;
	/* A terminal keeps its lines. */
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, out, _IOFBF, sizeof(out));
}

void ui_init(const char *color)
{
	buffer_output();
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

/* A line of progress that is still open is ended first. */
static void end_progress(void)
{
	if (ui.line->live)
		fputs("\0338\033[K", err_out());
	ui.line->live = false;
	if (ui.line->open)
		fputc('\n', err_out());
	ui.line->open = false;
}

/*
 * TEXT with everything escaped that could do something to a terminal.  Without any memory:
 * that there is none has to be said as well.
 */
static void put_shown(FILE *to, const char *text, size_t n)
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

	end_progress();
	fprintf(err_out(), "venvctl: %s%s%s", paint(color), label,
		*label ? paint("\033[0m") : "");
	put_shown(err_out(), text, n);
	fputc('\n', err_out());
	/* More lines are quoted output. */
	for (text += n; *text == '\n'; text += n) {
		text++;
		n = strcspn(text, "\n");
		fputs("  ", err_out());
		put_shown(err_out(), text, n);
		fputc('\n', err_out());
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
	begin_turn();
	ui_results.told = true;
	say("\033[1;31m", "error: ", venv_error_message(err));
	if (err->hint)
		ui_hint("hint", err->hint);
	fflush(err_out());
	end_turn();
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

const char *ui_reason(const struct venv_error *err)
{
	ui_results.starved |= err->code == VENV_ERR_NOMEM;
	return venv_error_message(err);
}

const char *ui_built(const struct str *text)
{
	ui_results.starved |= str_failed(text);
	return str_text(text);
}

void ui_check_arena(const struct arena *a)
{
	ui_results.starved |= a->failed;
}

void ui_check_builder(const struct venv_builder *b)
{
	ui_results.starved |= builder_is_starved(b);
}

void ui_hint(const char *label, const char *text)
{
	begin_turn();
	end_progress();
	fprintf(err_out(), "%s%s:%s ", paint("\033[36m"), label, paint("\033[0m"));
	put_shown(err_out(), text, strlen(text));
	fputc('\n', err_out());
	fflush(err_out());
	end_turn();
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
	begin_turn();
	if (level == VENV_LOG_ERROR)
		say("\033[1;31m", "error: ", message);
	else if (level == VENV_LOG_WARNING)
		say("\033[33m", "warning: ", message);
	else
		say("", "", message);
	fflush(err_out());
	end_turn();
}

/* Of a longer line only the beginning is for a terminal. */
#define LINE_SHOWN 1000

/*
 * A line of a child, or a part of a very long one; its end is for the caller to print.  False
 * for the parts of a line that was shortened already.
 */
static bool put_line(int stream, const char *bytes, size_t len, bool *ended)
{
	static bool skips[4];
	bool *skip = &skips[stream & 3], was = *skip;

	*skip = !*ended && len >= LINE_SHOWN;
	if (was) {
		*skip = !*ended;
		return false;
	}
	if (len <= LINE_SHOWN + 40) {
		put_shown(err_out(), bytes, len);
		return true;
	}
	put_shown(err_out(), bytes, LINE_SHOWN);
	fputs(" [... the rest of the line is left out]", err_out());
	*ended = true;
	return true;
}

/*
 * What the specification's example prints.  Dots are for eyes: where stderr is no
 * terminal there is one line, at the end.
 */
void ui_progress(void *data, int stream, const char *bytes, size_t len)
{
	bool ended = len && bytes[len - 1] == '\n';

	(void)data;
	if (ui.level <= UI_QUIET)
		return;
	if (stream == VENV_STREAM_MAIN || ui.level >= UI_VERBOSE) {
		if (ui.line->open && ui.level >= UI_VERBOSE)
			end_progress();
		if (!put_line(stream, bytes, len - ended, &ended))
			return;
		if (ended || (ui.level >= UI_VERBOSE && stream != VENV_STREAM_MAIN))
			fputc('\n', err_out());
		ui.line->open = !ended &&
				!(ui.level >= UI_VERBOSE && stream != VENV_STREAM_MAIN);
	} else if (ui_is_terminal()) {
		fputc('.', err_out());
		ui.line->open = true;
	}
	fflush(err_out());
}

void ui_progress_beside(void *data, int stream, const char *bytes, size_t len)
{
	const char *const *name = data;
	size_t n = len && bytes[len - 1] == '\n' ? len - 1 : len;

	(void)stream;
	if (ui.level < UI_VERBOSE)
		return;
	begin_turn();
	put_shown(err_out(), *name, strlen(*name));
	fputs(": ", err_out());
	put_shown(err_out(), bytes, n < LINE_SHOWN ? n : LINE_SHOWN);
	if (n > LINE_SHOWN)
		fputs(" [... the rest of the line is left out]", err_out());
	fputc('\n', err_out());
	fflush(err_out());
	end_turn();
}

static const char *size_text(char *buf, size_t size, int64_t n)
{
	if (n < 10 * 1024)
		snprintf(buf, size, "%lld B", (long long)n);
	else if (n < 1024 * 1024)
		snprintf(buf, size, "%lld KB", (long long)(n / 1024));
	else
		snprintf(buf, size, "%.1f MB", (double)n / (1024 * 1024));
	return buf;
}

/*
 * "Installing pip ... get-pip.py 1.2 MB of 2.1 MB, 800 KB/s": written behind where the
 * cursor was (ESC 7), and taken away again (ESC 8, clear to the end).
 */
void ui_download(const char *name, int64_t got, int64_t total, int64_t ms)
{
	char size[32], all[32], rate[32];

	if (ui.level != UI_NORMAL || !ui.line->open || !ui_is_terminal() || ui.dumb)
		return;
	if (!name) {
		if (ui.line->live)
			fputs("\0338\033[K", err_out());
		ui.line->live = false;
		ui.live_ms = 0;
		fflush(err_out());
		return;
	}
	/* A short one is over before it could be read. */
	if (ms - ui.live_ms < 200)
		return;
	ui.live_ms = ms;
	fputs(ui.line->live ? "\0338\033[K " : "\0337 ", err_out());
	ui.line->live = true;
	put_shown(err_out(), name, strnlen(name, 24));
	fprintf(err_out(), " %s", size_text(size, sizeof(size), got));
	if (total > 0)
		fprintf(err_out(), " of %s", size_text(all, sizeof(all), total));
	fprintf(err_out(), ", %s/s",
		size_text(rate, sizeof(rate), got * 1000 / (ms ? ms : 1)));
	fflush(err_out());
}

/* "compiling pip-24.0-py3-none-any.whl ...", in a line of its own that goes again. */
void ui_busy(const char *what)
{
	if (ui.level != UI_NORMAL || ui.line->open || !ui_is_terminal() || ui.dumb)
		return;
	fputs("\r\033[K", err_out());
	if (what) {
		put_shown(err_out(), what, strnlen(what, 60));
		fputs(" ...", err_out());
	}
	fflush(err_out());
}

void ui_line(const char *text)
{
	begin_turn();
	end_progress();
	put_shown(err_out(), text, strlen(text));
	fputc('\n', err_out());
	fflush(err_out());
	end_turn();
}

void ui_print(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) >= 0) {
		const char *line = text;

		while (*line) {
			/* Columns and lines are the format's. */
			size_t n = strcspn(line, "\n\t");

			put_shown(ui_out(), line, n);
			line += n;
			if (*line)
				ui_check_kept(fputc(*line++, ui_out()) != EOF);
		}
		free(text);
	} else {
		ui_results.starved = true;
	}
	va_end(ap);
}

int ui_finish(int status)
{
	if (ui_results.starved && !(status && ui_results.told)) {
		fflush(stdout);
		return ui_nomem();
	}
	if (fflush(stdout) || ferror(stdout)) {
		perror("venvctl: error: cannot write to standard output");
		return status ? status : EXIT_FAILED;
	}
	return status;
}
