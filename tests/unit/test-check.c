/* SPDX-License-Identifier: MIT */
/* test-check.c - what is wrong with an environment: each fault, and nothing else */
#include <config.h>

#include "environment.h"

#include <unistd.h>

#include "transaction/transaction.h"

/* What is done to an environment; '@' in TEXT is the scratch directory. */
enum deed { END, REMOVE, DIRECTORY, FILE_IS, PROGRAM_IS, LINK_TO, MODE, RENAME };
struct damage {
	enum deed deed;
	const char *path, *text;
};

static void damage(const struct damage *d)
{
	const char *text = d->text ? expanded(d->text) : "";
	const char *path = in_scratch(d->path);

	switch (d->deed) {
	case REMOVE:
		assert_int_equal(tree_remove_at(AT_FDCWD, path, NULL), 0);
		break;
	case DIRECTORY:
		put_dir(d->path);
		break;
	case FILE_IS:
		put_bytes(d->path, text, strlen(text), 0644);
		break;
	case PROGRAM_IS:
		put_bytes(d->path, text, strlen(text), 0755);
		break;
	case LINK_TO:
		unlink(path);
		assert_int_equal(symlink(text, path), 0);
		break;
	case MODE:
		assert_int_equal(chmod(path, (mode_t)strtoul(d->text, NULL, 8)), 0);
		break;
	case RENAME:
		assert_int_equal(rename(path, text), 0);
		break;
	case END:
		break;
	}
}

/* With MAY_RUN its base may be asked which one it is. */
static void check_base(struct checkup *c, const char *name, bool may_run)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct environment e;

	open_environment(&e, name);
	assert_ok(environment_check(&e, &pe, may_run, c, &err), &err);
	environment_close(&e);
}

static void check(struct checkup *c, const char *name)
{
	check_base(c, name, false);
}

/* PATH of the environment "env", for tables. */
#define SITE "env/lib/python3.12/site-packages"
#define HOME "home = @/base/bin\n"

#define IS_BROKEN 1
#define FIXABLE	  2
#define WANTS_PIP 4

