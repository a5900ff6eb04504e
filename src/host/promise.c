/* SPDX-License-Identifier: MIT */
/*
 * promise.c - what a step that ran in the environment said that it provides is there
 *
 * A script that came empty, or was cut before its last line, ends well.  Of the names that
 * a plugin provides two mean a distribution to venvctl itself: pip and setuptools.
 */
#include <config.h>

#include <stdio.h>
#include <string.h>

#include "util/util.h"
#include "session.h"

/* Imported from the environment itself, and for pip run: a version for another Python is
 * there, and does not work. */
static const char program[] =
	"import os, sys\n"
	"sys.path[:] = [p for p in sys.path if p]\n"
	"module = __import__(sys.argv[1])\n"
	"root = os.path.realpath(sys.prefix) + os.sep\n"
	"if not os.path.realpath(module.__file__).startswith(root):\n"
	"    sys.exit('it is not in the environment, but ' + module.__file__)\n"
	"if sys.argv.pop(1) == 'pip':\n"
	"    import runpy\n"
	"    sys.argv[:] = ['pip', '--version']\n"
	"    runpy.run_module('pip', None, '__main__', True)\n";

/* The name that T has to keep its word for; NULL if there is none. */
static const char *promised(const struct host *h, const struct step *t)
{
	/* ensurepip provides both, but setuptools only where that Python has it. */
	if (strlist_find(&t->provides, "pip") >= 0)
		return host_wants_pip(h) ? "pip" : NULL;
	if (strlist_find(&t->provides, "setuptools") >= 0)
		return h->settings.setuptools ? "setuptools" : NULL;
	return NULL;
}

struct last_line {
	char text[200];
};

static void on_line(void *data, int stream, const char *line, size_t len)
{
	struct last_line *last = data;

	(void)stream;
	while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (len)
		snprintf(last->text, sizeof(last->text), "%.*s", (int)len, line);
}

int host_check_promise(struct venv_session *s, struct venv_error *err)
{
	const char *name = promised(s->host, s->step);
	const char *argv[] = { s->host->build.context.env_exe, "-c", program, name,
			       NULL };
	struct last_line last = { "" };
	struct venv_run run = { .struct_size = sizeof(run),
				.flags = VENV_RUN_QUIET | VENV_RUN_ALLOW_FAILURE,
				.argv = argv,
				.on_line = on_line,
				.data = &last };
	int r = name ? host_run(s, &run, err) : 0;

	if (r || !name || !run.exit_status)
		return r;
	error_set(
		err, VENV_ERR_STEP,
		"plugin '%s': it ended well, but %s does not work in the environment: %s",
		s->step->instance, name,
		last.text[0] ? last.text : "its Python says nothing about it");
	return VENV_ERR_STEP;
}
