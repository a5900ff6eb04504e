/* SPDX-License-Identifier: MIT */
/* test-environment.c - which environment is meant, what it is, and where it was made */
#include <config.h>

#include "environment.h"

#include <unistd.h>

#include "transaction/transaction.h"

/* ---- find.c ---- */

/* GIVEN is refused with CODE, by a message with PART. */
static void refused(const char *given, int code, const char *part)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct environment e;

	assert_int_equal(environment_find(&e, &pe, given, &err), code);
	assert_message(&err, part);
	assert_int_equal(e.fd, -1);
	/* Nobody has to ask why. */
	assert_int_equal(environment_find(&e, &pe, given, NULL), code);
	venv_error_clear(&err);
}

static void found(struct environment *e, const char *given, const char *name,
		  enum environment_origin origin)
{
	struct venv_error err = VENV_ERROR_INIT;

	assert_ok(environment_find(e, &pe, given, &err), &err);
	assert_string_equal(e->dir, in_scratch(name));
	assert_int_equal(e->origin, origin);
}

/* What is named counts, then VIRTUAL_ENV, then the nearest .venv. */
static void test_find_order(void **state)
{
	const char *variables[] = { NULL, NULL };
	struct environment e;

	(void)state;
	put_dir("given");
	put_dir("active");
	put_dir(".venv");
	put_dir("a");
	put_dir("a/b");
	put_dir("a/b/c");
	pe.cwd = arena_strdup(&arena, in_scratch("a/b/c"));
	found(&e, NULL, ".venv", ENVIRONMENT_SEARCHED);
	assert_string_equal(e.given, in_scratch(".venv"));
	put_dir("a/.venv");
	found(&e, NULL, "a/.venv", ENVIRONMENT_SEARCHED);
	variables[0] = expanded("VIRTUAL_ENV=@/active");
	pe.env = variables;
	found(&e, NULL, "active", ENVIRONMENT_VARIABLE);
	found(&e, "../../../given", "given", ENVIRONMENT_GIVEN);
	assert_string_equal(e.given, "../../../given");
	assert_null(e.redirect);
	found(&e, in_scratch("given//./"), "given", ENVIRONMENT_GIVEN);
	/* An empty variable is none. */
	variables[0] = "VIRTUAL_ENV=";
	found(&e, NULL, "a/.venv", ENVIRONMENT_SEARCHED);
}

/* The nearest one counts, whatever it is: a broken one hides no other. */
static void test_find_broken(void **state)
{
	const char *variables[] = { expanded("VIRTUAL_ENV=@/gone"), NULL };
	struct venv_error err = VENV_ERROR_INIT;
	struct environment e;

	(void)state;
	put_dir(".venv");
	put_dir("a");
	put_dir("a/b");
	put_link("nowhere", "a/.venv");
	pe.cwd = arena_strdup(&arena, in_scratch("a/b"));
	refused(NULL, VENV_ERR_CONFLICT, "is a link to something that is not there");
	pe.env = variables;
	assert_int_equal(environment_find(&e, &pe, NULL, &err), VENV_ERR_CONFLICT);
	assert_message(&err, "is not there");
	assert_non_null(err.hint);
	assert_non_null(strstr(err.hint, "VIRTUAL_ENV names it"));
	venv_error_clear(&err);
	/* Who named it knows where it comes from. */
	assert_int_equal(environment_find(&e, &pe, "gone", &err), VENV_ERR_CONFLICT);
	assert_null(err.hint);
	venv_error_clear(&err);
	put_link("loop", "loop");
	pe.cwd = scratch;
	refused("loop", VENV_ERR_CONFLICT, "is a link to something that is not there");
	put("file", "");
	refused("file", VENV_ERR_CONFLICT, "is neither an environment nor a redirect");
	refused("file/env", VENV_ERR_CONFLICT, "is not there");
	assert_int_equal(mkfifo(in_scratch("fifo"), 0600), 0);
	refused("fifo", VENV_ERR_CONFLICT, "is neither an environment nor a redirect");
	refused("", VENV_ERR_USAGE, "ENV_DIR is empty");
}

static void test_find_no_cwd(void **state)
{
	struct environment e;

	(void)state;
	put_dir("env");
	pe.cwd = PATH_NO_CWD;
	refused("env", VENV_ERR_USAGE, "the environment is relative");
	refused(NULL, VENV_ERR_USAGE, "'.venv' is relative");
	found(&e, in_scratch("env"), "env", ENVIRONMENT_GIVEN);
}

