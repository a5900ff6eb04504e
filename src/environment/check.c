/* SPDX-License-Identifier: MIT */
/* check.c - what is wrong with an environment, the most important first */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "check.h"
#include "fs/fs.h"
#include "transaction/transaction.h"

void named_add(struct named *names, const char *dir, const char *name)
{
	if (names->n++ < 3)
		str_addf(&names->text, "%s'%s%s%s'", names->n > 1 ? ", " : "", dir,
			 *dir ? "/" : "", name);
}

const char *named_text(struct arena *a, struct named *names)
{
	if (names->n > 3)
		str_addf(&names->text, " and %u more", names->n - 3);
	return str_to_arena(&names->text, a);
}

int report(struct look *l, const char *id, bool fixable, const char *text,
	   const char *todo)
{
	struct checkup *c = l->out;

	if (!text || !todo)
		return -ENOMEM;
	if (c->n < PROBLEMS_MAX)
		c->v[c->n++] = (struct problem){ id, text, todo, fixable, false };
	return 0;
}

const struct problem *checkup_find(const struct checkup *c, const char *id)
{
	for (size_t i = 0; i < c->n; i++) {
		if (!strcmp(c->v[i].id, id))
			return &c->v[i];
	}
	return NULL;
}

static size_t xy_length(const char *version)
{
	size_t n = strcspn(version, ".");

	return n + (version[n] == '.' ? 1 + strspn(version + n + 1, "0123456789") : 0);
}

bool version_same_xy(const char *a, const char *b)
{
	size_t n = xy_length(a);

	return n == xy_length(b) && !strncmp(a, b, n);
}

#define CHOOSE	 "choose another one: `venvctl check --fix --python SPEC`"
#define MAKE_NEW "`venvctl create --clear` makes it anew"

/* ---- the interpreter that it was made from ---- */

/* Whose base interpreter nobody else can change: then it may be run. */
static bool is_trusted(const struct python_env *pe, const char *path)
{
	struct trust t = { .arena = pe->arena };
	const char *real;
	int fd = trust_open(&t, path, 0, VENV_ERR_FAILED, &real, NULL);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Does NAME of bin lead to something that is not there, outside of the environment? */
static const char *lost_link(const struct look *l, const char *name)
{
	const char *path = path_join(l->pe->arena, "bin", name);
	_cleanup_free_ char *to = path ? file_readlink_at(l->e->fd, path) : NULL;
	struct stat st;

	if (path && !to && errno == ENOMEM)
		l->pe->arena->failed = true;
	return to && *to == '/' && !path_is_below(to, l->e->real) && stat(to, &st)
		       ? arena_strdup(l->pe->arena, to)
		       : NULL;
}

static const char *lost_base(const struct look *l)
{
	const char *const names[] = {
		"python", "python3",
		l->e->version ? arena_printf(l->pe->arena, "python%.*s",
					     (int)xy_length(l->e->version), l->e->version)
			      : NULL
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *to = names[i] ? lost_link(l, names[i]) : NULL;

		if (to)
			return to;
	}
	return NULL;
}

static int base_gone(struct look *l, const char *what)
{
	l->out->broken = true;
	return report(l, "base-gone", false,
		      arena_printf(l->pe->arena,
				   "the interpreter that it was made from is gone: "
				   "there is no '%s'",
				   what),
		      CHOOSE);
}

static int check_base(struct look *l, bool may_run)
{
	const struct environment *e = l->e;
	struct arena *a = l->pe->arena;
	const char *lost = lost_base(l), *home = cfg_get(&e->cfg, "home"), *now;
	struct python_env pe = *l->pe;
	struct python p;
	const char *version = e->version;
	bool same;

	/* Where pyvenv.cfg does not tell, what is in lib does. */
	if (!version && e->lib)
		version = e->lib + environment_stem(e->lib);
	if (!e->base)
		return lost ? base_gone(l, lost)
		       : home && *home == '/'
			       ? base_gone(l, arena_printf(a, "%s/python3", home))
			       : 0;
	pe.no_run = !may_run || !is_trusted(&pe, e->base);
	if (python_identify(&pe, e->base, &p, NULL)) {
		/* Nothing is known against it. */
		l->out->same_python = !lost;
		return lost ? base_gone(l, lost) : 0;
	}
	now = python_version_text(a, &p);
	same = !version || version_same_xy(now, version);
	same &= python_is_implementation(&p, e->implementation);
	l->out->same_python = same;
	if (!same && lost)
		return base_gone(l, lost);
	if (!same) {
		l->out->broken = true;
		return report(l, "base-changed", false,
			      arena_printf(a,
					   "it was made for %s %s, and '%s' is %s %s now",
					   e->implementation, version, e->base,
					   python_implementation(&p), now),
			      CHOOSE ", or " MAKE_NEW);
	}
	if (!e->version || !strncmp(now, e->version, strlen(e->version)) ||
	    !strchr(e->version, '.') || !strchr(strchr(e->version, '.') + 1, '.'))
		return 0;
	return report(l, "base-changed", true,
		      arena_printf(a, "it was made by Python %s, which is %s now",
				   e->version, now),
		      MEND);
}

/* ---- its place ---- */

static int check_moved(struct look *l)
{
	const struct environment *e = l->e;
	const char *place = environment_place(l->pe->arena, &e->cfg, e->fd), *cfg;
	struct stat st;
	bool there;

	if (!place || e->relocatable)
		return 0;
	if (!stat(place, &st) && st.st_dev == e->st.st_dev && st.st_ino == e->st.st_ino)
		return 0;
	l->place = place;
	cfg = path_join(l->pe->arena, place, CFG_FILE);
	there = cfg && !stat(cfg, &st);
	return report(l, "moved", true,
		      arena_printf(l->pe->arena,
				   there ? "it is a copy of '%s', and its scripts start "
					   "that one's Python"
					 : "it was made as '%s', and was moved",
				   place),
		      MEND);
}

/* ---- pyvenv.cfg ---- */

static const char *wrong_line(struct look *l)
{
	static const char *const keys[] = { "home", "version", "base-executable",
					    "include-system-site-packages" };
	const struct cfg *c = &l->e->cfg;

	for (size_t i = 0; i < c->n; i++) {
		const char *first = cfg_get(c, c->entries[i].key);

		for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
			if (!strcasecmp(keys[k], c->entries[i].key) &&
			    strcmp(first, c->entries[i].value) != 0)
				return arena_printf(l->pe->arena,
						    "pyvenv.cfg has '%s' twice", keys[k]);
		}
	}
	return NULL;
}

