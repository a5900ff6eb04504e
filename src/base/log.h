/* SPDX-License-Identifier: MIT */
/* log.h - messages on their way to whoever wants them; nothing is printed here */
#pragma once

#include <venvctl/venvctl.h>

#include "macro.h"

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