static void test_find_redirect(void **state)
{
	static const char *const wrong[] = { "",      "\n",   "env\nenv\n",
					     "env\r", "\xff", "en\x01\nv" };
	struct environment e;

	(void)state;
	put_dir("project");
	put_dir("env");
	pe.cwd = arena_strdup(&arena, in_scratch("project"));
	put("project/.venv", "../env\n");
	found(&e, NULL, "env", ENVIRONMENT_SEARCHED);
	assert_string_equal(e.redirect, in_scratch("project/.venv"));
	put_bytes("project/.venv", "../env\r\n", 8, 0644);
	found(&e, ".venv", "env", ENVIRONMENT_GIVEN);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		put_bytes("project/.venv", wrong[i], strlen(wrong[i]), 0644);
		refused(NULL, VENV_ERR_CONFLICT, "is neither an environment nor");
	}
	put_bytes("project/.venv", "../env\0x", 8, 0644);
	refused(NULL, VENV_ERR_CONFLICT, "is neither an environment nor");
	put_bytes("project/.venv", "../gone", 7, 0644);
	refused(NULL, VENV_ERR_CONFLICT, "is a redirect to");
	/* A second one is not followed. */
	put("second", "env");
	put_bytes("project/.venv", "../second\n", 10, 0644);
	refused(NULL, VENV_ERR_CONFLICT, "where no directory is");
	/* One that the user names may have any name. */
	put("project/other", "../env");
	found(&e, "other", "env", ENVIRONMENT_GIVEN);
	assert_string_equal(e.redirect, in_scratch("project/other"));
}

/* A name with a line break is a name. */
static void test_find_newline(void **state)
{
	struct environment e;

	(void)state;
	put_dir("two\nlines");
	put_dir("two\nlines/.venv");
	found(&e, "two\nlines", "two\nlines", ENVIRONMENT_GIVEN);
	pe.cwd = arena_strdup(&arena, in_scratch("two\nlines"));
	found(&e, NULL, "two\nlines/.venv", ENVIRONMENT_SEARCHED);
}

static void trusted(const struct environment *e, int expected)
{
	struct venv_error err = VENV_ERROR_INIT;

	assert_int_equal(environment_trust(e, &pe, &err), expected);
	assert_int_equal(err.code, expected);
	venv_error_clear(&err);
}

static void test_trust(void **state)
{
	struct environment e;

	(void)state;
	put_dir("project");
	put_dir("env");
	put_dir(".venv");
	found(&e, NULL, ".venv", ENVIRONMENT_SEARCHED);
	trusted(&e, 0);
	/* What others can write is not run unless the user named it. */
	assert_int_equal(chmod(in_scratch(".venv"), 0777), 0);
	trusted(&e, VENV_ERR_CONFLICT);
	found(&e, ".venv", ".venv", ENVIRONMENT_GIVEN);
	trusted(&e, 0);
	/* A redirect is what somebody else may have written, also where it was named. */
	put("project/.venv", "../env");
	found(&e, "project/.venv", "env", ENVIRONMENT_GIVEN);
	trusted(&e, 0);
	assert_int_equal(chmod(in_scratch("project/.venv"), 0666), 0);
	trusted(&e, VENV_ERR_CONFLICT);
	assert_int_equal(chmod(in_scratch("project/.venv"), 0644), 0);
	assert_int_equal(chmod(in_scratch("env"), 0777), 0);
	trusted(&e, VENV_ERR_CONFLICT);
}

/* ---- read.c ---- */

static void test_open(void **state)
{
	struct environment e;

	(void)state;
	put_environment("env");
	put_dir("env/lib/python3.12/site-packages/pip-24.0.dist-info");
	put_dir("env/lib/python3.12/site-packages/old.egg-info");
	put_dir("env/lib/python3.12/site-packages/pip");
	put_link("env", "link");
	open_environment(&e, "link");
	assert_true(e.fd >= 0);
	assert_true(e.has_cfg);
	assert_false(e.half_built);
	assert_int_equal(e.cfg_fault, 0);
	assert_string_equal(e.dir, in_scratch("link"));
	assert_string_equal(e.real, in_scratch("env"));
	assert_string_equal(e.creator, "venv");
	assert_string_equal(e.creator_version, "3.12.1");
	assert_string_equal(e.version, "3.12.1");
	assert_string_equal(e.implementation, "CPython");
	assert_string_equal(e.prompt, "link");
	assert_string_equal(e.executable, in_scratch("link/bin/python"));
	assert_string_equal(e.base, in_scratch("base/bin/python3"));
	assert_string_equal(e.base_prefix, in_scratch("base"));
	assert_int_equal(e.libs.n, 1);
	assert_string_equal(e.lib, "python3.12");
	assert_string_equal(e.pip, "24.0");
	assert_int_equal(e.packages, 2);
	assert_false(e.system_site_packages);
	assert_false(e.relocatable);
	environment_close(&e);
	assert_int_equal(e.fd, -1);
	environment_close(&e);
}

