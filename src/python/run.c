/* SPDX-License-Identifier: MIT */
/* run.c - an interpreter asked about itself */
#include <config.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util/util.h"
#include "fs/fs.h"
#include "details.h"

#define PROBE_TIMEOUT_MS 15000

/*
 * Any Python since 2.6 must be able to read this, to be refused with its version.
 * Nothing is imported before the current directory is off the path, and nothing
 * but the standard library can be found after.  Texts are in hexadecimal: a path
 * may hold anything.
 */
static const char program[] =
	"import sys\n"
	"sys.path[:] = [p for p in sys.path if p]\n"
	"import os\n"
	"def say(key, value):\n"
	"    os.write(1, ('venvctl-probe ' + key + '=' + value + "
	"'\\n').encode('ascii'))\n"
	"def text(key, value):\n"
	"    if value:\n"
	"        say(key, ''.join('%02x' % b for b in bytearray(os.fsencode(value))))\n"
	"say('hexversion', '%x' % sys.hexversion)\n"
	"if sys.version_info >= (3, 3) and hasattr(sys, 'base_prefix'):\n"
	"    import sysconfig\n"
	"    try:\n"
	"        from importlib.util import MAGIC_NUMBER as magic\n"
	"    except ImportError:\n"
	"        import imp\n"
	"        magic = imp.get_magic()\n"
	"    say('magic', '%x' % int.from_bytes(magic[:4], 'little'))\n"
	"    say('bits', '64' if sys.maxsize > 2 ** 32 else '32')\n"
	"    text('prefix', getattr(sys, 'base_prefix', ''))\n"
	"    text('exec-prefix', getattr(sys, 'base_exec_prefix', ''))\n"
	"    text('stdlib', os.path.dirname(os.__file__))\n"
	"    text('implementation', sys.implementation.name)\n"
	"    text('cache-tag', sys.implementation.cache_tag)\n"
	"    names = sysconfig.get_scheme_names()\n"
	"    scheme = 'venv' if 'venv' in names else 'posix_prefix'\n"
	"    where = {'base': '/v', 'platbase': '/v', 'installed_base': '/v',\n"
	"             'installed_platbase': '/v'}\n"
	"    for name in 'purelib', 'platlib':\n"
	"        text(name, sysconfig.get_path(name, scheme, vars=where))\n"
	"    text('wheel-dir', sysconfig.get_config_var('WHEEL_PKG_DIR'))\n"
	"    try:\n"
	"        with open('/proc/self/maps', 'rb') as maps:\n"
	"            for line in maps:\n"
	"                name = line.split(None, 5)[-1].strip()\n"
	"                if b'/libpython' in name or b'/libpypy' in name:\n"
	"                    text('libpython', name)\n"
	"                    break\n"
	"    except EnvironmentError:\n"
	"        pass\n"
	/* A sitecustomize may name the interpreter: then that is asked, last of all. */
	"    dirs = sys.path + [sysconfig.get_path('purelib')]\n"
	"    for name in [os.path.join(d, 'sitecustomize.py') for d in dirs if d]:\n"
	"        try:\n"
	"            with open(name, 'rb') as custom:\n"
	"                names_it = b'_base_executable' in custom.read()\n"
	"        except EnvironmentError:\n"
	"            continue\n"
	"        if names_it:\n"
	"            import site\n"
	"            site.main()\n"
	"            break\n"
	"    text('executable', getattr(sys, '_base_executable', None) or "
	"sys.executable)\n"
	"say('end', '')\n";

struct answer {
	const struct python_env *pe;
	struct arena *a;
	struct python p;
	struct str
		said; /* the last line of stderr: "error while loading shared libraries" */
	bool ended;
};

/* Hexadecimal bytes as text; NULL if that is what it is not. */
static const char *unhex(struct arena *a, const char *hex, size_t n)
{
	char *out = n % 2 ? NULL : arena_alloc(a, n / 2 + 1);

	for (size_t i = 0; out && i < n / 2; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' }, *end;

		out[i] = (char)strtoul(pair, &end, 16);
		if (end != pair + 2 || !out[i])
			return NULL;
	}
	return out;
}

/* "/v/lib/python3.12/site-packages" is "lib/python3.12". */
static const char *strip(struct arena *a, const char *path)
{
	static const char tail[] = "/site-packages";
	size_t n = path ? strlen(path) : 0, t = strlen(tail);

	if (n <= 3 + t || strncmp(path, "/v/", 3) || strcmp(path + n - t, tail) != 0)
		return NULL;
	return arena_strndup(a, path + 3, n - 3 - t);
}

