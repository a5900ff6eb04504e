/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>

#include "load/load.h"
#include "util/util.h"
#include "fs/fs.h"

static char scratch[64];

static int make_scratch(void **state)
{
	(void)state;
	strcpy(scratch, "/tmp/venvctl-unit-XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static int remove_scratch(void **state)
{
	(void)state;
	return tree_remove_at(AT_FDCWD, scratch, NULL);
}

static const char *in_scratch(const char *name)
{
	static char path[4][256];
	static unsigned i;

	snprintf(path[++i % 4], 256, "%s/%s", scratch, name);
	return path[i % 4];
}

static void put(const char *name, const char *text)
{
	assert_int_equal(file_create_at(AT_FDCWD, in_scratch(name), text, strlen(text),
					0644, true),
			 0);
}

static void test_str(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	assert_string_equal(str_text(&s), "");
	for (int i = 0; i < 1000; i++)
		str_addf(&s, "%d,", i);
	assert_int_equal(s.len, 3890);
	assert_false(str_failed(&s));
	str_release(&s);
}

static void test_strlist(void **state)
{
	struct arena a = ARENA_INIT;
	struct strlist list = STRLIST_INIT;

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_true(strlist_add(&a, &list, arena_printf(&a, "%d", i)));
	for (int i = 0; i < 100; i++)
		assert_int_equal(atoi(list.v[i]), i);
	assert_null(list.v[100]);
	assert_int_equal(strlist_find(&list, "42"), 42);
	assert_int_equal(strlist_find(&list, "100"), -1);
	arena_release(&a);
}

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
	assert_true(path_is_inside("..a"));
	arena_release(&a);
}

static void test_utf8(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	assert_true(utf8_valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8d", 10));
	assert_false(utf8_valid("\xc0\x80", 2));	 /* overlong */
	assert_false(utf8_valid("\xed\xa0\x80", 3));	 /* surrogate */
	assert_false(utf8_valid("\xf4\x90\x80\x80", 4)); /* beyond U+10FFFF */
	assert_false(utf8_valid("\xe2\x82", 2));	 /* cut */
	utf8_add_shown(&s, "a\n\x1b[31m\xe2\x80\xae\xff\xc3\xa9");
	assert_string_equal(str_text(&s), "a\\x0a\\x1b[31m\\xe2\\x80\\xae\\xff\xc3\xa9");
	str_release(&s);
}

static void test_environ(void **state)
{
	const char *const env[] = { "A=1", "EMPTY=", "AB=2", "A=3", NULL };
	struct arena a = ARENA_INIT;
	struct strlist list = STRLIST_INIT;

	(void)state;
	assert_string_equal(env_get(env, "A"), "1");
	assert_string_equal(env_get(env, "AB"), "2");
	assert_null(env_get(env, "EMPTY"));
	for (size_t i = 0; env[i]; i++)
		assert_true(strlist_add(&a, &list, env[i]));
	assert_true(env_set(&a, &list, "A", "x"));
	assert_int_equal(list.n, 3);
	assert_string_equal(env_get(list.v, "A"), "x");
	env_drop_prefix(&list, "A");
	assert_int_equal(list.n, 1);
	assert_true(env_set(&a, &list, "N", "new"));
	assert_string_equal(list.v[1], "N=new");
	assert_null(list.v[2]);
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

static void test_tree_copy(void **state)
{
	struct stat st;
	char target[64];
	int fd;

	(void)state;
	assert_int_equal((fd = tree_make_dirs(AT_FDCWD, in_scratch("from/a/b"))) >= 0, 1);
	close(fd);
	put("from/a/b/file", "contents");
	assert_int_equal(chmod(in_scratch("from/a/b/file"), 0741), 0);
	assert_int_equal(symlink("b/file", in_scratch("from/a/link")), 0);
	assert_int_equal(tree_copy_at(AT_FDCWD, in_scratch("from"), AT_FDCWD,
				      in_scratch("to"), NULL),
			 0);
	assert_int_equal(lstat(in_scratch("to/a/b/file"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0741);
	assert_int_equal(st.st_size, 8);
	assert_int_equal(readlink(in_scratch("to/a/link"), target, sizeof(target)), 6);
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

/* Every cut of a shared object is refused, or whole as far as the loader looks. */
static void test_elf_truncated(void **state)
{
	static const char lib[] = "/proc/self/exe";
	struct str whole = STR_INIT;
	struct elf e;
	int fd;

	(void)state;
	assert_int_equal(file_read_at(AT_FDCWD, lib, 64u << 20, &whole), 0);
	for (size_t n = 0; n < 4096; n += 61) {
		fd = open(in_scratch("cut"), O_RDWR | O_CREAT | O_TRUNC, 0644);
		assert_int_equal(file_write_fd(fd, whole.s, n), 0);
		assert_non_null(elf_open(&e, fd));
		close(fd);
	}
	str_release(&whole);
	fd = open("/proc/self/exe", O_RDONLY);
	assert_null(elf_open(&e, fd));
	assert_non_null(elf_needed(&e, 0));
	elf_close(&e);
	close(fd);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_str),
		cmocka_unit_test(test_strlist),
		cmocka_unit_test(test_path_absolute),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_environ),
		cmocka_unit_test_setup_teardown(test_tree_remove, make_scratch,
						remove_scratch),
		cmocka_unit_test_setup_teardown(test_tree_copy, make_scratch,
						remove_scratch),
		cmocka_unit_test_setup_teardown(test_file_replace, make_scratch,
						remove_scratch),
		cmocka_unit_test(test_process),
		cmocka_unit_test(test_process_missing),
		cmocka_unit_test(test_lock),
		cmocka_unit_test_setup_teardown(test_elf_truncated, make_scratch,
						remove_scratch),
		cmocka_unit_test_setup_teardown(test_trust, make_scratch, remove_scratch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
