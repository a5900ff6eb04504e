/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "trial_apart.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif

#include "fs/fs.h"

#define PLACES_MAX 5

struct place {
	const char *path;
	dev_t dev;
	bool nested;	     /* in a place before it, whose overlay is its own, too */
	bool users;	     /* it is of the user, not of everybody */
	int upper;	     /* what was written; -1 where it has no overlay */
	struct strlist seen; /* its entries, as they were, where there are no overlays */
};

/* One trial is one process. */
static struct {
	struct place places[PLACES_MAX];
	size_t n;
	const char *scratch;
	bool looked; /* before the plugin ran */
} now;

#ifdef __linux__
static void write_text(const char *path, const char *text)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!write(fd, text, strlen(text));
}

/* Namespaces of our own; whoever is not root needs one of users for that. */
static bool leave(int flags)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[32];

	if (!uid)
		return !unshare(flags);
	if (unshare(CLONE_NEWUSER | flags))
		return false;
	snprintf(map, sizeof(map), "%u %u 1\n", uid, uid);
	write_text("/proc/self/uid_map", map);
	write_text("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1\n", gid, gid);
	write_text("/proc/self/gid_map", map);
	return geteuid() == uid;
}
#endif

bool apart_network(void)
{
#ifdef __linux__
	return leave(CLONE_NEWNET);
#else
	return false;
#endif
}

static void add_place(struct arena *a, const char *path, bool users, const char *scratch)
{
	_cleanup_free_ char *real = path ? realpath(path, NULL) : NULL;
	struct place *p;
	struct stat st;

	if (!real || now.n == PLACES_MAX || !strcmp(real, "/") || stat(real, &st) ||
	    path_is_below(real, scratch))
		return;
	p = &now.places[now.n];
	*p = (struct place){ .path = arena_strdup(a, real),
			     .dev = st.st_dev,
			     .users = users,
			     .upper = -1 };
	for (size_t i = 0; i < now.n; i++)
		p->nested |= path_is_below(real, now.places[i].path) &&
			     now.places[i].dev == st.st_dev;
	now.n += p->path != NULL;
}

/* Those that have others below them come first. */
void apart_find(struct arena *a, const char *scratch)
{
	const char *tmp = getenv("TMPDIR"), *home = getenv("HOME");
	_cleanup_free_ char *real = realpath(scratch, NULL);

	now.n = 0;
	now.scratch = real ? arena_strdup(a, real) : scratch;
	now.scratch = now.scratch ? now.scratch : scratch;
	add_place(a, "/tmp", false, scratch);
	add_place(a, "/var/tmp", false, scratch);
	add_place(a, home, true, scratch);
	add_place(a, tmp, true, scratch);
	add_place(a, ".", true, scratch);
}

/* NAME, and what tells that it was changed. */
static void list(struct arena *a, const char *path, struct strlist *out)
{
	struct strlist names = STRLIST_INIT;

	if (tree_names(a, path, &names))
		return;
	for (size_t i = 0; i < names.n; i++) {
		const char *full = path_join(a, path, names.v[i]);
		struct stat st;
		char *line;

		/* That the scratch directory is there changes the one that it is in, too. */
		if (!full || path_is_below(now.scratch, full) || lstat(full, &st))
			continue;
		line = arena_printf(a, "%s%c%lld.%ld %lld", names.v[i], 0,
				    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
				    (long long)st.st_size);
		if (!line || !strlist_add(a, out, line))
			return;
	}
}

