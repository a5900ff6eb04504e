/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <venvctl/plugin.h>

#include "fs/fs.h"
#include "util/util.h"

#define SUFFIX ".so"

int registry_add_dir(struct registry *r, const char *path, const char *origin, bool sites,
		     bool built_in, struct venv_error *err)
{
	struct plugin_dir *dirs = arena_alloc(r->arena, (r->n_dirs + 1) * sizeof(*dirs));

	if (!dirs || !path || !origin)
		return error_nomem(err);
	if (r->n_dirs)
		memcpy(dirs, r->dirs, r->n_dirs * sizeof(*dirs));
	dirs[r->n_dirs] = (struct plugin_dir){ path, origin, built_in, sites };
	r->dirs = dirs;
	r->n_dirs++;
	return 0;
}

static bool is_library(const char *name)
{
	size_t n = strlen(name), s = strlen(SUFFIX);

	return n > s && !strcmp(name + n - s, SUFFIX);
}

/* The name that a file has by itself: "acme-setup" for "/x/acme-setup.so". */
static const char *stem(struct arena *a, const char *path)
{
	const char *base = path_base(path);

	return arena_strndup(a, base, strlen(base) - strlen(SUFFIX));
}

static int check_abi(const struct plugin_note *note, const char *path,
		     struct venv_error *err)
{
	unsigned major = note->abi_version >> 16;

	if (major == VENV_PLUGIN_ABI_MAJOR)
		return 0;
	error_set(err, VENV_ERR_PLUGIN,
		  "'%s' was built for version %u.%u of the plugin ABI, this is %d.%d",
		  path, major, note->abi_version & 0xffff, VENV_PLUGIN_ABI_MAJOR,
		  VENV_PLUGIN_ABI_MINOR);
	return error_hint(
		err, VENV_ERR_PLUGIN,
		major > VENV_PLUGIN_ABI_MAJOR
			? "use a newer venvctl, or a build of the plugin for this one"
			: "build the plugin against this venvctl's header");
}

/* By name: anybody may put plugins of his own beside ours. */
static bool is_shipped(const char *name)
{
	static const char *const names[] = { "ensurepip",    "ezsetup", "files", "getpip",
					     "requirements", "script",	"wheels" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(names[i], name))
			return true;
	}
	return false;
}

/* Judge a file and read what it says of itself. */
static int examine(struct registry *r, const char *path, bool built_in,
		   struct candidate *out, struct venv_error *err)
{
	const char *name = is_library(path_base(path)) ? stem(r->arena, path) : "", *why;
	_cleanup_close_ int fd = -1;

	fd = trust_open(r->trust, path, built_in ? TRUST_SHALLOW : 0, VENV_ERR_PLUGIN,
			&out->path, err);
	if (fd < 0)
		return fd;
	why = elfnote_read(r->arena, fd, &out->note);
	if (why)
		return error_set(err, VENV_ERR_PLUGIN, "'%s' is no plugin: %s", path,
				 why);
	if (!name)
		return error_nomem(err);
	if (strcmp(name, out->note.name) != 0)
		return error_set(
			err, VENV_ERR_PLUGIN,
			"'%s' is the plugin '%s': its file has to be called '%s.so'",
			path, out->note.name, out->note.name);
	out->name = out->note.name;
	out->shipped = built_in && is_shipped(out->name);
	return check_abi(&out->note, path, err);
}

int registry_open_path(struct registry *r, const char *path, struct candidate *out,
		       struct venv_error *err)
{
	return examine(r, path, false, out, err);
}

/* True if the file A is NAME.so, where '-' and '_' are the same. */
static bool is_spelt(const char *a, const char *name)
{
	for (; *name; a++, name++) {
		if (*a != *name && !(*a == '_' && *name == '-'))
			return false;
	}
	return !strcmp(a, SUFFIX);
}

static int unseen(int errnum, const char *path, struct venv_error *err)
{
	int r = error_errno(err, errnum, "cannot look at '%s'", path);

	if (r == VENV_ERR_NOMEM)
		return r;
	if (err)
		err->code = VENV_ERR_PLUGIN;
	return VENV_ERR_PLUGIN;
}

/*
 * Is there another file in DIR that would be the plugin NAME, as both stand for one C name?
 * Found by looking, because a name of many parts has many spellings.
 */
static int check_twin(struct registry *r, const struct plugin_dir *dir, const char *name,
		      const char *path, struct venv_error *err)
{
	struct strlist all;
	int result = strchr(name, '-') ? tree_names(r->arena, dir->path, &all) : -ENOENT;

	/* One that may be passed through alone has what its owner says. */
	if (result == -ENOENT || result == -EACCES)
		return 0;
	if (result)
		return unseen(-result, dir->path, err);
	for (size_t i = 0; i < all.n; i++) {
		if (strchr(all.v[i], '_') && is_spelt(all.v[i], name))
			return error_set(err, VENV_ERR_PLUGIN,
					 "'%s' and '%s/%s' are the same name: remove one",
					 path, dir->path, all.v[i]);
	}
	return 0;
}

