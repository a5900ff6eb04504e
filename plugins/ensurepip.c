/* SPDX-License-Identifier: MIT */
/*
 * ensurepip - pip (and setuptools, before Python 3.12) from the interpreter's own
 * wheels: what `python -m ensurepip --default-pip` of that interpreter installs
 *
 * mode=native places the wheels without starting Python.  mode=run runs the real
 * ensurepip; it is also the way out wherever something is not as it is known.
 */
#include <venvctl/plugin.h>

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where Debian's PyPy, whose ensurepip is patched, has its wheels. */
#define DEBIAN_WHEELS "/usr/share/python-wheels"
/* pip writes REQUESTED since 20.2. */
#define REQUESTED_SINCE(major, minor) ((major) > 20 || ((major) == 20 && (minor) >= 2))

/* The wheels of a directory: of each project the lexically last, and how many there are. */
struct wheels {
	const char *pip, *setuptools; /* NULL: none, or none that is installed */
	unsigned n_pip, n_setuptools;
};

struct ensurepip {
	const struct venv_host *host;
	struct venv_session *s;
	const struct venv_context *ctx;
	const char *listed;   /* the directory that was read last; NULL for none yet */
	struct wheels wheels; /* what is in it */
	int no_memory; /* a text could not be made: nothing that follows is right */
	int unread;    /* a directory could not be read to its end: neither */
};

__attribute__((format(printf, 2, 3))) static const char *format(struct ensurepip *e,
								const char *fmt, ...)
{
	va_list ap;
	char *text;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	text = n < 0 ? NULL : e->host->alloc(e->s, (size_t)n + 1);
	if (text) {
		va_start(ap, fmt);
		vsnprintf(text, (size_t)n + 1, fmt, ap);
		va_end(ap);
	} else {
		e->no_memory = 1;
	}
	return text;
}

static unsigned version(const struct ensurepip *e)
{
	return e->ctx->python_version >> 16;
}

static int wants(const struct ensurepip *e, uint32_t flag)
{
	return (e->ctx->flags & flag) != 0;
}

static int is_there(const char *path)
{
	return path && !access(path, F_OK);
}

/* What could not be opened: what is not there is no fault. */
static void note_failure(struct ensurepip *e)
{
	if (errno == ENOMEM)
		e->no_memory = 1;
	else if (errno != ENOENT && errno != ENOTDIR)
		e->unread = 1;
}

static FILE *open_file(struct ensurepip *e, const char *path)
{
	FILE *f = path ? fopen(path, "re") : NULL;

	if (path && !f)
		note_failure(e);
	return f;
}

/* ID of /etc/os-release in BUF, "" if it cannot be known. */
static void read_os(struct ensurepip *e, char *buf, size_t size)
{
	FILE *f = open_file(e, "/etc/os-release");
	char line[256];

	buf[0] = '\0';
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "ID=", 3))
			snprintf(buf, size, "%.*s", (int)strcspn(line + 3, "\"\n"),
				 line + 3);
	}
	if (f)
		fclose(f);
}

/* An interpreter that somebody built is not of a package. */
static int may_be_packaged(const struct ensurepip *e)
{
	return !strncmp(e->ctx->stdlib_dir, "/usr/lib/", 9);
}

/* The distribution's package that has ensurepip, where it is one of its own. */
static const char *package_name(struct ensurepip *e)
{
	unsigned v = version(e);
	char os[64];

	if (!may_be_packaged(e))
		return NULL;
	read_os(e, os, sizeof(os));
	if (strcmp(os, "debian") && strcmp(os, "ubuntu") && strcmp(os, "linuxmint") != 0)
		return NULL;
	if (!strcmp(e->ctx->implementation, "pypy"))
		return "pypy3-venv";
	return format(e, "python%u.%u-venv", v >> 8, v & 0xff);
}

