/* SPDX-License-Identifier: MIT */
/* test-util.c - strings, environments, suggestions, versions */
#include <config.h>

#include "unit.h"

#include "util/pep440.h"
#include "util/shown.h"

static void test_str(void **state)
{
	struct arena a = ARENA_INIT;
	struct str s = STR_INIT;

	(void)state;
	assert_string_equal(str_text(&s), "");
	for (int i = 0; i < 1000; i++)
		str_addf(&s, "%d,", i);
	assert_int_equal(s.len, 3890);
	assert_false(str_failed(&s));
	str_cut(&s, 4000);
	assert_int_equal(s.len, 3890);
	str_cut(&s, 4);
	assert_string_equal(str_text(&s), "0,1,");
	str_cut(&s, 0);
	assert_string_equal(str_text(&s), "");
	/* What there was no memory for leaves no part that passes for the whole. */
	str_add(&s, "a");
	assert_string_equal(str_to_arena(&s, &a), "a");
	str_add(&s, "b");
	str_add(&s, NULL);
	str_add(&s, "c");
	assert_true(str_failed(&s));
	assert_null(str_to_arena(&s, &a));
	assert_true(a.failed);
	str_release(&s);
	arena_release(&a);
}

/* Texts that just fit behind what is there, and those that just do not. */
static void test_formatted(void **state)
{
	(void)state;
	for (size_t before = 0; before < 70; before++) {
		for (size_t n = 0; n < 140; n++) {
			struct str s = STR_INIT;
			char want[256];

			for (size_t i = 0; i < before; i++)
				str_add_char(&s, 'a');
			str_addf(&s, "%s%0*d", "", (int)n, 0);
			str_add_hex(&s, 0x0f);
			snprintf(want, sizeof(want), "%.*s%0*d0f", (int)before,
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				 "aa"
				 "aaaaaaaaaaaaaa",
				 (int)n, 0);
			assert_false(str_failed(&s));
			assert_string_equal(str_text(&s), want);
			assert_int_equal(s.len, strlen(want));
			str_release(&s);
		}
	}
}

