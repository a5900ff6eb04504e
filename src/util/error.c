/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shown.h"

static void replace(struct venv_error *err, int code, int errnum, char *message)
{
	free(err->message);
	free(err->hint);
	shown_cut_message(message);
	err->code = code;
	err->os_errno = errnum;
	err->message = message;
	err->hint = NULL;
}

int error_set(struct venv_error *err, int code, const char *fmt, ...)
{
	char *message = NULL;
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	if (vasprintf(&message, fmt, ap) < 0)
		message = NULL;
	va_end(ap);
	replace(err, code, 0, message);
	return code;
}

int error_errno(struct venv_error *err, int errnum, const char *fmt, ...)
{
	int code = errnum == ENOMEM ? VENV_ERR_NOMEM : VENV_ERR_FAILED;
	char *message = NULL, *full = NULL;
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	if (vasprintf(&message, fmt, ap) < 0)
		message = NULL;
	va_end(ap);
	if (message && asprintf(&full, "%s: %s", message, strerror(errnum)) >= 0) {
		free(message);
		message = full;
	}
	replace(err, code, errnum, message);
	return code;
}

int error_prefix(struct venv_error *err, int code, const char *fmt, ...)
{
	char *head = NULL, *full = NULL;
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	if (vasprintf(&head, fmt, ap) < 0)
		head = NULL;
	va_end(ap);
	shown_cut_message(head);
	if (head && asprintf(&full, "%s: %s", head, venv_error_message(err)) >= 0) {
		free(err->message);
		err->message = full;
	}
	free(head);
	return code;
}

int error_hint(struct venv_error *err, int code, const char *fmt, ...)
{
	char *hint = NULL;
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	if (vasprintf(&hint, fmt, ap) < 0)
		hint = NULL;
	va_end(ap);
	free(err->hint);
	shown_cut_message(hint);
	err->hint = hint;
	return code;
}

int error_nomem(struct venv_error *err)
{
	if (err)
		replace(err, VENV_ERR_NOMEM, ENOMEM, NULL);
	return VENV_ERR_NOMEM;
}

void error_move(struct venv_error *to, struct venv_error *from)
{
	if (to) {
		venv_error_clear(to);
		*to = *from;
		*from = (struct venv_error)VENV_ERROR_INIT;
	} else {
		venv_error_clear(from);
	}
}

const char *venv_error_message(const struct venv_error *err)
{
	if (!err)
		return "";
	/* A message that could not be made. */
	return err->message ? err->message : err->code ? "out of memory" : "";
}

void venv_error_clear(struct venv_error *err)
{
	if (!err)
		return;
	replace(err, VENV_OK, 0, NULL);
}
