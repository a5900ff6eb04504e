/* SPDX-License-Identifier: MIT */
/* test-config.c - INI files, and values of options */
#include <config.h>

#include "unit.h"

#include <dlfcn.h>

#include "config/config.h"
#include "config/ini.h"

/* What was read, as text: "[s]" "k=v" "k=(a,b)" and "!line message". */
struct seen {
	struct str text;
};

static int on_section(void *data, const char *section, unsigned line)
{
	struct seen *s = data;

	(void)line;
	str_addf(&s->text, "[%s]", section);
	return 0;
}

static int on_value(void *data, const char *section, const char *key,
		    const struct ini_value *value)
{
	struct seen *s = data;

	(void)section;
	str_addf(&s->text, " %s=", key);
	if (value->text) {
		str_add(&s->text, value->text);
	} else {
		for (size_t i = 0; i < value->lines.n; i++)
			str_addf(&s->text, "%c%s", i ? ',' : '(', value->lines.v[i]);
		str_add_char(&s->text, ')');
	}
	return 0;
}

static int on_problem(void *data, unsigned line, const char *message, const char *hint)
{
	struct seen *s = data;

	(void)hint;
	str_clear(&s->text);
	str_addf(&s->text, "!%u %s", line, message);
	return VENV_ERR_CONFIG;
}

static const char *read_n(const char *text, size_t len)
{
	static struct seen seen;
	struct ini_reader reader = { on_section, on_value, on_problem, &seen };
	struct venv_error err = VENV_ERROR_INIT;
	struct arena a = ARENA_INIT;

	str_clear(&seen.text);
	(void)!ini_read(&a, text, len, &reader, &err);
	arena_release(&a);
	venv_error_clear(&err);
	return str_text(&seen.text);
}

static void check(const char *text, const char *expected)
{
	assert_string_equal(read_n(text, strlen(text)), expected);
}

static void test_forms(void **state)
{
	(void)state;
	check("", "");
	check("[s]\nk = v\n", "[s] k=v");
	check("[s]\nk=v", "[s] k=v");
	check("\xef\xbb\xbf[s]\r\nk = v\r\n", "[s] k=v");
	check("# c\n; c\n\n[s]\n  # c\nk = a b\n", "[s] k=a b");
	check("[s]\nk = a: b = c\n", "[s] k=a: b = c");
	check("[s]\nurl = https://x/?a=b;c#d\n", "[s] url=https://x/?a=b;c#d");
	check("[s]\nk = \"v\"\n", "[s] k=\"v\"");
	check("[s]\nk =\n", "[s] k=");
	check("[a]\nk = 1\n[b]\nk = 2\n[a]\nj = 3\n", "[a][b][a] k=1 k=2 j=3");
	check("[plugin:acme-files]\nuse = files\n", "[plugin:acme-files] use=files");
}

static void test_lists(void **state)
{
	(void)state;
	check("[s]\nk =\n    a b\n\tc\n", "[s] k=(a b,c)");
	check("[s]\nk = a\n  b\n", "[s] k=(a,b)");
	check("[s]\nk =\n  a\n  # comment\n\n  b\nj = 1\n", "[s] k=(a,b) j=1");
	check("  k = 1\n", "!1 indented line that continues nothing");
	check("[s]\n  k = 1\n", "!2 indented line that continues nothing");
	check("[s]\nk = 1\n[t]\n  more\n", "!4 indented line that continues nothing");
}

static void test_refused(void **state)
{
	(void)state;
	check("k = v\n", "!1 key before the first [section]");
	check("[s]\nk v\n", "!2 neither a section, nor 'key = value', nor a comment");
	check("[s]\nk: v\n", "!2 neither a section, nor 'key = value', nor a comment");
	check("[s\n", "!1 no ']' at the end of the line");
	check("[]\n", "!1 section without a name");
	check("[s]\n= v\n", "!2 no key before '='");
	check("[s]\nk = v ; c\n", "!2 comment behind a value");
	check("[s]\nk = v # c\n", "!2 comment behind a value");
	check("[s]\nk =\n  v ; c\n", "!3 comment behind a value");
	check("[s]\nk = ; c\n", "!2 comment behind a value");
	check("[s]\nk = # c\n", "!2 comment behind a value");
	check("[s]\nk =\t#\n", "!2 comment behind a value");
	check("[s]\nk=#c\nj=;c\n", "[s] k=#c j=;c");
	check("[s]\nk = 1\nk = 2\n", "!3 the same key a second time in this section");
	check("[s]\nk = 1\n[t]\n[s]\nk = 2\n",
	      "!5 the same key a second time in this section");
	check("[s]\nK = v\n", "!2 key with a character that it cannot have");
	check("[s]\nk = \xff\n", "!2 text is not UTF-8");
	check("[s]\nk = \x01\n", "!2 control character");
	assert_string_equal(read_n("[s]\nk = a\0b\n", 12), "!2 NUL byte");
}

