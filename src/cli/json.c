/* SPDX-License-Identifier: MIT */
/* json.c - results for programs, through the module that knows JSON */
#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load/load.h"
#include "util/util.h"
#include "cli.h"
#include "modules/json.h"

struct json {
	struct arena arena;
	struct modules modules;
	const struct json_module *m;
	bool failed; /* memory ran out for a part of what is being made */
};

/* What a function of the module returned. */
static void check(struct json *j, int r)
{
	j->failed |= r != 0;
}

struct json *json_open(struct venv_error *err)
{
	struct json *j = calloc(1, sizeof(*j));

	if (!j) {
		error_nomem(err);
		return NULL;
	}
	j->modules.arena = &j->arena;
	j->m = module_get(&j->modules, MODULE_JSON, err);
	if (!j->m) {
		json_close(j);
		return NULL;
	}
	return j;
}

struct json *json_begin(int *status)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct json *j = json_open(&err);

	if (!j)
		*status = ui_error(&err);
	venv_error_clear(&err);
	return j;
}

void json_close(struct json *j)
{
	if (!j)
		return;
	modules_release(&j->modules);
	arena_release(&j->arena);
	free(j);
}

void *json_new_object(struct json *j)
{
	void *object = j->m->object();

	j->failed |= !object;
	return object;
}

void *json_new_result(struct json *j, bool ok, const char *command)
{
	void *object = json_new_object(j);

	json_int(j, object, "schema", 1);
	json_bool(j, object, "ok", ok);
	json_text(j, object, "command", command);
	return object;
}

void *json_new_array(struct json *j)
{
	void *array = j->m->array();

	j->failed |= !array;
	return array;
}

static void add_base64(struct str *out, const unsigned char *p, size_t n)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)p[i] << 16 |
			     (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) |
			     (i + 2 < n ? p[i + 2] : 0);

		str_add_char(out, digits[v >> 18]);
		str_add_char(out, digits[v >> 12 & 63]);
		str_add_char(out, i + 1 < n ? digits[v >> 6 & 63] : '=');
		str_add_char(out, i + 2 < n ? digits[v & 63] : '=');
	}
}

void json_text(struct json *j, void *object, const char *key, const char *text)
{
	size_t n = text ? strlen(text) : 0;
	struct str good = STR_INIT, bytes = STR_INIT;
	char name[64];

	if (!text || utf8_valid(text, n)) {
		check(j, j->m->set_text(object, key, text));
		return;
	}
	add_base64(&bytes, (const unsigned char *)text, n);
	while (n) {
		uint32_t cp;
		size_t len = utf8_decode(text, n, &cp);

		utf8_add(&good, len ? cp : 0xfffd);
		len += !len;
		text += len;
		n -= len;
	}
	snprintf(name, sizeof(name), "%s_bytes", key);
	check(j, j->m->set_text(object, key, str_text(&good)));
	check(j, j->m->set_text(object, name, str_text(&bytes)));
	j->failed |= str_failed(&good) || str_failed(&bytes);
	str_release(&good);
	str_release(&bytes);
}

void json_int(struct json *j, void *object, const char *key, int64_t value)
{
	check(j, j->m->set_int(object, key, value));
}

void json_bool(struct json *j, void *object, const char *key, bool value)
{
	check(j, j->m->set_bool(object, key, value));
}

void json_put(struct json *j, void *object, const char *key, void *value)
{
	check(j, j->m->set(object, key, value));
}

void json_append(struct json *j, void *array, void *value)
{
	check(j, j->m->append(array, value));
}

void json_append_text(struct json *j, void *array, const char *text)
{
	check(j, j->m->append_text(array, text));
}

bool json_print(struct json *j, void *value)
{
	bool whole = value && !j->failed && !ui_results.starved;
	char *text = whole ? j->m->dump(value) : NULL;

	if (text)
		ui_check_kept(fprintf(ui_out(), "%s\n", text) >= 0);
	/* Each line in one write. */
	if (text)
		ui_check_kept(!fflush(ui_out()));
	else
		ui_results.starved = true;
	j->m->release(value);
	free(text);
	return !ui_results.starved;
}

void json_release(struct json *j, void *value)
{
	j->m->release(value);
}

void json_print_error(struct json *j, const char *command, const char *env_dir,
		      const struct venv_error *err)
{
	json_print_failure(j, command, env_dir, exit_status(err->code), err);
}

void json_print_failure(struct json *j, const char *command, const char *env_dir,
			int status, const struct venv_error *err)
{
	void *o, *e;

	/* Whatever failed before: this is what remains to be said. */
	j->failed = ui_results.starved = false;
	o = json_new_result(j, false, command);
	e = json_new_object(j);
	if (env_dir)
		json_text(j, o, "env_dir", env_dir);
	json_text(j, e, "code", exit_name(status));
	json_text(j, e, "message", venv_error_message(err));
	json_text(j, e, "hint", err->hint);
	json_int(j, e, "exit", status);
	json_put(j, o, "error", e);
	if (!json_print(j, o))
		ui_error_text(err);
	ui_results.told = true;
}
