/* SPDX-License-Identifier: MIT */
/* tk.c - where an interpreter's Tcl and Tk have their libraries */
#include <config.h>

#include <string.h>
#include <unistd.h>

#include "util/util.h"
#include "fs/fs.h"
#include "details.h"

#define TK_TIMEOUT_MS 15000

/* With -E no profile of the user's (~/.Tk.py) is run. */
static const char program[] =
	"import os, sys\n"
	"sys.path[:] = [p for p in sys.path if p]\n"
	"import tkinter\n"
	"def say(key, directory, script):\n"
	"    there = os.path.isfile(os.path.join(directory, script))\n"
	"    if there:\n"
	"        os.write(1, os.fsencode(key + directory) + b'\\n')\n"
	"    return there\n"
	"tcl = tkinter.Tcl().eval('info library')\n"
	"say('tcl=', tcl, 'init.tcl')\n"
	"beside = os.path.join(os.path.dirname(tcl), 'tk%s' % tkinter.TkVersion)\n"
	"say('tk=', os.environ.get('TK_LIBRARY', ''), 'tk.tcl') or say('tk=', beside, "
	"'tk.tcl')\n";

struct tk_answer {
	const struct python_env *pe;
	const char *tcl, *tk;
};

static void on_line(void *data, int stream, const char *line, size_t len)
{
	struct tk_answer *w = data;

	if (stream != VENV_STREAM_STDOUT || !len || line[len - 1] != '\n')
		return;
	if (len > 5 && !memcmp(line, "tcl=/", 5))
		w->tcl = arena_strndup(w->pe->arena, line + 4, len - 5);
	else if (len > 4 && !memcmp(line, "tk=/", 4))
		w->tk = arena_strndup(w->pe->arena, line + 3, len - 4);
}

static bool is_cancelled(void *data)
{
	const struct tk_answer *w = data;

	return w->pe->cancelled && w->pe->cancelled(w->pe->cancel_data);
}

int python_find_tk(const struct python_env *pe, const struct python *p, const char **tcl,
		   const char **tk, struct venv_error *err)
{
	const char *const argv[] = { p->executable, "-E", "-s", "-c", program, NULL };
	struct tk_answer w = { .pe = pe };
	struct process run = { .argv = argv,
			       .env = pe->env,
			       .cwd = "/",
			       .timeout_ms = TK_TIMEOUT_MS,
			       .cancelled = is_cancelled,
			       .on_line = on_line,
			       .data = &w };
	struct venv_error why = VENV_ERROR_INIT;
	int status, r;

	log_debug(pe->log, "running '%s' to learn where its Tcl is", p->executable);
	r = process_run(&run, &status, &why);
	if (r == VENV_ERR_CANCELLED || r == VENV_ERR_NOMEM) {
		error_move(err, &why);
		return r;
	}
	/* One that has none says so, too. */
	venv_error_clear(&why);
	*tcl = w.tcl;
	*tk = w.tk;
	return 0;
}