static const struct {
	struct damage damages[5];
	const char *id, *text; /* of the first problem; NULL: there is none */
	unsigned is;
} cases[] = {
	{ { { END, "", NULL } }, NULL, NULL, 0 },

	{ { { REMOVE, "base", NULL } },
	  "base-gone",
	  "there is no '@/base/bin/python3'",
	  IS_BROKEN },
	/* A copy is known by its home alone. */
	{ { { REMOVE, "base", NULL },
	    { PROGRAM_IS, "env/bin/python", "x" },
	    { FILE_IS, "env/pyvenv.cfg", HOME CFG_REST } },
	  "base-gone",
	  "there is no '@/base/bin/python3'",
	  IS_BROKEN },

	/* What home has by now is not what its links lead to. */
	{ { { LINK_TO, "env/bin/python", "@/base/bin/gone" } },
	  "base-gone",
	  "there is no '@/base/bin/gone'",
	  IS_BROKEN },
	/* A link inside is no base: it is mended. */
	{ { { LINK_TO, "env/bin/python3", "@/base/bin/python3" },
	    { LINK_TO, "env/bin/python", "@/env/bin/gone" } },
	  "broken-link",
	  "'bin/python' leads nowhere",
	  IS_BROKEN | FIXABLE },

	{ { { FILE_IS, "env/bin/activate", "VIRTUAL_ENV=@/gone\n" } },
	  "moved",
	  "it was made as '@/gone', and was moved",
	  FIXABLE },
	{ { { DIRECTORY, "other", NULL },
	    { FILE_IS, "other/pyvenv.cfg", "" },
	    { FILE_IS, "env/bin/activate", "VIRTUAL_ENV=@/other\n" } },
	  "moved",
	  "it is a copy of '@/other'",
	  FIXABLE },
	/* Scripts that start the old place are that same fault. */
	{ { { PROGRAM_IS, "env/bin/tool", "#!@/gone/bin/python\n" },
	    { FILE_IS, "env/bin/activate", "VIRTUAL_ENV=@/gone\n" } },
	  "moved",
	  "it was made as '@/gone', and was moved",
	  FIXABLE },
	/* By another name it is the same place, and a relocatable one has none. */
	{ { { LINK_TO, "other", "env" },
	    { FILE_IS, "env/bin/activate", "VIRTUAL_ENV=@/other\n" } },
	  NULL,
	  NULL,
	  0 },
	{ { { FILE_IS, "env/bin/activate", "VIRTUAL_ENV=@/gone\n" },
	    { FILE_IS, "env/pyvenv.cfg", HOME CFG_REST "relocatable = true\n" } },
	  NULL,
	  NULL,
	  0 },

	{ { { LINK_TO, "env/bin/python3.12", "nowhere" } },
	  "broken-link",
	  "'bin/python3.12' leads nowhere",
	  IS_BROKEN | FIXABLE },
	{ { { LINK_TO, "env/lib64", "lib32" } },
	  "broken-link",
	  "'lib64' leads nowhere",
	  IS_BROKEN | FIXABLE },
	{ { { LINK_TO, "env/bin/pypy3", "nowhere" },
	    { LINK_TO, "env/bin/python3.12dm", "nowhere" } },
	  "broken-link",
	  " lead nowhere",
	  IS_BROKEN | FIXABLE },
	{ { { LINK_TO, "env/bin/pythonw", "nowhere" } },
	  "broken-link",
	  "'bin/pythonw' leads nowhere",
	  0 },

	{ { { REMOVE, "env/bin/python3", NULL }, { REMOVE, "env/bin/python", NULL } },
	  "no-python",
	  "there is neither 'bin/python' nor 'bin/python3'",
	  IS_BROKEN | FIXABLE },
	{ { { REMOVE, "env/bin/python3", NULL } },
	  "no-python",
	  "there is no 'bin/python3'",
	  FIXABLE },
	{ { { LINK_TO, "env/bin/python3", "@/base/bin/python3" },
	    { PROGRAM_IS, "env/bin/python", "" } },
	  "no-python",
	  "there is no 'bin/python'",
	  IS_BROKEN | FIXABLE },
	{ { { REMOVE, "env/bin", NULL }, { FILE_IS, "env/bin", "" } },
	  "no-python",
	  "there is neither",
	  IS_BROKEN | FIXABLE },

	{ { { PROGRAM_IS, "env/bin/pip", "#!@/env/bin/python\n" } },
	  "no-pip",
	  "pip is missing",
	  FIXABLE | WANTS_PIP },
	{ { { FILE_IS, "env/pyvenv.cfg", HOME CFG_REST "command = /x -m venv @/env\n" } },
	  "no-pip",
	  "pip is missing",
	  FIXABLE | WANTS_PIP },
	{ { { FILE_IS, "env/pyvenv.cfg",
	      HOME CFG_REST "command = /x -m venv --without-pip @/env\n" } },
	  NULL,
	  NULL,
	  0 },
	{ { { DIRECTORY, SITE "/pip-24.0.dist-info", NULL } },
	  "no-pip",
	  "pip 24.0 is installed, and its files are missing",
	  FIXABLE | WANTS_PIP },
	{ { { DIRECTORY, SITE "/pip", NULL }, { FILE_IS, SITE "/pip/__init__.py", "" } },
	  "no-pip",
	  "what says its version is missing",
	  FIXABLE | WANTS_PIP },
	{ { { DIRECTORY, SITE "/pip", NULL },
	    { FILE_IS, SITE "/pip/__init__.py", "" },
	    { DIRECTORY, SITE "/pip-24.0.dist-info", NULL } },
	  NULL,
	  NULL,
	  0 },

	{ { { PROGRAM_IS, "env/bin/tool", "#!@/gone/bin/python3\n" } },
	  "bad-shebang",
	  "'bin/tool' starts a Python that is not there",
	  0 },
	{ { { LINK_TO, "same", "env" },
	    { DIRECTORY, SITE "/tool-1.dist-info", NULL },
	    { FILE_IS, SITE "/tool-1.dist-info/RECORD", "../../../bin/tool,,\n" },
	    { PROGRAM_IS, "env/bin/tool", "#!@/same/bin/python3\n" } },
	  NULL,
	  NULL,
	  0 },
	/* A script of the user's may start what it likes. */
	{ { { PROGRAM_IS, "env/bin/tool", "#!@/base/bin/python3\n" } }, NULL, NULL, 0 },
	{ { { PROGRAM_IS, "env/bin/tool", "#!@/gone/bin/perl\n" },
	    { PROGRAM_IS, "env/bin/ours", "#!@/env/bin/python\n" },
	    { PROGRAM_IS, "env/bin/theirs", "#!/bin/sh\n" } },
	  NULL,
	  NULL,
	  0 },
	{ { { DIRECTORY, SITE "/tool-1.dist-info", NULL },
	    { FILE_IS, SITE "/tool-1.dist-info/RECORD", "../../../bin/tool,,\n" },
	    { PROGRAM_IS, "env/bin/tool", "#!@/gone/bin/python3\n" } },
	  "bad-shebang",
	  "'bin/tool' starts the Python of another environment",
	  FIXABLE },

	{ { { FILE_IS, "env/pyvenv.cfg", "" } },
	  "bad-cfg",
	  "pyvenv.cfg is empty",
	  IS_BROKEN | FIXABLE },
	{ { { FILE_IS, "env/pyvenv.cfg", CFG_REST } },
	  "bad-cfg",
	  "pyvenv.cfg has no 'home'",
	  IS_BROKEN | FIXABLE },
	{ { { FILE_IS, "env/pyvenv.cfg", "home = base/bin\n" CFG_REST } },
	  "bad-cfg",
	  "'home' of pyvenv.cfg is no absolute path: 'base/bin'",
	  IS_BROKEN | FIXABLE },
	{ { { FILE_IS, "env/pyvenv.cfg",
	      "home = @/gone\nexecutable = @/base/bin/python3\n" CFG_REST } },
	  "bad-cfg",
	  "'home' of pyvenv.cfg is not there: '@/gone'",
	  FIXABLE },
	{ { { FILE_IS, "env/pyvenv.cfg", HOME "# \xff\n" CFG_REST } },
	  "bad-cfg",
	  "pyvenv.cfg is not UTF-8",
	  FIXABLE },
	{ { { FILE_IS, "env/pyvenv.cfg", HOME "include-system-site-packages = yes\n" } },
	  "bad-cfg",
	  "is neither true nor false: 'yes'",
	  FIXABLE },
	{ { { FILE_IS, "env/pyvenv.cfg", HOME "version = new\n" } },
	  "bad-cfg",
	  "'version' of pyvenv.cfg is none: 'new'",
	  FIXABLE },
	{ { { FILE_IS, "env/pyvenv.cfg", HOME CFG_REST "Version = 3.12.2\n" } },
	  "bad-cfg",
	  "pyvenv.cfg has 'version' twice",
	  FIXABLE },
	/* Twice the same, a key of nobody's, line ends of Windows: Python reads all of that. */
	{ { { FILE_IS, "env/pyvenv.cfg",
	      "home = @/base/bin\r\n" CFG_REST "version = 3.12.1\r\nx = 1\nx = 2\n" } },
	  NULL,
	  NULL,
	  0 },
	{ { { RENAME, "env/pyvenv.cfg", "@/elsewhere" },
	    { LINK_TO, "env/pyvenv.cfg", "@/elsewhere" } },
	  NULL,
	  NULL,
	  0 },

	{ { { DIRECTORY, "env/lib/python3.11", NULL },
	    { DIRECTORY, "env/lib/python3.11/site-packages", NULL },
	    { FILE_IS, "env/lib/python3.11/site-packages/x.py", "" } },
	  "mixed-versions",
	  "what is in 'lib/python3.11' is of another Python than its 3.12.1",
	  0 },
	{ { { DIRECTORY, "env/lib/python3.11", NULL },
	    { DIRECTORY, "env/lib/python3.11/site-packages", NULL },
	    { FILE_IS, "env/lib/python3.10", "" } },
	  NULL,
	  NULL,
	  0 },
	{ { { REMOVE, "env/bin/python3", NULL },
	    { PROGRAM_IS, "env/bin/python3", "other" } },
	  "mixed-versions",
	  "'bin/python' and 'bin/python3' are different Pythons",
	  FIXABLE },

	/* Copies are compared by their sizes. */
	{ { { REMOVE, "env/bin/python3", NULL },
	    { PROGRAM_IS, "env/bin/python3", "#!/bin/sh\n" } },
	  NULL,
	  NULL,
	  0 },

	{ { { LINK_TO, "env/bin/python3.11", "@/base/bin/own" },
	    { PROGRAM_IS, "base/bin/own", "" } },
	  "stale-name",
	  "'bin/python3.11': named for another version than its 3.12.1",
	  FIXABLE },
	{ { { PROGRAM_IS, "env/bin/python3.11", "#!/bin/sh\n" } }, NULL, NULL, 0 },
	{ { { PROGRAM_IS, "env/bin/python3.11", "binary" } },
	  "stale-name",
	  "'bin/python3.11': named for another version than its 3.12.1",
	  FIXABLE },

	{ { { FILE_IS, "env/bin/tool", "#!@/env/bin/python\n" } },
	  "bad-mode",
	  "'bin/tool' cannot be run: its mode has no x",
	  FIXABLE },
	{ { { MODE, "env/bin", "777" }, { MODE, "env/pyvenv.cfg", "666" } },
	  "bad-mode",
	  "'bin', 'pyvenv.cfg' can be written by everybody",
	  0 },
	{ { { MODE, "env", "757" } }, "bad-mode", "'.' can be written by everybody", 0 },
	{ { { MODE, "env/lib", "1777" } }, NULL, NULL, 0 },

	{ { { FILE_IS, "env/" INCOMPLETE_FILE, "" },
	    { REMOVE, "env/bin", NULL },
	    { REMOVE, "base", NULL } },
	  "half-built",
	  "a create of it has not ended, or was killed",
	  IS_BROKEN | FIXABLE },
};

