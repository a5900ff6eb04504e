/* SPDX-License-Identifier: MIT */
/* files.c - the layers that are files, and the order in which they are read */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "fs/fs.h"
#include "load/load.h"
#include "ini.h"
#include "config.h"
#include "put.h"
#include "util/util.h"

struct reading {
	struct config *c;
	const char *file;
	struct origin origin;
	struct venv_error *err;
	config_report_fn *report; /* NULL: the first fault ends it */
	void *data;
	int faults;
};

/* Sections other than plugin:NAME. */
static const char *const sections[] = { "venvctl", "create", "network", "store",
					"policy" };

static int fault(struct reading *r, unsigned line, const char *message, const char *hint)
{
	r->faults++;
	if (r->report) {
		r->report(r->data, r->file, line, message, hint);
		return 0;
	}
	error_set(r->err, VENV_ERR_CONFIG, "%s:%u: %s", r->file, line, message);
	return hint ? error_hint(r->err, VENV_ERR_CONFIG, "%s", hint) : VENV_ERR_CONFIG;
}

static int on_problem(void *data, unsigned line, const char *message, const char *hint)
{
	return fault(data, line, message, hint);
}

static const char *did_you_mean(struct reading *r, const struct suggest *s)
{
	return s->best ? arena_printf(&r->c->arena, "did you mean '%s'?", s->best) : NULL;
}

static bool is_known_section(const char *section)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (!strcmp(section, sections[i]))
			return true;
	}
	return false;
}

static int on_section(void *data, const char *section, unsigned line)
{
	struct reading *r = data;
	struct suggest s = SUGGEST_INIT(section);
	const char *message;

	if (!strncmp(section, "plugin:", 7)) {
		const char *name = section + 7;

		if (!option_is_name(name) || is_known_section(name) ||
		    !strcmp(name, "plugin"))
			return fault(r, line,
				     arena_printf(&r->c->arena,
						  "'%s' cannot name a plugin", name),
				     "names are a letter, then letters, digits and '-', "
				     "at most "
				     "31 in all, and not one of venvctl's own sections");
		return 0;
	}
	if (!is_known_section(section)) {
		for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
			suggest_offer(&s, sections[i]);
		suggest_offer(&s, "plugin:NAME");
		message = arena_printf(&r->c->arena, "unknown section '%s'", section);
		return fault(r, line, message ? message : "unknown section",
			     did_you_mean(r, &s));
	}
	if (!strcmp(section, "policy") && r->origin.layer != LAYER_SITE)
		return fault(r, line,
			     "[policy] is honoured in the site's configuration only",
			     arena_printf(&r->c->arena, "move it to %s/venvctl.ini",
					  paths_sysconfdir()));
	return 0;
}

static int unknown_key(struct reading *r, const char *section, const char *key,
		       unsigned line)
{
	struct suggest s = SUGGEST_INIT(key);
	const struct option_def *o;
	const char *message;
	bool inverted;
	size_t n;
	const struct option_def *t = options_table(&n);

	o = options_find(section, key, &inverted);
	if (o && (o->use & OPTION_ARG))
		return fault(r, line,
			     arena_printf(&r->c->arena, "'%s' cannot be configured", key),
			     "give it on the command line");
	for (size_t i = 0; i < n; i++) {
		if ((t[i].use & OPTION_CONF) && !strcmp(t[i].section, section))
			suggest_offer(&s, t[i].def.name);
	}
	message = arena_printf(&r->c->arena, "unknown key '%s' in [%s]", key, section);
	return fault(r, line, message ? message : "unknown key", did_you_mean(r, &s));
}

static int on_value(void *data, const char *section, const char *key,
		    const struct ini_value *value)
{
	struct reading *r = data;
	struct venv_error why = VENV_ERROR_INIT;
	struct origin origin = r->origin;
	const struct option_def *o;
	bool inverted;
	int result;

	origin.line = value->line;
	if (!strncmp(section, "plugin:", 7)) {
		result = config_put_plugin(r->c, section, key, value->text, &value->lines,
					   &origin, &why);
		if (!result && value->appends)
			result = config_append_plugin(r->c, section, key, &why);
	} else {
		/* The fault of a section that does not exist was told where it began. */
		if (!is_known_section(section) ||
		    (!strcmp(section, "policy") && origin.layer != LAYER_SITE))
			return 0;
		o = options_find(section, key, &inverted);
		if (!o || !(o->use & OPTION_CONF))
			return unknown_key(r, section, key, value->line);
		result = config_put(r->c, o, inverted, value->text, &value->lines,
				    &origin, &why);
		if (!result && value->appends)
			result = config_append(r->c, o, &why);
		if (!result && !strcmp(section, "policy"))
			result = policy_add(r->c, config_find(r->c, section, o->def.name),
					    &why);
	}
	if (result == VENV_ERR_NOMEM)
		result = error_nomem(r->err);
	else if (result)
		result = fault(r, value->line, venv_error_message(&why), why.hint);
	venv_error_clear(&why);
	return result;
}