static const char *wrong_cfg(struct look *l)
{
	const struct environment *e = l->e;
	const char *home = cfg_get(&e->cfg, "home");
	const char *site = cfg_get(&e->cfg, "include-system-site-packages");
	const char *version = cfg_get(&e->cfg, "version");
	struct stat st;

	if (e->cfg_fault)
		return arena_printf(l->pe->arena, "pyvenv.cfg cannot be read: %s",
				    strerror(-e->cfg_fault));
	if (!e->cfg_len)
		return "pyvenv.cfg is empty";
	if (memchr(e->cfg_text, '\0', e->cfg_len))
		return "pyvenv.cfg has NUL bytes";
	if (!utf8_valid(e->cfg_text, e->cfg_len))
		return "pyvenv.cfg is not UTF-8";
	if (!home)
		return "pyvenv.cfg has no 'home'";
	if (*home != '/')
		return arena_printf(l->pe->arena,
				    "'home' of pyvenv.cfg is no absolute path: '%s'",
				    home);
	if (e->base && stat(home, &st))
		return arena_printf(l->pe->arena,
				    "'home' of pyvenv.cfg is not there: '%s'", home);
	if (site && strcasecmp(site, "true") != 0 && strcasecmp(site, "false") != 0)
		return arena_printf(l->pe->arena,
				    "'include-system-site-packages' of pyvenv.cfg is "
				    "neither true nor false: '%s'",
				    site);
	if (version && !e->version)
		return arena_printf(l->pe->arena, "'version' of pyvenv.cfg is none: '%s'",
				    version);
	return wrong_line(l);
}

static int check_cfg(struct look *l)
{
	const char *wrong = wrong_cfg(l);
	const char *home = cfg_get(&l->e->cfg, "home");

	if (!wrong)
		return l->pe->arena->failed ? -ENOMEM : 0;
	l->out->broken |= !home || *home != '/';
	return report(l, "bad-cfg", true, wrong, MEND);
}

/* ---- several Pythons ---- */