/* Another project is no pip, nor is an old form of one. */
static void test_open_no_pip(void **state)
{
	struct environment e;

	(void)state;
	put_environment("env");
	put_dir("env/lib/python3.12/site-packages/pipx-1.0.dist-info");
	put_dir("env/lib/python3.12/site-packages/pip-20.0.egg-info");
	put_dir("env/lib/python3.12/site-packages/pip");
	open_environment(&e, "env");
	assert_null(e.pip);
	assert_int_equal(e.packages, 2);
	environment_close(&e);
}

static void not_opened(const char *name, int code, const char *part)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct environment e;

	assert_ok(environment_find(&e, &pe, name, &err), &err);
	assert_int_equal(environment_open(&e, &pe, &err), code);
	assert_message(&err, part);
	venv_error_clear(&err);
	environment_close(&e);
}

/* Not every directory with that name in it is an environment. */
static void test_open_none(void **state)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct environment e = { .given = "x", .fd = -1 };

	(void)state;
	put_dir("env");
	not_opened("env", VENV_ERR_CONFLICT,
		   "is not an environment: it has no pyvenv.cfg");
	put_dir("env/pyvenv.cfg");
	not_opened("env", VENV_ERR_CONFLICT, "it has no pyvenv.cfg");
	assert_int_equal(rmdir(in_scratch("env/pyvenv.cfg")), 0);
	assert_int_equal(mkfifo(in_scratch("env/pyvenv.cfg"), 0600), 0);
	not_opened("env", VENV_ERR_CONFLICT, "it has no pyvenv.cfg");
	assert_int_equal(unlink(in_scratch("env/pyvenv.cfg")), 0);
	put_link("nowhere", "env/pyvenv.cfg");
	not_opened("env", VENV_ERR_CONFLICT, "it has no pyvenv.cfg");
	/* A journal is a file of ours, and never a link. */
	put("elsewhere", "");
	put_link("../elsewhere", "env/" INCOMPLETE_FILE);
	not_opened("env", VENV_ERR_CONFLICT, "it has no pyvenv.cfg");
	put(".venv", "env");
	assert_ok(environment_find(&e, &pe, NULL, &err), &err);
	assert_int_equal(environment_open(&e, &pe, &err), VENV_ERR_CONFLICT);
	assert_non_null(strstr(err.hint, "is a redirect to"));
	venv_error_clear(&err);
	environment_close(&e);
	/* It may be another one, or none, since it was found. */
	e = (struct environment){ .given = "x",
				  .dir = in_scratch("elsewhere"),
				  .fd = -1 };
	assert_int_equal(environment_open(&e, &pe, &err), VENV_ERR_FAILED);
	assert_int_equal(err.os_errno, ENOTDIR);
	venv_error_clear(&err);
	e.dir = in_scratch("gone");
	assert_int_equal(environment_open(&e, &pe, &err), VENV_ERR_FAILED);
	assert_message(&err, "cannot open 'x'");
	assert_int_equal(err.os_errno, ENOENT);
	assert_int_equal(e.fd, -1);
	venv_error_clear(&err);
}

static void test_open_half_built(void **state)
{
	struct environment e;

	(void)state;
	put_dir("env");
	put("env/" INCOMPLETE_FILE, "");
	open_environment(&e, "env");
	assert_true(e.half_built);
	assert_false(e.has_cfg);
	assert_null(e.version);
	assert_null(e.creator);
	assert_null(e.executable);
	assert_null(e.base);
	assert_null(e.lib);
	assert_string_equal(e.prompt, "env");
	environment_close(&e);
}

/* The environment has CFG; what is expected of a member is said by the caller. */
static void with_cfg(struct environment *e, const char *cfg)
{
	const char *text = expanded(cfg);

	put_bytes("env/pyvenv.cfg", text, strlen(text), 0644);
	open_environment(e, "env");
	environment_close(e);
}

