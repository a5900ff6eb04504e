/* SPDX-License-Identifier: MIT */
/*
 * methods.c - what a subclass of EnvBuilder can do, done by a program
 *
 * Makes environments in the current directory.  ARGV[1] is a directory for install_scripts.
 */
#include <venvctl/venvctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct venv_error err = VENV_ERROR_INIT;

#define CHECK(condition)                                                  \
	do {                                                              \
		if (!(condition)) {                                       \
			printf("line %d: " #condition ": %s\n", __LINE__, \
			       venv_error_message(&err));                 \
			exit(1);                                          \
		}                                                         \
	} while (0)

static int exists(const char *path)
{
	struct stat st;

	return !lstat(path, &st);
}

/* The text of a file, "" if there is none; *borrows* until the next call. */
static const char *text_of(const char *path)
{
	static char text[65536];
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	text[n] = '\0';
	if (f)
		fclose(f);
	return text;
}

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	CHECK(f && fputs(text, f) >= 0 && !fclose(f));
}

static struct venv_builder *make(void)
{
	struct venv_builder *b = venv_builder_new(&err);

	CHECK(b && !venv_builder_set(b, "python", "/usr/bin/python3", &err));
	return b;
}

/* ---- which method is called when, and what is there then ---- */

static char calls[4096];

