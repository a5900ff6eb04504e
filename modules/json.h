/* SPDX-License-Identifier: MIT */
/* json.h - JSON written and read (jansson); the table of the module "json" */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * A value is a void pointer.  What is put into another belongs to that from then
 * on; the outermost is released.  Functions that can fail return 0 or -1; texts are
 * UTF-8.
 */
struct json_module {
	void *(*object)(void);
	void *(*array)(void);
	int (*set_text)(void *object, const char *key,
			const char *text); /* NULL is null */
	int (*set_int)(void *object, const char *key, int64_t value);
	int (*set_bool)(void *object, const char *key, int value);
	int (*set)(void *object, const char *key, void *value);
	int (*append)(void *array, void *value);
	int (*append_text)(void *array, const char *text);
	/* One line without its end; to be freed with free(). */
	char *(*dump)(const void *value);
	void *(*parse)(const char *text, size_t len);
	/* The text at KEY of the object at PATH ("a.b"), *borrows*; NULL if there is none. */
	const char *(*text_at)(const void *value, const char *path, const char *key);
	void (*release)(void *value);
};
