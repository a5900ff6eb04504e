/* SPDX-License-Identifier: MIT */
/* test-transaction.c - journals, staging directories, and each way from begin to end */
#include <config.h>

#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "transaction/transaction.h"

static char warnings[4096];

static void on_log(void *data, int level, const char *message)
{
	(void)data;
	(void)level;
	strncat(warnings, message, sizeof(warnings) - strlen(warnings) - 2);
	strcat(warnings, "\n");
}

static const struct log listener = { on_log, NULL, VENV_LOG_WARNING };

static void begin_case(struct transaction *tx, struct arena *a)
{
	*tx = (struct transaction)TRANSACTION_INIT;
	tx->arena = a;
	tx->log = &listener;
	tx->cwd = scratch;
	warnings[0] = '\0';
}

static void write_staged(struct transaction *tx, const char *name, const char *text)
{
	assert_int_equal(file_create_at(tx->root, name, text, strlen(text), 0644, false),
			 0);
}

static bool is_there(const char *name)
{
	struct stat st;

	return !lstat(in_scratch(name), &st);
}

static void assert_text(const char *name, const char *text)
{
	struct str s = STR_INIT;

	assert_int_equal(file_read_at(AT_FDCWD, in_scratch(name), 1000, &s), 0);
	assert_string_equal(str_text(&s), text);
	str_release(&s);
}

/* Nothing but N entries are in the scratch directory. */
static void assert_entries(size_t n)
{
	struct arena a = ARENA_INIT;
	struct strlist names = STRLIST_INIT;

	assert_int_equal(tree_names(&a, scratch, &names), 0);
	assert_int_equal(names.n, n);
	arena_release(&a);
}

/* Open, begin and stage a pyvenv.cfg. */
static void stage(struct transaction *tx, const char *dir, const char *text)
{
	struct venv_error err = VENV_ERROR_INIT;

	assert_ok(transaction_open(tx, dir, &err), &err);
	assert_ok(transaction_begin(tx, &err), &err);
	write_staged(tx, CFG_FILE, text);
}

/* ---- journals ---- */

static void test_journal(void **state)
{
	static const char *const paths[] = { "plain", "with blank", "a/b%c", "new\nline",
					     "\xff\x01" };
	struct arena a = ARENA_INIT;
	struct journal j, read;
	struct change *c;
	size_t n = 0;
	int dir = open(scratch, O_RDONLY | O_DIRECTORY);

	(void)state;
	journal_init(&j);
	j.way = WAY_MERGE;
	j.name = "a b";
	j.stage = ".venvctl-0";
	j.stage_id = (struct tree_id){ 17, INT64_C(0x7fffffffffffffff) };
	j.target_id = (struct tree_id){ UINT64_MAX, 5 };
	j.was_empty = true;
	assert_true(strlist_add(&a, &j.made, "/x/y z"));
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		c = journal_add(&j, &a, i % 2 ? CHANGE_SWAP : CHANGE_ADD, paths[i], NULL);
		assert_non_null(c);
		c->now = (struct mark){ 1 + i, 2, -3 };
	}
	assert_int_equal(journal_write(&j, dir), 0);
	assert_int_equal(journal_write(&j, dir), -EEXIST);
	assert_non_null(journal_add(&j, &a, CHANGE_REMOVE, "later", NULL));
	assert_int_equal(journal_append(&j, dir), 0);
	assert_int_equal(journal_append(&j, dir), 0);
	assert_int_equal(journal_read(&read, &a, dir), 1);
	assert_int_equal(read.way, WAY_MERGE);
	assert_string_equal(read.name, "a b");
	assert_true(tree_same(&read.stage_id, &j.stage_id));
	assert_true(tree_same(&read.target_id, &j.target_id));
	assert_true(read.was_empty);
	assert_false(read.kept);
	assert_int_equal(read.pid, getpid());
	assert_int_equal(read.made.n, 1);
	assert_string_equal(read.made.v[0], "/x/y z");
	for (c = read.changes; c; c = c->next, n++) {
		const char *path = n < ARRAY_SIZE(paths) ? paths[n] : "later";

		assert_string_equal(c->path, path);
		assert_int_equal(c->now.mtime_ns, n < ARRAY_SIZE(paths) ? -3 : 0);
	}
	assert_int_equal(n, ARRAY_SIZE(paths) + 1);
	/* Who reads it goes on with numbers that are free. */
	assert_true(read.numbers >= j.numbers);
	assert_int_equal(journal_keep(&j, dir), 0);
	assert_int_equal(journal_read(&read, &a, dir), 1);
	assert_true(read.kept);
	close(dir);
	arena_release(&a);
}

