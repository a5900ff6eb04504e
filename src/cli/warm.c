/* SPDX-License-Identifier: MIT */
/* warm.c - venvctl cache warm: a store is filled by creates that are let go */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cache.h"
#include "config/config.h"
#include "python/python.h"
#include "store/store.h"

struct warming {
	struct arena *arena;
	bool site;	 /* it is the site's store that is filled */
	const char *dir; /* the site's store, or the user's cache */
	int fd;
	const char *from; /* the site's store, which a user's may take from; or NULL */
	char *work; /* a directory in it: the cache and the environments of this run */
	int lock;   /* on that */
	bool compile;
	unsigned given, known;
};

/* The directory, made if it is missing; only what is a store already, or empty, will do. */
static int open_site(struct warming *w, struct venv_error *err)
{
	struct stat st;
	int made = tree_make_path(w->dir, 0755);

	if (made < 0)
		return error_errno(err, -made, "cannot make '%s'", w->dir);
	close(made);
	w->fd = store_open_site(w->dir, err);
	if (w->fd < 0)
		return w->fd;
	if (!store_is_site(w->fd))
		return error_set(err, VENV_ERR_CONFLICT,
				 "'%s' is no store of venvctl's: other things are in it",
				 w->dir);
	/* Whatever the umask is: all are to read it. */
	if (fstat(w->fd, &st) || fchmod(w->fd, (st.st_mode & 07777) | 0755))
		return error_errno(err, errno, "cannot change the mode of '%s'", w->dir);
	return 0;
}

/* What runs left that were killed: nobody has locked it any more. */
static void sweep(int site)
{
	_cleanup_dir_ DIR *d = tree_walk(site);
	struct dirent *e;
	int r = 0;

	while (d && (e = tree_next(d, &r))) {
		_cleanup_close_ int fd = -1;

		if (!file_is_temp(e->d_name))
			continue;
		fd = tree_open_dir(site, e->d_name);
		if (fd >= 0 && !lock_try(fd))
			tree_remove_at(site, e->d_name, NULL);
	}
}

static int begin(struct warming *w, struct venv_error *err)
{
	int r = w->site ? open_site(w, err) : 0;

	if (r)
		return r;
	sweep(w->fd);
	w->work = arena_printf(w->arena, "%s/" FILE_TEMP_PREFIX "XXXXXX", w->dir);
	if (!w->work)
		return error_nomem(err);
	if (!mkdtemp(w->work)) {
		r = error_errno(err, errno, "cannot make a directory in '%s'", w->dir);
		w->work = NULL;
		return r;
	}
	w->lock = tree_open_dir(AT_FDCWD, w->work);
	if (w->lock < 0 || lock_try(w->lock) == -EWOULDBLOCK)
		return error_errno(err, errno, "cannot lock '%s'", w->work);
	if (!w->site)
		return 0;
	/* Builders that are made from now on have their cache there. */
	return setenv("VENVCTL_CACHE_DIR", path_join(w->arena, w->work, "cache"), 1)
		       ? error_nomem(err)
		       : 0;
}

/* What was made for this interpreter, into the site's store. */
static int give(struct warming *w, struct venv_error *err)
{
	const char *path = path_join(w->arena, w->work, "cache/" CACHE_STORE);
	_cleanup_close_ int store = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
					 : -1;
	unsigned n;
	int r;

	if (!path)
		return error_nomem(err);
	/* All of it was in the site's store already. */
	if (store < 0)
		return errno == ENOENT
			       ? 0
			       : error_errno(err, errno, "cannot open '%s'", path);
	r = store_give(store, w->fd, &n, err);
	w->given += n;
	return r;
}

/* The names in the user's store. */
static int list_entries(struct warming *w, struct strlist *names, struct venv_error *err)
{
	_cleanup_close_ int fd = tree_open_dir(w->fd, CACHE_STORE);
	_cleanup_dir_ DIR *d = fd < 0 ? NULL : tree_walk(fd);
	struct dirent *e;
	int r = 0;

	while (d && (e = tree_next(d, &r))) {
		const char *name = arena_strdup(w->arena, e->d_name);

		/* Somebody's at work. */
		if (!strncmp(e->d_name, "new-", 4))
			continue;
		if (!name || !strlist_add(w->arena, names, name))
			return error_nomem(err);
	}
	return 0;
}

