/* SPDX-License-Identifier: MIT */
/*
 * all.c - every function of libvenvctl, as a program that embeds it calls them
 *
 * Its own output is the only one: the test sees that the library adds nothing.  ARGV[1] is
 * a directory for install_scripts, ARGV[2] the file of a plugin.
 */
#include <venvctl/venvctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct venv_error err = VENV_ERROR_INIT;

#define CHECK(condition)                                                  \
	do {                                                              \
		if (!(condition)) {                                       \
			printf("line %d: " #condition ": %s\n", __LINE__, \
			       venv_error_message(&err));                 \
			exit(1);                                          \
		}                                                         \
	} while (0)

struct seen {
	int stages[8], n;
	int context_ok;
	const char *scripts;
};

static int stage_fn(void *data, struct venv_builder *b, const struct venv_context *ctx,
		    struct venv_error *e, int stage)
{
	struct seen *s = data;

	s->stages[s->n++] = stage;
	s->context_ok += ctx == venv_builder_context(b) &&
			 ctx->struct_size >= sizeof(*ctx) && *ctx->env_dir == '/' &&
			 *ctx->stage_dir == '/';
	return venv_builder_stage(b, stage, e);
}

#define STAGE(name, number)                                                   \
	static int name(void *data, struct venv_builder *b,                   \
			const struct venv_context *ctx, struct venv_error *e) \
	{                                                                     \
		return stage_fn(data, b, ctx, e, number);                     \
	}
STAGE(directories, VENV_STAGE_ENSURE_DIRECTORIES)
STAGE(configuration, VENV_STAGE_CREATE_CONFIGURATION)
STAGE(python, VENV_STAGE_SETUP_PYTHON)
STAGE(post, VENV_STAGE_POST_SETUP)

/* EnvBuilder's documented use: another directory of scripts. */
static int scripts(void *data, struct venv_builder *b, const struct venv_context *ctx,
		   struct venv_error *e)
{
	struct seen *s = data;

	(void)ctx;
	s->stages[s->n++] = VENV_STAGE_SETUP_SCRIPTS;
	return venv_install_scripts(b, s->scripts, 0, e);
}

static int nothing(void *data, struct venv_builder *b, const struct venv_context *ctx,
		   struct venv_error *e)
{
	(void)data;
	(void)b;
	(void)ctx;
	(void)e;
	return VENV_OK;
}

/* What a function of a program may get wrong, and how it sets an error. */
static int answer(void *data, struct venv_builder *b, const struct venv_context *ctx,
		  struct venv_error *e)
{
	(void)b;
	(void)ctx;
	if (*(int *)data == VENV_ERR_UNSUPPORTED)
		e->message = strdup("not on this day");
	return *(int *)data;
}

static int cancel(void *data, struct venv_builder *b, const struct venv_context *ctx,
		  struct venv_error *e)
{
	(void)data;
	(void)ctx;
	(void)e;
	venv_builder_cancel(b);
	return VENV_OK;
}

static void count(void *data, int stream, const char *bytes, size_t len)
{
	(void)stream;
	(void)bytes;
	*(size_t *)data += len;
}

static void log_fn(void *data, int level, const char *message)
{
	(void)level;
	(void)message;
	++*(int *)data;
}

static int exists(const char *path)
{
	FILE *f = fopen(path, "r");

	if (f)
		fclose(f);
	return f != NULL;
}

