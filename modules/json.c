/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "load/load.h"

static void *new_object(void)
{
	return json_object();
}

static void *new_array(void)
{
	return json_array();
}

static int set_text(void *object, const char *key, const char *text)
{
	return json_object_set_new(object, key, text ? json_string(text) : json_null());
}

static int set_int(void *object, const char *key, int64_t value)
{
	return json_object_set_new(object, key, json_integer(value));
}

static int set_bool(void *object, const char *key, int value)
{
	return json_object_set_new(object, key, json_boolean(value));
}

static int set(void *object, const char *key, void *value)
{
	return json_object_set_new(object, key, value);
}

static int append(void *array, void *value)
{
	return json_array_append_new(array, value);
}

static int append_text(void *array, const char *text)
{
	return json_array_append_new(array, json_string(text));
}

struct text {
	char *s;
	size_t len, size;
	int failed;
};

static int add(const char *bytes, size_t n, void *data)
{
	struct text *t = data;
	size_t size = t->size;
	char *more;

	if (t->failed)
		return -1;
	while (size - t->len <= n)
		size = size ? 2 * size : 1024;
	more = size == t->size ? t->s : realloc(t->s, size);
	if (!more) {
		t->failed = 1;
		return -1;
	}
	memcpy(more + t->len, bytes, n);
	*t = (struct text){ more, t->len + n, size, 0 };
	more[t->len] = '\0';
	return 0;
}

/* Jansson goes on where a key could not be written (2.14): that is asked for, too. */
static char *dump(const void *value)
{
	struct text t = { NULL, 0, 0, 0 };

	if (!json_dump_callback(value, add, &t, JSON_COMPACT | JSON_PRESERVE_ORDER) &&
	    !t.failed)
		return t.s;
	free(t.s);
	return NULL;
}

static void *parse(const char *text, size_t len)
{
	return json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
}

static const char *text_at(const void *value, const char *path, const char *key)
{
	while (*path) {
		char name[64];
		size_t n = strcspn(path, ".");

		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		value = json_object_get(value, name);
		path += n;
		path += *path == '.';
	}
	return json_string_value(json_object_get(value, key));
}

static void release(void *value)
{
	json_decref(value);
}

static const struct json_module table = {
	.object = new_object,
	.array = new_array,
	.set_text = set_text,
	.set_int = set_int,
	.set_bool = set_bool,
	.set = set,
	.append = append,
	.append_text = append_text,
	.dump = dump,
	.parse = parse,
	.text_at = text_at,
	.release = release,
};

MODULE_DEFINE(json, table);
