/* SPDX-License-Identifier: MIT */
/* test-fs.c - paths, files, trees, locks, trust, processes */
#include <config.h>

#include "scratch.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

static void test_path_absolute(void **state)
{
	static const char *const cases[][2] = {
		{ "x", "/c/w/x" },   { ".", "/c/w" },		{ "..", "/c" },
		{ "../../..", "/" }, { "/a//b/./c", "/a/b/c" }, { "/a/../b/", "/b" },
		{ "/", "/" },	     { "a/..", "/c/w" },	{ "...", "/c/w/..." },
		{ "/..", "/" },	     { "./x/./", "/c/w/x" },
	};
	struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(path_absolute(&a, "/c/w", cases[i][0]), cases[i][1]);
	/* From where there is no working directory nothing leads to anything that is. */
	assert_string_equal(path_absolute(&a, PATH_NO_CWD, "x/y"), PATH_NO_CWD "/y");
	assert_string_equal(path_absolute(&a, PATH_NO_CWD, "../../../tmp"),
			    PATH_NO_CWD "/tmp");
	assert_string_equal(path_absolute(&a, PATH_NO_CWD, "x/.."), PATH_NO_CWD);
	assert_string_equal(path_absolute(&a, PATH_NO_CWD, "/a/../b"), "/b");
	assert_true(path_is_below("/a/b", "/a"));
	assert_true(path_is_below("/a", "/a"));
	assert_false(path_is_below("/ab", "/a"));
	assert_true(path_is_below("/ab", "/"));
	assert_true(path_is_inside("a/b"));
	assert_false(path_is_inside("a/../b"));
	assert_false(path_is_inside("/a"));
	assert_false(path_is_inside("a//b"));
	assert_false(path_is_inside("a/"));
	assert_false(path_is_inside(""));
	assert_false(path_is_inside("."));
	assert_false(path_is_inside("a/."));
	assert_false(path_is_inside("./a"));
	assert_false(path_is_inside(".."));
	assert_false(path_is_inside("a/.."));
	assert_true(path_is_inside("..a"));
	assert_true(path_is_inside("a/..b/c../.d"));
	arena_release(&a);
}

/* Removal never leaves the tree: what a link points at stays. */
static void test_tree_remove(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkdir(in_scratch("keep"), 0755), 0);
	put("keep/file", "x");
	assert_int_equal(mkdir(in_scratch("tree"), 0755), 0);
	assert_int_equal(mkdir(in_scratch("tree/a"), 0755), 0);
	assert_int_equal(symlink("../keep", in_scratch("tree/link")), 0);
	assert_int_equal(symlink("/nowhere", in_scratch("tree/a/dangling")), 0);
	put("tree/a/file", "x");
	assert_int_equal(chmod(in_scratch("tree/a"), 0), 0);
	assert_int_equal(tree_remove_at(AT_FDCWD, in_scratch("tree"), NULL), 0);
	assert_int_equal(lstat(in_scratch("tree"), &st), -1);
	assert_int_equal(lstat(in_scratch("keep/file"), &st), 0);
	assert_int_equal(tree_remove_at(AT_FDCWD, in_scratch("none"), NULL), -ENOENT);
}

