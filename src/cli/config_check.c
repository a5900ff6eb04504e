/* SPDX-License-Identifier: MIT */
/* config_check.c - venvctl config check: all that would stop or surprise a create */
#include <config.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "fs/fs.h"
#include "config_cmd.h"

int config_load_all(struct venv_builder *b)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r = venv_builder_load_config(b, &err);

	if (r)
		r = ui_error(&err);
	venv_error_clear(&err);
	return r;
}

static void tell_json(struct checking *x, bool error, const char *file, unsigned line,
		      const char *message, const char *hint)
{
	void *o = json_new_object(x->json);

	json_text(x->json, o, "level", error ? "error" : "warning");
	json_text(x->json, o, "file", file);
	if (line)
		json_int(x->json, o, "line", line);
	json_text(x->json, o, "text", message);
	json_text(x->json, o, "hint", hint);
	json_append(x->json, x->problems, o);
}

void check_tell(struct checking *x, bool error, const char *file, unsigned line,
		const char *message, const char *hint)
{
	struct str where = STR_INIT;

	if (error)
		x->status = EXIT_CONFIG;
	if (x->json) {
		tell_json(x, error, file, line, message, hint);
		return;
	}
	if (file && line)
		str_addf(&where, "%s:%u: ", file, line);
	else if (file)
		str_addf(&where, "%s: ", file);
	ui_print("%s%s%s%s%s%s\n", ui_built(&where), error ? "" : "warning: ", message,
		 hint ? " (" : "", hint ? hint : "", hint ? ")" : "");
	str_release(&where);
}

void check_fault(struct checking *x, const struct value *v, struct venv_error *err)
{
	check_tell(x, true, v ? v->origin.name : NULL, v ? v->origin.line : 0,
		   ui_reason(err), err->hint);
	venv_error_clear(err);
}

void check_warn(struct checking *x, const struct origin *o, const char *hint,
		const char *fmt, ...)
{
	va_list ap;
	char text[512];

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	check_tell(x, false, o ? o->name : NULL, o ? o->line : 0, text, hint);
}

static void on_fault(void *data, const char *file, unsigned line, const char *message,
		     const char *hint)
{
	check_tell(data, true, file, line, message, hint);
}

/* What a create would read. */
static int read_all(struct checking *x)
{
	int r;

	x->c->report = on_fault;
	x->c->report_data = x;
	r = config_load_all(x->b);
	x->c->report = NULL;
	return r;
}

/* FILES, as if they were the site's, and nothing else. */
static void read_files(struct checking *x, const struct strlist *files)
{
	struct venv_error err = VENV_ERROR_INIT;

	for (size_t i = 1; i < files->n; i++) {
		const char *file = path_absolute(&x->c->arena, x->c->cwd, files->v[i]);
		int r = file ? config_check_file(x->c, file, on_fault, x, &err)
			     : error_nomem(&err);

		/* One that cannot be read is a fault, and no reason to skip the others. */
		if (r < 0)
			check_fault(x, NULL, &err);
	}
	/* Whom the policy of all of them together trusts. */
	if (policy_finish(x->c, &err))
		check_fault(x, NULL, &err);
	/* The site's own policy, which would be read next, is not meant. */
	config_read_no_more(x->c);
}

static void print_json(struct checking *x)
{
	void *all = json_new_object(x->json), *files = json_new_array(x->json);

	for (size_t i = 0; i < x->c->files.n; i++)
		json_append_text(x->json, files, x->c->files.v[i]);
	json_int(x->json, all, "schema", 1);
	json_bool(x->json, all, "ok", !x->status);
	json_put(x->json, all, "files", files);
	json_put(x->json, all, "problems", x->problems);
	json_print(x->json, all);
	json_close(x->json);
}

int config_check(struct venv_builder *b, const struct strlist *files, bool as_json)
{
	struct checking x = { .b = b, .c = builder_config(b), .order = VENV_ERROR_INIT };
	int r = 0;

	if (as_json) {
		x.json = json_begin(&r);
		if (!x.json)
			return r;
		x.problems = json_new_array(x.json);
	}
	x.files_given = files->n > 1;
	if (x.files_given)
		read_files(&x, files);
	else
		r = read_all(&x);
	if (!r) {
		check_order(&x);
		check_values(&x);
		check_plugins(&x);
	}
	ui_check_arena(&x.arena);
	if (x.json && r) {
		json_release(x.json, x.problems);
		json_close(x.json);
	} else if (x.json) {
		print_json(&x);
	}
	venv_error_clear(&x.order);
	arena_release(&x.arena);
	return ui_finish(r ? r : x.status);
}