#define GOOD_HEAD                                                     \
	"venvctl-journal 2\nway merge\nowner 1 0\nname e\nstage .s\n" \
	"stage-id 1:0\ntarget-id 2:0\n"

/* What is damaged, cut or planted is nothing, or is known to be damaged. */
static void test_journal_hostile(void **state)
{
	static const struct {
		const char *text;
		int result;
		int changes;
	} cases[] = {
		{ "", -EBADMSG, 0 },
		{ "rubbish\nend\n", -EBADMSG, 0 },
		{ "venvctl-journal 2\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD, -EBADMSG, 0 },
		{ GOOD_HEAD "en", -EBADMSG, 0 },
		{ GOOD_HEAD "end\n", 1, 0 },
		{ GOOD_HEAD "add 0 0:0:0 1:0:0 x\nend\n", 1, 1 },
		/* A group that was cut was not begun. */
		{ GOOD_HEAD "add 0 0:0:0 1:0:0 x\nend\nadd 0 0:0:0 1:0:0 y\n", 1, 1 },
		{ GOOD_HEAD "add 0 0:0:0 1:0:0 x\nend\nadd 0 0:0:0 1:0:0 y\ne", 1, 1 },
		{ GOOD_HEAD "add 0 0:0:0 1:0:0 x\nend\nadd 0 0:0", 1, 1 },
		/* An escape at the end, or of a NUL. */
		{ GOOD_HEAD "add 0 0:0:0 1:0:0 x%4\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD "add 0 0:0:0 1:0:0 x%\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD "add 0 0:0:0 1:0:0 x%00\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD "add 0 0:0:0 1:0:0 ../x\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD "add 0 0:0:0 1:0:0 /x\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD "add 0 0:0:0 1:0:0 %2e%2e/x\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD "eat 0 0:0:0 1:0:0 x\nend\n", -EBADMSG, 0 },
		/* Behind which no other number could come. */
		{ GOOD_HEAD "swap 4294967295 0:0:0 1:0:0 x\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD "stage a/b\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD "stage ..\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD "made relative\nend\n", -EBADMSG, 0 },
		{ GOOD_HEAD "stage-id 1:0 more\nend\n", -EBADMSG, 0 },
	};
	struct arena a = ARENA_INIT;
	int dir = open(scratch, O_RDONLY | O_DIRECTORY);
	struct journal j;

	(void)state;
	assert_int_equal(journal_read(&j, &a, dir), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int n = 0, r;

		put(INCOMPLETE_FILE, cases[i].text);
		r = journal_read(&j, &a, dir);
		if (r != cases[i].result)
			fail_msg("case %zu: %d, not %d", i, r, cases[i].result);
		for (struct change *c = j.changes; r == 1 && c; c = c->next)
			n++;
		if (r == 1 && n != cases[i].changes)
			fail_msg("case %zu: %d changes", i, n);
		unlinkat(dir, INCOMPLETE_FILE, 0);
	}
	/* One that others may have written is none; nor is a link. */
	put(INCOMPLETE_FILE, GOOD_HEAD "end\n");
	assert_int_equal(chmod(in_scratch(INCOMPLETE_FILE), 0666), 0);
	assert_int_equal(journal_read(&j, &a, dir), 0);
	assert_int_equal(rename(in_scratch(INCOMPLETE_FILE), in_scratch("x")), 0);
	assert_int_equal(symlink("x", in_scratch(INCOMPLETE_FILE)), 0);
	assert_int_equal(journal_read(&j, &a, dir), 0);
	close(dir);
	arena_release(&a);
}

static void test_journal_owner(void **state)
{
	struct arena a = ARENA_INIT;
	struct journal j;
	siginfo_t info;
	pid_t child;

	(void)state;
	journal_init(&j);
	assert_true(journal_owner_runs(&j));
	/* Our number, but from before we were started. */
	j.began_ns = 1;
	assert_false(journal_owner_runs(&j));
	/* One that is gone. */
	journal_init(&j);
	child = fork();
	if (!child)
		_exit(0);
	/* It has ended before its status was asked for. */
	while (!waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) && !info.si_pid)
		;
	j.pid = child;
	assert_false(journal_owner_runs(&j));
	waitpid(child, NULL, 0);
	assert_false(journal_owner_runs(&j));
	/* Another machine's cannot be seen. */
	j.host = "no-such-machine";
	assert_true(journal_owner_runs(&j));
	j.host = journal_host(&a);
	assert_false(journal_owner_runs(&j));
	arena_release(&a);
}

/* ---- transactions ---- */

static void test_new(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct arena a = ARENA_INIT;
	struct transaction tx, other;

	(void)state;
	begin_case(&tx, &a);
	stage(&tx, "p/q/env", "x");
	assert_int_equal(tx.target.kind, TARGET_NEW);
	assert_true(tx.target.is_ours);
	assert_int_equal(tx.way, WAY_NEW);
	assert_false(is_there("p/q/env"));
	/* Who comes meanwhile is told. */
	begin_case(&other, &a);
	assert_int_equal(transaction_open(&other, "p/q/env", &err), VENV_ERR_CONFLICT);
	assert_message(&err, "another venvctl is at work");
	transaction_rollback(&other);
	venv_error_clear(&err);
	transaction_rollback(&tx);
	/* The parents were made for it. */
	assert_entries(0);
	begin_case(&tx, &a);
	stage(&tx, "p/q/env", "x");
	assert_ok(transaction_publish(&tx, true, &err), &err);
	assert_true(is_there("p/q/env/" INCOMPLETE_FILE));
	assert_ok(transaction_commit(&tx, &err), &err);
	assert_text("p/q/env/" CFG_FILE, "x");
	assert_false(is_there("p/q/env/" INCOMPLETE_FILE));
	assert_string_equal(warnings, "");
	arena_release(&a);
}

static void test_exchange(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct arena a = ARENA_INIT;
	struct transaction tx;

	(void)state;
	assert_int_equal(mkdir(in_scratch("env"), 0750), 0);
	put("env/" CFG_FILE, "old");
	put("env/mine", "mine");
	for (int commit = 0; commit < 2; commit++) {
		struct stat st;

		begin_case(&tx, &a);
		tx.existing = EXISTING_REPLACE;
		stage(&tx, "env", "new");
		assert_int_equal(tx.way, WAY_EXCHANGE);
		assert_ok(transaction_publish(&tx, true, &err), &err);
		assert_text("env/" CFG_FILE, "new");
		assert_int_equal(stat(in_scratch("env"), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0750);
		if (commit)
			assert_ok(transaction_commit(&tx, &err), &err);
		else
			transaction_rollback(&tx);
		assert_text("env/" CFG_FILE, commit ? "new" : "old");
		assert_int_equal(is_there("env/mine"), !commit);
		assert_entries(1);
	}
	assert_string_equal(warnings, "");
	arena_release(&a);
}

static void test_merge(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct arena a = ARENA_INIT;
	struct transaction tx;

	(void)state;
	assert_int_equal(mkdir(in_scratch("env"), 0755), 0);
	assert_int_equal(mkdir(in_scratch("env/bin"), 0755), 0);
	put("env/" CFG_FILE, "old");
	put("env/bin/old", "old");
	put("env/mine", "mine");
	for (int commit = 0; commit < 2; commit++) {
		begin_case(&tx, &a);
		stage(&tx, "env", "new");
		assert_int_equal(tx.target.kind, TARGET_IN_PLACE);
		assert_int_equal(tx.way, WAY_MERGE);
		assert_int_equal(mkdirat(tx.root, "bin", 0755), 0);
		assert_int_equal(mkdirat(tx.root, "lib", 0755), 0);
		write_staged(&tx, "bin/new", "new");
		write_staged(&tx, "lib/new", "new");
		assert_ok(transaction_remove(&tx, "bin/old", &err), &err);
		assert_int_equal(transaction_remove(&tx, "../x", &err), VENV_ERR_FAILED);
		venv_error_clear(&err);
		assert_ok(transaction_publish(&tx, true, &err), &err);
		assert_text("env/" CFG_FILE, "new");
		assert_text("env/bin/new", "new");
		assert_false(is_there("env/bin/old"));
		/* What comes later has the same journal. */
		assert_ok(transaction_part_begin(&tx, &err), &err);
		assert_int_equal(mkdirat(tx.root, "bin", 0755), 0);
		write_staged(&tx, "bin/new", "newer");
		write_staged(&tx, "later", "later");
		assert_ok(transaction_part_publish(&tx, &err), &err);
		assert_text("env/bin/new", "newer");
		assert_text("env/later", "later");
		if (commit) {
			assert_ok(transaction_commit(&tx, &err), &err);
			assert_text("env/lib/new", "new");
		} else {
			transaction_rollback(&tx);
			assert_text("env/" CFG_FILE, "old");
			assert_text("env/bin/old", "old");
			assert_false(is_there("env/bin/new"));
			assert_false(is_there("env/later"));
			assert_false(is_there("env/lib"));
		}
		assert_text("env/mine", "mine");
		assert_entries(1);
	}
	assert_string_equal(warnings, "");
	arena_release(&a);
}

/* What somebody changed, put in the way or took away meanwhile is left to him. */
static void test_merge_undo_spares(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct arena a = ARENA_INIT;
	struct transaction tx;

	(void)state;
	assert_int_equal(mkdir(in_scratch("p"), 0755), 0);
	put("p/Makefile", "all:");
	begin_case(&tx, &a);
	stage(&tx, "p", "new");
	assert_int_equal(tx.target.kind, TARGET_BESIDE);
	assert_false(tx.target.is_ours);
	assert_int_equal(mkdirat(tx.root, "bin", 0755), 0);
	write_staged(&tx, "bin/a", "a");
	write_staged(&tx, "b", "b");
	write_staged(&tx, "c", "c");
	assert_ok(transaction_publish(&tx, true, &err), &err);
	/* B is edited, C replaced, D new. */
	assert_int_equal(unlink(in_scratch("p/c")), 0);
	put("p/c", "mine");
	put("p/d", "mine");
	assert_int_equal(truncate(in_scratch("p/b"), 0), 0);
	transaction_rollback(&tx);
	assert_text("p/Makefile", "all:");
	assert_text("p/b", "");
	assert_text("p/c", "mine");
	assert_text("p/d", "mine");
	assert_false(is_there("p/bin"));
	assert_false(is_there("p/" CFG_FILE));
	assert_false(is_there("p/" INCOMPLETE_FILE));
	assert_non_null(strstr(warnings, "'p/b' was changed by somebody else"));
	assert_non_null(strstr(warnings, "'p/c' was changed by somebody else"));
	arena_release(&a);
}

static void test_merge_conflict(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct arena a = ARENA_INIT;
	struct transaction tx;

	(void)state;
	assert_int_equal(mkdir(in_scratch("p"), 0755), 0);
	put("p/a", "mine");
	begin_case(&tx, &a);
	stage(&tx, "p", "new");
	write_staged(&tx, "a", "ours");
	assert_int_equal(transaction_publish(&tx, false, &err), VENV_ERR_CONFLICT);
	assert_message(&err, "'p/a' is there already");
	transaction_rollback(&tx);
	assert_text("p/a", "mine");
	assert_false(is_there("p/" CFG_FILE));
	venv_error_clear(&err);
	arena_release(&a);
}

/* A process that ends at STEP of a transaction, and what the next one makes of it. */
static void die_at(int step, const char *dir, enum existing existing)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		struct venv_error err = VENV_ERROR_INIT;
		struct arena a = ARENA_INIT;
		struct transaction tx;
		int r;

		begin_case(&tx, &a);
		tx.existing = existing;
		r = transaction_open(&tx, dir, &err);
		if (!r && step > 0)
			r = transaction_begin(&tx, &err);
		if (!r && step > 1)
			r = file_create_at(tx.root, CFG_FILE, "new", 3, 0644, false);
		if (!r && step > 2)
			r = transaction_publish(&tx, true, &err);
		_exit(r ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
}

static void test_recovery(void **state)
{
	static const enum existing how[] = { EXISTING_KEEP, EXISTING_REPLACE };
	struct venv_error err = VENV_ERROR_INIT;
	struct arena a = ARENA_INIT;
	struct transaction tx;

	(void)state;
	for (int step = 0; step < 4; step++) {
		for (int there = 0; there < 3; there++) {
			if (there) {
				assert_int_equal(mkdir(in_scratch("env"), 0755), 0);
				put("env/" CFG_FILE, "old");
				put("env/mine", "mine");
			}
			die_at(step, "env", how[there == 2]);
			begin_case(&tx, &a);
			assert_ok(transaction_open(&tx, "env", &err), &err);
			/* All as it was, before anything is decided. */
			assert_int_equal(tx.target.kind,
					 there ? TARGET_IN_PLACE : TARGET_NEW);
			assert_int_equal(strstr(warnings, "was interrupted") != NULL,
					 step == 3);
			transaction_rollback(&tx);
			if (there) {
				assert_text("env/" CFG_FILE, "old");
				assert_text("env/mine", "mine");
				assert_int_equal(
					tree_remove_at(AT_FDCWD, in_scratch("env"), NULL),
					0);
			}
			assert_entries(0);
		}
	}
	arena_release(&a);
}

/* A name of ours that was not made here is told, passed over, and stays. */
static void test_foreign(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct arena a = ARENA_INIT;
	struct transaction tx;
	const char *name;

	(void)state;
	begin_case(&tx, &a);
	stage(&tx, "env", "x");
	name = arena_strdup(&a, tx.journal.stage);
	assert_non_null(name);
	transaction_rollback(&tx);
	assert_int_equal(mkdir(in_scratch(name), 0755), 0);
	put(arena_printf(&a, "%s/%s", name, INCOMPLETE_FILE),
	    "venvctl-journal 2\nway new\nowner 1 0\nname env\nstage .s\nstage-id 1:0\n"
	    "target-id 1:0\nend\n");
	begin_case(&tx, &a);
	stage(&tx, "env", "x");
	assert_non_null(strstr(warnings, "was not made by venvctl here"));
	assert_ok(transaction_publish(&tx, false, &err), &err);
	assert_ok(transaction_commit(&tx, &err), &err);
	assert_true(is_there(name));
	assert_text("env/" CFG_FILE, "x");
	assert_entries(2);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_scratch(test_journal),	      with_scratch(test_journal_hostile),
		with_scratch(test_journal_owner),     with_scratch(test_new),
		with_scratch(test_exchange),	      with_scratch(test_merge),
		with_scratch(test_merge_undo_spares), with_scratch(test_merge_conflict),
		with_scratch(test_recovery),	      with_scratch(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
