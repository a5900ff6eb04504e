/* SPDX-License-Identifier: MIT */
/*
 * nested.c - a create inside a create: by another builder it works, by the same one it is
 * refused, from a stage function, from a hook of a plugin and from another thread
 *
 * ARGV[1] is the file of mock-nested, whose hook calls nested() below.  Prints what is wrong.
 */
#include <venvctl/venvctl.h>

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct venv_builder *builder;
static int asked;

static int count_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/* The builder that is at work is asked for one more. */
VENV_EXPORT int nested(void)
{
	struct venv_error err = VENV_ERROR_INIT;
	int before = count_descriptors();
	int r = venv_builder_create(builder, "inner", &err);

	asked++;
	if (r != VENV_ERR_USAGE || !strstr(venv_error_message(&err), "is at work"))
		printf("%d: %s\n", r, venv_error_message(&err));
	venv_error_clear(&err);
	if (count_descriptors() != before)
		printf("a refusal left descriptors\n");
	return VENV_OK;
}

static void *on_thread(void *data)
{
	(void)data;
	nested();
	return NULL;
}

static struct venv_builder *make(const char *plugin)
{
	struct venv_builder *b = venv_builder_new(NULL);

	if (!b || venv_builder_set(b, "python", "/usr/bin/python3", NULL) ||
	    (plugin && venv_builder_add_plugin(b, plugin, NULL)))
		return NULL;
	return b;
}

static int stage(void *data, struct venv_builder *b, const struct venv_context *ctx,
		 struct venv_error *err)
{
	struct venv_builder *other = make(NULL);
	pthread_t thread;

	(void)data;
	(void)ctx;
	nested();
	if (pthread_create(&thread, NULL, on_thread, NULL))
		return VENV_ERR_FAILED;
	pthread_join(thread, NULL);
	if (!other || venv_builder_create(other, "other", err))
		printf("another builder: %s\n", venv_error_message(err));
	venv_builder_free(other);
	return venv_builder_stage(b, VENV_STAGE_SETUP_SCRIPTS, err);
}

int main(int argc, char **argv)
{
	struct venv_error err = VENV_ERROR_INIT;

	builder = argc == 2 ? make(argv[1]) : NULL;
	if (!builder ||
	    venv_builder_override(builder, VENV_STAGE_SETUP_SCRIPTS, stage, NULL, &err))
		return 1;
	if (venv_builder_create(builder, "outer", &err))
		printf("%s\n", venv_error_message(&err));
	/* The stage twice; open, seed and close of the plugin. */
	if (asked != 5)
		printf("asked %d times\n", asked);
	venv_error_clear(&err);
	/* And then it is free again. */
	if (venv_builder_create(builder, "after", &err))
		printf("%s\n", venv_error_message(&err));
	venv_error_clear(&err);
	venv_builder_free(builder);
	return 0;
}