static void test_read_creator(void **state)
{
	static const struct {
		const char *cfg, *creator, *version;
	} cases[] = {
		{ "home = /x\nvenvctl = 1.2\nuv = 0.4\n", "venvctl", "1.2" },
		{ "home = /x\nuv = 0.4\nversion_info = 3.12.1\n", "uv", "0.4" },
		{ "home = /x\nvirtualenv = 20.1\nversion_info = 3.12.1.final.0\n",
		  "virtualenv", "20.1" },
		{ "home = /x\nversion = 3.9.2\n", "venv", "3.9.2" },
		{ "home = /x\nversion = 3.12.1\ncommand = /x/python -m venv /e\n", "venv",
		  "3.12.1" },
		{ "home = /x\nversion = 3.12.1\ncommand = /x/other make /e\n", NULL,
		  NULL },
		{ "version = 3.12.1\n", NULL, NULL },
		{ "home = /x\n", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	put_environment("env");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct environment e;

		with_cfg(&e, cases[i].cfg);
		if (!cases[i].creator) {
			assert_null(e.creator);
			continue;
		}
		assert_non_null(e.creator);
		assert_string_equal(e.creator, cases[i].creator);
		assert_string_equal(e.creator_version, cases[i].version);
	}
}

static void test_read_version(void **state)
{
	static const struct {
		const char *cfg, *version;
	} cases[] = {
		{ "version = 3.12.1\n", "3.12.1" },
		{ "version_info = 3.12.1.final.0\n", "3.12.1" },
		{ "version = 3.12\nversion_info = 3.9.1.final.0\n", "3.12" },
		{ "VERSION = 3.12.1\n", "3.12.1" },
		{ "version=3.12.1", "3.12.1" },
		{ "version = three\n", NULL },
		{ "version = .3\n", NULL },
		{ "# version = 3.12\nversion\n", NULL },
	};

	(void)state;
	put_environment("env");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct environment e;

		with_cfg(&e, cases[i].cfg);
		if (cases[i].version) {
			assert_non_null(e.version);
			assert_string_equal(e.version, cases[i].version);
		} else {
			assert_null(e.version);
		}
	}
}

static void test_read_values(void **state)
{
	struct environment e;

	(void)state;
	put_environment("env");
	/* As an editor of Windows leaves it. */
	with_cfg(&e, "home = @/base/bin\r\ninclude-system-site-packages = True\r\n"
		     "version = 3.12.1\r\nprompt = 'a b'\r\nrelocatable = true\r\n"
		     "implementation = PyPy\r\nbase-prefix = /opt/it\r\n");
	assert_true(e.system_site_packages);
	assert_true(e.relocatable);
	assert_string_equal(e.version, "3.12.1");
	assert_string_equal(e.prompt, "a b");
	assert_string_equal(e.implementation, "PyPy");
	assert_string_equal(e.base_prefix, "/opt/it");
	assert_string_equal(e.base, in_scratch("base/bin/python3"));
	/* "yes" is no word of pyvenv.cfg's. */
	with_cfg(&e, "home = bin\ninclude-system-site-packages = yes\nprompt = plain\n");
	assert_false(e.system_site_packages);
	assert_string_equal(e.prompt, "plain");
	assert_null(e.base_prefix);
}