static int has_no_ensurepip(struct ensurepip *e)
{
	const char *package = package_name(e);
	const char *text;

	text = package ? format(e,
				"'%s' has no ensurepip: install the package %s, or use "
				"--plugin=getpip or --without-pip",
				e->ctx->executable, package)
		       : format(e,
				"'%s' has no ensurepip: use --plugin=getpip or "
				"--without-pip",
				e->ctx->executable);
	if (e->no_memory)
		return VENV_ERR_NOMEM;
	e->host->error(e->s, text);
	return VENV_ERR_UNSUPPORTED;
}

/* Is NAME "PROJECT-....whl"? */
static int is_wheel_of(const char *name, const char *project)
{
	size_t n = strlen(name), p = strlen(project);

	return n > p + 5 && !strncmp(name, project, p) && name[p] == '-' &&
	       !strcmp(name + n - 4, ".whl");
}

/* Count NAME, a file of DIR, if it is a wheel of PROJECT; as ensurepip sorts them, the last is best. */
static void count_wheel(struct ensurepip *e, const char *dir, const char *name,
			const char *project, const char **best, unsigned *found)
{
	if (!is_wheel_of(name, project))
		return;
	++*found;
	if (!*best || strcmp(name, strrchr(*best, '/') + 1) > 0)
		*best = format(e, "%s/%s", dir, name);
}

/* The wheels of DIR whose names begin with these; a directory that is not there has none. */
static struct wheels read_wheels(struct ensurepip *e, const char *dir, const char *pip,
				 const char *setuptools)
{
	struct wheels w = { NULL, NULL, 0, 0 };
	DIR *d = dir ? opendir(dir) : NULL;
	struct dirent *entry;

	if (dir && !d)
		note_failure(e);
	while (d && (errno = 0, entry = readdir(d))) {
		count_wheel(e, dir, entry->d_name, pip, &w.pip, &w.n_pip);
		count_wheel(e, dir, entry->d_name, setuptools, &w.setuptools,
			    &w.n_setuptools);
	}
	if (d && errno)
		e->unread = 1;
	if (d)
		closedir(d);
	return w;
}

/* The same, read once: whether there are any is asked before which. */
static struct wheels list_wheels(struct ensurepip *e, const char *dir)
{
	if (dir && (!e->listed || strcmp(dir, e->listed) != 0)) {
		e->wheels = read_wheels(e, dir, "pip", "setuptools");
		e->listed = dir;
	}
	return dir ? e->wheels : (struct wheels){ NULL, NULL, 0, 0 };
}

/* Is there a wheel of pip wherever ensurepip might look for one? */
static int has_wheels(struct ensurepip *e)
{
	return list_wheels(e, e->ctx->wheel_dir).n_pip ||
	       list_wheels(e, format(e, "%s/ensurepip/_bundled", e->ctx->stdlib_dir))
		       .n_pip ||
	       list_wheels(e, DEBIAN_WHEELS).n_pip;
}

static int ensurepip_open(const struct venv_host *host, struct venv_session *s,
			  const struct venv_context *ctx, void **data)
{
	struct ensurepip *e = host->alloc(s, sizeof(*e));

	if (!e)
		return VENV_ERR_NOMEM;
	*e = (struct ensurepip){ .host = host, .s = s, .ctx = ctx };
	*data = e;
	if (!is_there(format(e, "%s/ensurepip/__init__.py", ctx->stdlib_dir)))
		return e->no_memory ? VENV_ERR_NOMEM : has_no_ensurepip(e);
	/* Distributions have the wheels in packages of their own. */
	if (may_be_packaged(e) && !has_wheels(e) && !e->unread && !e->no_memory &&
	    package_name(e))
		return has_no_ensurepip(e);
	return e->no_memory ? VENV_ERR_NOMEM : VENV_OK;
}

/*
 * The version of PROJECT that ensurepip names, as `_PIP_VERSION = "23.0.1"`; NULL if it
 * does not.
 */
static const char *named_version(struct ensurepip *e, const char *variable)
{
	const char *path = format(e, "%s/ensurepip/__init__.py", e->ctx->stdlib_dir);
	FILE *f = open_file(e, path);
	const char *found = NULL;
	size_t n = strlen(variable);
	char line[256];

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, variable, n) && !strncmp(line + n, " = \"", 4))
			found = format(e, "%.*s", (int)strcspn(line + n + 4, "\"\n"),
				       line + n + 4);
	}
	if (f && ferror(f))
		e->unread = 1;
	if (f)
		fclose(f);
	return found;
}

