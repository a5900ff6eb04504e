/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "shared.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fs/fs.h"
#include "memory.h"

/*
 * The versions of pip that tests/store/shared.py was run on, all of it.  What a pip does with
 * its own directory is its own affair: an unknown one gets links or copies.
 */
static const char *const tried[] = { "22.0.4", "22.3", "23.0.1", "23.2.1", "24.2",
				     "25.0.1", "25.3", "26.0.1", "26.3",   NULL };

static bool is_tried(const char *version, size_t len)
{
	for (const char *const *v = tried; *v; v++) {
		if (strlen(*v) == len && !strncmp(*v, version, len))
			return true;
	}
	return false;
}

int shared_refuse(struct store *s, const struct store_wheel *w, struct venv_error *err,
		  const char *why)
{
	const char *text = why ? arena_printf(s->arena, "'%s' cannot be shared: %s",
					      path_base(w->path), why)
			       : NULL;

	if (!text)
		return error_nomem(err);
	if (w->link_asked) {
		error_set(err, VENV_ERR_FAILED, "%s", text);
		/* As with links that the system refuses: it is not the plugin that failed. */
		if (err)
			err->os_errno = EOPNOTSUPP;
		return error_hint(err, VENV_ERR_FAILED,
				  "with --link-mode auto it is linked or copied");
	}
	store_tell(s, text);
	return 0;
}

int shared_choose(struct store *s, struct store_wheel *w, struct venv_error *err)
{
	const char *name = path_base(w->path);
	size_t n = strlen(SHARED_PACKAGE);
	int r = 0;

	if (w->link_mode != LINK_SHARED)
		return 0;
	if (strncmp(name, SHARED_PACKAGE "-", n + 1) != 0) {
		/* The mode is for pip alone. */
		w->link_mode = LINK_AUTO;
	} else if (!is_tried(name + n + 1, strcspn(name + n + 1, "-"))) {
		r = shared_refuse(s, w, err, "this version of pip was not tried with it");
		w->link_mode = LINK_AUTO;
	}
	return r;
}

bool shared_takes(const struct manifest *m, const struct item *t)
{
	static const char *const names[] = { "METADATA", "WHEEL", "entry_points.txt",
					     "top_level.txt" };
	size_t n = strlen(m->dist_info);

	if (t->place != PLACE_SITE || strncmp(t->path, m->dist_info, n) != 0 ||
	    t->path[n] != '/')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(t->path + n + 1, names[i]))
			return true;
	}
	return false;
}

bool shared_looks(const struct manifest *m, const struct item *t)
{
	return shared_takes(m, t) || (t->place == PLACE_SITE &&
				      !strcmp(t->path, SHARED_PACKAGE "/__init__.py"));
}

/* All of it is the package, or says what that is. */
static bool is_plain(const struct manifest *m)
{
	size_t n = strlen(m->dist_info), p = strlen(SHARED_PACKAGE);
	bool found = false;

	for (size_t i = 0; i < m->n_items; i++) {
		const struct item *t = &m->items[i];

		if (t->place != PLACE_SITE ||
		    ((strncmp(t->path, m->dist_info, n) || t->path[n] != '/') &&
		     (strncmp(t->path, SHARED_PACKAGE, p) || t->path[p] != '/')))
			return false;
		found |= !strcmp(t->path + p, "/__init__.py");
	}
	return found && m->purelib && !strcmp(m->project, SHARED_PACKAGE) &&
	       is_tried(m->version, strlen(m->version));
}

bool store_is_shared(int entry)
{
	struct stat st;

	return !fstatat(entry, SHARED_MARK, &st, AT_SYMLINK_NOFOLLOW);
}

void shared_inherit(int old, int new)
{
	if (store_is_shared(old))
		(void)!file_create_at(new, SHARED_MARK, "", 0, 0444, true);
}