static int check_mixed(struct look *l)
{
	const struct environment *e = l->e;
	struct arena *a = l->pe->arena;

	for (size_t i = 0; i < e->libs.n; i++) {
		const char *lib = e->libs.v[i];
		_cleanup_close_ int site = environment_site(e, lib);
		int r;

		if (e->lib == lib || site < 0 || tree_is_empty(site, NULL) == 1)
			continue;
		r = report(l, "mixed-versions", false,
			   arena_printf(a, "what is in 'lib/%s' is of another Python%s%s",
					lib, e->version ? " than its " : "",
					e->version ? e->version : ""),
			   arena_printf(a,
					"install those packages again, and delete "
					"'lib/%s'",
					lib));
		if (r)
			return r;
	}
	return check_interpreters(l);
}

/* ---- the redirect that led here ---- */

/* What .python-version beside the redirect asks for; NULL if nothing that is a version. */
static const char *pinned(const struct look *l)
{
	struct arena *a = l->pe->arena;
	const char *dir = path_dir(a, l->e->redirect);
	const char *path = dir ? path_join(a, dir, ".python-version") : NULL;
	_cleanup_str_ struct str text = STR_INIT;
	size_t n;

	if (!path || file_read_at(AT_FDCWD, path, 4096, &text))
		return NULL;
	n = strcspn(str_text(&text), " \t\r\n");
	return n && strspn(str_text(&text), "0123456789.") == n
		       ? arena_strndup(a, str_text(&text), n)
		       : NULL;
}

static int check_redirect(struct look *l)
{
	const struct environment *e = l->e;
	struct venv_error why = VENV_ERROR_INIT;
	bool ours = e->creator && !strcmp(e->creator, "venvctl");
	const char *todo = ours ? "`venvctl check --fix` deletes it" : "delete it";
	const char *want;
	size_t n;
	int r = 0, refused;

	if (!e->redirect)
		return 0;
	refused = environment_trust(e, l->pe, &why);
	if (refused == VENV_ERR_NOMEM)
		r = -ENOMEM;
	else if (refused)
		r = report(l, "redirect", ours,
			   arena_printf(l->pe->arena,
					"'%s' leads here, and is not trusted: %s",
					e->redirect, venv_error_message(&why)),
			   todo);
	venv_error_clear(&why);
	want = pinned(l);
	n = want ? strlen(want) : 0;
	if (r || !want || !e->version ||
	    (!strncmp(e->version, want, n) && (!e->version[n] || e->version[n] == '.')))
		return r;
	return report(l, "redirect", ours,
		      arena_printf(l->pe->arena,
				   "'%s' leads here, to Python %s, and .python-version "
				   "beside it asks for %s",
				   e->redirect, e->version, want),
		      todo);
}

int environment_check(const struct environment *e, const struct python_env *pe,
		      bool may_run, struct checkup *out, struct venv_error *err)
{
	struct look l = { .e = e, .pe = pe, .out = out };
	int r;

	*out = (struct checkup){ .same_python = false };
	if (e->half_built) {
		/* Whatever else it has is not yet, or no more, what it is to be. */
		out->broken = true;
		r = report(&l, "half-built", true,
			   "a create of it has not ended, or was killed",
			   "wait for it; `venvctl check --fix` puts back what was there");
		return r ? error_nomem(err) : 0;
	}
	r = check_base(&l, may_run);
	if (!r)
		r = check_moved(&l);
	if (!r)
		r = check_links(&l);
	if (!r)
		r = check_pip(&l);
	if (!r)
		r = check_shared(&l);
	if (!r)
		r = check_shebangs(&l);
	if (!r)
		r = check_cfg(&l);
	if (!r)
		r = check_mixed(&l);
	if (!r)
		r = check_stale(&l);
	if (!r)
		r = check_modes(&l);
	if (!r)
		r = check_redirect(&l);
	/* What is mended is made by the base: by which, is the user's to say. */
	for (size_t i = 0; i < out->n && !out->same_python; i++)
		out->v[i] = (struct problem){ out->v[i].id, out->v[i].text,
					      out->v[i].fixable ? CHOOSE : out->v[i].todo,
					      false, false };
	if (pe->arena->failed)
		r = -ENOMEM;
	return r ? error_errno(err, -r, "cannot look into '%s'", e->given) : 0;
}
