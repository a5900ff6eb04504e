/* SPDX-License-Identifier: MIT */
/* test-python.c - which interpreters a specification means */
#include <config.h>

#include "unit.h"

#include "fs/fs.h"
#include "python/python.h"
#include "python/spec.h"

static struct python interpreter(const char *implementation, uint32_t hexversion,
				 const char *lib)
{
	return (struct python){ .implementation = implementation,
				.hexversion = hexversion,
				.lib_dir = lib };
}

static void test_spec(void **state)
{
	static const struct {
		const char *spec;
		bool p3121, p313t, pypy39;
	} cases[] = {
		{ "3", true, true, true },
		{ "3.12", true, false, false },
		{ "3.12.1", true, false, false },
		{ "3.12.2", false, false, false },
		{ "python3.12", true, false, false },
		{ "3.13t", false, true, false },
		{ "3.12t", false, false, false },
		{ "pypy3.9", false, false, true },
		{ "pypy", false, false, true },
		{ "cpython3.12", true, false, false },
		{ ">=3.10,<3.13", true, false, false },
		{ ">=3.10", true, true, false },
		{ ">3.12", false, true, false },
		{ ">3.12.0", true, true, false },
		{ "<=3.12", true, false, true },
		{ "~=3.9", true, true, true },
		{ "~=3.12.0", true, false, false },
		{ "!=3.12", false, true, true },
		{ "==3.12.*", true, false, false },
		{ "pypy>=3.8", false, false, true },
	};
	struct python p3121 = interpreter("cpython", 0x030c01f0, "lib/python3.12");
	struct python p313t = interpreter("cpython", 0x030d00f0, "lib/python3.13t");
	struct python pypy39 = interpreter("pypy", 0x030910f0, "lib/pypy3.9");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct spec s;

		if (!spec_parse(&s, cases[i].spec))
			fail_msg("'%s' is not parsed", cases[i].spec);
		if (spec_matches(&s, &p3121) != cases[i].p3121 ||
		    spec_matches(&s, &p313t) != cases[i].p313t ||
		    spec_matches(&s, &pypy39) != cases[i].pypy39)
			fail_msg("'%s' is misunderstood", cases[i].spec);
	}
}

static void test_spec_refused(void **state)
{
	static const char *const texts[] = { "",	 "x",	  "3.",	      "3..1",
					     "3.12.1.1", ">=",	  ">=3,",     ">= 3 4",
					     "=3.12",	 "3.12x", "python",   "~=3",
					     "99999",	 "3.12 ", ">=3.1,,<4" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct spec s;

		if (spec_parse(&s, texts[i]))
			fail_msg("'%s' is accepted", texts[i]);
	}
}

/* What stands in a pyvenv.cfg is what the interpreter calls itself, or another tool it. */
static void test_implementation(void **state)
{
	static const struct {
		const char *implementation, *name, *others[3];
	} cases[] = {
		{ "cpython", "CPython", { "cpython", "CPYTHON" } },
		{ "pypy", "PyPy", { "pypy" } },
		{ "graalpy", "GraalVM", { "graalpy", "GraalPy" } },
		{ "newpy", "newpy", { "NewPy" } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct python p = interpreter(cases[i].implementation, 0x030c01f0, "");

		assert_string_equal(python_implementation(&p), cases[i].name);
		for (size_t j = 0; j < ARRAY_SIZE(cases); j++)
			assert_int_equal(python_is_implementation(&p, cases[j].name),
					 i == j);
		for (size_t j = 0; cases[i].others[j]; j++)
			assert_true(python_is_implementation(&p, cases[i].others[j]));
	}
}

/* Of several the first that is there, and no error of those that were not. */
static void test_find_first(void **state)
{
	const char *const env[] = { "PATH=/usr/bin:/bin", NULL };
	const char *none[] = { "/nowhere/python", "no-such-python", NULL };
	const char *some[] = { "no-such-python", "/nowhere/python", "/usr/bin/python3",
			       "also-none", NULL };
	struct arena a = ARENA_INIT;
	struct log log = { 0 };
	struct cache cache;
	struct python_env pe = {
		.arena = &a, .env = env, .cwd = "/", .log = &log, .cache = &cache
	};
	struct venv_error err = VENV_ERROR_INIT;
	struct python p;

	(void)state;
	cache_init(&cache, &a, env, "/");
	assert_ok(python_find_first(&pe, &(struct strlist){ some, 4 }, &p, &err), &err);
	assert_string_equal(p.executable, "/usr/bin/python3");
	assert_int_equal(err.code, 0);
	assert_null(err.message);
	assert_int_equal(python_find_first(&pe, &(struct strlist){ none, 2 }, &p, &err),
			 VENV_ERR_NO_PYTHON);
	assert_message(&err, "there is no 'no-such-python' on PATH");
	venv_error_clear(&err);
	assert_ok(python_find_first(&pe, &(struct strlist)STRLIST_INIT, &p, &err), &err);
	assert_int_equal(python_find_first(&pe, &(struct strlist){ none, 2 }, &p, NULL),
			 VENV_ERR_NO_PYTHON);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_implementation),
		cmocka_unit_test(test_find_first),
		cmocka_unit_test(test_spec),
		cmocka_unit_test(test_spec_refused),
	};

	return cmocka_run_group_tests_name("python", tests, NULL, NULL);
}