/* Each damage is the only fault that is found. */
static void test_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *id = cases[i].id, *said;
		struct checkup c;
		unsigned is;

		put_environment("env");
		for (const struct damage *d = cases[i].damages; d->deed; d++)
			damage(d);
		check(&c, "env");
		said = c.n ? c.v[0].id : "none";
		if (c.n != (id != NULL) || (id && strcmp(said, id) != 0))
			fail_msg("%zu: %zu faults, the first is %s: %s", i, c.n, said,
				 c.n ? c.v[0].text : "");
		is = (c.broken ? IS_BROKEN : 0) | (c.wants_pip ? WANTS_PIP : 0) |
		     (c.n && c.v[0].fixable ? FIXABLE : 0);
		if (id && !strstr(c.v[0].text, expanded(cases[i].text)))
			fail_msg("%zu: %s", i, c.v[0].text);
		if (is != cases[i].is)
			fail_msg("%zu: %s: %u", i, c.n ? c.v[0].text : "", is);
		if (c.n) {
			assert_true(*c.v[0].todo);
			assert_false(c.v[0].fixed);
		}
		assert_int_equal(remove_scratch(NULL), 0);
		assert_int_equal(mkdir(scratch, 0700), 0);
	}
}

/* A pip that another Python has is no pip of this one; the packages there are a fault as well. */
static void test_pip_of_another(void **state)
{
	static const struct damage all[] = {
		{ RENAME, "env/lib/python3.12", "@/env/lib/python3.11" },
		{ DIRECTORY, "env/lib/python3.11/site-packages/pip", NULL },
		{ FILE_IS, "env/lib/python3.11/site-packages/pip/__init__.py", "" },
		{ PROGRAM_IS, "env/bin/pip", "#!@/env/bin/python\n" },
	};
	struct checkup c;

	(void)state;
	put_environment("env");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		damage(&all[i]);
	check(&c, "env");
	assert_int_equal(c.n, 2);
	assert_string_equal(c.v[0].id, "no-pip");
	assert_string_equal(c.v[0].text,
			    "its pip is of another Python: 'lib/python3.11'");
	assert_true(c.v[0].fixable);
	assert_true(c.wants_pip);
	assert_string_equal(c.v[1].id, "mixed-versions");
}

