/* SPDX-License-Identifier: MIT */
/*
 * journal.c - a journal of any bytes: nothing in it leads out of the target, what was read and
 * is written again is the same, and of one that was cut whole groups are read
 */
#include <config.h>

#include "fuzz.h"
#include "layout/layout.h"
#include "transaction/journal.h"

static void put(int dirfd, const uint8_t *data, size_t size)
{
	MUST(!unlinkat(dirfd, INCOMPLETE_FILE, 0) || errno == ENOENT);
	MUST(!file_create_at(dirfd, INCOMPLETE_FILE, (const char *)data, size, 0600,
			     false));
}

static void check(const struct journal *j)
{
	MUST(j->name && *j->name && !strchr(j->name, '/') && path_is_inside(j->name));
	MUST(j->stage && *j->stage && !strchr(j->stage, '/') && path_is_inside(j->stage));
	MUST(j->way == WAY_NEW || j->way == WAY_EXCHANGE || j->way == WAY_MERGE);
	for (size_t i = 0; i < j->made.n; i++)
		MUST(*j->made.v[i] == '/');
	for (const struct change *c = j->changes; c; c = c->next) {
		MUST(path_is_inside(c->path) && c->kind <= CHANGE_LINKED);
		MUST(c->number < j->numbers);
	}
	MUST(!*j->tail && !j->unwritten);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* The changes of A are those that B begins with. */
static void check_begins(const struct journal *a, const struct journal *b)
{
	const struct change *x = a->changes, *y = b->changes;

	for (; x; x = x->next, y = y->next)
		MUST(y && x->kind == y->kind && x->number == y->number &&
		     mark_equal(&x->was, &y->was) && mark_equal(&x->now, &y->now) &&
		     !strcmp(x->path, y->path));
}

static void check_same(const struct journal *a, const struct journal *b)
{
	MUST(a->way == b->way && a->pid == b->pid && a->began_ns == b->began_ns);
	MUST(same_text(a->name, b->name) && same_text(a->stage, b->stage));
	MUST(tree_same(&a->stage_id, &b->stage_id));
	MUST(tree_same(&a->target_id, &b->target_id));
	MUST(same_text(a->host, b->host) && a->was_empty == b->was_empty);
	MUST(a->made.n == b->made.n);
	for (size_t i = 0; i < a->made.n; i++)
		MUST(!strcmp(a->made.v[i], b->made.v[i]));
	check_begins(a, b);
	check_begins(b, a);
}

static void read_again(struct journal *j, struct arena *a, int dirfd)
{
	struct journal again;

	MUST(!unlinkat(dirfd, INCOMPLETE_FILE, 0));
	j->unwritten = j->changes;
	MUST(!journal_write(j, dirfd));
	if (j->kept)
		MUST(!journal_keep(j, dirfd));
	MUST(journal_read(&again, a, dirfd) == 1);
	check(&again);
	check_same(j, &again);
	MUST(again.kept == j->kept);
}

FUZZ(journal)
{
	struct arena a = ARENA_INIT;
	struct journal whole, cut;
	int dirfd = fuzz_dir();
	size_t at = fuzz_byte(&data, &size);
	int r;

	put(dirfd, data, size);
	r = journal_read(&whole, &a, dirfd);
	MUST(r == 1 || r == -EBADMSG);
	if (r == 1) {
		(void)journal_owner_runs(&whole);
		check(&whole);
		put(dirfd, data, size * at / 256);
		r = journal_read(&cut, &a, dirfd);
		MUST(r == 1 || r == -EBADMSG);
		if (r == 1) {
			check(&cut);
			check_begins(&cut, &whole);
		}
		read_again(&whole, &a, dirfd);
	}
	arena_release(&a);
	return 0;
}