/* What has failed stays as it was, and stays text. */
static void test_failed(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	str_add(&s, "a");
	str_add(&s, NULL);
	str_addf(&s, "%d", 12345);
	str_add_char(&s, 'x');
	str_add_hex(&s, 1);
	assert_true(str_failed(&s));
	assert_string_equal(str_text(&s), "a");
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

static void test_shown(void **state)
{
	static const struct {
		const char *value, *shown;
	} cases[] = {
		{ "https://h/x", "https://h/x" },
		{ "https://u:pw@h:1/x?k=v#f", "https://h:1/x?..." },
		{ "https://h/@scope/x@1", "https://h/@scope/x@1" },
		{ "https://u:p/w@h/x", "https://h/x" },
		{ "//u:pw@h/x", "//h/x" },
		{ "https:/u@h/x?a", "https:/h/x?." },
		{ "u:pw@h:1", "h:1" },
		{ "proxy=u:pw@h", "proxy=h" },
		{ "a=http://u@h/,b=http://v:w@i/?q", "a=http://h/,b=http://i/?." },
		{ "/a/b?c@d:e", "/a/b?c@d:e" },
		{ "what? me@home", "what? me@home" },
		{ "https://h?a b", "https://h?..." },
		{ "https://", "https://" },
		{ "://", "://" },
		{ "", "" },
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		snprintf(text, sizeof(text), "%s", cases[i].value);
		shown_cut(text);
		assert_string_equal(text, cases[i].shown);
	}
	snprintf(
		text, sizeof(text), "%s",
		"/e/v.ini:3: cannot fetch 'https://u:p@h/x?k': why? 'u:p@h', //u@h/ end");
	shown_cut_message(text);
	assert_string_equal(
		text, "/e/v.ini:3: cannot fetch 'https://h/x?.': why? 'h', //h/ end");
	shown_cut_message(NULL);
}

static void test_suggest(void **state)
{
	struct suggest s = SUGGEST_INIT("promt");

	(void)state;
	suggest_offer(&s, "python");
	suggest_offer(&s, "prompt");
	suggest_offer(&s, "force");
	assert_string_equal(s.best, "prompt");
	s = (struct suggest)SUGGEST_INIT("xy");
	suggest_offer(&s, "ab");
	assert_null(s.best);
}

static int sign(int r)
{
	return (r > 0) - (r < 0);
}

/* Each is older than all that follow; those of one line are the same version. */
static void test_version_order(void **state)
{
	static const char *const order[][6] = {
		{ "nonsense" },
		{ "0.dev0", "0.0.0-dev", "v0_dev0" },
		{ "1.0.dev1", "1.0dev1", "1.0-DEV.01" },
		{ "1.0a1.dev1" },
		{ "1.0a1", "1.0alpha1", "1.0-ALPHA_1", "1.0.a.1" },
		{ "1.0a1.post2", "1.0a1-2", "1a1.r2" },
		{ "1.0a2" },
		{ "1.0a10" },
		{ "1.0b1", "1.0beta1" },
		{ "1.0rc1.dev1" },
		{ "1.0rc1", "1.0RC1", "1.0c1", "1.0-pre1", "1.0preview01" },
		{ "1.0rc2" },
		{ "1.0", "1", "1.0.0.0", "v1.0", " 01.00\n", "0!1" },
		{ "1.0+abc", "1.0.0+ABC" },
		{ "1.0+abc.1", "1.0+abc-01", "1.0+abc_1" },
		{ "1.0+abd" },
		{ "1.0+2" },
		{ "1.0+10" },
		{ "1.0.post0.dev3" },
		{ "1.0.post0", "1.0.post", "1.0-0", "1.0rev" },
		{ "1.0.post1", "1.0-1", "1.0.r1", "1.0post.01" },
		{ "1.0.post2" },
		{ "1.0.1" },
		{ "1.1.dev1" },
		{ "1.9" },
		{ "1.10" },
		{ "1.9223372036854775807" },
		{ "1.9223372036854775808" },
		{ "1.18446744073709551616" },
		{ "1.18446744073709551617" },
		{ "2004a", "2004a0" },
		{ "2004.1.2.3.4.5.6.7.8.9.10.11.12.13.14" },
		{ "2004.1.2.3.4.5.6.7.8.9.10.11.12.13.15" },
		{ "1!0.5" },
		{ "99999999999999999999!0.1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(order); j++) {
			for (size_t k = 0; k < 36; k++) {
				const char *a = order[i][k / 6], *b = order[j][k % 6];

				if (a && b &&
				    sign(pep440_compare(a, b)) != (i > j) - (i < j))
					fail_msg("'%s' and '%s'", a, b);
			}
		}
	}
}

static void test_version_forms(void **state)
{
	static const char *const bad[] = {
		"",	   "v",	       "a",	 "1.",	       "1..0",	"1.0.",
		"-1",	   "+1",       "1-",	 "1!",	       "!1",	"1!2!3",
		"1.0+",	   "1.0+a..b", "1.0+a.", "1.0+.a",     "1.0 2", "1.0.*",
		"1.0a1b2", "1,0",      "1.0x",	 "1.0post1a1", "vv1",	"1.0\1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (pep440_matches(bad[i], "", 0) != -1)
			fail_msg("'%s'", bad[i]);
		assert_true(pep440_compare(bad[i], "0.dev0") < 0);
		assert_false(pep440_is_pre(bad[i]));
	}
	/* Two that are none are in some order, but always in the same. */
	assert_true(pep440_compare("x", "y") < 0 && pep440_compare("y", "x") > 0);
	assert_int_equal(pep440_compare("x", "x"), 0);
}

static void test_specifiers(void **state)
{
	static const struct {
		const char *version, *specifiers;
		int matches;
	} cases[] = {
		{ "3.12.1", "", 1 },
		{ "3.12.1", " , ,", 1 },
		{ "3.12.1", ">=3.8", 1 },
		{ "3.7.16", ">=3.8", 0 },
		{ "3.7.16", ">=3.8,<4", 0 },
		{ "3.12.1", ">=3.8, <4", 1 },
		{ "3.12.1", ">=3.8,<3.12 ", 0 },
		{ "3.12.1", "<3.12", 0 },
		{ "3.9.18", ">=3.6,!=3.9.*", 0 },
		{ "3.10.1", ">=3.6,!=3.9.*", 1 },
		{ "3.12.1", "<=3.12.1", 1 },
		{ "3.12.1", ">3.12.1", 0 },
		{ "3.12.1", ">3.12", 1 },
		/* Prefixes. */
		{ "3.12.1", "==3.12.*", 1 },
		{ "3.1.2", "==3.12.*", 0 },
		{ "3", "==3.0.*", 1 },
		{ "3.12rc1", "==3.12.*", 1 },
		{ "1!3.12", "==3.12.*", 0 },
		{ "1!3.12", "==1!3.12.*", 1 },
		{ "3.12+local", "==3.12.*", 1 },
		/* Compatible releases. */
		{ "3.12.1", "~=3.8", 1 },
		{ "4.0", "~=3.8", 0 },
		{ "3.9.1", "~=3.8.2", 0 },
		{ "3.8.2", "~=3.8.2", 1 },
		{ "3.8.2rc1", "~=3.8.2", 0 },
		{ "2.3", "~=2.2.post3", 1 },
		{ "2.2", "~=2.2.post3", 0 },
		{ "3.0rc1", "~=2.2", 0 },
		/* The same version in other words. */
		{ "1.0RC1", "==1.0", 0 },
		{ "1.0RC1", "==1.0c1", 1 },
		{ "1.0", "==1", 1 },
		{ "1.0.post1", "!=1.0-1", 0 },
		/* Local versions are asked for, or left out of account. */
		{ "1.0+abc", "==1.0", 1 },
		{ "1.0+abc", "!=1.0", 0 },
		{ "1.0+abc", "<=1.0", 1 },
		{ "1.0+abc", ">1.0", 0 },
		{ "1.0+abc", "==1.0+ABC", 1 },
		{ "1.0+abc", "==1.0+abd", 0 },
		{ "1.0", "==1.0+abc", 0 },
		/* What is near. */
		{ "3.0rc1", "<3", 0 },
		{ "3.0.dev0", "<3", 0 },
		{ "3.0rc1", "<3rc2", 1 },
		{ "2.9", "<3", 1 },
		{ "1.0rc1", "<1.0.post1", 1 },
		{ "1.0.post1.dev1", "<1.0.post1", 0 },
		{ "3.0.post1", ">3", 0 },
		{ "3.0.post2", ">3.post1", 1 },
		{ "3rc1.post1", ">3rc1", 0 },
		{ "3rc2", ">3rc1", 1 },
		{ "3.0.post1", ">3rc1", 1 },
		/* Texts. */
		{ "1.0", "===1.0", 1 },
		{ "1.0", "===1", 0 },
		{ "1.0RC1", "=== 1.0rc1", 1 },
		{ "1.0", "===what ever", -1 },
		{ "1.0", "===whatever", 0 },
		/* Not to be understood. */
		{ "3.12.1", "nonsense", -1 },
		{ "3.12.1", "3.12", -1 },
		{ "3.12.1", ">=", -1 },
		{ "3.12.1", "=>3", -1 },
		{ "3.12.1", "=3", -1 },
		{ "3.12.1", ">=3.*", -1 },
		{ "3.12.1", "~=3", -1 },
		{ "3.12.1", "~=3.*", -1 },
		{ "3.12.1", "==3.12rc1.*", -1 },
		{ "3.12.1", "==3+a.*", -1 },
		{ "3.12.1", "==.*", -1 },
		{ "3.12.1", ">=3+a", -1 },
		{ "3.12.1", ">=3 <4", -1 },
		{ "3.12.1", "<1,nonsense", -1 },
		{ "nonsense", ">=3", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *text = cases[i].specifiers;

		if (pep440_matches(cases[i].version, text, strlen(text)) !=
		    cases[i].matches)
			fail_msg("'%s', '%s'", cases[i].version, text);
	}
	/* Of a longer text the first bytes. */
	assert_int_equal(pep440_matches("3.9", ">=3.8) and", 5), 1);
	assert_int_equal(pep440_matches("3.7", ">=3.8", 3), 1);
}

/* Numbers and texts of any length, none of which is cut or wraps around. */
static void test_long_versions(void **state)
{
	static char a[70000], b[70000], spec[70010];

	(void)state;
	memset(a, '9', sizeof(a) - 1);
	memset(b, '9', sizeof(b) - 1);
	b[sizeof(b) - 2] = '8';
	assert_true(pep440_compare(a, b) > 0);
	snprintf(spec, sizeof(spec), "<%s", a);
	assert_int_equal(pep440_matches(b, spec, strlen(spec)), 1);
	assert_int_equal(pep440_matches(a, spec, strlen(spec)), 0);
	for (size_t i = 1; i < sizeof(a) - 2; i += 2)
		a[i] = b[i] = '.';
	assert_true(pep440_compare(a, b) > 0);
	assert_int_equal(pep440_compare(a, a), 0);
}

static void test_pre_releases(void **state)
{
	static const char *const pre[] = { "1.0a1",    "1.0b2",	   "1.0rc1",
					   "1.0.dev3", "1.0-RC.1", "1.0.post1.dev2",
					   "2004a",    "1.0c+x" };
	static const char *const final[] = { "1.0",   "1.0.post1",   "1.0-1",
					     "2!1.0", "1.0+local.1", "1.0+rc1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pre); i++) {
		if (!pep440_is_pre(pre[i]))
			fail_msg("%s", pre[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(final); i++) {
		if (pep440_is_pre(final[i]))
			fail_msg("%s", final[i]);
	}
}

static void test_projects(void **state)
{
	static const char *const same[][2] = {
		{ "pip", "PIP" }, { "foo.bar", "Foo_Bar" }, { "a-b", "a-_.-b" },
		{ "-a", "_a" },	  { "a..", "a-" },	    { "", "" },
	};
	static const char *const other[][2] = {
		{ "pip", "pip2" },   { "a-b", "ab" }, { "a-", "a" },
		{ "foo-", "foo-b" }, { "", "-" },     { "a-b-c", "a-bc" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		const char *a = same[i][0], *b = same[i][1];

		if (!pep440_same_project(a, strlen(a), b, strlen(b)))
			fail_msg("'%s' and '%s'", a, b);
	}
	for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
		const char *a = other[i][0], *b = other[i][1];

		if (pep440_same_project(a, strlen(a), b, strlen(b)) ||
		    pep440_same_project(b, strlen(b), a, strlen(a)))
			fail_msg("'%s' and '%s'", a, b);
	}
	/* Names need not end where their text does. */
	assert_true(pep440_same_project("pip-24.2.whl", 3, "pip", 3));
}

static void test_index(void **state)
{
	struct arena a = ARENA_INIT;
	struct index x = { 0 };
	void **slot;

	(void)state;
	assert_null(index_find(&x, "a", "b"));
	for (uintptr_t i = 1; i <= 2000; i++) {
		slot = index_slot(&a, &x, arena_printf(&a, "n%u", (unsigned)i), "");
		assert_non_null(slot);
		assert_null(*slot);
		*slot = (void *)i;
	}
	for (uintptr_t i = 1; i <= 2000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%u", (unsigned)i);
		assert_ptr_equal(index_find(&x, name, ""), (void *)i);
		assert_null(index_find(&x, "", name));
	}
	/* Two parts are not one text. */
	slot = index_slot(&a, &x, "ab", "c");
	assert_non_null(slot);
	*slot = &a;
	assert_null(index_find(&x, "a", "bc"));
	assert_ptr_equal(index_slot(&a, &x, "ab", "c"), slot);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_str),
		cmocka_unit_test(test_formatted),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_strlist),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_environ),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_suggest),
		cmocka_unit_test(test_version_order),
		cmocka_unit_test(test_version_forms),
		cmocka_unit_test(test_specifiers),
		cmocka_unit_test(test_long_versions),
		cmocka_unit_test(test_pre_releases),
		cmocka_unit_test(test_projects),
		cmocka_unit_test(test_index),
	};

	return cmocka_run_group_tests_name("util", tests, NULL, NULL);
}
