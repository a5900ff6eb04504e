/* SPDX-License-Identifier: MIT */
/* ui_results.c - what belongs on standard output: printed, or kept until its turn comes */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui.h"

_Thread_local struct ui_results ui_results;

void ui_buffer_results(void)
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

			ui_put(ui_out(), line, n);
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