#ifdef __linux__
/* An overlay on PLACE, whose two directories are N and N-work below the descriptor MEMORY. */
static bool cover(struct place *p, int memory, size_t n)
{
	_cleanup_close_ int lower = open(p->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int work = -1;
	char name[16], options[160];
	struct stat st;

	snprintf(name, sizeof(name), "%zu", n);
	if (lower < 0 || fstat(lower, &st) || mkdirat(memory, name, 0700))
		return false;
	p->upper = openat(memory, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* A merged directory shows the mode and the owner of its upper one. */
	if (p->upper < 0 || fchmod(p->upper, st.st_mode & 07777) ||
	    (fchown(p->upper, st.st_uid, st.st_gid) && errno != EPERM && errno != EINVAL))
		return false;
	snprintf(name, sizeof(name), "%zu-work", n);
	if (mkdirat(memory, name, 0700))
		return false;
	work = openat(memory, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* By number: a path could have a comma or a colon. */
	snprintf(options, sizeof(options),
		 "lowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d,workdir=/proc/self/"
		 "fd/%d%s",
		 lower, p->upper, work, geteuid() ? ",userxattr" : "");
	if (mount("overlay", p->path, "overlay", 0, options)) {
		close(steal_fd(&p->upper));
		return false;
	}
	return true;
}

static bool cover_all(struct arena *a, const char *scratch)
{
	const char *over = path_join(a, scratch, "over");
	_cleanup_close_ int root = -1, memory = -1;
	char self[32];

	if (!over || mkdir(over, 0700) || !leave(CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", over, "tmpfs", 0, "mode=700"))
		return false;
	/* Only what was opened in a namespace can be mounted there. */
	root = open(scratch, O_PATH | O_DIRECTORY | O_CLOEXEC);
	memory = open(over, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0 || memory < 0)
		return false;
	for (size_t i = 0; i < now.n; i++) {
		if (!now.places[i].nested && !cover(&now.places[i], memory, i))
			return false;
	}
	/* What is below a covered directory is seen through it; this one is the real one. */
	snprintf(self, sizeof(self), "/proc/self/fd/%d", root);
	return !mount(self, scratch, NULL, MS_BIND, NULL);
}
#endif

bool apart_files(struct arena *a, const char *scratch)
{
	now.looked = true;
#ifdef __linux__
	if (cover_all(a, scratch))
		return true;
#endif
	for (size_t i = 0; i < now.n; i++) {
		if (now.places[i].upper >= 0)
			close(steal_fd(&now.places[i].upper));
		if (now.places[i].users)
			list(a, now.places[i].path, &now.places[i].seen);
	}
	return false;
}

struct changes {
	struct arena *a;
	struct strlist *paths;
	const char *place;
	const char
		*directory; /* the last that was visited, as long as nothing is in it */
};

static void add_path(struct changes *c, const char *path)
{
	(void)!strlist_add(c->a, c->paths, path_join(c->a, c->place, path));
}

static int add_change(void *data, const struct tree_entry *e, struct venv_error *err)
{
	struct changes *c = data;

	(void)err;
	if (c->directory && !path_is_below(e->path, c->directory))
		add_path(c, c->directory);
	c->directory = NULL;
	/* Python writes these wherever it may. */
	if (!strcmp(e->name, "__pycache__"))
		return 0;
	if (S_ISDIR(e->st.st_mode))
		c->directory = arena_strdup(c->a, e->path);
	else if (!strstr(e->path, "__pycache__/"))
		add_path(c, e->path);
	return 0;
}

/* Entries that are new, gone or other than they were. */
static void compare(struct changes *c, const struct strlist *one,
		    const struct strlist *other)
{
	for (size_t i = 0; i < one->n; i++) {
		const char *path = path_join(c->a, c->place, one->v[i]);
		bool found = false;

		for (size_t k = 0; !found && k < other->n; k++)
			found = !strcmp(one->v[i], other->v[k]) &&
				!strcmp(one->v[i] + strlen(one->v[i]) + 1,
					other->v[k] + strlen(other->v[k]) + 1);
		if (!found && path && strlist_find(c->paths, path) < 0)
			(void)!strlist_add(c->a, c->paths, path);
	}
}

void apart_changes(struct arena *a, struct strlist *paths)
{
	bool apart = false;

	for (size_t i = 0; i < now.n; i++)
		apart |= now.places[i].upper >= 0;
	for (size_t i = 0; now.looked && i < now.n; i++) {
		struct place *p = &now.places[i];
		struct changes c = { .a = a, .paths = paths, .place = p->path };
		struct strlist after = STRLIST_INIT;

		if (p->upper >= 0) {
			/* It was open before the plugin was: read it anew. */
			int fd = openat(p->upper, ".",
					O_RDONLY | O_DIRECTORY | O_CLOEXEC);

			if (fd >= 0 && !tree_visit(fd, p->path, add_change, &c, NULL) &&
			    c.directory)
				add_path(&c, c.directory);
			if (fd >= 0)
				close(fd);
			continue;
		}
		if (apart || !p->users)
			continue;
		list(a, p->path, &after);
		compare(&c, &after, &p->seen);
		compare(&c, &p->seen, &after);
	}
}
