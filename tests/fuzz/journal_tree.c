/* SPDX-License-Identifier: MIT */
/*
 * journal_tree.c - a journal together with the tree that it is about: whatever it says, what
 * lies outside of the target and what it does not name stays, and it is acted upon once
 *
 * An input is a list of files to make, in the target and among what was replaced, and of
 * lines of the journal, which may be about them, through links, or about anything.
 */
#include <config.h>

#include "fuzz.h"
#include "layout/layout.h"
#include "transaction/private.h"

#define TARGET	"t"
#define OUTSIDE "outside"
#define KEPT	"kept"

static const char *const paths[] = {
	"bin",	     "bin/a",	   "bin/python3",    "lib",
	"lib/p",     "lib/p/x.py", "link",	     "link/a",
	"d",	     "d/link",	   "d/link/d/b",     CFG_FILE,
	"notes",     ".box",	   ".box/old/0",     INCOMPLETE_FILE,
	"d/../link", "..",	   "../outside/a",   "bin/../../outside/d",
	"link/../t", "/",	   "%2e%2e/outside", ".",
};

/* Of the directory for what is replaced: old/NUMBER, what is staged, what was moved away. */
static const char *const inner[] = {
	"old",	 "old/0",   "old/0/x",	 "old/1",  "old/1/x/y", "old/2",  "env",
	"env/d", "env/bin", "env/bin/a", "away-0", "away-1",	"part-0", INCOMPLETE_FILE,
};

static const char *const kinds[] = { "add", "swap", "remove", "saved", "linked" };

struct tree {
	int top, target, box;
	const char *stage;
	struct str lines;
};

/* What PATH of DIRFD is: a file, a directory, a link, or what is not ours to open. */
static void make(int dirfd, const char *path, uint8_t what)
{
	static const char *const links[] = { "../" OUTSIDE, "../" OUTSIDE "/a", "d", "..",
					     ".",	    "nowhere" };

	if (dirfd < 0)
		return;
	switch (what % 8) {
	case 0:
	case 1:
		(void)!mkdirat(dirfd, path, what & 128 ? 0 : 0755);
		break;
	case 2:
	case 3:
	case 4:
		(void)!symlinkat(links[what / 8 % ARRAY_SIZE(links)], dirfd, path);
		break;
	case 5:
		(void)!mkfifoat(dirfd, path, 0644);
		break;
	default:
		(void)!file_create_at(dirfd, path, "text", what / 8 % 5, 0644, false);
		break;
	}
}

static void make_path(int dirfd, const char *path, uint8_t what)
{
	if (path_is_inside(path))
		make(dirfd, path, what);
}

/* How a line marks what it is about. */
static void add_mark(struct tree *t, const char *path, unsigned number, uint8_t how)
{
	struct mark m = { 0 };
	char name[64];

	switch (how % 6) {
	case 0:
		break;
	case 1:
	case 2:
		(void)!mark_at(t->target, path, &m);
		break;
	case 3:
		snprintf(name, sizeof(name), "old/%u", number);
		if (t->box >= 0)
			(void)!mark_at(t->box, name, &m);
		break;
	case 4:
		snprintf(name, sizeof(name), "env/%s", path);
		if (t->box >= 0)
			(void)!mark_at(t->box, name, &m);
		break;
	default:
		m = (struct mark){ how, how, how };
	}
	str_addf(&t->lines, "%llx:%llx:%llx ", (unsigned long long)m.ino,
		 (unsigned long long)m.size, (unsigned long long)m.mtime_ns);
}

static void add_line(struct tree *t, const char *kind, const uint8_t **data, size_t *size)
{
	const char *path = paths[fuzz_byte(data, size) % ARRAY_SIZE(paths)];
	unsigned number = fuzz_byte(data, size) % 3;
	uint8_t marks = fuzz_byte(data, size);

	str_addf(&t->lines, "%s %u ", kind, number);
	add_mark(t, path, number, marks % 16);
	add_mark(t, path, number, marks / 16);
	str_addf(&t->lines, "%s\n", path);
}

/* Any text; not of directories that were made for the target, which may lie anywhere. */
static void add_any(struct tree *t, const uint8_t **data, size_t *size)
{
	char *text = fuzz_text(data, size), *made;

	while ((made = strstr(text, "made")))
		*made = 'M';
	while ((made = strstr(text, KEPT)))
		*made = 'K';
	str_addf(&t->lines, "%s\n", text);
	free(text);
}

static void fill(struct tree *t, const uint8_t *data, size_t size)
{
	const uint8_t *again = data;
	size_t left = size;

	/* The marks of a line are those of what is there in the end. */
	for (int pass = 0; pass < 2; pass++, data = again, size = left) {
		for (int i = 0; size && i < 48; i++) {
			uint8_t op = fuzz_byte(&data, &size) % 9;
			if (op == 5) {
				uint8_t at = fuzz_byte(&data, &size);
				uint8_t what = fuzz_byte(&data, &size);

				if (!pass)
					make_path(t->target,
						  paths[at % ARRAY_SIZE(paths)], what);
			} else if (op == 6) {
				uint8_t at = fuzz_byte(&data, &size);
				uint8_t what = fuzz_byte(&data, &size);

				if (!pass)
					make(t->box, inner[at % ARRAY_SIZE(inner)], what);
			} else if (op == 7) {
				str_add(&t->lines, "end\n");
			} else if (op == 8) {
				add_any(t, &data, &size);
			} else {
				add_line(t, kinds[op], &data, &size);
			}
		}
		if (!pass)
			str_clear(&t->lines);
	}
}