static void test_errors(void)
{
	struct venv_builder *b = venv_builder_new(&err);

	CHECK(b);
	CHECK(*venv_version());
	CHECK(*venv_error_message(&err) == '\0' && *venv_error_message(NULL) == '\0');
	CHECK(venv_builder_set(b, "promt", "x", &err) == VENV_ERR_USAGE);
	CHECK(strstr(venv_error_message(&err), "promt"));
	CHECK(err.code == VENV_ERR_USAGE);
	venv_error_clear(&err);
	CHECK(err.code == 0);
	CHECK(venv_builder_set(b, "clear", "maybe", &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_set(b, "clear", "maybe", NULL) == VENV_ERR_USAGE);
	CHECK(!venv_builder_context(b));
	CHECK(venv_builder_stage(b, VENV_STAGE_SETUP_PYTHON, &err) < 0);
	CHECK(venv_install_scripts(b, ".", 0, &err) < 0);
	CHECK(venv_builder_override(b, -1, nothing, NULL, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_override(b, 5, nothing, NULL, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_create(b, "/", &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_create(b, "/", NULL) == VENV_ERR_USAGE);
	/* The next environments are made from something else. */
	CHECK(!venv_builder_create(b, "first", &err));
	CHECK(!venv_builder_set(b, "python", "/nowhere/python3", &err));
	CHECK(venv_builder_create(b, "none", &err) == VENV_ERR_NO_PYTHON);
	venv_builder_free(b);
	venv_builder_free(NULL);
	venv_error_clear(&err);
	venv_error_clear(&err);
}

static void test_stages(const char *dir)
{
	static const int order[] = { 0, 1, 2, 3, 4 };
	struct seen seen = { { 0 }, 0, 0, dir };
	struct venv_builder *b = venv_builder_new(&err);

	CHECK(b && !venv_builder_set(b, "python", "/usr/bin/python3", &err));
	CHECK(!venv_builder_set(b, "prompt", "mine", &err));
	CHECK(!venv_builder_override(b, 0, directories, &seen, &err));
	CHECK(!venv_builder_override(b, 1, configuration, &seen, &err));
	CHECK(!venv_builder_override(b, 2, python, &seen, &err));
	CHECK(!venv_builder_override(b, 3, scripts, &seen, &err));
	CHECK(!venv_builder_override(b, 4, post, &seen, &err));
	CHECK(!venv_builder_create(b, "stages", &err));
	CHECK(seen.n == 5 && !memcmp(seen.stages, order, sizeof(order)));
	CHECK(seen.context_ok == 4);
	CHECK(!strcmp(venv_builder_context(b)->prompt, "mine"));
	CHECK(!strcmp(venv_builder_context(b)->env_name, "stages"));
	CHECK(exists("stages/bin/mine.sh") && !exists("stages/bin/activate"));
	/* Another with the same builder; one stage is the built-in one again. */
	CHECK(!venv_builder_override(b, 3, NULL, NULL, &err));
	CHECK(!venv_builder_create(b, "again", &err));
	CHECK(exists("again/bin/activate") && !exists("again/bin/mine.sh"));
	CHECK(!strcmp(venv_builder_context(b)->env_name, "again"));
	/* A stage that does nothing. */
	CHECK(!venv_builder_override(b, 3, nothing, NULL, &err));
	CHECK(!venv_builder_create(b, "bare", &err));
	CHECK(exists("bare/bin/python3") && !exists("bare/bin/activate"));
	/* From a stage; as well after a cancelled create the builder works. */
	CHECK(!venv_builder_override(b, 3, cancel, NULL, &err));
	CHECK(venv_builder_create(b, "cancelled", &err) == VENV_ERR_CANCELLED);
	CHECK(!exists("cancelled/pyvenv.cfg"));
	/* That was said to one create, and to none is it said when none is at work. */
	CHECK(!venv_builder_override(b, 3, NULL, NULL, &err));
	venv_builder_cancel(b);
	CHECK(!venv_builder_create(b, "uncancelled", &err));
	CHECK(exists("uncancelled/bin/activate"));
	venv_builder_free(b);
}

/* The old error is another one: it must not come out again. */
static int create_with(int result)
{
	struct venv_builder *b = venv_builder_new(&err);

	CHECK(b && !venv_builder_set(b, "python", "/usr/bin/python3", &err));
	CHECK(!venv_builder_override(b, 3, answer, &result, &err));
	CHECK(venv_builder_set(b, "old-error", "x", &err) == VENV_ERR_USAGE);
	result = venv_builder_create(b, "answered", &err);
	CHECK(result == err.code && !strstr(err.message, "old-error"));
	CHECK(!exists("answered"));
	venv_builder_free(b);
	return result;
}

static void test_answers(void)
{
	CHECK(create_with(VENV_ERR_FAILED) == VENV_ERR_FAILED);
	CHECK(strstr(err.message, "the function for setup_scripts failed"));
	CHECK(create_with(VENV_ERR_UNSUPPORTED) == VENV_ERR_UNSUPPORTED);
	CHECK(strstr(err.message, "not on this day"));
	for (int r = 1; r < 4; r++) {
		CHECK(create_with(r) == VENV_ERR_STEP);
		CHECK(strstr(err.message, "which it may not"));
	}
}

static void test_plugin(const char *plugin)
{
	struct venv_builder *b = venv_builder_new(&err);
	size_t bytes = 0;
	int lines = 0;

	CHECK(b && !venv_builder_set(b, "python", "/usr/bin/python3", &err));
	CHECK(!venv_builder_add_plugin(b, plugin, &err));
	venv_builder_set_log(b, VENV_LOG_DEBUG, log_fn, &lines);
	venv_builder_set_progress(b, count, &bytes);
	CHECK(!venv_builder_create(b, "plugin", &err));
	CHECK(bytes && lines);
	bytes = 0;
	venv_builder_set_progress(b, NULL, NULL);
	venv_builder_set_log(b, VENV_LOG_ERROR, NULL, NULL);
	CHECK(!venv_builder_create(b, "silent", &err));
	CHECK(!bytes);
	venv_builder_free(b);
	b = venv_builder_new(&err);
	CHECK(b && !venv_builder_add_plugin(b, "no-such-plugin", &err));
	CHECK(venv_builder_create(b, "none", &err) == VENV_ERR_PLUGIN);
	venv_builder_free(b);
}

/* The user's file is wrong: nobody looks at it before this was asked for. */
static void test_config(void)
{
	struct venv_builder *b = venv_builder_new(&err);

	CHECK(b && !venv_builder_create(b, "unread", &err));
	CHECK(venv_builder_load_config(b, &err) == VENV_ERR_CONFIG);
	CHECK(strstr(venv_error_message(&err), "venvctl.ini:2"));
	venv_builder_free(b);
	CHECK(!venv_create("plain", 1, 0, 1, 0, NULL, 0, 1, &err));
	CHECK(exists("plain/.gitignore"));
	CHECK(venv_create("plain", 0, 1, 1, 0, "a prompt", 0, 0, &err) == 0);
	CHECK(!exists("plain/.gitignore"));
	CHECK(venv_create("/", 0, 0, 1, 0, NULL, 0, 1, NULL) == VENV_ERR_USAGE);
	venv_error_clear(&err);
}

/* Each function with NULL for each pointer. */
static void test_null(void)
{
	struct venv_builder *b = venv_builder_new(&err);

	CHECK(b);
	CHECK(venv_builder_create(b, NULL, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_create(b, NULL, NULL) == VENV_ERR_USAGE);
	CHECK(venv_builder_begin(b, NULL, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_set(b, "prompt", NULL, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_set(b, NULL, "yes", &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_add_plugin(b, NULL, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_config_set(b, NULL, "x", &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_config_set(b, "x", NULL, &err) == VENV_ERR_USAGE);
	CHECK(!venv_builder_begin(b, "null", &err));
	CHECK(venv_install_scripts(b, NULL, 0, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_context_set(b, "prompt", NULL, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_context_set(b, NULL, "x", &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_write_file(b, NULL, "x", 1, 0666, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_write_file(b, "x", NULL, 1, 0666, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_run(b, NULL, &err) == VENV_ERR_USAGE);
	venv_builder_end(b);
	CHECK(venv_create(NULL, 0, 0, 1, 0, NULL, 0, 0, &err) == VENV_ERR_USAGE);
	venv_builder_free(b);
	CHECK(venv_builder_set(NULL, "clear", "yes", &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_add_plugin(NULL, "files", &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_load_config(NULL, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_override(NULL, 0, nothing, NULL, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_stage(NULL, 0, &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_create(NULL, "env", &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_begin(NULL, "env", &err) == VENV_ERR_USAGE);
	CHECK(venv_builder_config_set(NULL, "x", "x", &err) == VENV_ERR_USAGE);
	CHECK(!venv_builder_context(NULL) && !venv_builder_failed_child(NULL));
	venv_builder_set_progress(NULL, NULL, NULL);
	venv_builder_set_log(NULL, 0, NULL, NULL);
	venv_builder_set_scripts(NULL, NULL, NULL);
	venv_builder_set_link(NULL, NULL, NULL);
	venv_builder_cancel(NULL);
	venv_builder_end(NULL);
	venv_error_clear(NULL);
	venv_error_clear(&err);
}

int main(int argc, char **argv)
{
	CHECK(argc == 3);
	test_null();
	test_errors();
	test_stages(argv[1]);
	test_answers();
	test_plugin(argv[2]);
	test_config();
	puts("all done");
	return 0;
}
