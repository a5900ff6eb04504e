/* SPDX-License-Identifier: MIT */
/*
 * test-layout.c - literals are read back by the rules of their languages
 *
 * A reader here knows what its language's own reader does with a literal, and fails
 * at anything that would end it, expand, or run.
 */
#include <config.h>

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

#include "util/util.h"
#include "layout/quote.h"
#include "layout/expand.h"
#include "layout/layout.h"
#include "layout/templates.h"

/* Append what S means to OUT; false if it is not one literal. */
typedef bool reader(const char *s, struct str *out);

/* Hexadecimal digits: N of them at S. */
static uint32_t hex(const char *s, int n)
{
	char digits[9] = "";

	memcpy(digits, s, (size_t)n);
	return (uint32_t)strtoul(digits, NULL, 16);
}

/* Past PREFIX, if *S begins with it. */
static bool past(const char **s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(*s, prefix, n) != 0)
		return false;
	*s += n;
	return true;
}

static bool is_plain(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("/._-", c));
}

/* What stands between single quotes, with each byte in octal behind ESCAPE but plain ones. */
static bool read_octal(const char **s, const char *escape, struct str *out)
{
	if (!past(s, "'"))
		return false;
	while (**s && **s != '\'') {
		if (past(s, escape)) {
			int c = 0;

			for (int i = 0; i < 3; i++, (*s)++) {
				if (**s < '0' || **s > '7')
					return false;
				c = c * 8 + **s - '0';
			}
			str_add_char(out, (char)c);
		} else if (is_plain(**s)) {
			str_add_char(out, *(*s)++);
		} else {
			return false;
		}
	}
	return past(s, "'");
}

/* ASCII, and no backslash outside of single quotes. */
static bool read_sh(const char *s, struct str *out)
{
	while (*s) {
		if (past(&s, "\"$('command' -p printf '%b' ")) {
			/* What a command prints loses the line ends at its end. */
			if (!read_octal(&s, "\\0", out) ||
			    (out->len && out->s[out->len - 1] == '\n') ||
			    !past(&s, ")\""))
				return false;
		} else if (past(&s, "\"'\"")) {
			str_add_char(out, '\'');
		} else if (past(&s, "'")) {
			for (; *s != '\''; s++) {
				if (!*s || (unsigned char)*s >= 0x80)
					return false;
				str_add_char(out, *s);
			}
			s++;
		} else {
			return false;
		}
	}
	return true;
}

/* No sign that may begin history, and a backslash before a line end only. */
static bool read_csh(const char *s, struct str *out)
{
	while (*s) {
		if (past(&s, "\"`/usr/bin/env printf ")) {
			size_t n = out->len;

			if (!read_octal(&s, "\\", out) || !past(&s, "`\"") ||
			    (out->len && memchr(out->s + n, '\n', out->len - n)))
				return false;
		} else if (past(&s, "'\\\n'")) {
			str_add_char(out, '\n');
		} else if (past(&s, "'")) {
			while (is_plain(*s))
				str_add_char(out, *s++);
			if (!past(&s, "'"))
				return false;
		} else {
			return false;
		}
	}
	return true;
}

static bool read_fish(const char *s, struct str *out)
{
	while (*s) {
		if (past(&s, "\\X")) {
			if (!isxdigit((unsigned char)s[0]) ||
			    !isxdigit((unsigned char)s[1]))
				return false;
			str_add_char(out, (char)hex(s, 2));
			s += 2;
			continue;
		}
		if (!past(&s, "'"))
			return false;
		for (; *s != '\''; s++) {
			if (!*s || (unsigned char)*s >= 0x80)
				return false;
			if (*s == '\\' && (s[1] == '\\' || s[1] == '\''))
				s++;
			str_add_char(out, *s);
		}
		s++;
	}
	return true;
}

static uint32_t next(const char **s)
{
	uint32_t cp = 0;
	size_t n = utf8_decode(*s, strlen(*s), &cp);

	*s += n;
	return n ? cp : 0;
}

static bool is_single_quote(uint32_t cp)
{
	return cp == '\'' || (cp >= 0x2018 && cp <= 0x201b);
}

static bool read_powershell(const char *s, struct str *out)
{
	uint32_t cp = next(&s);

	if (!is_single_quote(cp))
		return false;
	while ((cp = next(&s))) {
		if (is_single_quote(cp)) {
			const char *after = s;

			/* Of two quotes the first stays. */
			if (!is_single_quote(next(&after)))
				return !*s;
			s = after;
		}
		utf8_add(out, cp);
	}
	return false;
}