/* An index of what an environment gets that shares E: of a thousand files four or five. */
static int write_mark(struct store *s, const struct entry *e)
{
	struct manifest m = e->manifest;
	_cleanup_str_ struct str text = STR_INIT;
	struct stat index;
	int r;

	m.items = arena_alloc(s->arena, (m.n_items + 1) * sizeof(*m.items));
	if (!m.items)
		return -ENOMEM;
	m.n_items = m.n_rows = m.record_len = 0;
	for (size_t i = 0; i < e->manifest.n_items; i++) {
		if (shared_looks(&e->manifest, &e->manifest.items[i]))
			m.items[m.n_items++] = e->manifest.items[i];
	}
	index_write(&m, &text);
	if (str_failed(&text))
		return -ENOMEM;
	r = file_replace_at(e->fd, SHARED_MARK, text.s, text.len, 0444);
	if (!r && !fstatat(e->fd, INDEX_FILE, &index, AT_SYMLINK_NOFOLLOW)) {
		const struct timespec times[2] = { index.st_mtim, index.st_mtim };

		/* Without it, it is made again. */
		(void)!utimensat(e->fd, SHARED_MARK, times, AT_SYMLINK_NOFOLLOW);
	}
	/* One that is there is a mark, whatever it says. */
	return r && store_is_shared(e->fd) ? 0 : r;
}

bool shared_mark_is_good(int entry)
{
	struct stat mark, index;

	/* As with a pack: whoever writes to one of them changes its time. */
	return !fstatat(entry, SHARED_MARK, &mark, AT_SYMLINK_NOFOLLOW) &&
	       !fstatat(entry, INDEX_FILE, &index, AT_SYMLINK_NOFOLLOW) &&
	       stamp_ns(&mark.st_mtim) == stamp_ns(&index.st_mtim);
}

/*
 * Mark it, then see that it is still there: who removes an entry moves it away first, and
 * looks for the mark after that.
 */
static int mark(struct store *s, const struct entry *e)
{
	int r = e->site || e->brief ? 0 : write_mark(s, e);
	struct stat st, now;

	if (r)
		return r;
	if (fstat(e->fd, &st) || stat(e->path, &now))
		return errno == ENOENT ? -ESTALE : -errno;
	return st.st_dev == now.st_dev && st.st_ino == now.st_ino ? 0 : -ESTALE;
}

/* Others could exchange what the environment's pip will be, if they can write on its way. */
static int check_way(struct store *s, const struct store_wheel *w, const struct entry *e,
		     bool *good, struct venv_error *err)
{
	struct venv_error own = VENV_ERROR_INIT;
	int fd, r = 0;

	*good = memory_is_lasting(s, e->path);
	if (*good)
		return 0;
	fd = trust_open(s->trust, e->path, TRUST_DIRECTORY, VENV_ERR_CONFIG, NULL, &own);
	*good = fd >= 0;
	if (fd >= 0) {
		close(fd);
		memory_keep_lasting(s, e->path);
	} else {
		r = shared_refuse(s, w, err, venv_error_message(&own));
	}
	venv_error_clear(&own);
	return r;
}

int shared_keep(struct store *s, struct store_wheel *w, const struct entry *e,
		struct venv_error *err)
{
	bool good = true;
	int r = 0;

	/* There is no store: the same was told already. */
	if (e->temporary || e->fd < 0) {
		w->link_mode = LINK_AUTO;
		return 0;
	}
	if (!is_plain(&e->manifest)) {
		r = shared_refuse(s, w, err, "it is not the pip that is known");
		good = false;
	} else {
		r = check_way(s, w, e, &good, err);
	}
	if (!r && good && !w->try_only) {
		r = mark(s, e);
		if (r == -ESTALE)
			return 1;
		if (r == -ENOMEM)
			return error_nomem(err);
		if (r) {
			good = false;
			r = shared_refuse(s, w, err,
					  arena_printf(s->arena, "cannot mark '%s': %s",
						       e->path, strerror(-r)));
		}
	}
	if (r || good)
		return r;
	w->link_mode = LINK_AUTO;
	return 1;
}

/* A path as Python has it: text in ASCII, or the bytes of a name. */
static void add_path(struct str *out, const char *path)
{
	bool plain = true;

	for (const char *p = path; *p; p++)
		plain &= *p >= ' ' && *p <= '~';
	str_add(out, plain ? "'" : "__import__('os').fsdecode(b'");
	for (const char *p = path; *p; p++) {
		if (*p == '\'' || *p == '\\')
			str_addf(out, "\\%c", *p);
		else if (*p >= ' ' && *p <= '~')
			str_add_char(out, *p);
		else
			str_addf(out, "\\x%02x", (unsigned char)*p);
	}
	str_add(out, plain ? "'" : "')");
}