/* What no text can hold. */
static void test_odd_cfg(void **state)
{
	static const char nul[] = "home = /usr/bin\n\0version = 3.12.1\n";
	char *huge = calloc(1, 2 << 20);
	struct checkup c;

	(void)state;
	put_environment("env");
	put_bytes("env/pyvenv.cfg", nul, sizeof(nul) - 1, 0644);
	check(&c, "env");
	assert_non_null(checkup_find(&c, "bad-cfg"));
	assert_string_equal(checkup_find(&c, "bad-cfg")->text,
			    "pyvenv.cfg has NUL bytes");
	assert_non_null(huge);
	put_bytes("env/pyvenv.cfg", huge, 2 << 20, 0644);
	free(huge);
	check(&c, "env");
	assert_int_equal(c.n, 1);
	assert_non_null(strstr(c.v[0].text, "pyvenv.cfg cannot be read: "));
	assert_true(c.broken);
}

/* The most important comes first, each is there once; what the base is to make is not fixable. */
static void test_order(void **state)
{
	static const struct damage all[] = {
		{ PROGRAM_IS, "env/bin/pip", "#!@/gone/bin/python\n" },
		{ FILE_IS, "env/bin/activate", "VIRTUAL_ENV=@/old\n" },
		{ LINK_TO, "env/bin/ours", "nowhere" },
		{ PROGRAM_IS, "env/bin/python3.9", "binary" },
		{ FILE_IS, "env/pyvenv.cfg", HOME "version = 3.12.1\nversion = 3\n" },
		{ MODE, "env/lib", "777" },
	};
	static const char *const ids[] = { "moved",	  "broken-link", "no-pip",
					   "bad-shebang", "bad-cfg",	 "stale-name",
					   "bad-mode" };
	struct checkup c;

	(void)state;
	put_environment("env");
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		damage(&all[i]);
	check(&c, "env");
	assert_int_equal(c.n, ARRAY_SIZE(ids));
	for (size_t i = 0; i < c.n; i++) {
		assert_string_equal(c.v[i].id, ids[i]);
		assert_ptr_equal(checkup_find(&c, ids[i]), &c.v[i]);
	}
	assert_null(checkup_find(&c, "base-gone"));
	assert_true(c.same_python);
	assert_true(checkup_find(&c, "moved")->fixable);
	damage(&(struct damage){ REMOVE, "base", NULL });
	check(&c, "env");
	assert_string_equal(c.v[0].id, "base-gone");
	assert_false(c.same_python);
	for (size_t i = 0; i < c.n; i++)
		assert_false(c.v[i].fixable);
	assert_non_null(strstr(checkup_find(&c, "moved")->todo, "--python SPEC"));
	/* A base that home has by now is not the one that its links lead to. */
	damage(&(struct damage){ DIRECTORY, "base", NULL });
	damage(&(struct damage){ DIRECTORY, "base/bin", NULL });
	damage(&(struct damage){ PROGRAM_IS, "base/bin/python3", "" });
	damage(&(struct damage){ LINK_TO, "env/bin/python", "@/gone/python3" });
	check(&c, "env");
	assert_string_equal(c.v[0].id, "base-gone");
	assert_false(c.same_python);
	assert_false(checkup_find(&c, "moved")->fixable);
}

