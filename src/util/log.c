/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "util.h"

#include <stdarg.h>
#include <stdio.h>

#include "shown.h"

_printf_(3, 0) static void emit(const struct log *log, int level, const char *fmt,
				va_list ap)
{
	char *text = NULL;

	if (!log_wants(log, level))
		return;
	/* That something was to be said is better than nothing. */
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	shown_cut_message(text);
	log->fn(log->data, level, text ? text : "a message is lost: out of memory");
	free(text);
}

void log_error(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(log, VENV_LOG_ERROR, fmt, ap);
	va_end(ap);
}

void log_warn(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(log, VENV_LOG_WARNING, fmt, ap);
	va_end(ap);
}

void log_info(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(log, VENV_LOG_INFO, fmt, ap);
	va_end(ap);
}

void log_debug(const struct log *log, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit(log, VENV_LOG_DEBUG, fmt, ap);
	va_end(ap);
}