static void on_line(void *data, int stream, const char *line, size_t len)
{
	static const char cookie[] = "venvctl-probe ";
	struct answer *w = data;
	const char *eq, *key, *value, *string;
	size_t key_len, n;

	if (len && line[len - 1] == '\n')
		len--;
	if (stream != VENV_STREAM_STDOUT) {
		str_clear(&w->said);
		str_add_n(&w->said, line, len < 400 ? len : 400);
		return;
	}
	if (len < strlen(cookie) || memcmp(line, cookie, strlen(cookie)) != 0)
		return;
	key = line + strlen(cookie);
	eq = memchr(key, '=', len - strlen(cookie));
	if (!eq)
		return;
	key_len = (size_t)(eq - key);
	value = eq + 1;
	n = (size_t)(line + len - value);
#define IS(name) (key_len == strlen(name) && !memcmp(key, name, key_len))
	if (IS("end")) {
		w->ended = true;
	} else if (IS("hexversion") || IS("magic") || IS("bits")) {
		char number[16] = "";

		memcpy(number, value, n < sizeof(number) ? n : sizeof(number) - 1);
		if (IS("bits"))
			w->p.is_64bit = !strcmp(number, "64");
		else if (IS("magic"))
			w->p.magic = (uint32_t)strtoul(number, NULL, 16);
		else
			w->p.hexversion = (uint32_t)strtoul(number, NULL, 16);
	} else if ((string = unhex(w->a, value, n))) {
		const struct {
			const char *key;
			const char **to;
		} texts[] = {
			{ "executable", &w->p.executable },
			{ "prefix", &w->p.prefix },
			{ "exec-prefix", &w->p.exec_prefix },
			{ "stdlib", &w->p.stdlib },
			{ "implementation", &w->p.implementation },
			{ "cache-tag", &w->p.cache_tag },
			{ "purelib", &w->p.lib_dir },
			{ "platlib", &w->p.platlib_dir },
			{ "wheel-dir", &w->p.wheel_dir },
			{ "libpython", &w->p.libpython },
		};

		for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
			if (IS(texts[i].key))
				*texts[i].to = string;
		}
	}
#undef IS
}

static bool is_cancelled(void *data)
{
	const struct answer *w = data;

	return w->pe->cancelled && w->pe->cancelled(w->pe->cancel_data);
}

static int judge(const struct python_env *pe, const char *path, const struct answer *w,
		 int status, struct venv_error *err)
{
	const struct python *p = &w->p;

	if (!p->hexversion || !w->ended)
		return error_set(
			err, VENV_ERR_NO_PYTHON,
			status ? "'%s' is no Python interpreter that works (it ended "
				 "with status %d%s%s)"
			       : "'%s' is no Python interpreter",
			path, status, w->said.len ? ": " : "", str_text(&w->said));
	if (PYTHON_XY(p) < 0x0303 || !p->prefix) {
		error_set(err, VENV_ERR_NO_PYTHON,
			  "'%s' is Python %s: This program is only for use with Python "
			  "3.3 or "
			  "later",
			  path, python_version_text(pe->arena, p));
		return error_hint(
			err, VENV_ERR_NO_PYTHON,
			"choose another one with --python, for example --python 3");
	}
	if (!p->executable || !p->stdlib || !p->implementation || !p->cache_tag ||
	    !p->exec_prefix || !p->lib_dir || !p->platlib_dir)
		return error_set(err, VENV_ERR_NO_PYTHON,
				 "'%s' does not say where it and its library are", path);
	return 0;
}

/* Would a program that is an interpreter have failed to start as well? */
static bool is_fault(int errnum)
{
	return errnum == EIO || errnum == EAGAIN || errnum == EMFILE ||
	       errnum == ENFILE || errnum == ENOSPC;
}

int python_from_run(const struct python_env *pe, const char *path, struct python *out,
		    struct venv_error *err)
{
	const char *const argv[] = { path, "-E", "-s", "-S", "-c", program, NULL };
	struct answer w = { .pe = pe, .a = pe->arena };
	struct venv_error why = VENV_ERROR_INIT;
	struct strlist env = STRLIST_INIT;
	struct process run = { .argv = argv,
			       .cwd = "/",
			       .timeout_ms = PROBE_TIMEOUT_MS,
			       .cancelled = is_cancelled,
			       .on_line = on_line,
			       .data = &w };
	_cleanup_free_ char *real = NULL;
	int status, r;

	for (const char *const *e = pe->env; e && *e; e++) {
		if (strncmp(*e, "PYTHON", 6) &&
		    strncmp(*e, "__PYVENV_LAUNCHER__=", 20) != 0 &&
		    !strlist_add(pe->arena, &env, *e))
			return error_nomem(err);
	}
	if (!env.v && !strlist_add(pe->arena, &env, "LC_ALL=C"))
		return error_nomem(err);
	run.env = env.v;
	log_debug(pe->log, "running '%s' to learn what it is", path);
	r = process_run(&run, &status, &why);
	if (r) {
		str_release(&w.said);
		if (r == VENV_ERR_FAILED && !is_fault(why.os_errno))
			r = why.code = VENV_ERR_NO_PYTHON;
		error_move(err, &why);
		return r;
	}
	r = judge(pe, path, &w, status, err);
	str_release(&w.said);
	if (r)
		return r;
	/* What it calls itself wins, unless nothing is there. */
	if (access(w.p.executable, X_OK))
		w.p.executable = path;
	w.p.lib_dir = strip(pe->arena, w.p.lib_dir);
	w.p.platlib_dir = strip(pe->arena, w.p.platlib_dir);
	real = realpath(w.p.executable, NULL);
	w.p.real = real ? arena_strdup(pe->arena, real) : w.p.executable;
	if (!w.p.lib_dir || !w.p.platlib_dir || !w.p.real)
		return error_set(
			err, VENV_ERR_NO_PYTHON,
			"'%s' puts packages where an environment has no place for them",
			path);
	*out = w.p;
	return 0;
}