/* What the site or the user decided cannot be read: never as if there were nothing. */
static int unseen(int errnum, const char *path, struct venv_error *err)
{
	int r = error_errno(err, errnum, "cannot read '%s'", path);

	if (r == VENV_ERR_NOMEM)
		return r;
	if (err)
		err->code = VENV_ERR_CONFIG;
	return VENV_ERR_CONFIG;
}

static int read_fd(struct reading *r, int fd)
{
	struct ini_reader reader = { on_section, on_value, on_problem, r };
	struct str text = STR_INIT;
	int result = file_read_fd(fd, INI_FILE_MAX, &text);

	if (result == -EFBIG)
		result = error_set(r->err, VENV_ERR_CONFIG, "'%s' has more than 1 MiB",
				   r->file);
	else if (result)
		result = unseen(-result, r->file, r->err);
	else
		result = ini_read(&r->c->arena, str_text(&text), text.len, &reader,
				  r->err);
	str_release(&text);
	if (!result && !strlist_add(&r->c->arena, &r->c->files, r->file))
		result = error_nomem(r->err);
	return result;
}

static int read_file(struct config *c, const char *path, enum layer layer,
		     int trust_flags, struct venv_error *err)
{
	struct reading r = { .c = c,
			     .file = path,
			     .err = err,
			     .report = c->report,
			     .data = c->report_data };
	_cleanup_close_ int fd = -1;

	r.origin = (struct origin){ layer, path, 0, path_dir(&c->arena, path) };
	if (!r.origin.dir)
		return error_nomem(err);
	fd = trust_open(&c->trust, path, trust_flags, VENV_ERR_CONFIG, NULL, err);
	return config_tell(c, fd < 0 ? fd : read_fd(&r, fd), err);
}

int config_tell(struct config *c, int r, struct venv_error *err)
{
	if (r != VENV_ERR_CONFIG || !c->report)
		return r;
	c->report(c->report_data, NULL, 0, venv_error_message(err), err->hint);
	venv_error_clear(err);
	return 0;
}

int config_check_file(struct config *c, const char *path, config_report_fn *report,
		      void *data, struct venv_error *err)
{
	struct reading r = {
		.c = c, .file = path, .err = err, .report = report, .data = data
	};
	_cleanup_close_ int fd = -1;
	int result;

	r.origin = (struct origin){ LAYER_SITE, path, 0, path_dir(&c->arena, path) };
	if (!r.origin.dir)
		return error_nomem(err);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return unseen(errno, path, err);
	result = read_fd(&r, fd);
	return result ? result : r.faults;
}

/* The names of *.ini in a directory, sorted; nothing where there is none. */
static int list_dropins(struct config *c, const char *dir, struct strlist *names,
			struct venv_error *err)
{
	struct strlist all;
	int r = tree_names(&c->arena, dir, &all);

	if (r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (r)
		return unseen(-r, dir, err);
	for (size_t i = 0; i < all.n; i++) {
		size_t n = strlen(all.v[i]);

		if (all.v[i][0] != '.' && n > 4 && !strcmp(all.v[i] + n - 4, ".ini") &&
		    !strlist_add(&c->arena, names, all.v[i]))
			return error_nomem(err);
	}
	return 0;
}

static bool is_null_link(const char *path)
{
	_cleanup_free_ char *target = file_readlink_at(AT_FDCWD, path);

	return target && !strcmp(target, "/dev/null");
}

static int read_dropins(struct config *c, const char *dir, const struct strlist *names,
			const struct strlist *masked, enum layer layer,
			struct venv_error *err)
{
	for (size_t i = 0; i < names->n; i++) {
		const char *path;
		int r;

		if (masked && strlist_find(masked, names->v[i]) >= 0)
			continue;
		path = path_join(&c->arena, dir, names->v[i]);
		if (!path)
			return error_nomem(err);
		if (is_null_link(path))
			continue;
		r = read_file(c, path, layer, TRUST_SHALLOW, err);
		if (r)
			return r;
	}
	return 0;
}

const char *config_site_file(struct config *c)
{
	return path_join(&c->arena, paths_sysconfdir(), "venvctl.ini");
}

const char *config_libdir(struct config *c)
{
	if (!c->libdir)
		c->libdir = paths_libdir(&c->arena, c->program);
	return c->libdir;
}

static int load_vendor(struct config *c, const struct strlist *site_names,
		       struct venv_error *err)
{
	const char *libdir = config_libdir(c);
	const char *dir = libdir ? path_join(&c->arena, libdir, "conf.d") : NULL;
	struct strlist names = STRLIST_INIT;
	int r;

