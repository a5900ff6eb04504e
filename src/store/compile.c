/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "compile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"

/* More processes than that gain little: the largest file has to be compiled by one. */
#define WORKERS_MAX 4

/*
 * Names come on standard input, each with a NUL.  The path in the code object is put
 * right by the import system, so it may be one that every environment shares.  -S and the
 * like keep everything out that is not the standard library.  A file that is no Python of
 * this version has no byte code; one whose byte code could not be written ends it, with
 * errno and the name as its only line.
 *
 * The argument says how many processes share the work, which is dealt out by size.  None is
 * forked for a few files, and where none can be, the first does it all.  One that is killed
 * takes the first along, by the same signal: an entry that lacks byte code is not kept.
 */
static const char program[] =
	"import sys\n"
	"sys.path[:] = [p for p in sys.path if p]\n"
	"import gc, os, py_compile, warnings\n"
	"warnings.simplefilter('ignore')\n"
	"gc.disable()\n"
	"def share(names):\n"
	"    for name in names:\n"
	"        try:\n"
	"            py_compile.compile(name, dfile=name, doraise=True)\n"
	"        except OSError as e:\n"
	"            sys.stdout.write('%d %s\\n' % (e.errno or 0, ascii(name)))\n"
	"            sys.stdout.flush()\n"
	"            return 1\n"
	"        except Exception:\n"
	"            pass\n"
	"    return 0\n"
	"names = sys.stdin.buffer.read().decode('utf-8').split('\\0')[:-1]\n"
	"names.sort(key=os.path.getsize, reverse=True)\n"
	"n = max(1, min(int(sys.argv[1]), len(names) // 8))\n"
	"workers, mine = [], names[::n]\n"
	"for i in range(1, n):\n"
	"    try:\n"
	"        pid = os.fork()\n"
	"    except OSError:\n"
	"        mine += names[i::n]\n"
	"        continue\n"
	"    if pid:\n"
	"        workers.append(pid)\n"
	"        continue\n"
	"    status = 2\n"
	"    try:\n"
	"        status = share(names[i::n])\n"
	"    finally:\n"
	"        os._exit(status)\n"
	"status = share(mine)\n"
	"for pid in workers:\n"
	"    end = os.waitpid(pid, 0)[1]\n"
	"    if os.WIFSIGNALED(end):\n"
	"        os.kill(os.getpid(), os.WTERMSIG(end))\n"
	"    status = status or os.WEXITSTATUS(end)\n"
	"sys.exit(status)\n";

/* As many as there are processors for this process. */
static int count_workers(void)
{
	int n = process_processors();

	return n > WORKERS_MAX ? WORKERS_MAX : n;
}

static bool is_source(const struct item *t)
{
	size_t n = strlen(t->path);

	return t->place == PLACE_SITE && n > 3 && !strcmp(t->path + n - 3, ".py");
}

/* "a/__pycache__/b.cpython-312.pyc" for "a/b.py" */
static const char *byte_code_path(struct store *s, const struct store_wheel *w,
				  const char *path)
{
	const char *base = path_base(path);

	return arena_printf(s->arena, "%.*s__pycache__/%.*s.%s.pyc", (int)(base - path),
			    path, (int)strlen(base) - 3, base, w->cache_tag);
}

struct compiling {
	const struct store *s;
	struct str answer; /* the last line of stdout */
	struct str said;   /* the last line of stderr */
};

static void on_line(void *data, int stream, const char *line, size_t len)
{
	struct compiling *c = data;
	struct str *last = stream == VENV_STREAM_STDOUT ? &c->answer : &c->said;

	len -= len && line[len - 1] == '\n';
	log_debug(c->s->log, "%.*s", (int)len, line);
	str_clear(last);
	str_add_n(last, line, len);
}

static bool is_cancelled(void *data)
{
	const struct store *s = ((struct compiling *)data)->s;

	return s->cancelled && s->cancelled(s->cancel_data);
}

static int failed(const struct compiling *c, const struct store_wheel *w, int status,
		  struct venv_error *err)
{
	const char *file = path_base(w->path);
	long errnum = 0;
	char *name;