/* The beginning of the name of the one that ensurepip names, where there are several. */
static const char *named_prefix(struct ensurepip *e, const char *project,
				const char *variable)
{
	const char *version = named_version(e, variable);

	return version ? format(e, "%s-%s", project, version) : NULL;
}

/*
 * The wheels that this interpreter's ensurepip would take.  Not 0 if that cannot be
 * told from outside.
 */
static int choose_wheels(struct ensurepip *e, struct wheels *w)
{
	int with_setuptools = version(e) < 0x030c;
	const char *dir = e->ctx->wheel_dir;
	const char *pip, *setuptools;

	/* WHEEL_PKG_DIR, if all that is needed is there. */
	*w = list_wheels(e, version(e) >= 0x030a ? dir : NULL);
	if (!w->n_pip || (with_setuptools && !w->n_setuptools)) {
		dir = format(e, "%s/ensurepip/_bundled", e->ctx->stdlib_dir);
		if (!is_there(dir))
			dir = DEBIAN_WHEELS;
		*w = list_wheels(e, dir);
		/* ensurepip names versions here: of several it is one of those. */
		pip = w->n_pip > 1 ? named_prefix(e, "pip", "_PIP_VERSION") : "pip";
		setuptools = with_setuptools && w->n_setuptools > 1
				     ? named_prefix(e, "setuptools",
						    "_SETUPTOOLS_VERSION")
				     : "setuptools";
		if (!pip || !setuptools)
			return 1;
		if (strcmp(pip, "pip") || strcmp(setuptools, "setuptools") != 0)
			*w = read_wheels(e, dir, pip, setuptools);
		if (w->n_pip != 1 || (with_setuptools && w->n_setuptools != 1))
			return 1;
	}
	if (!with_setuptools)
		w->setuptools = NULL;
	return e->unread;
}

static int install(struct ensurepip *e, const char *path, uint32_t flags, int requested)
{
	struct venv_wheel wheel = {
		.struct_size = sizeof(wheel),
		.flags = flags | (requested ? VENV_WHEEL_REQUESTED : 0),
		.path = path,
		.installer = "pip",
	};

	return path ? e->host->install_wheel(e->s, &wheel) : VENV_OK;
}

/* Does the pip that would install write REQUESTED? */
static int writes_requested(const char *pip)
{
	unsigned major = 0, minor = 0;

	return sscanf(strrchr(pip, '/') + 1, "pip-%u.%u", &major, &minor) >= 1 &&
	       REQUESTED_SINCE(major, minor);
}

static int later(struct ensurepip *e, const char *why)
{
	const char *text = format(e, "%s: running the real ensurepip", why);

	e->host->log(e->s, VENV_LOG_INFO, text ? text : why);
	return e->no_memory ? VENV_ERR_NOMEM : VENV_LATER;
}

static int ensurepip_seed(void *data)
{
	struct ensurepip *e = data;
	struct wheels w;
	int requested, r = VENV_OK;

	if (!strcmp(e->host->option(e->s, "mode"), "run"))
		return VENV_LATER;
	r = choose_wheels(e, &w);
	if (e->no_memory)
		return VENV_ERR_NOMEM;
	if (r)
		return later(e, "its wheels are not where they are known to be");
	requested = writes_requested(w.pip);
	if (!wants(e, VENV_CONTEXT_WITH_PIP))
		w.pip = NULL;
	if (!wants(e, VENV_CONTEXT_WITH_SETUPTOOLS))
		w.setuptools = NULL;
	/* Nothing may be written before it is known that all can be. */
	for (int pass = 0; pass < 2; pass++) {
		uint32_t flags = pass ? 0 : VENV_WHEEL_TRY;

		r = install(e, w.setuptools, flags, requested);
		if (r == VENV_OK)
			r = install(e, w.pip, flags, requested);
		if (r == VENV_LATER)
			return later(e, "only pip can install this");
		if (r != VENV_OK)
			break;
	}
	return r;
}