/* inih cuts lines at 199 bytes and names at 48, some builds without a word. */
static void test_lengths(void **state)
{
	static const size_t lengths[] = {
		190, 197, 198, 199, 200, 201, 400, 5000, 32768
	};
	char *text = malloc(40000), *value = malloc(40000), *expected = malloc(40000);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		memset(value, 'v', lengths[i]);
		value[lengths[i]] = '\0';
		sprintf(text, "[s]\nk = %s\nj = 1\n", value);
		sprintf(expected, "[s] k=%s j=1", value);
		check(text, expected);
		sprintf(text, "[s]\nk =\n  %s\n  b\n", value);
		if (lengths[i] + 3 < 32768) {
			sprintf(expected, "[s] k=(%s,b)", value);
			check(text, expected);
		}
	}
	memset(value, 'v', 32769);
	value[32769] = '\0';
	sprintf(text, "[s]\nk = %s\n", value);
	check(text, "!2 value of over 32 KiB");
	memset(value, 'k', 48);
	value[48] = '\0';
	sprintf(text, "[%s]\n%s = 1\n", value, value);
	sprintf(expected, "[%s] %s=1", value, value);
	check(text, expected);
	value[48] = 'k';
	value[49] = '\0';
	sprintf(text, "[s]\n%s = 1\n", value);
	check(text, "!2 key of over 48 bytes");
	sprintf(text, "[%s]\n", value);
	check(text, "!1 section name of over 48 bytes");
	free(text);
	free(value);
	free(expected);
}

/*
 * Some builds of inih have their options as variables, others compile them in.  All
 * that the former can be set to stands for what the latter may be: the answers stay.
 */
static const struct {
	const char *name;
	enum { FLAG, NUMBER, TEXT } type;
	int numbers[2];
	const char *texts[2];
} variables[] = {
	{ "ini_allow_multiline", FLAG, { 0, 1 }, { NULL, NULL } },
	{ "ini_allow_bom", FLAG, { 0, 1 }, { NULL, NULL } },
	{ "ini_allow_inline_comments", FLAG, { 0, 1 }, { NULL, NULL } },
	{ "ini_allow_no_value", FLAG, { 0, 1 }, { NULL, NULL } },
	{ "ini_allow_realloc", FLAG, { 0, 1 }, { NULL, NULL } },
	{ "ini_stop_on_first_error", FLAG, { 0, 1 }, { NULL, NULL } },
	{ "ini_use_stack", FLAG, { 0, 1 }, { NULL, NULL } },
	{ "ini_max_line", NUMBER, { 200, 5000 }, { NULL, NULL } },
	{ "ini_initial_alloc", NUMBER, { 200, 5000 }, { NULL, NULL } },
	{ "ini_start_comment_prefixes", TEXT, { 0, 0 }, { ";", ";#" } },
	{ "ini_inline_comment_prefixes", TEXT, { 0, 0 }, { ";", ";#" } },
};

/* Choose one of the two values; false if this build has no such variable. */
static bool choose(size_t i, int which)
{
	void *at = dlsym(RTLD_DEFAULT, variables[i].name);

	if (!at)
		return false;
	switch (variables[i].type) {
	case FLAG:
		*(bool *)at = variables[i].numbers[which] != 0;
		break;
	case NUMBER:
		*(int *)at = variables[i].numbers[which];
		break;
	case TEXT:
		*(const char **)at = variables[i].texts[which];
		break;
	}
	return true;
}

static void test_every_build(void **state)
{
	bool found = false;

	/* Each alone against both extremes of all others. */
	for (int others = 0; others < 2; others++) {
		for (size_t one = 0; one < ARRAY_SIZE(variables); one++) {
			for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
				found |= choose(i, i == one ? !others : others);
			test_forms(state);
			test_lists(state);
			test_refused(state);
			test_lengths(state);
		}
	}
	if (!found)
		skip();
}

static const char *checked(uint32_t type, uint32_t use, const char *value)
{
	static const char *const choices[] = { "one", "two", NULL };
	const struct venv_option def = { "x", type, 0, NULL, NULL, NULL, choices };
	static struct arena a = ARENA_INIT;
	const char *out;

	return option_check(&a, &def, use, value, "/dir", &out, NULL) ? "!" : out;
}

static void test_values(void **state)
{
	(void)state;
	assert_string_equal(checked(VENV_OPTION_BOOL, 0, "True"), "yes");
	assert_string_equal(checked(VENV_OPTION_BOOL, 0, "0"), "no");
	assert_string_equal(checked(VENV_OPTION_BOOL, 0, "maybe"), "!");
	assert_string_equal(checked(VENV_OPTION_INT, 0, "-12"), "-12");
	assert_string_equal(checked(VENV_OPTION_INT, 0, "1x"), "!");
	assert_string_equal(checked(VENV_OPTION_INT, 0, " 1"), "!");
	assert_string_equal(checked(VENV_OPTION_INT, 0, "99999999999999999999"), "!");
	assert_string_equal(checked(VENV_OPTION_INT, OPTION_SIZE, "100M"), "104857600");
	assert_string_equal(checked(VENV_OPTION_INT, OPTION_SIZE, "9999999999G"), "!");
	assert_string_equal(checked(VENV_OPTION_INT, 0, "100M"), "!");
	assert_string_equal(checked(VENV_OPTION_PATH, 0, "a/../b"), "/dir/b");
	assert_string_equal(checked(VENV_OPTION_LOCATION, 0, "https://x/y"),
			    "https://x/y");
	assert_string_equal(checked(VENV_OPTION_LOCATION, 0, "y"), "/dir/y");
	assert_string_equal(checked(VENV_OPTION_URL, 0, "ftp://x"), "!");
	assert_string_equal(checked(VENV_OPTION_CHOICE, 0, "two"), "two");
	assert_string_equal(checked(VENV_OPTION_CHOICE, 0, "tow"), "!");
	assert_string_equal(
		checked(VENV_OPTION_SHA256, 0,
			"0123456789ABCDEF0123456789abcdef"
			"0123456789abcdef0123456789abcdef"),
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	assert_string_equal(checked(VENV_OPTION_SHA256, 0, "0123"), "!");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),	cmocka_unit_test(test_lists),
		cmocka_unit_test(test_refused), cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_values),	cmocka_unit_test(test_every_build),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
