/* SPDX-License-Identifier: MIT */
/* output.h - what a child process said: kept for the message and the log of a failure */
#pragma once

#include "session.h"

/* All of it, or of very much the beginning and the end. */
struct output_text {
	struct str first, last;
	uint64_t left_out; /* bytes between them */
};

void output_add(struct output_text *t, const char *line, size_t len);
void output_release(struct output_text *t);

/* Append all of it, with a sentence about what is left out. */
void output_add_all(const struct output_text *t, struct str *out);

/* Append the last lines, shortened, without the line end of the last one. */
void output_add_tail(const struct output_text *t, struct str *out);

/*
 * Write it to --log-file, or to a new file where logs are kept; its path, or NULL.
 */
const char *output_log(struct venv_session *s, const struct output_text *text);