#define METHOD(name, ...)                                                           \
	static int name(void *data, struct venv_builder *b,                         \
			const struct venv_context *c, struct venv_error *e)         \
	{                                                                           \
		int published = !strcmp(c->stage_dir, c->env_dir);                  \
                                                                                    \
		(void)data;                                                         \
		(void)b;                                                            \
		(void)e;                                                            \
		strcat(calls, #name);                                               \
		strcat(calls, published && !access(c->env_exe, X_OK) ? "! " : " "); \
		__VA_ARGS__                                                         \
	}

METHOD(directories, return venv_builder_stage(b, VENV_STAGE_ENSURE_DIRECTORIES, e);)
METHOD(ignore,
       return venv_builder_write_file(b, ".hgignore", "syntax: glob\n*\n", 15, 0666, e);)
METHOD(configuration, return venv_builder_stage(b, VENV_STAGE_CREATE_CONFIGURATION, e);)
METHOD(python, return venv_builder_stage(b, VENV_STAGE_SETUP_PYTHON, e);)
METHOD(scripts, return venv_builder_stage(b, VENV_STAGE_SETUP_SCRIPTS, e);)
METHOD(pip, return VENV_OK;)
METHOD(post, return VENV_OK;)
METHOD(upgrade, return VENV_OK;)
METHOD(fails, return VENV_ERR_FAILED;)
METHOD(built_in_pip, return venv_builder_stage(b, VENV_METHOD_SETUP_PIP, e);)

static void test_order(void)
{
	static const struct {
		int method;
		venv_stage_fn *fn;
	} all[] = { { VENV_STAGE_ENSURE_DIRECTORIES, directories },
		    { VENV_STAGE_CREATE_CONFIGURATION, configuration },
		    { VENV_STAGE_SETUP_PYTHON, python },
		    { VENV_STAGE_SETUP_SCRIPTS, scripts },
		    { VENV_STAGE_POST_SETUP, post },
		    { VENV_METHOD_CREATE_GIT_IGNORE_FILE, ignore },
		    { VENV_METHOD_SETUP_PIP, pip },
		    { VENV_METHOD_UPGRADE_DEPENDENCIES, upgrade } };
	struct venv_builder *b = make();

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		CHECK(!venv_builder_override(b, all[i].method, all[i].fn, NULL, &err));
	CHECK(venv_builder_override(b, 63, post, NULL, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_override(b, 67, post, NULL, &err) == VENV_ERR_USAGE);
	/* Without pip, and without an upgrade, nobody asks for these. */
	CHECK(!venv_builder_create(b, "order", &err));
	CHECK(!strcmp(calls, "directories ignore configuration python scripts post! "));
	CHECK(exists("order/.hgignore") && !exists("order/.gitignore"));
	CHECK(!venv_builder_set(b, "with-pip", "yes", &err));
	CHECK(!venv_builder_set(b, "upgrade-deps", "yes", &err));
	CHECK(!venv_builder_set(b, "without-scm-ignore-files", "yes", &err));
	*calls = '\0';
	CHECK(!venv_builder_create(b, "order2", &err));
	CHECK(!strcmp(calls,
		      "directories configuration python scripts pip! post! upgrade! "));
	/* No plugin has brought a pip. */
	CHECK(!exists("order2/bin/pip") && !exists("order2/.hgignore"));
	/* An upgrade has no post_setup(). */
	CHECK(!venv_builder_set(b, "upgrade", "yes", &err));
	*calls = '\0';
	CHECK(!venv_builder_create(b, "order", &err));
	CHECK(!strstr(calls, "post") && strstr(calls, "pip! upgrade! "));
	CHECK(!venv_builder_set(b, "upgrade", "no", &err));
	/* Whichever of them fails, nothing is left. */
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		CHECK(!venv_builder_set(b, "with-scm-ignore-files", "yes", &err));
		CHECK(!venv_builder_override(b, all[i].method, fails, NULL, &err));
		CHECK(venv_builder_create(b, "none", &err) == VENV_ERR_FAILED);
		CHECK(!exists("none"));
		CHECK(!venv_builder_override(b, all[i].method, all[i].fn, NULL, &err));
	}
	venv_builder_free(b);
	b = make();
	CHECK(!venv_builder_set(b, "with-pip", "yes", &err));
	CHECK(!venv_builder_override(b, VENV_METHOD_SETUP_PIP, built_in_pip, NULL, &err));
	CHECK(!venv_builder_create(b, "pip", &err));
	CHECK(exists("pip/bin/pip3"));
	venv_builder_free(b);
}

/* ---- the context, pyvenv.cfg, files and processes ---- */

METHOD(changes, {
	int r = venv_builder_stage(b, VENV_STAGE_ENSURE_DIRECTORIES, e);
	char path[4096];

	CHECK(!r && !venv_builder_context_set(b, "prompt", "it's mine", e));
	CHECK(!venv_builder_context_set(b, "python_dir", "/opt/acme/bin", e));
	CHECK(!venv_builder_context_set(b, "python_exe", "acme-python", e));
	snprintf(path, sizeof(path), "%s/tools", c->env_dir);
	CHECK(!venv_builder_context_set(b, "bin_path", path, e));
	CHECK(!strcmp(c->bin_path, path) && !strcmp(c->prompt, "it's mine"));
	snprintf(path, sizeof(path), "%s/tools/acme-python", c->env_dir);
	CHECK(!venv_builder_context_set(b, "env_exe", path, e));
	CHECK(venv_builder_context_set(b, "bin_path", "/tmp", e) == VENV_ERR_USAGE);
	CHECK(venv_builder_context_set(b, "env_dir", "/tmp", e) == VENV_ERR_USAGE);
	venv_error_clear(e);
	CHECK(!venv_builder_config_set(b, "acme", "in a stage", e));
	CHECK(venv_builder_config_set(b, "home", "/x", e) == VENV_ERR_CONFIG);
	venv_error_clear(e);
	return VENV_OK;
})

/* What a process cannot do yet. */
METHOD(too_early, {
	const char *argv[] = { c->env_exe, NULL };
	struct venv_run run = { .struct_size = sizeof(run), .argv = argv };

	CHECK(venv_builder_run(b, &run, e) == VENV_ERR_UNSUPPORTED);
	venv_error_clear(e);
	return venv_builder_stage(b, VENV_STAGE_SETUP_SCRIPTS, e);
})

static const char *script_dir;

METHOD(works, {
	const char *argv[] = { c->env_exe, "-c", "import sys; print(sys.prefix)", NULL };
	struct venv_run run = { .struct_size = sizeof(run), .argv = argv };

	CHECK(!venv_builder_run(b, &run, e) && run.exit_status == 0);
	CHECK(!venv_builder_write_file(b, "share/late", "late", 4, 0666, e));
	CHECK(!venv_install_scripts(b, script_dir, 0, e));
	CHECK(venv_builder_config_set(b, "late", "x", e) == VENV_ERR_UNSUPPORTED);
	CHECK(venv_builder_write_file(b, "../x", "x", 1, 0666, e) < 0);
	CHECK(venv_builder_set(b, "prompt", "x", e) == VENV_ERR_USAGE);
	CHECK(venv_builder_load_config(b, e) == VENV_ERR_USAGE);
	CHECK(venv_builder_override(b, 4, NULL, NULL, e) == VENV_ERR_USAGE);
	venv_error_clear(e);
	argv[2] = "import sys; print('so'); sys.exit(7)";
	run.flags = VENV_RUN_ALLOW_FAILURE;
	CHECK(!venv_builder_run(b, &run, e) && run.exit_status == 7);
	CHECK(!venv_builder_failed_child(b));
	run.flags = 0;
	return data ? venv_builder_run(b, &run, e) : VENV_OK;
})

static void test_services(void)
{
	struct venv_builder *b = make();
	const struct venv_child *child;

	CHECK(!venv_builder_config_set(b, "command", "acme make", &err));
	CHECK(!venv_builder_config_set(b, "acme-all", "yes", &err));
	CHECK(!venv_builder_override(b, 0, changes, NULL, &err));
	CHECK(!venv_builder_create(b, "changed", &err));
	CHECK(strstr(text_of("changed/pyvenv.cfg"), "home = /opt/acme/bin\n"));
	CHECK(strstr(text_of("changed/pyvenv.cfg"), "prompt = \"it's mine\"\n"));
	CHECK(strstr(text_of("changed/pyvenv.cfg"), "command = acme make\n"));
	CHECK(strstr(text_of("changed/pyvenv.cfg"), "acme = in a stage\n"));
	CHECK(exists("changed/tools/activate") && exists("changed/tools/acme-python"));
	CHECK(!exists("changed/bin/activate"));
	CHECK(strstr(text_of("changed/tools/activate.csh"), "mine"));
	CHECK(!venv_builder_override(b, 0, NULL, NULL, &err));
	CHECK(!venv_builder_override(b, 3, too_early, NULL, &err));
	CHECK(!venv_builder_override(b, 4, works, NULL, &err));
	CHECK(!venv_builder_create(b, "served", &err));
	CHECK(!strcmp(text_of("served/share/late"), "late"));
	CHECK(exists("served/bin/mine.sh"));
	CHECK(strstr(text_of("served/pyvenv.cfg"), "acme-all = yes\n"));
	CHECK(!strstr(text_of("served/pyvenv.cfg"), "in a stage"));
	/* From outside none of it can be had. */
	CHECK(venv_builder_write_file(b, "x", "x", 1, 0666, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_context_set(b, "prompt", "x", &err) == VENV_ERR_USAGE);
	CHECK(venv_install_scripts(b, script_dir, 0, &err) == VENV_ERR_USAGE);
	/* A child that fails, in an environment that is there: all as it was. */
	write_text("served/share/late", "old");
	CHECK(!venv_builder_override(b, 4, works, b, &err));
	CHECK(venv_builder_create(b, "served", &err) == VENV_ERR_STEP);
	child = venv_builder_failed_child(b);
	CHECK(child && child->exit_status == 7 && !strcmp(child->output, "so\n"));
	CHECK(child->output_len == 3 && !strcmp(child->argv[1], "-c") && !child->argv[3]);
	CHECK(!strcmp(text_of("served/share/late"), "old"));
	venv_builder_free(b);
	/* Nobody was called `command`. */
	b = make();
	CHECK(!venv_builder_create(b, "plain", &err));
	CHECK(!strstr(text_of("plain/pyvenv.cfg"), "command"));
	venv_builder_free(b);
}

/* ---- a file, or a link, by the program ---- */

static int on_script(void *data, struct venv_builder *b, const char *name,
		     const char *text, size_t len, char **out, size_t *out_len,
		     struct venv_error *e)
{
	(void)b;
	(void)e;
	CHECK(text[len] == '\0' || len);
	if (!strcmp(name, "activate.fish") || !strcmp(name, "Activate.ps1"))
		return VENV_SKIP;
	if (!strcmp(name, "activate.csh") || !strcmp(name, "mine.sh")) {
		*out = strdup("# by the program\n");
		*out_len = strlen(*out);
	}
	return !strcmp(name, "activate.nu") ? *(int *)data : VENV_OK;
}

static int on_link(void *data, struct venv_builder *b, const char *src, const char *dst,
		   struct venv_error *e)
{
	(void)data;
	(void)b;
	(void)e;
	if (!strstr(dst, "/bin/python3") || dst[strlen(dst) - 1] != '3')
		return VENV_SKIP;
	/* Before publication that is below the staging directory. */
	return symlink(src, dst) || *src == '\0' ? VENV_ERR_FAILED : VENV_OK;
}

static void test_functions(void)
{
	struct venv_builder *b = make();
	int result = VENV_OK;
	char target[4096] = "";

	venv_builder_set_scripts(b, on_script, &result);
	venv_builder_set_link(b, on_link, NULL);
	CHECK(!venv_builder_override(b, 4, works, NULL, &err));
	CHECK(!venv_builder_create(b, "own", &err));
	CHECK(!exists("own/bin/activate.fish") && !exists("own/bin/Activate.ps1"));
	CHECK(!exists("own/bin/activate.ps1"));
	CHECK(!strcmp(text_of("own/bin/activate.csh"), "# by the program\n"));
	CHECK(!strcmp(text_of("own/bin/mine.sh"), "# by the program\n"));
	CHECK(strstr(text_of("own/bin/activate"), "VIRTUAL_ENV"));
	CHECK(readlink("own/bin/python3", target, sizeof(target) - 1) > 0);
	CHECK(!access("own/bin/python", X_OK));
	result = VENV_ERR_UNSUPPORTED;
	CHECK(venv_builder_create(b, "none", &err) == VENV_ERR_UNSUPPORTED);
	result = 5;
	CHECK(venv_builder_create(b, "none", &err) == VENV_ERR_STEP);
	CHECK(!exists("none"));
	venv_builder_free(b);
}

/* ---- options between creates ---- */

static void test_options(void)
{
	static const char *const tool[] = { "json", "quiet", "color", "keep-going" };
	struct venv_builder *b = make();

	for (size_t i = 0; i < sizeof(tool) / sizeof(*tool); i++)
		CHECK(venv_builder_set(b, tool[i], "yes", &err) == VENV_ERR_USAGE);
	CHECK(!venv_builder_set(b, "dry-run", "yes", &err));
	CHECK(!venv_builder_create(b, "dry", &err));
	CHECK(!exists("dry") && !strcmp(venv_builder_context(b)->env_name, "dry"));
	CHECK(venv_builder_create(b, "/", &err) == VENV_ERR_USAGE);
	CHECK(!venv_builder_begin(b, "dry", &err));
	CHECK(!venv_builder_stage(b, 0, &err) && !exists("dry"));
	venv_builder_end(b);
	CHECK(!venv_builder_set(b, "dry-run", "no", &err));
	CHECK(!venv_builder_set(b, "prompt", "later", &err));
	CHECK(!venv_builder_create(b, "dry", &err));
	CHECK(exists("dry/bin/python3"));
	CHECK(strstr(text_of("dry/pyvenv.cfg"), "prompt = 'later'\n"));
	CHECK(!venv_builder_set(b, "prompt", "latest", &err));
	CHECK(!venv_builder_create(b, "dry", &err));
	CHECK(strstr(text_of("dry/pyvenv.cfg"), "prompt = 'latest'\n"));
	venv_builder_free(b);
}

static void test_environ(void)
{
	const char *const none[] = { "PATH=/nonexistent", NULL };
	struct venv_builder *b = venv_builder_new(&err);

	/* What the process does to its environment meanwhile is nothing to it. */
	setenv("PATH", "/nonexistent", 1);
	CHECK(!venv_builder_create(b, "copied", &err));
	venv_builder_free(b);
	setenv("PATH", "/usr/bin:/bin", 1);
	b = venv_builder_new_environ(none, &err);
	CHECK(venv_builder_create(b, "none", &err) == VENV_ERR_NO_PYTHON);
	venv_builder_free(b);
	b = venv_builder_new_environ(NULL, &err);
	CHECK(b && !venv_builder_set(b, "python", "/usr/bin/python3", &err));
	CHECK(!venv_builder_create(b, "empty", &err));
	venv_builder_free(b);
}

/* ---- one by one, and as venv upgrades ---- */

static void test_hand(void)
{
	struct venv_builder *b = make();
	const struct venv_context *c;
	const char *argv[] = { NULL, "-c", "pass", NULL };
	struct venv_run run = { .struct_size = sizeof(run), .argv = argv };

	CHECK(venv_builder_stage(b, 0, &err) == VENV_ERR_USAGE);
	CHECK(!mkdir("hand", 0777));
	write_text("hand/notes", "of somebody");
	write_text("hand/.gitignore", "old");
	CHECK(!venv_builder_begin(b, "hand", &err));
	CHECK(venv_builder_create(b, "none", &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_begin(b, "none", &err) == VENV_ERR_USAGE);
	c = venv_builder_context(b);
	CHECK(!strcmp(c->env_name, "hand") && !strcmp(c->stage_dir, c->env_dir));
	/* In an order of its own, and one of them twice. */
	CHECK(!venv_builder_stage(b, VENV_STAGE_SETUP_SCRIPTS, &err));
	CHECK(exists("hand/bin/activate") && !exists("hand/pyvenv.cfg"));
	CHECK(!venv_builder_stage(b, VENV_STAGE_SETUP_PYTHON, &err));
	CHECK(!venv_builder_stage(b, VENV_STAGE_ENSURE_DIRECTORIES, &err));
	CHECK(!venv_builder_context_set(b, "prompt", "by hand", &err));
	CHECK(!venv_builder_config_set(b, "acme", "hand", &err));
	CHECK(!venv_builder_stage(b, VENV_STAGE_CREATE_CONFIGURATION, &err));
	CHECK(!venv_builder_stage(b, VENV_STAGE_SETUP_SCRIPTS, &err));
	CHECK(!venv_builder_stage(b, VENV_STAGE_POST_SETUP, &err));
	CHECK(!strcmp(text_of("hand/.gitignore"), "old"));
	CHECK(!venv_builder_stage(b, VENV_METHOD_CREATE_GIT_IGNORE_FILE, &err));
	CHECK(strstr(text_of("hand/.gitignore"), "*\n"));
	CHECK(venv_builder_stage(b, 63, &err) == VENV_ERR_USAGE);
	CHECK(!venv_builder_write_file(b, "etc/x", "x", 1, 0666, &err));
	CHECK(!venv_install_scripts(b, script_dir, 0, &err));
	argv[0] = c->env_exe;
	CHECK(!venv_builder_run(b, &run, &err) && run.exit_status == 0);
	CHECK(!venv_builder_config_set(b, "acme-late", "too", &err));
	venv_builder_end(b);
	CHECK(strstr(text_of("hand/pyvenv.cfg"), "prompt = 'by hand'\n"));
	CHECK(strstr(text_of("hand/pyvenv.cfg"), "acme = hand\n"));
	CHECK(exists("hand/bin/mine.sh") && exists("hand/etc/x"));
	CHECK(!strcmp(text_of("hand/notes"), "of somebody"));
	CHECK(strstr(text_of("hand/bin/activate"), "by hand"));
	/* Where nothing is; and the builder makes whole ones again. */
	CHECK(!venv_builder_begin(b, "fresh/deep", &err) && !exists("fresh"));
	CHECK(!venv_builder_stage(b, VENV_STAGE_SETUP_PYTHON, &err));
	CHECK(exists("fresh/deep/bin/python3") && !exists("fresh/deep/lib"));
	venv_builder_end(b);
	CHECK(!venv_builder_create(b, "whole", &err) && exists("whole/bin/activate"));
	venv_builder_free(b);
}

static void test_like_venv(void)
{
	struct venv_builder *b = make();

	CHECK(!venv_builder_set(b, "upgrade", "yes", &err));
	/* Where nothing is, both make it. */
	CHECK(!venv_builder_create(b, "none", &err) && exists("none/bin/activate"));
	CHECK(!mkdir("other", 0777) && !mkdir("other/bin", 0777));
	write_text("other/.gitignore", "old");
	write_text("other/notes", "mine");
	write_text("other/bin/python3", "in the way");
	write_text("other/bin/activate", "theirs");
	CHECK(venv_builder_create(b, "other", &err) == VENV_ERR_CONFLICT);
	CHECK(!venv_builder_set(b, "like-venv", "yes", &err));
	CHECK(!venv_builder_create(b, "other", &err));
	CHECK(exists("other/pyvenv.cfg") && !strcmp(text_of("other/notes"), "mine"));
	CHECK(strstr(text_of("other/.gitignore"), "*\n"));
	CHECK(strcmp(text_of("other/bin/python3"), "in the way") != 0);
	/* venv upgrades no scripts. */
	CHECK(!strcmp(text_of("other/bin/activate"), "theirs"));
	CHECK(!venv_builder_create(b, "nothing", &err));
	CHECK(exists("nothing/bin/python3") && !exists("nothing/bin/activate"));
	CHECK(!venv_builder_set(b, "upgrade", "no", &err));
	CHECK(!venv_builder_create(b, "other", &err));
	CHECK(strstr(text_of("other/bin/activate"), "VIRTUAL_ENV"));
	venv_builder_free(b);
}

int main(int argc, char **argv)
{
	CHECK(argc == 2);
	script_dir = argv[1];
	test_order();
	test_services();
	test_functions();
	test_options();
	test_environ();
	test_hand();
	test_like_venv();
	venv_error_clear(&err);
	puts("all done");
	return 0;
}