/* A move goes on where an interrupted one left off, and spares what is in its way. */
static void test_tree_move(void **state)
{
	struct stat st;
	int dir, fd;

	(void)state;
	assert_true((fd = tree_make_dirs(AT_FDCWD, in_scratch("from/a/b"))) >= 0);
	close(fd);
	assert_true((fd = tree_make_dirs(AT_FDCWD, in_scratch("to/a"))) >= 0);
	close(fd);
	dir = open(scratch, O_RDONLY | O_DIRECTORY);
	put("from/a/b/file", "contents");
	put("from/a/other", "x");
	assert_int_equal(chmod(in_scratch("from/a/b"), 0751), 0);
	assert_int_equal(chmod(in_scratch("from/a"), 0700), 0);
	assert_int_equal(symlink("b/file", in_scratch("from/a/link")), 0);
	assert_int_equal(tree_move(dir, "from", dir, "to"), 0);
	assert_int_equal(lstat(in_scratch("from"), &st), -1);
	assert_int_equal(lstat(in_scratch("to/a/b/file"), &st), 0);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(lstat(in_scratch("to/a/b"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0751);
	/* One that is there keeps its own. */
	assert_int_equal(lstat(in_scratch("to/a"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	put("mine", "mine");
	assert_int_equal(tree_move(dir, "mine", dir, "to/a/other"), -EEXIST);
	assert_int_equal(lstat(in_scratch("mine"), &st), 0);
	close(dir);
}

/* Deeper than there are descriptors, and than a walk would hold. */
static void test_tree_deep(void **state)
{
	struct rlimit limit, few;
	struct stat st;
	struct str where = STR_INIT;
	int dir, top;

	(void)state;
	assert_int_equal(mkdir(in_scratch("deep"), 0755), 0);
	top = dir = open(in_scratch("deep"), O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 700; i++) {
		int next;

		assert_int_equal(mkdirat(dir, "a-directory", 0755), 0);
		next = openat(dir, "a-directory", O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		if (i % 100 == 5)
			assert_int_equal(symlinkat("/", dir, "link"), 0);
		if (dir != top)
			close(dir);
		dir = next;
	}
	close(dir);
	close(top);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	few = limit;
	few.rlim_cur = 12;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(tree_remove_at(AT_FDCWD, in_scratch("deep"), &where), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(lstat(in_scratch("deep"), &st), -1);
	str_release(&where);
}

/* What says whose a directory is goes last, and stays if anything stays. */
static void test_tree_remove_marked(void **state)
{
	struct stat st;
	int dir;

	(void)state;
	assert_int_equal(mkdir(in_scratch("marked"), 0755), 0);
	assert_int_equal(mkdir(in_scratch("marked/sub"), 0755), 0);
	put("marked/sub/file", "x");
	put("marked/mark", "x");
	dir = open(scratch, O_RDONLY | O_DIRECTORY);
	assert_int_equal(tree_remove_marked(dir, "marked", "mark", NULL), 0);
	assert_int_equal(lstat(in_scratch("marked"), &st), -1);
	assert_int_equal(tree_remove_marked(dir, "marked", "mark", NULL), -ENOENT);
	close(dir);
}

struct seen {
	struct str text;
	const char *stop_at; /* the entry at which the walk is to end */
};

static int on_entry(void *data, const struct tree_entry *e, struct venv_error *err)
{
	struct seen *s = data;
	struct stat st;

	/* The entry is what its descriptor and its two paths say. */
	assert_int_equal(fstatat(e->dir, e->name, &st, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(st.st_ino, e->st.st_ino);
	assert_int_equal(lstat(e->full, &st), 0);
	assert_int_equal(st.st_ino, e->st.st_ino);
	assert_string_equal(path_base(e->path), e->name);
	str_addf(&s->text, "%s%s|", e->path,
		 S_ISDIR(e->st.st_mode)	  ? "/"
		 : S_ISLNK(e->st.st_mode) ? "@"
					  : "");
	if (s->stop_at && !strcmp(s->stop_at, e->path))
		return error_set(err, VENV_ERR_CONFIG, "stopped");
	return 0;
}

static int visit(const char *name, struct seen *s, struct venv_error *err)
{
	_cleanup_close_ int fd = open(name, O_RDONLY | O_DIRECTORY);
	int r;

	assert_true(fd >= 0);
	str_clear(&s->text);
	r = tree_visit(fd, name, on_entry, s, err);
	/* The directory is as open as before. */
	assert_int_equal(fcntl(fd, F_GETFD), 0);
	return r;
}

static void test_tree_visit(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct seen s = { STR_INIT, NULL };

	(void)state;
	assert_int_equal(mkdir(in_scratch("t"), 0755), 0);
	assert_ok(visit(in_scratch("t"), &s, &err), &err);
	assert_string_equal(str_text(&s.text), "");
	assert_int_equal(mkdir(in_scratch("t/a"), 0755), 0);
	assert_int_equal(mkdir(in_scratch("t/a/b"), 0755), 0);
	put("t/a/b/.c", "x");
	/* Followed, it would never end. */
	assert_int_equal(symlink("..", in_scratch("t/a/b/up")), 0);
	assert_ok(visit(in_scratch("t/"), &s, &err), &err);
	if (strcmp(str_text(&s.text), "a/|a/b/|a/b/.c|a/b/up@|") != 0)
		assert_string_equal(str_text(&s.text), "a/|a/b/|a/b/up@|a/b/.c|");
	s.stop_at = "a/b";
	assert_int_equal(visit(in_scratch("t"), &s, &err), VENV_ERR_CONFIG);
	assert_string_equal(str_text(&s.text), "a/|a/b/|");
	assert_message(&err, "stopped");
	venv_error_clear(&err);
	str_release(&s.text);
}

/* What is made or removed by a path of several names never passes a link. */
static void test_tree_parents(void **state)
{
	struct stat st;
	int dir, fd;

	(void)state;
	assert_int_equal(mkdir(in_scratch("in"), 0755), 0);
	assert_int_equal(mkdir(in_scratch("out"), 0755), 0);
	put("out/file", "x");
	assert_int_equal(symlink("../out", in_scratch("in/link")), 0);
	dir = open(in_scratch("in"), O_RDONLY | O_DIRECTORY);
	fd = tree_make_parent(dir, "a/b/c");
	assert_true(fd >= 0);
	assert_int_equal(fstatat(dir, "a/b", &st, 0), 0);
	assert_int_equal(fstatat(dir, "a/b/c", &st, 0), -1);
	close(fd);
	/* That of a plain name is the directory itself. */
	fd = tree_make_parent(dir, "x");
	assert_true(fd >= 0 && fd != dir);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstatat(fd, "a", &st, 0), 0);
	close(fd);
	assert_int_equal(tree_make_parent(dir, "link/x"), -ENOTDIR);
	assert_int_equal(tree_make_dirs(dir, "link/x"), -ENOTDIR);
	assert_int_equal(tree_unlink(dir, "link/file"), -ENOTDIR);
	assert_int_equal(lstat(in_scratch("out/file"), &st), 0);
	assert_int_equal(tree_unlink(dir, "a/b/c"), -ENOENT);
	assert_int_equal(tree_unlink(dir, "link"), 0);
	close(dir);
}

static void test_file_replace(void **state)
{
	struct str s = STR_INIT;
	struct stat st;

	(void)state;
	put("victim", "untouched");
	assert_int_equal(symlink("victim", in_scratch("link")), 0);
	int dir = open(scratch, O_RDONLY | O_DIRECTORY);

	assert_int_equal(file_create_at(dir, "link", "x", 1, 0644, false), -EEXIST);
	assert_int_equal(file_replace_at(dir, "link", "new", 3, 0644), 0);
	assert_int_equal(lstat(in_scratch("link"), &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(file_read_at(dir, "victim", 100, &s), 0);
	assert_string_equal(str_text(&s), "untouched");
	str_clear(&s);
	assert_int_equal(file_read_at(dir, "victim", 3, &s), -EFBIG);
	assert_int_equal(file_read_at(dir, ".", 3, &s), -EISDIR);
	assert_int_equal(file_rename_new(dir, "link", dir, "victim"), -EEXIST);
	str_release(&s);
	close(dir);
}

/* Threads of one process that replace the same file at once are in nobody's way. */
static void *replace_often(void *data)
{
	int dir = open(scratch, O_RDONLY | O_DIRECTORY), *failed = data;
	char text[] = "x of one thread";

	text[0] = (char)('a' + *failed);
	*failed = 0;
	for (int i = 0; i < 300; i++)
		*failed |= file_replace_at(dir, "shared", text, strlen(text), 0644);
	close(dir);
	return NULL;
}

static void test_file_replace_threads(void **state)
{
	pthread_t threads[6];
	int failed[ARRAY_SIZE(threads)];
	struct arena a = ARENA_INIT;
	struct strlist names = STRLIST_INIT;
	struct str s = STR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		failed[i] = (int)i;
		assert_int_equal(
			pthread_create(&threads[i], NULL, replace_often, &failed[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(failed[i], 0);
	}
	assert_int_equal(file_read_at(AT_FDCWD, in_scratch("shared"), 100, &s), 0);
	assert_string_equal(str_text(&s) + 1, " of one thread");
	str_release(&s);
	assert_int_equal(tree_names(&a, scratch, &names), 0);
	assert_int_equal(names.n, 1);
	arena_release(&a);
}

struct lines {
	struct str out;
	int64_t cancel_after;
	struct timespec begin;
};

static void on_line(void *data, int stream, const char *line, size_t len)
{
	struct lines *l = data;

	str_addf(&l->out, "%d:%.*s|", stream, (int)len, line);
}

static bool cancelled(void *data)
{
	struct lines *l = data;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return l->cancel_after &&
	       (now.tv_sec - l->begin.tv_sec) * 1000 +
			       (now.tv_nsec - l->begin.tv_nsec) / 1000000 >
		       l->cancel_after;
}

static int run(const char *script, struct lines *l, int timeout_ms, int *status,
	       struct venv_error *err)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	const char *const env[] = { "PATH=/usr/bin:/bin", NULL };
	const struct process p = { argv,      env,     "/", "one\ntwo\n", 8, timeout_ms,
				   cancelled, on_line, l };

	clock_gettime(CLOCK_MONOTONIC, &l->begin);
	return process_run(&p, status, err);
}

static void test_process(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct lines l = { .out = STR_INIT };
	int status;

	(void)state;
	assert_ok(run("cat; echo err >&2; printf last; exit 3", &l, 10000, &status, &err),
		  &err);
	assert_int_equal(status, 3);
	assert_non_null(strstr(str_text(&l.out), "1:one\n|"));
	assert_non_null(strstr(str_text(&l.out), "1:two\n|"));
	assert_non_null(strstr(str_text(&l.out), "2:err\n|"));
	assert_non_null(strstr(str_text(&l.out), "1:last|"));
	assert_ok(run("kill -9 $$", &l, 10000, &status, &err), &err);
	assert_int_equal(status, 128 + 9);
	/* A grandchild that holds the pipes open does not hold us. */
	assert_ok(run("sleep 30 & exit 0", &l, 10000, &status, &err), &err);
	assert_int_equal(run("sleep 30", &l, 200, &status, &err), VENV_ERR_FAILED);
	assert_message(&err, "was stopped after");
	l.cancel_after = 100;
	assert_int_equal(run("sleep 30", &l, 10000, &status, &err), VENV_ERR_CANCELLED);
	venv_error_clear(&err);
	str_release(&l.out);
}

static bool after_three(void *data)
{
	return ++*(int *)data >= 3;
}

static void test_lock(void **state)
{
	int one = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int two = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), asked = 0;

	(void)state;
	assert_true(one >= 0 && two >= 0);
	assert_int_equal(lock_try(one), 0);
	assert_int_equal(lock_try(two), -EWOULDBLOCK);
	/* No signal comes: who waits finds out by asking. */
	assert_int_equal(lock_wait(two, after_three, &asked), -EINTR);
	assert_int_equal(asked, 3);
	close(one);
	asked = 0;
	assert_int_equal(lock_wait(two, after_three, &asked), 0);
	assert_int_equal(asked, 0);
	close(two);
}

static void test_process_missing(void **state)
{
	const char *const argv[] = { "/nonexistent/program", NULL };
	const char *const env[] = { NULL };
	const struct process p = { .argv = argv, .env = env, .timeout_ms = -1 };
	struct venv_error err = VENV_ERROR_INIT;
	int status;

	(void)state;
	assert_int_equal(process_run(&p, &status, &err), VENV_ERR_FAILED);
	assert_int_equal(err.os_errno, ENOENT);
	assert_message(&err, "cannot run '/nonexistent/program'");
	venv_error_clear(&err);
}

static int trust(const char *path, struct venv_error *err)
{
	struct arena a = ARENA_INIT;
	struct trust t = { .arena = &a };
	int fd = trust_open(&t, path, 0, VENV_ERR_CONFIG, NULL, err);

	if (fd >= 0)
		close(fd);
	arena_release(&a);
	return fd >= 0 ? 0 : fd;
}

static void test_trust(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;

	(void)state;
	assert_int_equal(mkdir(in_scratch("d"), 0755), 0);
	put("d/file", "x");
	assert_ok(trust(in_scratch("d/file"), &err), &err);
	assert_int_equal(symlink("d/file", in_scratch("to-file")), 0);
	assert_ok(trust(in_scratch("to-file"), &err), &err);
	assert_int_equal(chmod(in_scratch("d/file"), 0666), 0);
	assert_int_equal(trust(in_scratch("d/file"), &err), VENV_ERR_CONFIG);
	assert_message(&err, "is writable by others");
	assert_non_null(err.hint);
	assert_int_equal(chmod(in_scratch("d/file"), 0644), 0);
	assert_int_equal(chmod(in_scratch("d"), 0777), 0);
	assert_int_equal(trust(in_scratch("to-file"), &err), VENV_ERR_CONFIG);
	assert_message(&err, "/d' is writable by others");
	/* A sticky directory of somebody other than root protects nothing. */
	assert_int_equal(chmod(in_scratch("d"), 01777), 0);
	if (geteuid() != 0)
		assert_int_equal(trust(in_scratch("d/file"), &err), VENV_ERR_CONFIG);
	assert_int_equal(trust(in_scratch("none"), &err), VENV_ERR_CONFIG);
	assert_int_equal(err.os_errno, ENOENT);
	assert_int_equal(mkfifo(in_scratch("fifo"), 0644), 0);
	assert_int_equal(trust(in_scratch("fifo"), &err), VENV_ERR_CONFIG);
	assert_int_equal(symlink("loop", in_scratch("loop")), 0);
	assert_int_equal(trust(in_scratch("loop"), &err), VENV_ERR_CONFIG);
	assert_int_equal(err.os_errno, ELOOP);
	venv_error_clear(&err);
}

static void test_trust_tree(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct arena a = ARENA_INIT;
	struct trust t = { .arena = &a };

	(void)state;
	assert_int_equal(mkdir(in_scratch("d"), 0755), 0);
	assert_int_equal(mkdir(in_scratch("d/e"), 0755), 0);
	put("d/e/file", "x");
	/* Where a link leads is nothing that the tree has. */
	put("open", "x");
	assert_int_equal(chmod(in_scratch("open"), 0666), 0);
	assert_int_equal(symlink("../open", in_scratch("d/link")), 0);
	assert_ok(trust_tree(&t, in_scratch("d"), VENV_ERR_PLUGIN, &err), &err);
	assert_int_equal(chmod(in_scratch("d/e/file"), 0666), 0);
	assert_int_equal(trust_tree(&t, in_scratch("d"), VENV_ERR_PLUGIN, &err),
			 VENV_ERR_PLUGIN);
	assert_message(&err, "/d' is not trusted: '");
	assert_message(&err, "/d/e/file' is writable by others");
	assert_int_equal(trust_tree(&t, in_scratch("none"), VENV_ERR_PLUGIN, &err),
			 VENV_ERR_PLUGIN);
	assert_int_equal(err.os_errno, ENOENT);
	venv_error_clear(&err);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path_absolute),
		with_scratch(test_tree_remove),
		with_scratch(test_tree_remove_marked),
		with_scratch(test_tree_deep),
		with_scratch(test_tree_move),
		with_scratch(test_tree_visit),
		with_scratch(test_tree_parents),
		with_scratch(test_file_replace),
		with_scratch(test_file_replace_threads),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_process_missing),
		cmocka_unit_test(test_lock),
		with_scratch(test_trust),
		with_scratch(test_trust_tree),
	};

	return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