/* What cannot be read, or is no text, is no error: it is what is wrong with it. */
static void test_read_odd_cfg(void **state)
{
	static const char binary[] = "\x7f"
				     "ELF\0\xff\xfe\nversion = 3.12.1\0.9\n\n=\n= x\n";
	size_t huge = 1024 * 1024;
	char *text = malloc(huge + 1);
	struct environment e;

	(void)state;
	assert_non_null(text);
	put_environment("env");
	/* A link to a file elsewhere is read, as Python does. */
	assert_int_equal(
		rename(in_scratch("env/pyvenv.cfg"), in_scratch("elsewhere.cfg")), 0);
	put_link("../elsewhere.cfg", "env/pyvenv.cfg");
	open_environment(&e, "env");
	assert_string_equal(e.version, "3.12.1");
	assert_string_equal(e.cfg_text, expanded("home = @/base/bin\n" CFG_REST));
	assert_int_equal(e.cfg_len, strlen(e.cfg_text));
	environment_close(&e);
	put_bytes("env/pyvenv.cfg", binary, sizeof(binary) - 1, 0644);
	open_environment(&e, "env");
	assert_int_equal(e.cfg_len, sizeof(binary) - 1);
	assert_memory_equal(e.cfg_text, binary, sizeof(binary) - 1);
	assert_string_equal(e.version, "3.12.1");
	environment_close(&e);
	memset(text, '#', huge + 1);
	memcpy(text, "version = 3.12.1\n", 17);
	put_bytes("env/pyvenv.cfg", text, huge, 0644);
	open_environment(&e, "env");
	assert_int_equal(e.cfg_fault, 0);
	assert_string_equal(e.version, "3.12.1");
	environment_close(&e);
	put_bytes("env/pyvenv.cfg", text, huge + 1, 0644);
	open_environment(&e, "env");
	assert_true(e.has_cfg);
	assert_int_equal(e.cfg_fault, -EFBIG);
	assert_null(e.version);
	/* Its interpreter is known by the link. */
	assert_string_equal(e.base, in_scratch("base/bin/python3"));
	environment_close(&e);
	free(text);
	if (!geteuid())
		return;
	put_bytes("env/pyvenv.cfg", "version = 3.12.1\n", 17, 0);
	open_environment(&e, "env");
	assert_int_equal(e.cfg_fault, -EACCES);
	environment_close(&e);
}

