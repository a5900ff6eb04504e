/* SPDX-License-Identifier: MIT */
/* list.c - venvctl list: the environments below some directories */
#include <config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fs/fs.h"
#include "info.h"
#include "look.h"
#include "transaction/transaction.h"

#define DEPTH_DEFAULT 4

struct walk {
	struct look_cmd *l;
	dev_t dev;	   /* of the ROOT: others are not entered */
	struct index seen; /* what was told already: "DEVICE:INODE" */
};

/* True once for each directory. */
static bool is_first(struct walk *w, const struct stat *st)
{
	struct arena *a = &w->l->arena;
	const char *key = arena_printf(a, "%llx:%llx", (unsigned long long)st->st_dev,
				       (unsigned long long)st->st_ino);
	void **slot = key ? index_slot(a, &w->seen, key, "") : NULL;

	ui_results.starved |= !slot;
	if (!slot || *slot)
		return false;
	*slot = w;
	return true;
}

static void print(struct look_cmd *l, const char *path, const struct environment *e,
		  const struct checkup *c)
{
	if (l->json)
		json_print(l->json, info_object(l->json, "list", e, c));
	else
		ui_print("%s  %s %s  %s\n", e->redirect ? e->dir : path,
			 e->implementation, e->version ? e->version : "?",
			 info_state(e, c));
}

/* Tell the environment at PATH: true if it is one (or was told already). */
static bool tell(struct walk *w, const char *path)
{
	struct look_cmd *l = w->l;
	struct environment e = { .fd = -1 };
	struct venv_error err = VENV_ERROR_INIT;
	struct checkup c;
	int r = environment_find(&e, &l->pe, path, &err);
	bool is_one;

	if (!r)
		r = environment_open(&e, &l->pe, &err);
	is_one = !r || e.has_cfg;
	if (!r && is_first(w, &e.st)) {
		r = environment_check(&e, &l->pe, false, &c, &err);
		if (!r)
			print(l, path, &e, &c);
	}
	if (r == VENV_ERR_NOMEM)
		ui_results.starved = true;
	else if (r && is_one)
		log_warn(&l->log, "%s", venv_error_message(&err));
	venv_error_clear(&err);
	environment_close(&e);
	return is_one;
}

static void look_below(struct walk *w, const char *path, long depth);

/* The entry NAME, at PATH, of a directory. */
static void look_at(struct walk *w, const char *name, const char *path, long depth)
{
	struct stat st;

	/* A staging directory is not yet, or no more, anybody's environment. */
	if (file_is_temp(name) || lstat(path, &st))
		return;
	if (S_ISREG(st.st_mode) && !strcmp(name, REDIRECT_FILE))
		tell(w, path);
	else if (S_ISDIR(st.st_mode) && depth > 0 && st.st_dev == w->dev)
		look_below(w, path, depth - 1);
}

static void look_below(struct walk *w, const char *path, long depth)
{
	struct look_cmd *l = w->l;
	struct strlist names = STRLIST_INIT;
	int r;

	if (tell(w, path))
		return;
	r = tree_names(&l->arena, path, &names);
	ui_results.starved |= r == -ENOMEM;
	if (r)
		log_warn(&l->log, "cannot look into '%s': %s", path, strerror(-r));
	for (size_t i = 0; !r && i < names.n; i++) {
		const char *below = strcmp(path, ".")
					    ? path_join(&l->arena, path, names.v[i])
					    : names.v[i];

		ui_results.starved |= !below;
		if (below)
			look_at(w, names.v[i], below, depth);
	}
}

static int look_at_root(struct walk *w, const char *root, long depth)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct stat st;

	if (stat(root, &st) || (!S_ISDIR(st.st_mode) && (errno = ENOTDIR))) {
		error_errno(&err, errno, "cannot look into '%s'", root);
		return look_error(w->l, root, 0, &err);
	}
	w->dev = st.st_dev;
	look_below(w, root, depth);
	return EXIT_OK;
}

static int run(struct look_cmd *l, const char *depth_text)
{
	struct walk w = { .l = l };
	long depth = DEPTH_DEFAULT;
	int first = EXIT_OK;
	char *end;

	if (depth_text) {
		depth = strtol(depth_text, &end, 10);
		if (!*depth_text || *end || depth < 0 || depth > 100)
			return ui_usage(NULL, "--depth: '%s' is no number from 0 to 100",
					depth_text);
	}
	for (size_t i = 0; i < l->rest.n || !i; i++) {
		int r = look_at_root(&w, l->rest.n ? l->rest.v[i] : ".", depth);

		if (r && !first)
			first = r;
	}
	return first;
}

int cmd_list(int argc, char **argv)
{
	const char *depth = NULL;
	struct look_cmd l = { .rest = STRLIST_INIT };
	const struct flag flags[] = { { .name = "json", .set = &l.as_json },
				      { .name = "depth", .value = &depth },
				      { .name = NULL } };
	int r = look_begin(&l, argc, argv, flags);

	return look_end(&l, r ? r : run(&l, depth));
}
