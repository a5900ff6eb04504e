/* SPDX-License-Identifier: MIT */
/* test-tags.c - which wheel fits which interpreter */
#include <config.h>

#include <sys/utsname.h>

#include "unit.h"

#include "store/tags.h"

static unsigned fit(const char *tags, const char *implementation, unsigned minor,
		    bool threaded)
{
	/* That its machine is the kernel's, of whatever width. */
	const struct tag_target t = { implementation, 3, minor, threaded, true };
	struct wheel_name w;
	struct utsname u;
	char file[256];

	/* Behind a last "_" comes this machine. */
	assert_int_equal(uname(&u), 0);
	snprintf(file, sizeof(file), "foo-1.0-%s%s.whl", tags,
		 tags[strlen(tags) - 1] == '_' ? u.machine : "");
	assert_true(wheel_name_parse(&w, file));
	return tags_fit(&w, &t);
}

static void test_python_tags(void **state)
{
	static const struct {
		const char *tags, *implementation;
		unsigned minor;
		bool threaded, fits;
	} cases[] = {
		{ "py3-none-any", "cpython", 12, false, true },
		{ "py2.py3-none-any", "pypy", 9, false, true },
		{ "py2-none-any", "cpython", 12, false, false },
		{ "py310-none-any", "cpython", 12, false, true },
		{ "py313-none-any", "cpython", 12, false, false },
		{ "cp312-cp312-linux_", "cpython", 12, false, true },
		{ "cp312-cp312-linux_", "cpython", 11, false, false },
		{ "cp312-cp312-linux_", "pypy", 12, false, false },
		{ "cp36-cp36m-linux_", "cpython", 6, false, true },
		{ "cp36-cp36-linux_", "cpython", 6, false, false },
		{ "cp38-cp38-linux_", "cpython", 8, false, true },
		{ "cp37-abi3-linux_", "cpython", 12, false, true },
		{ "cp313-abi3-linux_", "cpython", 12, false, false },
		{ "cp37-abi3-linux_", "cpython", 13, true, false },
		{ "cp313-cp313t-linux_", "cpython", 13, true, true },
		{ "cp313-cp313t-linux_", "cpython", 13, false, false },
		{ "pp39-pypy39_pp73-linux_", "pypy", 9, false, true },
		{ "pp39-pypy39_pp73-linux_", "pypy", 10, false, false },
		{ "cp312-none-any", "cpython", 12, false, true },
		{ "cp312-none-any", "cpython", 13, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if ((fit(cases[i].tags, cases[i].implementation, cases[i].minor,
			 cases[i].threaded) != 0) != cases[i].fits)
			fail_msg("%s for %s 3.%u", cases[i].tags, cases[i].implementation,
				 cases[i].minor);
	}
	assert_true(fit("cp312-cp312-linux_", "cpython", 12, false) >
		    fit("cp37-abi3-linux_", "cpython", 12, false));
	assert_true(fit("cp37-abi3-linux_", "cpython", 12, false) >
		    fit("py3-none-any", "cpython", 12, false));
}

static void test_platform_tags(void **state)
{
	(void)state;
#ifdef __GLIBC__
	assert_true(fit("py3-none-manylinux1_", "cpython", 12, false));
	assert_true(fit("py3-none-manylinux_2_17_", "cpython", 12, false));
	assert_true(fit("py3-none-manylinux_2_99.manylinux2014_", "cpython", 12, false));
	assert_false(fit("py3-none-musllinux_1_1_", "cpython", 12, false));
#endif
	assert_false(fit("py3-none-manylinux_2_99_", "cpython", 12, false));
	assert_false(fit("py3-none-manylinux_2_17_vax", "cpython", 12, false));
	assert_false(fit("py3-none-win_amd64", "cpython", 12, false));
	assert_false(fit("py3-none-macosx_11_0_arm64", "cpython", 12, false));
}

static void test_names(void **state)
{
	static const char *const bad[] = { "foo-1.0.whl",
					   "foo-1.0-py3-none.whl",
					   "foo.whl",
					   "foo-1.0-py3-none-any.zip",
					   "foo--py3-none-any.whl",
					   "a-1-2-3-py3-none-any.whl",
					   ".whl",
					   "" };
	struct wheel_name w;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(wheel_name_parse(&w, bad[i]));
	assert_true(wheel_name_parse(&w, "foo_bar-1.0-2build-py3-none-any.whl"));
	assert_memory_equal(w.project, "foo_bar", w.project_len);
	assert_memory_equal(w.python, "py3-none-any", 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_python_tags),
		cmocka_unit_test(test_platform_tags),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("tags", tests, NULL, NULL);
}