static void test_read_libs(void **state)
{
	static const struct {
		const char *version, *dirs[4], *lib, *implementation;
		size_t n;
	} cases[] = {
		{ "3.12.1", { "python3.12" }, "python3.12", "CPython", 1 },
		{ "3.12.1", { "python3.1", "python3.12" }, "python3.12", "CPython", 2 },
		{ "3.1", { "python3.12" }, NULL, "CPython", 1 },
		{ "3.12.1", { "python3.1" }, NULL, "CPython", 1 },
		{ "3.13.0", { "python3.13t" }, "python3.13t", "CPython", 1 },
		{ "3.13.0", { "python3.13x" }, NULL, "CPython", 1 },
		{ "3.9.1", { "pypy3.9" }, "pypy3.9", "PyPy", 1 },
		/* Debian's dist-packages may lie there. */
		{ "3.12.1", { "python3", "3.12", "perl5.36" }, NULL, "CPython", 0 },
		/* What pyvenv.cfg does not tell, the only one does. */
		{ "", { "python3.12" }, "python3.12", "CPython", 1 },
		{ "", { "python3.11", "python3.12" }, NULL, "CPython", 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[64], cfg[64];
		struct environment e;

		snprintf(name, sizeof(name), "%zu", i);
		put_dir(name);
		snprintf(name, sizeof(name), "%zu/lib", i);
		put_dir(name);
		for (size_t d = 0; d < 4 && cases[i].dirs[d]; d++) {
			snprintf(name, sizeof(name), "%zu/lib/%s", i, cases[i].dirs[d]);
			put_dir(name);
		}
		snprintf(name, sizeof(name), "%zu/pyvenv.cfg", i);
		snprintf(cfg, sizeof(cfg), "version = %s\n", cases[i].version);
		put(name, cfg);
		snprintf(name, sizeof(name), "%zu", i);
		open_environment(&e, name);
		assert_int_equal(e.libs.n, cases[i].n);
		if (cases[i].lib) {
			assert_non_null(e.lib);
			assert_string_equal(e.lib, cases[i].lib);
		} else {
			assert_null(e.lib);
		}
		assert_string_equal(e.implementation, cases[i].implementation);
		environment_close(&e);
	}
	/* A file where a directory has to be is nothing. */
	put_dir("file");
	put("file/lib", "");
	put("file/bin", "");
	put("file/pyvenv.cfg", "version = 3.12.1\n");
	{
		struct environment e;

		open_environment(&e, "file");
		assert_int_equal(e.libs.n, 0);
		assert_null(e.executable);
		environment_close(&e);
	}
}

static void test_read_executable(void **state)
{
	struct environment e;

	(void)state;
	put_environment("two\nlines");
	open_environment(&e, "two\nlines");
	assert_string_equal(e.prompt, "two\nlines");
	assert_string_equal(e.executable, in_scratch("two\nlines/bin/python"));
	environment_close(&e);
	assert_int_equal(unlink(in_scratch("two\nlines/bin/python")), 0);
	assert_int_equal(unlink(in_scratch("two\nlines/bin/python3")), 0);
	open_environment(&e, "two\nlines");
	assert_null(e.executable);
	environment_close(&e);
	put("two\nlines/bin/python3", "");
	open_environment(&e, "two\nlines");
	assert_string_equal(e.executable, in_scratch("two\nlines/bin/python3"));
	environment_close(&e);
}

static void test_base(void **state)
{
	static const struct {
		const char *cfg, *base; /* in the scratch directory; NULL: none */
	} cases[] = {
		{ "home = @/base/bin\n", "base/bin/python3" },
		{ "home = @/base/bin\nversion = 3.12.1\n", "base/bin/python3.12" },
		{ "home = @/base/bin\nversion = 3\n", "base/bin/python3" },
		{ "home = @/base/bin\nversion_info = 3.12.1.final.0\n",
		  "base/bin/python3.12" },
		{ "home = @/base/bin\nversion = 3.11.2\n", "base/bin/python3" },
		{ "home = @/base/bin\nbase-executable = @/base/bin/own\n",
		  "base/bin/own" },
		{ "home = @/base/bin\nexecutable = @/base/bin/own\n", "base/bin/own" },
		/* One that is not there, that cannot be run, or is a relative name. */
		{ "home = @/base/bin\nexecutable = @/base/bin/gone\n",
		  "base/bin/python3" },
		{ "home = @/base/bin\nexecutable = @/base/bin/text\n",
		  "base/bin/python3" },
		{ "home = @/base/bin\nexecutable = base/bin/own\n", "base/bin/python3" },
		/* With --copies it is the environment's own. */
		{ "home = @/base/bin\nexecutable = @/env/bin/copy\n",
		  "base/bin/python3" },
		{ "home = @/gone\n", NULL },
		/* Without a place to look at, where the links of bin/python lead. */
		{ "home = base/bin\n", "base/bin/python3" },
		{ "", "base/bin/python3" },
	};
	struct environment e;

	(void)state;
	put_environment("env");
	put_bytes("base/bin/python3.12", "", 0, 0755);
	put_bytes("base/bin/own", "", 0, 0755);
	put_bytes("base/bin/text", "", 0, 0644);
	put_bytes("env/bin/copy", "", 0, 0755);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		with_cfg(&e, cases[i].cfg);
		if (!cases[i].base) {
			assert_null(e.base);
			continue;
		}
		if (!e.base || strcmp(e.base, in_scratch(cases[i].base)) != 0)
			fail_msg("%s: %s", cases[i].cfg, e.base ? e.base : "none");
	}
	/* Nobody follows these to an end. */
	assert_int_equal(unlink(in_scratch("env/bin/python")), 0);
	put_link("python3", "env/bin/python");
	with_cfg(&e, "");
	assert_null(e.base);
	assert_int_equal(unlink(in_scratch("env/bin/python3")), 0);
	put_link(in_scratch("env/bin/copy"), "env/bin/python3");
	with_cfg(&e, "");
	assert_null(e.base);
	assert_int_equal(unlink(in_scratch("env/bin/python3")), 0);
	put_link(in_scratch("base/bin/python3"), "base/bin/alias");
	put_link("../../base/bin/alias", "env/bin/python3");
	with_cfg(&e, "");
	assert_null(e.base);
	/* Without bin/python it is known by the other name; and only what is there is one. */
	assert_int_equal(unlink(in_scratch("env/bin/python")), 0);
	assert_int_equal(unlink(in_scratch("env/bin/python3")), 0);
	put_link(in_scratch("base/bin/python3"), "env/bin/python3");
	with_cfg(&e, "");
	assert_string_equal(e.base, in_scratch("base/bin/python3"));
	assert_int_equal(unlink(in_scratch("base/bin/python3")), 0);
	with_cfg(&e, "");
	assert_null(e.base);
	/* Without a descriptor there is nothing to follow. */
	assert_null(environment_base(&arena, &e.cfg, -1, in_scratch("env")));
}

static void test_stem(void **state)
{
	(void)state;
	assert_int_equal(environment_stem("python"), 6);
	assert_int_equal(environment_stem("python3.12"), 6);
	assert_int_equal(environment_stem("pypy3.9"), 4);
	assert_int_equal(environment_stem("graalpy24"), 7);
	assert_int_equal(environment_stem("Python"), 0);
	assert_int_equal(environment_stem("pyth"), 0);
	assert_int_equal(environment_stem("ipython"), 0);
	assert_int_equal(environment_stem(""), 0);
}

