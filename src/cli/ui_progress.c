/* SPDX-License-Identifier: MIT */
/* ui_progress.c - what a step, a download or a build is at, on standard error */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "ui.h"

void ui_end_progress(void)
{
	if (ui.line->live)
		fputs("\0338\033[K", ui_err());
	ui.line->live = false;
	if (ui.line->open)
		fputc('\n', ui_err());
	ui.line->open = false;
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
		ui_put(ui_err(), bytes, len);
		return true;
	}
	ui_put(ui_err(), bytes, LINE_SHOWN);
	fputs(" [... the rest of the line is left out]", ui_err());
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
			ui_end_progress();
		if (!put_line(stream, bytes, len - ended, &ended))
			return;
		if (ended || (ui.level >= UI_VERBOSE && stream != VENV_STREAM_MAIN))
			fputc('\n', ui_err());
		ui.line->open = !ended &&
				!(ui.level >= UI_VERBOSE && stream != VENV_STREAM_MAIN);
	} else if (ui_is_terminal()) {
		fputc('.', ui_err());
		ui.line->open = true;
	}
	fflush(ui_err());
}

void ui_progress_beside(void *data, int stream, const char *bytes, size_t len)
{
	const char *const *name = data;
	size_t n = len && bytes[len - 1] == '\n' ? len - 1 : len;

	(void)stream;
	if (ui.level < UI_VERBOSE)
		return;
	ui_begin_turn();
	ui_put(ui_err(), *name, strlen(*name));
	fputs(": ", ui_err());
	ui_put(ui_err(), bytes, n < LINE_SHOWN ? n : LINE_SHOWN);
	if (n > LINE_SHOWN)
		fputs(" [... the rest of the line is left out]", ui_err());
	fputc('\n', ui_err());
	fflush(ui_err());
	ui_end_turn();
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
			fputs("\0338\033[K", ui_err());
		ui.line->live = false;
		ui.live_ms = 0;
		fflush(ui_err());
		return;
	}
	/* A short one is over before it could be read. */
	if (ms - ui.live_ms < 200)
		return;
	ui.live_ms = ms;
	fputs(ui.line->live ? "\0338\033[K " : "\0337 ", ui_err());
	ui.line->live = true;
	ui_put(ui_err(), name, strnlen(name, 24));
	fprintf(ui_err(), " %s", size_text(size, sizeof(size), got));
	if (total > 0)
		fprintf(ui_err(), " of %s", size_text(all, sizeof(all), total));
	fprintf(ui_err(), ", %s/s",
		size_text(rate, sizeof(rate), got * 1000 / (ms ? ms : 1)));
	fflush(ui_err());
}

/* "compiling pip-24.0-py3-none-any.whl ...", in a line of its own that goes again. */
void ui_busy(const char *what)
{
	if (ui.level != UI_NORMAL || ui.line->open || !ui_is_terminal() || ui.dumb)
		return;
	fputs("\r\033[K", ui_err());
	if (what) {
		ui_put(ui_err(), what, strnlen(what, 60));
		fputs(" ...", ui_err());
	}
	fflush(ui_err());
}