/* However many there are. */
static void test_many(void **state)
{
	struct checkup c;
	char name[64];

	(void)state;
	put_environment("env");
	for (int i = 20; i < 20 + PROBLEMS_MAX + 5; i++) {
		snprintf(name, sizeof(name), "env/lib/python3.%d", i);
		put_dir(name);
		snprintf(name, sizeof(name), "env/lib/python3.%d/site-packages", i);
		put_dir(name);
		snprintf(name, sizeof(name), "env/lib/python3.%d/site-packages/x", i);
		put(name, "");
		snprintf(name, sizeof(name), "env/bin/pip3.%d", i);
		put_bytes(name, "#!/bin/sh\n", 10, 0755);
	}
	check(&c, "env");
	assert_int_equal(c.n, PROBLEMS_MAX);
	assert_int_equal(tree_remove_at(AT_FDCWD, in_scratch("env/lib"), NULL), 0);
	check(&c, "env");
	assert_non_null(strstr(checkup_find(&c, "stale-name")->text, " and 34 more: "));
}

/* What the machine's Python is: an environment of it, of an older one, and of another. */
static void test_base_changed(void **state)
{
	static const struct {
		const char *minor, *text; /* digits in front of the minor version */
		bool fixable;
	} wrong[] = {
		{ "", "it was made by Python ", true },
		{ "9", "it was made for CPython ", false },
	};
	struct venv_error err = VENV_ERROR_INIT;
	struct checkup c;
	struct python p;
	char cfg[256], version[32];

	(void)state;
	assert_ok(python_find(&pe, "/usr/bin/python3", &p, &err), &err);
	put_dir("env");
	put_dir("env/bin");
	put_link(p.executable, "env/bin/python");
	put_link("python", "env/bin/python3");
	snprintf(cfg, sizeof(cfg), "home = /usr/bin\nexecutable = %s\nversion = %s\n",
		 p.executable, python_version_text(&arena, &p));
	put("env/pyvenv.cfg", cfg);
	check_base(&c, "env", true);
	assert_int_equal(c.n, 0);
	assert_true(c.same_python);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		snprintf(version, sizeof(version), "%u.%s%u.99", PYTHON_MAJOR(&p),
			 wrong[i].minor, PYTHON_MINOR(&p));
		snprintf(cfg, sizeof(cfg),
			 "home = /usr/bin\nexecutable = %s\nversion = %s\n", p.executable,
			 version);
		put_bytes("env/pyvenv.cfg", cfg, strlen(cfg), 0644);
		check_base(&c, "env", true);
		assert_int_equal(c.n, 1);
		assert_string_equal(c.v[0].id, "base-changed");
		assert_non_null(strstr(c.v[0].text, wrong[i].text));
		assert_int_equal(c.v[0].fixable, wrong[i].fixable);
		assert_int_equal(c.broken, !wrong[i].fixable);
		assert_int_equal(c.same_python, wrong[i].fixable);
	}
}