static void test_site(void **state)
{
	struct environment e;
	struct stat st, same;
	char lib[300];
	int fd;

	(void)state;
	put_environment("env");
	put("env/lib/python3.11", "");
	open_environment(&e, "env");
	fd = environment_site(&e, "python3.12");
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(stat(in_scratch("env/lib/python3.12/site-packages"), &same), 0);
	assert_int_equal(st.st_ino, same.st_ino);
	close(fd);
	assert_int_equal(environment_site(&e, "python3.13"), -1);
	assert_int_equal(environment_site(&e, "python3.11"), -1);
	/* Too long for a name, and no shortened one. */
	memset(lib, 'x', sizeof(lib) - 1);
	lib[251] = '\0';
	fd = openat(e.fd, "lib", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(fd, lib, 0755), 0);
	close(fd);
	lib[251] = 'x';
	lib[sizeof(lib) - 1] = '\0';
	assert_int_equal(environment_site(&e, lib), -1);
	environment_close(&e);
}

/* ---- place.c ---- */

static void placed(const char *cfg, const char *activate, const char *place)
{
	struct cfg c = { .arena = &arena };
	const char *found;
	int fd = open(in_scratch("env"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	unlink(in_scratch("env/bin/activate"));
	if (activate)
		put("env/bin/activate", activate);
	assert_int_equal(cfg_parse(&c, cfg, strlen(cfg), NULL), 0);
	found = environment_place(&arena, &c, fd);
	close(fd);
	if (!place)
		assert_null(found);
	else if (!found || strcmp(found, place) != 0)
		fail_msg("%s%s: '%s'", cfg, activate ? activate : "",
			 found ? found : "nowhere");
}

static void test_place(void **state)
{
	static const struct {
		const char *activate, *place;
	} scripts[] = {
		{ "VIRTUAL_ENV=/srv/env\n", "/srv/env" },
		{ "x=1\nVIRTUAL_ENV=\"/srv/my env\"\nexport VIRTUAL_ENV\n",
		  "/srv/my env" },
		{ "    export VIRTUAL_ENV='/srv/a b'\n", "/srv/a b" },
		{ "VIRTUAL_ENV='/srv/it'\"'\"'s'\n", "/srv/it's" },
		{ "VIRTUAL_ENV=/srv/a\\ b\n", "/srv/a b" },
		{ "VIRTUAL_ENV=\"/srv/env\"\r\n", "/srv/env" },
		{ "VIRTUAL_ENV=/srv/env; export VIRTUAL_ENV", "/srv/env" },
		/* As 3.13 writes it: the first is what cygwin would run. */
		{ "export VIRTUAL_ENV=$(cygpath /srv/x)\nelse\nexport "
		  "VIRTUAL_ENV=/srv/y\n",
		  "/srv/y" },
		{ "VIRTUAL_ENV=\"/srv/`x`\"\n", NULL },
		{ "VIRTUAL_ENV=env\n", NULL },
		{ "VIRTUAL_ENV=\"/srv/env\n", NULL },
		{ "VIRTUAL_ENV=\n", NULL },
		{ "MY_VIRTUAL_ENV=/srv/env\n", NULL },
		{ "", NULL },
		{ NULL, NULL },
	};

	(void)state;
	put_environment("env");
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++)
		placed("", scripts[i].activate, scripts[i].place);
	/* What pyvenv.cfg says counts more. */
	placed("command = /x/python -m venv --copies /srv/my env\n",
	       "VIRTUAL_ENV=/srv/old\n", "/srv/my env");
	placed("command = /x/venvctl create --symlinks /srv/new\n", NULL, "/srv/new");
	/* A prompt in front of it may have anything in it. */
	placed("command = /x/python -m venv --prompt=\"a /b\" /srv/env\n", NULL,
	       "/srv/env");
	placed("command = /x/python -m venv --prompt=\"a\\\" /srv/env\n", NULL,
	       "/srv/env");
	placed("command = /x/venvctl create --prompt='a /b' --clear /srv/env\n", NULL,
	       "/srv/env");
	placed("command = /x/venvctl create --prompt='a\\' /\"b' /srv/env\n", NULL,
	       "/srv/env");
	placed("command = /x/venvctl create --prompt='a\\\\' /srv/env\n", NULL,
	       "/srv/env");
	placed("command = /x/venvctl create --prompt='a /srv/env\n", NULL, NULL);
	placed("command = /x/venvctl create /srv/a --prompt='b /c' d\n", NULL,
	       "/srv/a --prompt='b /c' d");
	placed("command = /x/python -m venv env\n", "VIRTUAL_ENV=/srv/old\n", "/srv/old");
	placed("command = /x/other make /srv/env\n", NULL, NULL);
	assert_int_equal(unlink(in_scratch("env/bin/python")), 0);
	put_dir("env/bin/activate");
	{
		struct cfg none = { .arena = &arena };
		int fd = open(in_scratch("env"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		assert_null(environment_place(&arena, &none, fd));
		close(fd);
	}
}

static void test_of(void **state)
{
	static const struct {
		const char *program, *dir;
	} cases[] = {
		{ "/srv/env/bin/python", "/srv/env" },
		{ "/srv/env/bin/python3.12", "/srv/env" },
		{ "/srv/two\nlines/bin/pypy3", "/srv/two\nlines" },
		{ "/bin/python3", "/" },
		{ "/srv/env/bin/perl", NULL },
		{ "/srv/env/sbin/python", NULL },
		{ "/python", NULL },
		{ "python", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *dir = environment_of(&arena, cases[i].program);

		if (cases[i].dir) {
			assert_non_null(dir);
			assert_string_equal(dir, cases[i].dir);
		} else {
			assert_null(dir);
		}
	}
}

static int first_two(void *data, const char *name)
{
	unsigned *n = data;

	assert_string_equal(name, *n ? "pip3" : "pip");
	return ++*n == 2 ? 17 : 0;
}

static int never(void *data, const char *name)
{
	(void)data;
	fail_msg("'%s' is no script", name);
	return -1;
}

static void test_scripts(void **state)
{
	struct index names = { 0 };
	unsigned n = 0;
	int site;

	(void)state;
	put_dir("site");
	put_dir("site/pip-24.dist-info");
	put("site/pip-24.dist-info/RECORD",
	    "pip/__init__.py,sha256=x,1\r\n../../../bin/pip,sha256=x,1\r\n\n"
	    "../../../bin/pip3,,\n../../../bin/pip3.12\r\n");
	site = open(in_scratch("site"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(site >= 0);
	/* What EACH returns ends it. */
	assert_int_equal(environment_scripts(&arena, site, first_two, &n), 17);
	assert_int_equal(n, 2);
	/* What has no RECORD, or none that can be read, lists nothing. */
	put_dir("site/none-1.dist-info");
	put_dir("site/odd-1.dist-info");
	put_dir("site/odd-1.dist-info/RECORD");
	put_dir("site/empty-1.dist-info");
	put("site/empty-1.dist-info/RECORD", "");
	put("site/file-1.dist-info", "");
	put_dir("site/b-1.dist-info");
	put("site/b-1.dist-info/RECORD", "../../../bin/b\n../../bin/c,,\nbin/d,,\n");
	put_dir("site/old-1.egg-info");
	put("site/old-1.egg-info/RECORD", "../../../bin/e,,\n");
	assert_int_equal(environment_recorded(&arena, site, &names), 0);
	assert_non_null(index_find(&names, "pip", ""));
	assert_non_null(index_find(&names, "pip3", ""));
	assert_non_null(index_find(&names, "pip3.12", ""));
	assert_non_null(index_find(&names, "b", ""));
	assert_null(index_find(&names, "c", ""));
	assert_null(index_find(&names, "d", ""));
	assert_null(index_find(&names, "e", ""));
	close(site);
	/* Where there is no site-packages there is nothing. */
	assert_int_equal(environment_scripts(&arena, -1, never, NULL), 0);
	site = open(in_scratch("site/b-1.dist-info/RECORD"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(environment_scripts(&arena, site, never, NULL), -ENOTDIR);
	close(site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_environment(test_find_order),
		with_environment(test_find_broken),
		with_environment(test_find_no_cwd),
		with_environment(test_find_redirect),
		with_environment(test_find_newline),
		with_environment(test_trust),
		with_environment(test_open),
		with_environment(test_open_no_pip),
		with_environment(test_open_none),
		with_environment(test_open_half_built),
		with_environment(test_read_creator),
		with_environment(test_read_version),
		with_environment(test_read_values),
		with_environment(test_read_odd_cfg),
		with_environment(test_read_libs),
		with_environment(test_read_executable),
		with_environment(test_base),
		cmocka_unit_test(test_stem),
		with_environment(test_site),
		with_environment(test_place),
		with_environment(test_of),
		with_environment(test_scripts),
	};

	return cmocka_run_group_tests_name("environment", tests, NULL, NULL);
}
