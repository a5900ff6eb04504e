/* SPDX-License-Identifier: MIT */
/* unit.h - what cmocka needs before its header, and helpers of the unit tests */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "util/util.h"

/* A result that must be 0; says the error's message where it is not. */
#define assert_ok(result, err)                                                \
	do {                                                                  \
		int result_ = (result);                                       \
		if (result_)                                                  \
			fail_msg("%d: %s", result_, venv_error_message(err)); \
	} while (0)

#define assert_message(err, part)                                                       \
	do {                                                                            \
		if (!strstr(venv_error_message(err), part))                             \
			fail_msg("'%s' is not in '%s'", part, venv_error_message(err)); \
	} while (0)