static void test_redirect(void **state)
{
	static const struct {
		const char *pin;
		bool fits;
	} pins[] = {
		{ "3.12\n", true }, { "3.12.1\r\n", true }, { "3.1\n", false },
		{ "3.11", false },  { "system\n", true },   { "", true },
	};
	struct checkup c;

	(void)state;
	put_environment("env");
	put(".venv", "env\n");
	check(&c, ".venv");
	assert_int_equal(c.n, 0);
	for (size_t i = 0; i < ARRAY_SIZE(pins); i++) {
		put_bytes(".python-version", pins[i].pin, strlen(pins[i].pin), 0644);
		check(&c, ".venv");
		if ((c.n == 0) != pins[i].fits)
			fail_msg("'%s': %s", pins[i].pin, c.n ? c.v[0].text : "");
		/* Who did not come by it does not hear of it. */
		check(&c, "env");
		assert_int_equal(c.n, 0);
	}
	assert_int_equal(unlink(in_scratch(".python-version")), 0);
	assert_int_equal(chmod(in_scratch(".venv"), 0666), 0);
	check(&c, ".venv");
	assert_int_equal(c.n, 1);
	assert_string_equal(c.v[0].id, "redirect");
	assert_non_null(strstr(c.v[0].text, "leads here, and is not trusted: "));
	/* venvctl deletes what venvctl made. */
	assert_false(c.v[0].fixable);
	damage(&(struct damage){ FILE_IS, "env/pyvenv.cfg",
				 HOME CFG_REST "venvctl = 1\n" });
	check(&c, ".venv");
	assert_true(c.v[0].fixable);
	assert_false(c.broken);
}

