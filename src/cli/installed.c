/* SPDX-License-Identifier: MIT */
/* installed.c - which distributions an environment has, to tell those that a create brought */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "create.h"
#include "environment/environment.h"
#include "fs/fs.h"

static bool is_dist(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && strchr(name, '-') &&
	       (!strcmp(dot, ".dist-info") || !strcmp(dot, ".egg-info"));
}

/* lib/LIB/site-packages: "LIB/pip-24.0.dist-info" for each. */
static int add_site(struct arena *a, int libs, const char *lib, struct strlist *out)
{
	const char *path = path_join(a, lib, "site-packages");
	_cleanup_close_ int fd =
		path ? openat(libs, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	_cleanup_dir_ DIR *d = NULL;
	int r = path ? tree_walk_if_there(fd, &d) : -ENOMEM;
	struct dirent *e;

	while (d && (e = tree_next(d, &r))) {
		const char *name = is_dist(e->d_name) ? path_join(a, lib, e->d_name) : "";

		if (!name || (*name && !strlist_add(a, out, name)))
			return -ENOMEM;
	}
	return r;
}

int installed_list(struct arena *a, const char *dir, struct strlist *out)
{
	_cleanup_close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int libs =
		fd < 0 ? -1 : openat(fd, "lib", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *d = NULL;
	int r = fd < 0 ? 0 : tree_walk_if_there(libs, &d), failed = 0;
	struct dirent *e;

	while (!r && d && (e = tree_next(d, &failed))) {
		if (environment_stem(e->d_name))
			r = add_site(a, libs, e->d_name, out);
	}
	return r ? r : failed;
}

void *installed_json(struct json *j, struct arena *a, const struct strlist *before,
		     const struct strlist *now)
{
	void *array = json_new_array(j);

	for (size_t i = 0; i < now->n; i++) {
		const char *name = path_base(now->v[i]), *dash = strchr(name, '-');
		const char *end = strrchr(name, '.'), *python = strstr(dash, "-py");
		void *o;

		if (strlist_find(before, now->v[i]) >= 0)
			continue;
		/* "foo-1.0-py3.8.egg-info" of old. */
		if (python && !strcmp(end, ".egg-info"))
			end = python;
		o = json_new_object(j);
		json_text(j, o, "name", arena_strndup(a, name, (size_t)(dash - name)));
		json_text(j, o, "version",
			  arena_strndup(a, dash + 1, (size_t)(end - dash - 1)));
		json_append(j, array, o);
	}
	return array;
}