void shared_stub(const struct entry *e, struct str *out)
{
	str_addf(out,
		 "# pip %s, of which all but this file is shared by many environments.\n"
		 "# `python -m pip install --upgrade pip` puts one in its place that is "
		 "not.\n"
		 "import sys\n"
		 "\n"
		 "__path__ = [",
		 e->manifest.version);
	add_path(out, e->path);
	/* The package's own loader runs its own __init__.py, with its byte code. */
	str_add(out,
		" + '/site/" SHARED_PACKAGE "']\n"
		"__file__ = __path__[0] + '/__init__.py'\n"
		"__spec__.origin = __file__\n"
		"__spec__.submodule_search_locations = __path__\n"
		"__loader__ = __spec__.loader = type(__loader__)(__name__, __file__)\n"
		"__loader__.exec_module(sys.modules[__name__])\n");
}

/* ---- back: what an environment's stub leads to, and what became of that ---- */

#define STUB_MAX  65536u
#define INDEX_MAX (64u << 20)

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The path that add_path() wrote at *P, which is behind it then; NULL if it did not. */
static char *read_path(struct arena *a, const char **p)
{
	static const char bytes[] = "__import__('os').fsdecode(b'";
	bool plain = **p == '\'';
	size_t skip = plain ? 1 : sizeof(bytes) - 1, n = 0;
	const char *end = plain ? "'" : "')";
	char *out;

	if (!plain && strncmp(*p, bytes, skip) != 0)
		return NULL;
	*p += skip;
	out = arena_alloc(a, strcspn(*p, "\n") + 1);
	for (; out && **p && **p != '\n' && **p != '\''; (*p)++) {
		if (**p != '\\') {
			out[n++] = **p;
		} else if ((*p)[1] == 'x') {
			int high = hex((*p)[2]), low = high < 0 ? -1 : hex((*p)[3]);

			if (low < 0)
				return NULL;
			out[n++] = (char)((unsigned)high << 4 | (unsigned)low);
			*p += 3;
		} else if ((*p)[1] == '\'' || (*p)[1] == '\\') {
			out[n++] = *++*p;
		} else {
			return NULL;
		}
	}
	if (!out || strncmp(*p, end, strlen(end)) != 0)
		return NULL;
	*p += strlen(end);
	return out;
}

/* The entry to which the stub TEXT leads; NULL if it is none. */
static const char *read_stub(struct arena *a, const char *text)
{
	static const char begin[] = "\n__path__ = [";
	static const char behind[] = " + '/site/" SHARED_PACKAGE "']\n";
	const char *p = strncmp(text, "# pip ", 6) ? NULL : strstr(text, begin);
	const char *path;

	if (!p)
		return NULL;
	p += sizeof(begin) - 1;
	path = read_path(a, &p);
	return path && *path == '/' && !strncmp(p, behind, sizeof(behind) - 1) ? path
									       : NULL;
}

/* NULL, or why the entry cannot be what the environment's pip is. */
static const char *fault_of(struct arena *a, const char *entry)
{
	_cleanup_close_ int fd = tree_open_dir(AT_FDCWD, entry);
	_cleanup_str_ struct str text = STR_INIT;
	struct manifest m = { .arena = a };
	int r;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return "is gone";
	r = fd < 0 ? -errno : file_read_at(fd, INDEX_FILE, INDEX_MAX, &text);
	if (r == -EACCES)
		return "cannot be read by you";
	if (r == -ENOMEM) {
		a->failed = true;
		return NULL;
	}
	if (r || !text.len || !index_parse(&m, text.s, text.len))
		return "is damaged: it has no index";
	for (size_t i = 0; i < m.n_items; i++) {
		const struct item *t = &m.items[i];
		const char *path = path_join(a, place_name(t->place), t->path);
		struct stat st;

		if (!path)
			return NULL;
		if (fstatat(fd, path, &st, AT_SYMLINK_NOFOLLOW))
			return errno == EACCES
				       ? "cannot be read by you"
				       : arena_printf(a, "is damaged: '%s' is gone",
						      path);
		if (!S_ISREG(st.st_mode) || st.st_size != t->size ||
		    st.st_mtime != t->mtime)
			return arena_printf(a, "is damaged: '%s' was changed", path);
	}
	return NULL;
}

int store_check_shared(struct arena *a, int site, const char **entry, const char **why)
{
	_cleanup_str_ struct str text = STR_INIT;
	int r = file_read_at(site, SHARED_PACKAGE "/__init__.py", STUB_MAX, &text);

	*entry = *why = NULL;
	if (!r)
		*entry = read_stub(a, str_text(&text));
	if (*entry)
		*why = fault_of(a, *entry);
	return r == -ENOMEM || a->failed ? -ENOMEM : *entry != NULL;
}
