/* SPDX-License-Identifier: MIT */
/* check_bin.c - what is wrong with the names in bin */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "check.h"
#include "fs/fs.h"

#define SCRIPT_MAX (16u << 20)

/* Call FN for each entry of bin. */
static int each(struct look *l,
		int (*fn)(struct look *l, int bin, const char *name,
			  const struct stat *st, void *data),
		void *data)
{
	_cleanup_close_ int bin = tree_open_dir(l->e->fd, "bin");
	_cleanup_dir_ DIR *d = NULL;
	int r = tree_walk_if_there(bin, &d), failed = 0;
	struct dirent *entry;

	while (!r && d && (entry = tree_next(d, &failed))) {
		struct stat st;

		if (!fstatat(bin, entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			r = fn(l, bin, entry->d_name, &st, data);
	}
	return r ? r : failed;
}

/* "python", "python3.12t", "pypy3": a name under which an interpreter is started. */
static bool is_interpreter_name(const char *name)
{
	size_t stem = environment_stem(name);

	if (!stem)
		return false;
	name += stem;
	name += strspn(name, "0123456789.");
	return !name[strspn(name, "dmt")];
}

/* What a verb ends with. */
static const char *third(const struct named *names)
{
	return names->n == 1 ? "s" : "";
}

/* ---- broken-link, no-python ---- */

struct links {
	struct named own, other;
};

static int look_at_link(struct look *l, int bin, const char *name, const struct stat *st,
			void *data)
{
	struct links *links = data;
	struct stat to;

	if (!S_ISLNK(st->st_mode) || !fstatat(bin, name, &to, 0))
		return 0;
	if (!is_interpreter_name(name))
		named_add(&links->other, "bin", name);
	else if (!checkup_find(l->out, "base-gone"))
		named_add(&links->own, "bin", name);
	return 0;
}

/* Is NAME of bin there, and not an empty file? */
static bool has_program(const struct look *l, const char *name)
{
	struct stat st;

	return !fstatat(l->e->fd, name, &st, AT_SYMLINK_NOFOLLOW) &&
	       (!S_ISREG(st.st_mode) || st.st_size);
}

int check_links(struct look *l)
{
	struct links links = { 0 };
	struct arena *a = l->pe->arena;
	bool python, python3;
	struct stat st;
	int r = each(l, look_at_link, &links);

	if (!fstatat(l->e->fd, "lib64", &st, AT_SYMLINK_NOFOLLOW) &&
	    S_ISLNK(st.st_mode) && fstatat(l->e->fd, "lib64", &st, 0))
		named_add(&links.own, "", "lib64");
	if (!r && links.own.n) {
		l->out->broken = true;
		r = report(l, "broken-link", true,
			   arena_printf(a, "%s lead%s nowhere", named_text(a, &links.own),
					third(&links.own)),
			   MEND);
	}
	if (!r && links.other.n)
		r = report(l, "broken-link", false,
			   arena_printf(a, "%s lead%s nowhere",
					named_text(a, &links.other), third(&links.other)),
			   "delete it, or put back what it leads to");
	str_release(&links.own.text);
	str_release(&links.other.text);
	if (r)
		return r;
	python = has_program(l, "bin/python");
	python3 = has_program(l, "bin/python3");
	if (python && python3)
		return 0;
	l->out->broken |= !python;
	return report(l, "no-python", true,
		      python	? "there is no 'bin/python3'"
		      : python3 ? "there is no 'bin/python'"
				: "there is neither 'bin/python' nor 'bin/python3'",
		      MEND);
}

/* ---- bad-shebang ---- */

struct shebangs {
	struct index recorded;
	struct named own, other;
};

static bool is_here(const struct look *l, const char *dir)
{
	struct stat st;

	return !strcmp(dir, l->e->dir) ||
	       (!stat(dir, &st) && st.st_dev == l->e->st.st_dev &&
		st.st_ino == l->e->st.st_ino);
}

static int look_at_script(struct look *l, int bin, const char *name,
			  const struct stat *st, void *data)
{
	struct shebangs *s = data;
	_cleanup_str_ struct str text = STR_INIT;
	const char *program, *dir, *rest;
	struct stat there;

	if (!S_ISREG(st->st_mode) || file_read_at(bin, name, SCRIPT_MAX, &text))
		return 0;
	program = hashbang_program(l->pe->arena, str_text(&text), &rest);
	dir = program ? environment_of(l->pe->arena, program) : NULL;
	/* The old place of a moved one was told already. */
	if (!dir || is_here(l, dir) || (l->place && !strcmp(dir, l->place)))
		return l->pe->arena->failed ? -ENOMEM : 0;
	if (index_find(&s->recorded, name, ""))
		named_add(&s->own, "bin", name);
	else if (stat(program, &there))
		named_add(&s->other, "bin", name);
	return 0;
}

int check_shebangs(struct look *l)
{
	_cleanup_close_ int site = l->e->lib ? environment_site(l->e, l->e->lib) : -1;
	struct arena *a = l->pe->arena;
	struct shebangs s = { 0 };
	int r = environment_recorded(a, site, &s.recorded);

	if (!r)
		r = each(l, look_at_script, &s);
	if (!r && s.own.n)
		r = report(l, "bad-shebang", true,
			   arena_printf(a, "%s start%s the Python of another environment",
					named_text(a, &s.own), third(&s.own)),
			   MEND);
	if (!r && s.other.n)
		r = report(l, "bad-shebang", false,
			   arena_printf(a, "%s start%s a Python that is not there",
					named_text(a, &s.other), third(&s.other)),
			   "no package here brings it: write its first line anew, or "
			   "delete it");
	str_release(&s.own.text);
	str_release(&s.other.text);
	return r;
}

/* ---- mixed-versions ---- */

int check_interpreters(struct look *l)
{
	static const char *const names[] = { "python", "python3" };
	struct stat first, other;

	if (checkup_find(l->out, "broken-link") || checkup_find(l->out, "no-python") ||
	    checkup_find(l->out, "base-gone"))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *path = path_join(l->pe->arena, "bin", names[i]);

		if (!path)
			return -ENOMEM;
		if (fstatat(l->e->fd, path, i ? &other : &first, 0))
			return 0;
	}
	/* Copies are files of their own: then their sizes are compared. */
	if ((first.st_dev == other.st_dev && first.st_ino == other.st_ino) ||
	    first.st_size == other.st_size)
		return 0;
	return report(l, "mixed-versions", true,
		      "'bin/python' and 'bin/python3' are different Pythons", MEND);
}

/* ---- stale-name ---- */

/* The version at the end of "python3.11", "pip3.11" and "pip-3.11"; NULL for other names. */
static const char *version_in(const char *name)
{
	size_t n = environment_stem(name);

	if (!n && !strncmp(name, "pip", 3))
		n = 3 + (name[3] == '-');
	name += n;
	return n && strspn(name, "0123456789") &&
			       name[strspn(name, "0123456789")] == '.' &&
			       !name[strspn(name, "0123456789.")]
		       ? name
		       : NULL;
}

bool environment_is_stale(int bin, const char *name, const char *version)
{
	const char *own = version_in(name);
	char head[2] = "";
	_cleanup_close_ int fd = -1;
	bool script;

	if (!own || !version || version_same_xy(own, version))
		return false;
	/* A script that is called python3.11 is somebody's own; pip's are scripts. */
	fd = openat(bin, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	script = fd >= 0 && read(fd, head, 2) == 2 && !memcmp(head, "#!", 2);
	return script == !environment_stem(name);
}

static int look_at_name(struct look *l, int bin, const char *name, const struct stat *st,
			void *data)
{
	(void)st;
	if (environment_is_stale(bin, name, l->e->version))
		named_add(data, "bin", name);
	return 0;
}

int check_stale(struct look *l)
{
	struct named names = { 0 };
	int r = each(l, look_at_name, &names);

	if (!r && names.n)
		r = report(l, "stale-name", true,
			   arena_printf(l->pe->arena,
					"%s: named for another version than its %s",
					named_text(l->pe->arena, &names), l->e->version),
			   MEND);
	str_release(&names.text);
	return r;
}

/* ---- bad-mode ---- */

/*
 * Does a file that begins with HEAD name a shell to run it? Such a file may be there to be
 * read by that shell, as the hooks of virtualenvwrapper are. What sh only hands on to Python
 * (hashbang_add()) is none.
 */
static bool is_for_shell(const char *head)
{
	static const char *const shells[] = { "sh",  "bash", "dash", "zsh",
					      "ksh", "csh",  "tcsh", "fish" };
	const char *line = head + strcspn(head, "\n");
	const char *end, *base;

	if (!strncmp(line, "\n\"exec\" ", 8) || !strncmp(line, "\n'''exec' ", 10))
		return false;
	head += 2 + strspn(head + 2, " \t");
	end = head + strcspn(head, " \t\r\n");
	for (base = end; base > head && base[-1] != '/';)
		base--;
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (strlen(shells[i]) == (size_t)(end - base) &&
		    !memcmp(shells[i], base, (size_t)(end - base)))
			return true;
	}
	return false;
}

bool environment_wants_x(int bin, const char *name, const struct stat *st)
{
	_cleanup_close_ int fd = -1;
	char head[256] = "";

	if (!S_ISREG(st->st_mode) || (st->st_mode & 0100))
		return false;
	if (is_interpreter_name(name))
		return true;
	/* Activation scripts are read by a shell, and start otherwise. */
	fd = openat(bin, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 && read(fd, head, sizeof(head) - 1) > 2 &&
	       !memcmp(head, "#!", 2) && !is_for_shell(head);
}

static int look_at_mode(struct look *l, int bin, const char *name, const struct stat *st,
			void *data)
{
	(void)l;
	if (environment_wants_x(bin, name, st))
		named_add(data, "bin", name);
	return 0;
}

int check_modes(struct look *l)
{
	static const char *const open_to_all[] = { "", "bin", "lib", "pyvenv.cfg" };
	struct named closed = { 0 }, writable = { 0 };
	struct arena *a = l->pe->arena;
	int r = each(l, look_at_mode, &closed);

	if (!r && closed.n)
		r = report(l, "bad-mode", true,
			   arena_printf(a, "%s cannot be run: its mode has no x",
					named_text(a, &closed)),
			   MEND);
	for (size_t i = 0; i < ARRAY_SIZE(open_to_all); i++) {
		const char *name = open_to_all[i];
		struct stat st = l->e->st;

		if (*name && fstatat(l->e->fd, name, &st, AT_SYMLINK_NOFOLLOW))
			continue;
		if (!S_ISLNK(st.st_mode) && (st.st_mode & 02) && !(st.st_mode & S_ISVTX))
			named_add(&writable, "", *name ? name : ".");
	}
	if (!r && writable.n)
		r = report(l, "bad-mode", false,
			   arena_printf(a, "%s can be written by everybody",
					named_text(a, &writable)),
			   "take that right away with `chmod o-w`");
	str_release(&closed.text);
	str_release(&writable.text);
	return r;
}