/*
 * `python -m ensurepip --upgrade --default-pip` where the system's site-packages are seen: a
 * pip in there would count as installed, so this run does not see them.  venv has the same
 * by writing pyvenv.cfg twice.
 */
static const char isolated[] =
	"import os, sys, runpy, ensurepip\n"
	"lib = os.path.dirname(os.__file__)\n"
	"def is_seen(path):\n"
	"    inside = path.startswith(sys.prefix + os.sep)\n"
	"    std = path == lib or path.startswith(lib + os.sep) or "
	"path.endswith('.zip')\n"
	"    parts = path.split(os.sep)\n"
	"    return inside or std and 'site-packages' not in parts "
	"and 'dist-packages' not in parts\n"
	"def run_pip(args, paths=None):\n"
	"    sys.path[:] = list(paths or []) + [p for p in sys.path if is_seen(p)]\n"
	"    sys.argv[1:] = args\n"
	"    try:\n"
	"        runpy.run_module('pip', run_name='__main__', alter_sys=True)\n"
	"    except SystemExit as e:\n"
	"        return e.code or 0\n"
	"    return 0\n"
	"if not hasattr(ensurepip, '_run_pip'):\n"
	"    raise SystemExit('this ensurepip cannot be kept from the system\\'s "
	"packages')\n"
	"ensurepip._run_pip = run_pip\n"
	"status = ensurepip._main(['--upgrade', '--default-pip'])\n"
	"raise SystemExit(status or 0)\n";

static int run(struct ensurepip *e, const char *const *argv)
{
	struct venv_run run = { .struct_size = sizeof(run), .argv = argv };

	return e->host->run(e->s, &run);
}

/* ensurepip installs both: what is not wanted goes again. */
static int uninstall(struct ensurepip *e, const char *project)
{
	const char *const argv[] = { e->ctx->env_exe,
				     "-I",
				     "-m",
				     "pip",
				     "uninstall",
				     "--yes",
				     "--disable-pip-version-check",
				     project,
				     NULL };

	return run(e, argv);
}

static int ensurepip_post_setup(void *data)
{
	struct ensurepip *e = data;
	const char *const argv[] = {
		e->ctx->env_exe, "-I", "-m", "ensurepip", "--upgrade",
		"--default-pip", NULL
	};
	const char *const alone[] = { e->ctx->env_exe, "-I", "-c", isolated, NULL };
	int r;

	if (!wants(e, VENV_CONTEXT_WITH_PIP) &&
	    (!wants(e, VENV_CONTEXT_WITH_SETUPTOOLS) || version(e) >= 0x030c))
		return VENV_OK;
	e->host->progress(e->s, VENV_STREAM_MAIN, "Installing pip ...");
	r = run(e, wants(e, VENV_CONTEXT_SYSTEM_SITE_PACKAGES) ? alone : argv);
	if (r == VENV_OK && version(e) < 0x030c &&
	    !wants(e, VENV_CONTEXT_WITH_SETUPTOOLS))
		r = uninstall(e, "setuptools");
	if (r == VENV_OK && !wants(e, VENV_CONTEXT_WITH_PIP))
		r = uninstall(e, "pip");
	e->host->progress(e->s, VENV_STREAM_MAIN, r == VENV_OK ? "done.\n" : "failed.\n");
	return r;
}

static const char *const modes[] = { "native", "run", NULL };

static const struct venv_option options[] = { { "mode", VENV_OPTION_CHOICE, 0, "native",
						"place the wheels, or run ensurepip",
						NULL, modes },
					      VENV_OPTION_END };

VENV_PLUGIN_DEFINE_ORDERED(ensurepip, "1.0", "pip setuptools", "", "",
			   .flags = VENV_PLUGIN_PARALLEL | VENV_PLUGIN_LOOKS,
			   .summary = "install pip from the interpreter's own wheels",
			   .options = options, .open = ensurepip_open,
			   .seed = ensurepip_seed, .post_setup = ensurepip_post_setup);