static void add_id(struct str *out, const char *key, int fd)
{
	struct tree_id id = { 0 };

	if (fd >= 0)
		MUST(!tree_id(fd, &id, NULL));
	str_addf(out, "%s %llx:%llx\n", key, (unsigned long long)id.ino,
		 (unsigned long long)id.born_ns);
}

/* The journal into DIRFD; STAGE is what was staged, REPLACED the target or what it was. */
static void write_journal(struct tree *t, int dirfd, enum way way, int stage,
			  int replaced)
{
	static const char *const ways[] = { "new", "exchange", "merge" };
	struct str out = STR_INIT;

	str_addf(&out, "venvctl-journal 2\nway %s\nowner 1 0\nname %s\nstage %s\n",
		 ways[way], TARGET, t->stage);
	add_id(&out, "stage-id", stage);
	add_id(&out, "target-id", replaced);
	str_addf(&out, "end\n%send\n", str_text(&t->lines));
	(void)!unlinkat(dirfd, INCOMPLETE_FILE, 0);
	(void)!file_create_at(dirfd, INCOMPLETE_FILE, out.s, out.len, 0600, false);
	str_release(&out);
}

static int make_dir(int dirfd, const char *name)
{
	int fd;

	MUST(!mkdirat(dirfd, name, 0755));
	fd = tree_open_dir(dirfd, name);
	MUST(fd >= 0);
	return fd;
}

static void make_file(int dirfd, const char *path)
{
	MUST(!file_create_at(dirfd, path, "mine", 4, 0644, false));
}

static void check_file(int dirfd, const char *path)
{
	struct str text = STR_INIT;

	MUST(!file_read_at(dirfd, path, 100, &text) && !strcmp(str_text(&text), "mine"));
	str_release(&text);
}

static void check_outside(int top)
{
	_cleanup_close_ int dir = tree_open_dir(top, OUTSIDE);
	struct stat st;

	MUST(dir >= 0 && !fstat(dir, &st) && (st.st_mode & 07777) == 0755);
	check_file(top, OUTSIDE "/a");
	check_file(top, OUTSIDE "/d/b");
	check_file(top, "beside");
}

static void begin(struct transaction *tx, struct arena *a, const struct log *log,
		  const char *cwd)
{
	*tx = (struct transaction)TRANSACTION_INIT;
	tx->arena = a;
	tx->log = log;
	tx->cwd = cwd;
	tx->target.name = TARGET;
}

/* As the next create does; what it says. */
static int repair(struct arena *a, const char *cwd)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct log log = { 0 };
	struct transaction tx;
	int r;

	begin(&tx, a, &log, cwd);
	r = transaction_open(&tx, TARGET, &err);
	MUST(!r || (r < 0 && err.message && *err.message));
	transaction_rollback(&tx);
	venv_error_clear(&err);
	return r;
}

/* Which file the journal in the target is; 0 if there is none. */
static ino_t number_of_journal(int top)
{
	struct stat st;

	return fstatat(top, TARGET "/" INCOMPLETE_FILE, &st, AT_SYMLINK_NOFOLLOW)
		       ? 0
		       : st.st_ino;
}

/* What the journal is about, as it lies there after a crash. */
static bool lay_out(struct tree *t, struct transaction *tx, enum way way, unsigned how)
{
	struct journal j;
	struct tree_id is, *named;

	if (how & 1)
		make(t->target, CFG_FILE, 6);
	write_journal(t, t->target, way, way == WAY_MERGE ? t->box : t->target,
		      way == WAY_MERGE ? t->target : t->box);
	/* Also in the staging directory, or there alone. */
	if (how & 2 && t->box >= 0)
		write_journal(t, t->box, way, t->box, t->target);
	if (how & 4)
		(void)!unlinkat(t->target, INCOMPLETE_FILE, 0);
	if (journal_read(&j, tx->arena, t->target) != 1)
		return false;
	named = j.way == WAY_MERGE ? &j.target_id : &j.stage_id;
	MUST(!tree_id(t->target, &is, NULL));
	return tree_same(&is, named);
}

FUZZ(journal_tree)
{
	struct arena a = ARENA_INIT;
	struct tree t = { .top = fuzz_dir(), .box = -1 };
	struct transaction tx;
	struct log log = { 0 };
	uint8_t how = fuzz_byte(&data, &size);
	enum way way = how % 3;
	bool inside = way == WAY_MERGE, is_ours, goes;
	int outside, kept;
	struct journal j;
	ino_t number;

	MUST(!tree_empty(t.top, NULL, NULL));
	outside = make_dir(t.top, OUTSIDE);
	make_file(outside, "a");
	close(make_dir(outside, "d"));
	make_file(outside, "d/b");
	close(outside);
	make_file(t.top, "beside");
	t.target = make_dir(t.top, TARGET);
	kept = make_dir(t.target, KEPT);
	make_file(kept, "notes");
	close(kept);
	begin(&tx, &a, &log, fuzz_dir_name());
	t.stage = stage_name(&tx, inside, 0);
	how /= 3;
	if (!(how & 8))
		t.box = make_dir(inside ? t.target : t.top, t.stage);
	fill(&t, data, size);
	is_ours = lay_out(&t, &tx, way, how);
	/* A new tree is withdrawn, and so is one that has taken another's place. */
	goes = is_ours && journal_read(&j, &a, t.target) == 1 && j.way != WAY_MERGE;
	number = number_of_journal(t.top);
	close(t.target);
	if (t.box >= 0)
		close(t.box);
	if (!repair(&a, fuzz_dir_name()) && is_ours)
		MUST(number_of_journal(t.top) != number);
	check_outside(t.top);
	if (!goes)
		check_file(t.top, TARGET "/" KEPT "/notes");
	repair(&a, fuzz_dir_name());
	check_outside(t.top);
	str_release(&t.lines);
	arena_release(&a);
	return 0;
}
