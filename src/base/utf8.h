/* SPDX-License-Identifier: MIT */
/* utf8.h - UTF-8: strict decoding, and text that is safe to show */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

/* Length of the sequence at S (at most N bytes), its code point in *CP; 0 if it is none. */
size_t utf8_decode(const char *s, size_t n, uint32_t *cp);

/* True if all N bytes are UTF-8 (no overlong forms, no surrogates, at most U+10FFFF). */
bool utf8_valid(const char *s, size_t n);

/* Append CP as UTF-8. */
void utf8_add(struct str *out, uint32_t cp);

/* Not a control character, line separator or bidirectional control. */
bool utf8_printable(uint32_t cp);

/* A character at which Python's str.splitlines() breaks a line. */
bool utf8_line_break(uint32_t cp);

/* Append TEXT with every byte that is not printable UTF-8 as \xNN. */
void utf8_add_shown(struct str *out, const char *text);