	if (!dir)
		return error_nomem(err);
	r = list_dropins(c, dir, &names, err);
	return r ? r : read_dropins(c, dir, &names, site_names, LAYER_VENDOR, err);
}

/* What the site has: its file and its drop-ins, of which the names go to NAMES. */
static int load_site(struct config *c, const char *dir, const struct strlist *names,
		     struct venv_error *err)
{
	const char *file = config_site_file(c);
	int r;

	if (!file)
		return error_nomem(err);
	r = file_look_at(AT_FDCWD, file);
	if (r < 0)
		return unseen(-r, file, err);
	if (r)
		r = read_file(c, file, LAYER_SITE, TRUST_SHALLOW, err);
	if (!r)
		r = read_dropins(c, dir, names, NULL, LAYER_SITE, err);
	return r ? r : config_tell(c, policy_finish(c, err), err);
}

static int list_site(struct config *c, const char **dir, struct strlist *names,
		     bool *there, struct venv_error *err)
{
	/* One look answers for both when the site has nothing at all, as is usual. */
	int r = file_look_at(AT_FDCWD, paths_sysconfdir());

	if (r < 0)
		return unseen(-r, paths_sysconfdir(), err);
	*there = r;
	*dir = path_join(&c->arena, paths_sysconfdir(), "conf.d");
	if (!*dir)
		return error_nomem(err);
	return *there ? list_dropins(c, *dir, names, err) : 0;
}

int config_load_policy(struct config *c, struct venv_error *err)
{
	struct strlist names = STRLIST_INIT;
	const char *dir;
	struct config site;
	bool there;
	int r = c->loaded ? 0 : list_site(c, &dir, &names, &there, err);

	if (r || c->loaded || !there)
		return r;
	/* The site's other values are not wanted: only its policy moves over. */
	config_init(&site, c->env, c->cwd);
	site.arena = c->arena;
	site.trust.arena = &site.arena;
	r = load_site(&site, dir, &names, err);
	c->arena = site.arena;
	c->policy = site.policy;
	c->trust = site.trust;
	c->trust.arena = &c->arena;
	return r;
}

const char *config_user_file(struct config *c)
{
	const char *named = env_get(c->env, "VENVCTL_CONFIG");
	const char *dir = env_get(c->env, "XDG_CONFIG_HOME");

	if (named)
		return path_absolute(&c->arena, c->cwd, named);
	/* The base directory specification: a relative one is to be ignored. */
	if (!dir || *dir != '/') {
		const char *home = env_get(c->env, "HOME");

		if (!home || *home != '/')
			return NULL;
		dir = path_join(&c->arena, home, ".config");
	}
	return dir ? path_join(&c->arena, dir, "venvctl/venvctl.ini") : NULL;
}

/*
 * Root under sudo or doas may still have the HOME of whom it was called by.  Asked of
 * the directory, too: what an earlier sudo left in there belongs to root.
 */
static bool is_somebody_elses(const struct config *c, const char *path)
{
	const char *home = env_get(c->env, "HOME");
	size_t n = home ? strlen(home) : 0;
	struct stat st;

	if (geteuid() != 0 ||
	    (!env_get(c->env, "SUDO_UID") && !env_get(c->env, "DOAS_USER")))
		return false;
	return (!stat(path, &st) && st.st_uid != 0) ||
	       (n && !strncmp(path, home, n) && path[n] == '/' && !stat(home, &st) &&
		st.st_uid != 0);
}

/* The variable that decides where the user's file is; NULL: HOME, or none. */
static const char *names_user_file(const struct config *c)
{
	const char *dir = env_get(c->env, "XDG_CONFIG_HOME");

	if (env_get(c->env, "VENVCTL_CONFIG"))
		return "VENVCTL_CONFIG";
	return dir && *dir == '/' ? "XDG_CONFIG_HOME" : NULL;
}

static int load_user(struct config *c, struct venv_error *err)
{
	const char *named = env_get(c->env, "VENVCTL_CONFIG");
	const char *path = config_user_file(c), *who = names_user_file(c);
	int r;

	if (!path || (named && !strcmp(named, "/dev/null")))
		return 0;
	r = named ? 1 : file_look_at(AT_FDCWD, path);
	/* Who runs as another user may have a HOME that is closed to that one. */
	if (!r || r == -EACCES)
		return 0;
	if (r < 0)
		return unseen(-r, path, err);
	if (!named && is_somebody_elses(c, path)) {
		log_info(c->log, "not reading '%s': it belongs to another user", path);
		return 0;
	}
	if (who && trust_passes_over(&c->trust, path, 0, who, c->log))
		return 0;
	return read_file(c, path, LAYER_USER, 0, err);
}

int config_load_files(struct config *c, struct venv_error *err)
{
	struct strlist names = STRLIST_INIT;
	const char *dir;
	bool there;
	int r;

	if ((r = list_site(c, &dir, &names, &there, err)) ||
	    (r = load_vendor(c, &names, err)))
		return r;
	if (there && (r = load_site(c, dir, &names, err)))
		return r;
	return load_user(c, err);
}
