/* SPDX-License-Identifier: MIT */
/* check_pip.c - is the pip there that the environment was made with? */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "check.h"
#include "fs/fs.h"
#include "store/store.h"

/* Does SITE have the package pip, with or without what says its version? */
static bool has_pip_package(const struct environment *e, const char *lib)
{
	_cleanup_close_ int site = lib ? environment_site(e, lib) : -1;

	return site >= 0 && file_exists_at(site, "pip/__init__.py");
}

/* Did its creator put pip there, as far as that is known? */
static bool had_pip(const struct environment *e)
{
	const char *command = cfg_get(&e->cfg, "command");

	if (file_exists_at(e->fd, "bin/pip") || file_exists_at(e->fd, "bin/pip3"))
		return true;
	return command && e->creator &&
	       (!strcmp(e->creator, "venv") || !strcmp(e->creator, "venvctl")) &&
	       !strstr(command, " --without-pip");
}

int check_pip(struct look *l)
{
	const struct environment *e = l->e;
	struct arena *a = l->pe->arena;
	bool package = has_pip_package(e, e->lib);

	if (e->pip && package)
		return 0;
	if (!e->pip && !package && !had_pip(e))
		return 0;
	for (size_t i = 0; !e->pip && !package && i < e->libs.n; i++) {
		const char *lib = e->libs.v[i];

		if (!has_pip_package(e, lib))
			continue;
		l->out->wants_pip = true;
		return report(
			l, "no-pip", true,
			arena_printf(a, "its pip is of another Python: 'lib/%s'", lib),
			MEND);
	}
	l->out->wants_pip = true;
	return report(l, "no-pip", true,
		      e->pip	? arena_printf(a,
					       "pip %s is installed, and its files are "
						  "missing",
					       e->pip)
		      : package ? "pip is there, and what says its version is missing"
				: "pip is missing",
		      MEND);
}

int check_shared(struct look *l)
{
	const struct environment *e = l->e;
	_cleanup_close_ int site = e->lib ? environment_site(e, e->lib) : -1;
	const char *entry, *why;
	int r = site < 0 ? 0 : store_check_shared(l->pe->arena, site, &entry, &why);

	if (r <= 0 || !why)
		return r < 0 ? r : 0;
	l->out->wants_pip = l->out->broken = true;
	return report(l, "shared-pip", true,
		      arena_printf(l->pe->arena, "its pip is shared from '%s', which %s",
				   entry, why),
		      MEND);
}