/* What is in the user's store that was not BEFORE. */
static int count(struct warming *w, const struct strlist *before, struct venv_error *err)
{
	struct strlist now = STRLIST_INIT;
	int r = list_entries(w, &now, err);

	for (size_t i = 0; !r && i < now.n; i++)
		w->given += strlist_find(before, now.v[i]) < 0;
	return r;
}

static int make(struct warming *w, struct venv_builder *b, const char *python,
		struct venv_error *err)
{
	const char *env = path_join(w->arena, w->work, "env");
	const char *from = w->site ? w->dir : w->from;
	const char *const options[][2] = {
		{ "python", python },
		{ "plugin", "ensurepip" },
		{ "without-pip", "no" },
		{ "upgrade-deps", "no" },
		{ "activators", "none" },
		{ "link-mode", w->site ? "hardlink" : "auto" },
		{ "compile", w->compile ? "yes" : "no" },
	};
	int r = env ? builder_use_tool_defaults(b, NULL, err) : error_nomem(err);

	/* What it makes is nobody's environment: the site's policy requires nothing of it. */
	config_read_no_more(builder_config(b));
	for (size_t i = 0; !r && i < ARRAY_SIZE(options); i++)
		r = venv_builder_set(b, options[i][0], options[i][1], err);
	/* What is there already is not made again. */
	if (!r && from)
		r = config_set_arg(builder_config(b), "store", "site-dir", from, "--site",
				   err);
	/* Of a user's own store copies are made faster from the second one on. */
	for (int i = 0; !r && i < (w->site ? 1 : 2); i++) {
		r = venv_builder_create(b, env, err);
		tree_remove_at(AT_FDCWD, env, NULL);
	}
	return r;
}

/* One interpreter; ALL: it is one of many, and one that has no pip to install is no failure. */
static int warm_one(struct warming *w, const char *python, bool all)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_builder *b = venv_builder_new(&err);
	struct strlist before = STRLIST_INIT;
	int r = b ? 0 : VENV_ERR_NOMEM;

	if (!r && !w->site)
		r = list_entries(w, &before, &err);
	if (!r) {
		venv_builder_set_log(b, ui_log_level(), ui_log, NULL);
		signals_catch(b);
		r = make(w, b, python, &err);
	}
	if (!r)
		r = w->site ? give(w, &err) : count(w, &before, &err);
	w->known += !r;
	if (r == VENV_ERR_CANCELLED)
		r = EXIT_FAILED;
	else if (r && all && r != VENV_ERR_NOMEM) {
		ui_log(NULL, VENV_LOG_WARNING,
		       arena_printf(w->arena, "passing over '%s': %s", python,
				    venv_error_message(&err)));
		r = EXIT_OK;
	} else if (r) {
		r = ui_error(&err);
	}
	signals_forget();
	venv_builder_free(b);
	venv_error_clear(&err);
	return r;
}

/* The interpreters that there are, each once. */
static int find_all(struct warming *w, struct strlist *found, struct venv_error *err)
{
	struct venv_builder *b = venv_builder_new(err);
	struct strlist names = STRLIST_INIT, seen = STRLIST_INIT;
	struct python_env pe;
	int r;

	if (!b)
		return VENV_ERR_NOMEM;
	venv_builder_set_log(b, ui_log_level(), ui_log, NULL);
	builder_python_env(b, &pe);
	r = python_list(&pe, &names, err);
	for (size_t i = 0; !r && i < names.n; i++) {
		struct python p;

		if (python_identify(&pe, names.v[i], &p, NULL) ||
		    strlist_find(&seen, p.real) >= 0)
			continue;
		if (!strlist_add(pe.arena, &seen, p.real) ||
		    !strlist_add(w->arena, found, arena_strdup(w->arena, names.v[i])))
			r = error_nomem(err);
	}
	venv_builder_free(b);
	return r;
}

