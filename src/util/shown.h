/* SPDX-License-Identifier: MIT */
/*
 * shown.h - what of an address may be shown, to anybody and anywhere
 *
 * Not the user and password before its host, and not what follows "?" or "#", which is often
 * a key.  Also of a text that is none, or not yet known to be one: "ftp://user:pw@h/x",
 * "//user:pw@h/x" and "user:pw@h" are what people write.  Needs nothing but the C library:
 * the module fetch compiles it into itself.
 */
#pragma once

/* Cut this out of a value, in place; the text never grows. */
void shown_cut(char *value);

/* The same of every word of a message that quotes values; NULL stays. */
void shown_cut_message(char *message);