static int not_found(struct registry *r, const char *name, struct venv_error *err)
{
	struct suggest s = SUGGEST_INIT(name);
	struct listed *all;

	error_set(err, VENV_ERR_PLUGIN, "there is no plugin '%s'", name);
	if (!registry_list(r, &all, NULL)) {
		for (; all; all = all->next) {
			if (!all->refused)
				suggest_offer(&s, all->name);
		}
	}
	if (s.best)
		return error_hint(err, VENV_ERR_PLUGIN, "did you mean '%s'?", s.best);
	return error_hint(err, VENV_ERR_PLUGIN,
			  "`venvctl plugins list` shows what there is");
}

bool registry_searches(const struct registry *r, const struct plugin_dir *dir)
{
	return !r->sites_only || dir->sites || dir->built_in;
}

int registry_find(struct registry *r, const char *name, struct candidate *out,
		  struct venv_error *err)
{
	for (size_t i = 0; i < r->n_dirs; i++) {
		const struct plugin_dir *dir = &r->dirs[i];
		const char *path;
		int result;

		if (!registry_searches(r, dir))
			continue;
		path = arena_printf(r->arena, "%s/%s" SUFFIX, dir->path, name);
		if (!path)
			return error_nomem(err);
		/* One that cannot be seen might be it: the next must not take its place. */
		result = file_look_at(AT_FDCWD, path);
		if (!result || result == -EACCES)
			continue;
		if (result < 0)
			return unseen(-result, path, err);
		result = check_twin(r, dir, name, path, err);
		return result ? result : examine(r, path, dir->built_in, out, err);
	}
	return not_found(r, name, err);
}

bool registry_has(struct registry *r, const char *name)
{
	for (size_t i = 0; i < r->n_dirs; i++) {
		const char *path = arena_printf(r->arena, "%s/%s" SUFFIX, r->dirs[i].path,
						name);

		if (path && registry_searches(r, &r->dirs[i]) &&
		    file_look_at(AT_FDCWD, path) == 1)
			return true;
	}
	return false;
}

int registry_hint_file(struct registry *r, const char *dir, const char *name, int code,
		       struct venv_error *err)
{
	const char *file = is_library(name) ? name
					    : arena_printf(r->arena, "%s" SUFFIX, name);
	const char *path = dir && file && *name ? path_join(r->arena, dir, file) : NULL;

	if (!path || strchr(name, '/') || registry_has(r, name) ||
	    file_look_at(AT_FDCWD, path) != 1)
		return code;
	return error_hint(err, code, "a file is named with a '/': ./%s", file);
}

static int list_file(struct registry *r, const struct plugin_dir *dir, const char *file,
		     struct listed ***tail, struct listed *first, struct venv_error *err)
{
	struct listed *l = arena_alloc(r->arena, sizeof(*l));
	struct venv_error why = VENV_ERROR_INIT;
	struct candidate c = { 0 };
	int result = 0;

	if (!l)
		return error_nomem(err);
	l->path = path_join(r->arena, dir->path, file);
	l->dir = dir;
	if (!l->path || !(l->name = stem(r->arena, l->path)))
		return error_nomem(err);
	if (!registry_searches(r, dir)) {
		l->refused = "the site's policy does not allow its directory";
	} else {
		result = examine(r, l->path, dir->built_in, &c, &why);
		if (!result)
			result = check_twin(r, dir, l->name, l->path, &why);
		if (result)
			l->refused = arena_strdup(r->arena, venv_error_message(&why));
	}
	venv_error_clear(&why);
	if (result == VENV_ERR_NOMEM || (result && !l->refused))
		return error_nomem(err);
	l->note = c.note;
	for (const struct listed *o = first; o && !l->shadowed; o = o->next) {
		if (!strcmp(o->name, l->name) && registry_searches(r, o->dir))
			l->shadowed = o->path;
	}
	**tail = l;
	*tail = &l->next;
	return 0;
}

int registry_list(struct registry *r, struct listed **out, struct venv_error *err)
{
	struct listed **tail = out;

	*out = NULL;
	for (size_t i = 0; i < r->n_dirs; i++) {
		struct strlist files = STRLIST_INIT;
		int result = tree_names(r->arena, r->dirs[i].path, &files);

		if (result && result != -ENOENT && result != -ENOTDIR &&
		    result != -EACCES)
			return unseen(-result, r->dirs[i].path, err);
		for (size_t f = 0; f < files.n; f++) {
			if (files.v[f][0] == '.' || !is_library(files.v[f]))
				continue;
			result = list_file(r, &r->dirs[i], files.v[f], &tail, *out, err);
			if (result)
				return result;
		}
	}
	return 0;
}