static bool read_nushell(const char *s, struct str *out)
{
	if (!past(&s, "\""))
		return false;
	while (*s && *s != '"') {
		char *end;

		if (!past(&s, "\\u{")) {
			if (!is_plain(*s))
				return false;
			str_add_char(out, *s++);
			continue;
		}
		utf8_add(out, (uint32_t)strtoul(s, &end, 16));
		if (end == s || *end != '}')
			return false;
		s = end + 1;
	}
	return *s && !s[1];
}

static bool read_python(const char *s, struct str *out)
{
	if (*s++ != '\'')
		return false;
	while (*s && *s != '\'') {
		uint32_t cp;
		int n;

		if (*s < ' ' || *s > '~')
			return false;
		if (*s != '\\') {
			str_add_char(out, *s++);
			continue;
		}
		n = s[1] == 'x' ? 2 : s[1] == 'u' ? 4 : s[1] == 'U' ? 8 : 0;
		cp = n ? hex(s + 2, n) : (uint32_t)s[1];
		/* os.fsencode() gives the byte back. */
		if (cp >= 0xdc80 && cp <= 0xdcff)
			str_add_char(out, (char)(cp & 0xff));
		else
			utf8_add(out, cp);
		s += 2 + n;
	}
	return *s && !s[1];
}

/* Behind `set NAME=` in a batch file: percent signs first, then what a caret escapes. */
static bool read_cmd(const char *s, struct str *out)
{
	for (; *s; s++) {
		if (*s == '%') {
			if (*++s != '%')
				return false;
		} else if (*s == '^') {
			/* Percent signs are read before carets. */
			if (!*++s || *s == '\n' || *s == '%')
				return false;
		} else if (strchr("&|<>()\"!\r\n", *s)) {
			return false;
		}
		str_add_char(out, *s);
	}
	return true;
}

static const struct {
	const char *name;
	enum language language;
	reader *read;
	bool bytes; /* holds what is no UTF-8 */
	bool lines; /* holds line ends */
} languages[] = {
	{ "sh", LANGUAGE_SH, read_sh, true, true },
	{ "csh", LANGUAGE_CSH, read_csh, true, true },
	{ "fish", LANGUAGE_FISH, read_fish, true, true },
	{ "PowerShell", LANGUAGE_POWERSHELL, read_powershell, false, true },
	{ "nushell", LANGUAGE_NUSHELL, read_nushell, false, true },
	{ "xonsh", LANGUAGE_XONSH, read_python, true, true },
	{ "Python", LANGUAGE_PYTHON, read_python, true, true },
	{ "cmd", LANGUAGE_CMD, read_cmd, true, false },
};

static void check_round_trip(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(languages); i++) {
		struct str literal = STR_INIT, back = STR_INIT;

		if ((!languages[i].bytes && !utf8_valid(text, strlen(text))) ||
		    (!languages[i].lines && strpbrk(text, "\r\n")))
			continue;
		quote(&literal, languages[i].language, READER_FILE, text);
		if (!languages[i].read(str_text(&literal), &back))
			fail_msg("%s: <%s> of <%s> is no literal", languages[i].name,
				 str_text(&literal), text);
		if (strcmp(str_text(&back), text) != 0)
			fail_msg("%s: <%s> is <%s>, not <%s>", languages[i].name,
				 str_text(&literal), str_text(&back), text);
		str_release(&literal);
		str_release(&back);
	}
}

static void test_round_trip(void **state)
{
	/* Pieces that mean something somewhere, put together at random. */
	static const char *const pieces[] = {
		"a",
		"b c",
		"'",
		"\"",
		"\\",
		"`",
		"$",
		"$(",
		")",
		"{",
		"}",
		"!",
		"^",
		"%",
		"%%",
		"#",
		"'#",
		"'##",
		"~",
		"*",
		"[",
		"]",
		";",
		"&",
		"|",
		"<",
		">",
		"\t",
		"\n",
		"\r",
		"-",
		"=",
		"@(",
		"r#'",
		"\xe2\x80\x98",
		"\xe2\x80\x99",
		"\xe2\x80\x9a",
		"\xe2\x80\x9b",
		"\xe2\x80\x9c",
		"\xc3\xa9",
		"\xf0\x9f\x90\x8d",
		"\xff",
		"\xe2",
		"\x80",
		"\x01",
		"\x1b",
		"\x7f",
		"\\'",
		"\\\n",
		"^\n",
		"n",
		"x41",
		"u0027",
		"^^",
	};
	uint32_t seed = 1;

	(void)state;
	check_round_trip("");
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		check_round_trip(pieces[i]);
	for (int i = 0; i < 20000; i++) {
		char text[64] = "";

		for (int n = i % 9; n >= 0; n--) {
			seed = seed * 1664525 + 1013904223;
			strcat(text, pieces[(seed >> 8) % ARRAY_SIZE(pieces)]);
		}
		check_round_trip(text);
	}
}

