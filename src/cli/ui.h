/* SPDX-License-Identifier: MIT */
/* ui.h - what the files share that write for the user: ui.c, ui_results.c, ui_progress.c */
#pragma once

#include "cli.h"

/* ---- ui.c: standard error ---- */

/*
 * The stream for standard error.  It holds whole lines back, so each function that says
 * something ends with a flush of it.
 */
FILE *ui_err(void);

/* Between the two no other thread says anything; nested pairs are allowed. */
void ui_begin_turn(void);
void ui_end_turn(void);

/*
 * TEXT with everything escaped that could do something to a terminal.  Without any memory:
 * that there is none has to be said as well.
 */
void ui_put(FILE *to, const char *text, size_t n);

/* ---- ui_progress.c ---- */

/* Before anything else is said: end a line of progress that is still open. */
void ui_end_progress(void);

/* ---- ui_results.c: standard output ---- */

/* Before anything is printed: have what goes into a file or pipe written in large pieces. */
void ui_buffer_results(void);
