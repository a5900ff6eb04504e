/* SPDX-License-Identifier: MIT */
/* csv.h - rows of RECORD (PEP 376): comma-separated, quoted as Python's csv does */
#pragma once

#include <stddef.h>

#include "util/util.h"

#define CSV_FIELDS 3

/*
 * Take the next row off *TEXT, in place: its first CSV_FIELDS fields ("" where there are
 * fewer).  1; 0 at the end; -1 if a quote is not closed.
 */
int csv_next(char **text, const char *fields[CSV_FIELDS]);

/* Append FIELD, quoted where it has to be. */
void csv_add(struct str *out, const char *field);
