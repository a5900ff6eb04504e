/* SPDX-License-Identifier: MIT */
/*
 * above.c - what a copied interpreter looks for above its environment
 *
 * An interpreter that finds its standard library from the place of its own code (getpath.py)
 * looks for lib/pythonXY.zip there and in each directory above, before it goes where
 * pyvenv.cfg leads.  That is so from 3.14 on if the code is in a libpython that was copied, and
 * from 3.11 on in builds that read their place out of /proc/self/maps, such as those of
 * python-build-standalone.  A linked interpreter, or one whose libpython stays where it is,
 * looks above the base.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/fs.h"
#include "layout/layout.h"
#include "builder.h"
#include "private.h"

/* Memory that runs out is remembered by the arena: the answer is none. */
static bool has_text(struct arena *a, const char *path, const char *text)
{
	struct str content = STR_INIT;
	int r = file_read_at(AT_FDCWD, path, SIZE_MAX / 4, &content);
	bool found = !r && content.len &&
		     memmem(content.s, content.len, text, strlen(text)) != NULL;

	if (r == -ENOMEM)
		a->failed = true;
	str_release(&content);
	return found;
}

static bool looks_above(struct build *e)
{
	const struct layout_python *p = &e->layout_python;

	if (strcmp(p->implementation, "cpython") != 0 || p->xy < 0x030b)
		return false;
	if (layout_copies_library(&e->layout, p))
		return p->xy >= 0x030e ||
		       has_text(&e->arena, p->libpython, "/proc/self/maps");
	return !p->libpython && has_text(&e->arena, p->real, "/proc/self/maps");
}

/* "lib/python314.zip", for an environment that has lib/python3.14. */
static const char *zip_name(struct arena *a, const struct python *p)
{
	char *name = arena_printf(a, "%s.zip", p->platlib_dir);
	char *dot = name ? strchr(path_base(name), '.') : NULL;

	if (dot)
		memmove(dot, dot + 1, strlen(dot));
	return name;
}

/* Judge DIR and all above it, up to where the base lies as well. */
static int judge(struct venv_builder *b, const char *dir, const char *zip, bool *told,
		 struct venv_error *err)
{
	struct build *e = &b->host.build;
	const struct trust *trust = &b->host.config.trust;
	struct arena *a = &e->arena;

	for (; dir && !path_is_below(e->python.prefix, dir); dir = path_dir(a, dir)) {
		const char *file = path_join(a, dir, zip);
		const char *lib = file ? path_dir(a, file) : NULL;

		if (!lib)
			return error_nomem(err);
		if (!access(file, F_OK)) {
			error_set(err, VENV_ERR_CONFLICT,
				  "'%s' would be the standard library of a copied "
				  "interpreter in '%s'",
				  file, e->tx.target.given);
			return error_hint(err, VENV_ERR_CONFLICT,
					  "use --symlinks, or make the environment "
					  "somewhere else");
		}
		if (*told)
			continue;
		*told = trust_others_may_add(trust, access(lib, F_OK) ? dir : lib);
		if (*told)
			log_warn(&b->host.log,
				 "'%s' may be made by others: it would be the standard "
				 "library of the copied interpreter in '%s'; use "
				 "--symlinks, or a directory where nobody else writes",
				 file, e->tx.target.given);
	}
	return dir ? 0 : error_nomem(err);
}

int above_check(struct venv_builder *b, struct venv_error *err)
{
	struct build *e = &b->host.build;
	struct arena *a = &e->arena;
	const char *zip = zip_name(a, &e->python), *near = e->tx.target.env_dir;
	const char *above = path_dir(a, near);
	char *real = NULL;
	bool told = false;
	int r;

	if (!looks_above(e))
		return 0;
	if (!zip || !above)
		return error_nomem(err);
	r = judge(b, above, zip, &told, err);
	/* Some read their place with all links resolved; of what is not there yet, its parent's. */
	while (!r && near && !(real = realpath(near, NULL)) && errno != ENOMEM)
		near = path_dir(a, near);
	if (!r && !real && errno == ENOMEM)
		return error_nomem(err);
	if (!r && real) {
		const char *top = near == e->tx.target.env_dir ? path_dir(a, real) : real;

		r = judge(b, top, zip, &told, err);
	}
	free(real);
	return r;
}