static void test_stale(void **state)
{
	static const struct {
		const char *name, *text, *version;
		bool stale;
	} names[] = {
		{ "python3.11",
		  "\x7f"
		  "ELF",
		  "3.12.1", true },
		{ "pypy3.9", "", "3.12.1", true },
		{ "python3.12", "", "3.12.1", false },
		{ "python3.1", "", "3.12.1", true },
		{ "python3", "", "3.12.1", false },
		{ "python3.11-config", "", "3.12.1", false },
		/* A script of that name is somebody's own; pip's are scripts. */
		{ "python3.10", "#!/bin/sh\n", "3.12.1", false },
		{ "pip3.11", "#!/bin/sh\n", "3.12.1", true },
		{ "pip-3.11", "#!/bin/sh\n", "3.12.1", true },
		{ "pip3.10", "", "3.12.1", false },
		{ "pip3.12", "#!/bin/sh\n", "3.12.1", false },
		{ "black-3.11", "#!/bin/sh\n", "3.12.1", false },
		{ "pip3.9", "#!/bin/sh\n", NULL, false },
	};
	int bin;

	(void)state;
	bin = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		put(names[i].name, names[i].text);
		if (environment_is_stale(bin, names[i].name, names[i].version) !=
		    names[i].stale)
			fail_msg("%s, '%s'", names[i].name, names[i].text);
	}
	assert_false(environment_is_stale(bin, "pip3.8", "3.12.1"));
	close(bin);
}

static void test_wants_x(void **state)
{
	static const struct {
		const char *name, *text;
		mode_t mode;
		bool wants;
	} names[] = {
		{ "python3", "", 0644, true },
		{ "python3.12", "", 0755, false },
		{ "tool", "#!/usr/bin/python3\n", 0644, true },
		{ "ran", "#!/usr/bin/python3\n", 0744, false },
		{ "perl", "#!/usr/bin/perl\n", 0600, true },
		{ "text", "import x\n", 0644, false },
		{ "activate", "# This file must be used with \"source\"\n", 0644, false },
		/* Hooks are there to be read by a shell. */
		{ "postactivate", "#!/bin/sh\n", 0644, false },
		{ "predeactivate", "#! /usr/bin/zsh -e\n", 0644, false },
		{ "show", "#!/usr/bin/show\n", 0644, true },
		{ "longer", "#!/usr/bin/shx\n", 0644, true },
		{ "shorter", "#!/usr/bin/s\n", 0644, true },
		/* It is the owner's right that counts. */
		{ "others", "#!/usr/bin/python3\n", 0611, true },
		/* What sh only hands on to Python is none of these. */
		{ "long", "#!/bin/sh\n'''exec' /x/python \"$0\" \"$@\"\n", 0644, true },
		{ "own", "#!/bin/sh\n\"exec\" \"/x/python\" \"$0\" \"$@\"\n", 0644,
		  true },
		{ "short", "#!", 0644, false },
		{ "empty", "", 0644, false },
	};
	struct stat st;
	int bin;

	(void)state;
	bin = open(scratch, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		put_bytes(names[i].name, names[i].text, strlen(names[i].text),
			  names[i].mode);
		assert_int_equal(lstat(in_scratch(names[i].name), &st), 0);
		if (environment_wants_x(bin, names[i].name, &st) != names[i].wants)
			fail_msg("%s, '%s'", names[i].name, names[i].text);
	}
	put_link("tool", "link");
	assert_int_equal(lstat(in_scratch("link"), &st), 0);
	assert_false(environment_wants_x(bin, "link", &st));
	assert_int_equal(mkfifo(in_scratch("fifo"), 0600), 0);
	assert_int_equal(lstat(in_scratch("fifo"), &st), 0);
	assert_false(environment_wants_x(bin, "fifo", &st));
	close(bin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_environment(test_faults),
		with_environment(test_odd_cfg),
		with_environment(test_pip_of_another),
		with_environment(test_order),
		with_environment(test_many),
		with_environment(test_base_changed),
		with_environment(test_redirect),
		with_environment(test_stale),
		with_environment(test_wants_x),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