static void test_literals(void **state)
{
	static const struct {
		enum language language;
		const char *text, *literal;
	} cases[] = {
		{ LANGUAGE_NONE, "a'b", "a'b" },
		{ LANGUAGE_SH, "a'b", "'a'\"'\"'b'" },
		{ LANGUAGE_SH, "a \xe4\xb8\x81\\\n",
		  "'a '\"$('command' -p printf '%b' '\\0344\\0270\\0201\\0134')\"'\n'" },
		{ LANGUAGE_SH, "", "''" },
		{ LANGUAGE_CSH, "", "''" },
		{ LANGUAGE_CSH, "/a b!", "'/a'\"`/usr/bin/env printf '\\040b\\041'`\"" },
		{ LANGUAGE_CSH, "a\nb", "'a''\\\n''b'" },
		{ LANGUAGE_FISH, "a'b\\", "'a\\'b\\\\'" },
		{ LANGUAGE_FISH, "\xe4\xb8\x81'", "''\\Xe4\\Xb8\\X81'\\''" },
		{ LANGUAGE_POWERSHELL, "a'b$x`", "'a''b$x`'" },
		{ LANGUAGE_POWERSHELL, "\xe2\x80\x99", "'\xe2\x80\x99\xe2\x80\x99'" },
		{ LANGUAGE_POWERSHELL, "\xff", "'\xef\xbf\xbd'" },
		{ LANGUAGE_NUSHELL, "a", "\"a\"" },
		{ LANGUAGE_NUSHELL, "'#\"", "\"\\u{27}\\u{23}\\u{22}\"" },
		{ LANGUAGE_NUSHELL, "\xff", "\"\\u{fffd}\"" },
		{ LANGUAGE_PYTHON, "a'\n\xc3\xa9\xe4\xb8\xad\xf0\x9f\x90\x8d\xff",
		  "'a\\'\\x0a\\xe9\\u4e2d\\U0001f40d\\udcff'" },
		{ LANGUAGE_CMD, "50% & \"x\"!", "50%%^ ^&^ ^\"x^\"^!" },
		{ LANGUAGE_CMD, "a\nb",
		  "a\xef\xbf\xbd"
		  "b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str out = STR_INIT;

		quote(&out, cases[i].language, READER_FILE, cases[i].text);
		assert_string_equal(str_text(&out), cases[i].literal);
		str_release(&out);
	}
}

static void test_language(void **state)
{
	static const struct {
		const char *name, *text;
		enum language language;
	} cases[] = {
		{ "run", "", LANGUAGE_SH },
		{ "run", "#!", LANGUAGE_SH },
		{ "run", "#!/bin/sh -e\n", LANGUAGE_SH },
		{ "run", "#!/usr/bin/env python3\nx", LANGUAGE_PYTHON },
		{ "run", "#!/usr/bin/env -S python3.12 -E\n", LANGUAGE_PYTHON },
		{ "run", "#! /bin/tcsh\n", LANGUAGE_CSH },
		{ "run", "#!/bin/csh", LANGUAGE_CSH },
		{ "run", "#!/usr/bin/fish\r\n", LANGUAGE_FISH },
		{ "run", "#!/usr/bin/pwsh\n", LANGUAGE_POWERSHELL },
		{ "run", "#!/usr/bin/xonsh\n", LANGUAGE_XONSH },
		{ "run", "#!/usr/bin/env nu\n", LANGUAGE_NUSHELL },
		{ "run.d", "#!/usr/bin/bash\n", LANGUAGE_SH },
		{ "a.PS1", "#!/bin/sh\n", LANGUAGE_POWERSHELL },
		{ "a.csh", "", LANGUAGE_CSH },
		{ "a.fish", "", LANGUAGE_FISH },
		{ "a.nu", "", LANGUAGE_NUSHELL },
		{ "a.xsh", "", LANGUAGE_XONSH },
		{ "a.py", "", LANGUAGE_PYTHON },
		{ "a.bat", "", LANGUAGE_CMD },
		{ "activate", "# text", LANGUAGE_SH },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].text);

		if (language_of(cases[i].name, cases[i].text, len) != cases[i].language)
			fail_msg("%s with <%s> is misunderstood", cases[i].name,
				 cases[i].text);
	}
}