	if (status == 1 && (errnum = strtol(str_text(&c->answer), &name, 10)) > 0 &&
	    *name == ' ')
		return error_errno(err, (int)errnum,
				   "cannot write the byte code of %s of '%s'", name + 1,
				   file);
	/* The way a shell has it. */
	if (status == 128 + SIGKILL) {
		error_set(err, VENV_ERR_FAILED,
			  "'%s' was killed (signal %d) while it compiled '%s'",
			  w->interpreter, SIGKILL, file);
		return error_hint(err, VENV_ERR_FAILED,
				  "the kernel does that where memory is short");
	}
	if (status > 128)
		return error_set(err, VENV_ERR_FAILED,
				 "'%s' was ended by signal %d while it compiled '%s'",
				 w->interpreter, status - 128, file);
	return error_set(err, VENV_ERR_FAILED,
			 "'%s' could not compile '%s' (status %d)%s%s", w->interpreter,
			 file, status, c->said.len ? ": " : "", str_text(&c->said));
}

static int run(struct store *s, const struct store_wheel *w, const char *site,
	       const struct str *names, struct venv_error *err)
{
	char workers[16];
	const char *const argv[] = { w->interpreter, "-E",    "-s",    "-S",
				     "-c",	     program, workers, NULL };
	struct compiling c = { s, STR_INIT, STR_INIT };
	struct strlist env = STRLIST_INIT;
	struct process p = { .argv = argv,
			     .cwd = site,
			     .stdin_data = names->s,
			     .stdin_len = names->len,
			     .timeout_ms = 10 * 60 * 1000,
			     .cancelled = is_cancelled,
			     .on_line = on_line,
			     .data = &c };
	int status, r;

	snprintf(workers, sizeof(workers), "%d", count_workers());
	/* With this variable set, byte code would be tied to contents rather than times. */
	for (const char *const *e = s->env; e && *e; e++) {
		if (strncmp(*e, "SOURCE_DATE_EPOCH=", 18) && strncmp(*e, "PYTHON", 6) &&
		    !strlist_add(s->arena, &env, *e))
			return error_nomem(err);
	}
	p.env = env.v ? env.v : (const char *const[]){ NULL };
	log_info(s->log, "compiling '%s' for %s, once", path_base(w->path), w->cache_tag);
	if (s->busy)
		s->busy(arena_printf(s->arena, "compiling %s", path_base(w->path)));
	r = process_run(&p, &status, err);
	if (s->busy)
		s->busy(NULL);
	if (!r && status)
		r = failed(&c, w, status, err);
	str_release(&c.answer);
	str_release(&c.said);
	return r;
}

static int take_over(struct store *s, const struct store_wheel *w, int site,
		     bool read_only, struct manifest *m, struct venv_error *err)
{
	size_t n_sources = m->n_items;

	for (size_t i = 0; i < n_sources; i++) {
		struct item *t;
		const char *path;
		struct stat st;

		if (!is_source(&m->items[i]))
			continue;
		path = byte_code_path(s, w, m->items[i].path);
		if (!path)
			return error_nomem(err);
		if (fstatat(site, path, &st, AT_SYMLINK_NOFOLLOW)) {
			if (errno == ENOENT)
				continue;
			return error_errno(err, errno, "cannot look at '%s'", path);
		}
		if (!S_ISREG(st.st_mode))
			continue;
		if (read_only && fchmodat(site, path, 0444, 0))
			return error_errno(err, errno, "cannot write '%s' to the store",
					   path);
		t = manifest_add(m);
		if (!t)
			return error_nomem(err);
		t->path = path;
		t->place = PLACE_SITE;
		t->size = (int64_t)st.st_size;
		t->mtime = (int64_t)st.st_mtime;
	}
	return 0;
}

int store_compile(struct store *s, const struct store_wheel *w, int dir,
		  const char *dir_path, bool read_only, struct manifest *m,
		  struct venv_error *err)
{
	const char *site_path = path_join(s->arena, dir_path, place_name(PLACE_SITE));
	_cleanup_str_ struct str names = STR_INIT;
	_cleanup_close_ int site = -1;
	int r;

	if (!site_path)
		return error_nomem(err);
	for (size_t i = 0; i < m->n_items; i++) {
		if (is_source(&m->items[i]))
			str_add_n(&names, m->items[i].path, strlen(m->items[i].path) + 1);
	}
	if (!names.len)
		return 0;
	if (str_failed(&names))
		return error_nomem(err);
	site = openat(dir, place_name(PLACE_SITE), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (site < 0)
		return error_errno(err, errno, "cannot open '%s'", site_path);
	r = run(s, w, site_path, &names, err);
	return r ? r : take_over(s, w, site, read_only, m, err);
}