static int warm_all(struct warming *w, const struct strlist *specs)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct strlist found = STRLIST_INIT;
	int r = specs->n ? 0 : find_all(w, &found, &err);

	if (r)
		r = ui_error(&err);
	for (size_t i = 0; !r && i < specs->n; i++)
		r = warm_one(w, specs->v[i], false);
	for (size_t i = 0; !r && i < found.n && !signals_came(); i++)
		r = warm_one(w, found.v[i], true);
	venv_error_clear(&err);
	return r;
}

/*
 * What the configuration says: whether byte code is compiled, and where the site's store is;
 * NULL: there is none.
 */
static int configured(struct warming *w, const char **dir, struct venv_error *err)
{
	struct venv_builder *b = venv_builder_new(err);
	const char *text;
	int r = b ? 0 : VENV_ERR_NOMEM;

	*dir = NULL;
	if (!r) {
		venv_builder_set_log(b, ui_log_level(), ui_log, NULL);
		r = venv_builder_load_config(b, err);
	}
	w->compile = !r && config_bool(builder_config(b), "create", "compile");
	text = r ? NULL : config_text(builder_config(b), "store", "site-dir");
	if (text && !(*dir = arena_strdup(w->arena, text)))
		r = error_nomem(err);
	venv_builder_free(b);
	return r;
}

/* Where, for whom: what is wrong with that is said here. */
static int choose(struct warming *w, const struct warm *what, struct venv_error *err)
{
	const char *site_dir = NULL;

	if (what->site && geteuid() != 0)
		return ui_usage("users take from it what root made, and nothing else",
				"only root can fill the store of a site");
	if (configured(w, &site_dir, err))
		return ui_error(err);
	if (what->compile)
		w->compile = !strcmp(what->compile, "yes");
	if (!what->site) {
		w->dir = what->cache->path;
		w->fd = what->cache->fd;
		w->from = site_dir;
		return EXIT_OK;
	}
	if (!*what->site && !site_dir)
		return ui_usage("venvctl cache warm --site DIR",
				"--site names no directory, and [store] site-dir is not "
				"set");
	if (*what->site && *what->site != '/' && !strcmp(what->cwd, PATH_NO_CWD))
		return ui_usage(NULL,
				"'%s' is relative, and the working directory is gone",
				what->site);
	w->site = true;
	w->dir = *what->site ? path_absolute(w->arena, what->cwd, what->site) : site_dir;
	return w->dir ? EXIT_OK : ui_nomem();
}

static int print_json(const struct warming *w)
{
	int r = EXIT_OK;
	struct json *j = json_begin(&r);
	void *o;

	if (!j)
		return r;
	o = json_new_result(j, true, "cache");
	json_text(j, o, w->site ? "site_dir" : "path", w->dir);
	json_int(j, o, "made", w->given);
	json_int(j, o, "interpreters", w->known);
	json_bool(j, o, "compile", w->compile);
	json_print(j, o);
	json_close(j);
	return EXIT_OK;
}

static int print(const struct warming *w, bool json)
{
	if (json)
		return print_json(w);
	ui_print("%s%u entr%s made for %u interpreter%s\n", w->site ? "# " : "", w->given,
		 w->given == 1 ? "y" : "ies", w->known, w->known == 1 ? "" : "s");
	/* What the site's venvctl.ini needs; without byte code pip is not shared. */
	if (w->site)
		ui_print("[store]\nsite-dir = %s\n[create]\n%s\n", w->dir,
			 w->compile ? "link-mode = shared" : "compile = no");
	return EXIT_OK;
}

int cache_warm(struct arena *a, const struct warm *what)
{
	struct warming w = { .arena = a, .fd = -1, .lock = -1 };
	struct venv_error err = VENV_ERROR_INIT;
	int r = choose(&w, what, &err);

	if (!r) {
		r = begin(&w, &err);
		r = r ? ui_error(&err) : warm_all(&w, what->specs);
	}
	if (w.work)
		tree_remove_at(AT_FDCWD, w.work, NULL);
	lock_close(&w.lock);
	if (w.site && w.fd >= 0)
		close(w.fd);
	signals_deliver();
	if (!r && !w.known)
		r = ui_usage(
			"`venvctl python list` shows the interpreters that there are",
			"there is no interpreter with a pip of its own");
	if (!r)
		r = print(&w, what->json);
	venv_error_clear(&err);
	return r;
}