static const struct script_values values = { .dir = "/x/it's __VENV_NAME__",
					     .name = "it's __VENV_NAME__",
					     .prompt = "__VENV_DIR__",
					     .bin_name = "bin",
					     .python = "/x/bin/python3" };

static void test_expand(void **state)
{
	static const struct {
		const char *text, *quoted, *raw;
	} cases[] = {
		{ "", "", "" },
		{ "__VENV_DIR__", "'/x/it'\"'\"'s __VENV_NAME__'",
		  "/x/it's __VENV_NAME__" },
		{ "a __VENV_PROMPT__b", "a '(__VENV_DIR__) 'b", "a (__VENV_DIR__) b" },
		{ "__VENV_BIN_NAME____VENV_PYTHON__", "'bin''/x/bin/python3'",
		  "bin/x/bin/python3" },
		{ "___VENV_BIN_NAME___", "_'bin'_", "_bin_" },
		{ "__VENV____VENV_BIN_NAME__", "__VENV__'bin'", "__VENV__bin" },
		/* Not of the specification, so not for others. */
		{ "__VENV_SOURCE__ __VENV_PROMPT_NAME__ __VENV_X__",
		  "__VENV_SOURCE__ __VENV_PROMPT_NAME__ __VENV_X__",
		  "__VENV_SOURCE__ __VENV_PROMPT_NAME__ __VENV_X__" },
		{ "__VENV_BIN_NAME__VENV_BIN_NAME__", "'bin'VENV_BIN_NAME__",
		  "binVENV_BIN_NAME__" },
		{ "__VENV_DIR_ __VENV_DIR", "__VENV_DIR_ __VENV_DIR",
		  "__VENV_DIR_ __VENV_DIR" },
		{ "V_V__VE__V", "V_V__VE__V", "V_V__VE__V" },
		{ "V__VENV_BIN_NAME__V", "V'bin'V", "VbinV" },
		{ "VENV_BIN_NAME__", "VENV_BIN_NAME__", "VENV_BIN_NAME__" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str out = STR_INIT;

		scripts_expand(&out, cases[i].text, strlen(cases[i].text), LANGUAGE_SH,
			       &values, false);
		assert_string_equal(str_text(&out), cases[i].quoted);
		str_clear(&out);
		scripts_expand(&out, cases[i].text, strlen(cases[i].text), LANGUAGE_SH,
			       &values, true);
		assert_string_equal(str_text(&out), cases[i].raw);
		str_release(&out);
	}
}

/* Is P between quotes, as far as its line tells? */
static bool is_quoted(const char *text, const char *p)
{
	const char *line = p;
	char open = 0;

	while (line > text && line[-1] != '\n')
		line--;
	for (; line < p; line++) {
		if (open ? *line == open : *line == '\'' || *line == '"')
			open = open ? 0 : *line;
	}
	return open;
}

/* Each placeholder becomes a literal of its own: in quotes it would end them. */
static void test_templates(void **state)
{
	size_t n = 0;

	(void)state;
	for (const struct template *t = templates; t->name; t++, n++) {
		assert_int_equal(strlen(t->text), t->len);
		for (const char *p = t->text; (p = strstr(p, "__VENV_")); p++) {
			if (is_quoted(t->text, p))
				fail_msg("%s: %.30s stands between quotes", t->name, p);
		}
	}
	assert_true(n >= 10);
}

/* What each of them becomes for names in which every byte occurs is ASCII. */
static void test_charset(void **state)
{
	char all[256];
	struct script_values v = {
		.dir = all,
		.name = all,
		.prompt = all,
		.bin_name = "bin",
		.python = all,
		.like_virtualenv = true,
		.tcl_library = all,
		.tk_library = all,
	};

	(void)state;
	for (int i = 0; i < 255; i++)
		all[i] = (char)(i + 1);
	all[255] = '\0';
	for (const struct template *t = templates; t->name; t++) {
		enum language language = language_of(t->name, t->text, t->len);
		struct str out = STR_INIT;

		/* These read UTF-8 wherever they are. */
		if (language == LANGUAGE_POWERSHELL || language == LANGUAGE_CMD)
			continue;
		expand_own(&out, t->text, t->len, language, t->name, &v);
		assert_false(str_failed(&out));
		for (size_t i = 0; i < out.len; i++) {
			if ((unsigned char)out.s[i] >= 0x80)
				fail_msg("%s: byte %zu is 0x%02x", t->name, i,
					 (unsigned char)out.s[i]);
		}
		/* In UTF-7, HZ, cp864, shift_jis_2004 these are something else. */
		if (language == LANGUAGE_XONSH)
			assert_null(strpbrk(str_text(&out), "+~%\\"));
		str_release(&out);
	}
}

static void test_commands(void **state)
{
	static const struct script_values v = { .dir = "/a 'b", .bin_name = "bin" };
	static const struct {
		enum language language;
		const char *command;
	} cases[] = {
		{ LANGUAGE_SH, ". '/a '\"'\"'b/bin/x'" },
		{ LANGUAGE_CSH, "source '/a'\\ \\''b/bin/x'" },
		{ LANGUAGE_FISH, "source '/a \\'b/bin/x'" },
		{ LANGUAGE_POWERSHELL, ". '/a ''b/bin/x'" },
		{ LANGUAGE_NUSHELL, "overlay use \"/a 'b/bin/x\"" },
		{ LANGUAGE_XONSH, "source @('/a \\'b/bin/x')" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct str out = STR_INIT;

		scripts_add_command(&out, cases[i].language, "x", &v);
		assert_string_equal(str_text(&out), cases[i].command);
		str_release(&out);
	}
}

/*
 * Where a file system folds case the link for the second name is refused with EEXIST.
 * Here it is because of another file, which is neither an error nor written over.
 */
/* As the readers of the interpreter, but that nobody reads what stands behind a NUL. */
static void test_cfg(void **state)
{
	static const char text[] =
		"home = /x \0 = y\n# c = d\n = e\nno\nVersion=3\r\nlast=";
	struct arena a = ARENA_INIT;
	struct cfg c = { .arena = &a };

	(void)state;
	assert_int_equal(cfg_parse(&c, text, sizeof(text) - 1, NULL), 0);
	assert_int_equal(c.n, 3);
	assert_string_equal(cfg_get(&c, "home"), "/x");
	assert_string_equal(cfg_get(&c, "version"), "3");
	assert_string_equal(cfg_get(&c, "last"), "");
	arena_release(&a);
}

static void test_second_name(void **state)
{
	char path[] = "/tmp/test-quote-XXXXXX";
	const struct script_values v = { .dir = "/e",
					 .name = "e",
					 .prompt = "e",
					 .bin_name = "bin",
					 .python = "/e/bin/python" };
	struct venv_error err = VENV_ERROR_INIT;
	struct stat st;
	int dir, fd;

	(void)state;
	assert_non_null(mkdtemp(path));
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = openat(dir, "activate.ps1", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(dir >= 0 && fd >= 0);
	assert_int_equal(scripts_install_builtin(dir, &v, ACTIVATE_POWERSHELL, 0, &err),
			 0);
	assert_int_equal(fstatat(dir, "Activate.ps1", &st, 0), 0);
	assert_true(st.st_size > 0 && st.st_nlink == 1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_true(st.st_size == 0 && st.st_nlink == 1);
	unlinkat(dir, "Activate.ps1", 0);
	unlinkat(dir, "activate.ps1", 0);
	close(fd);
	close(dir);
	rmdir(path);
	venv_error_clear(&err);
}

/* Seconds of the processor to write TEXT; of any language but the last a literal. */
static double seconds(enum language language, const char *text)
{
	struct str out = STR_INIT;
	clock_t began = clock();

	if (language <= LANGUAGE_CMD)
		quote(&out, language, READER_FILE, text);
	else
		cfg_add_repr(&out, text);
	assert_false(str_failed(&out));
	str_release(&out);
	return (double)(clock() - began) / CLOCKS_PER_SEC;
}

/* However long a prompt is: what is written of it takes time as its length, no more. */
static void test_long_prompt(void **state)
{
	struct str prompt = STR_INIT;

	(void)state;
	for (int i = 0; i < 1 << 16; i++)
		str_add(&prompt, "a'#\xc3\xa9`$!\\\xff ab\xe2\x80\x99");
	for (int language = LANGUAGE_NONE; language <= LANGUAGE_CMD + 1; language++) {
		const char *text = str_text(&prompt), *end = text + prompt.len * 15 / 16;
		double all = seconds((enum language)language, text);

		/* A sixteenth takes a sixteenth; by squares it were less than a 200th. */
		assert_true(all < 64 * seconds((enum language)language, end) + 0.5);
	}
	str_release(&prompt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_literals),
		cmocka_unit_test(test_language),    cmocka_unit_test(test_expand),
		cmocka_unit_test(test_templates),   cmocka_unit_test(test_charset),
		cmocka_unit_test(test_commands),    cmocka_unit_test(test_cfg),
		cmocka_unit_test(test_second_name), cmocka_unit_test(test_long_prompt),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
