/* SPDX-License-Identifier: MIT */
/* turns.c - two threads, each with a builder of its own, and one plugin for both */
#include <venvctl/venvctl.h>

#include <pthread.h>
#include <stdio.h>

static const char *plugin;

static void *create(void *env_dir)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_builder *b = venv_builder_new(&err);

	if (!b || venv_builder_set(b, "python", "/usr/bin/python3", &err) ||
	    venv_builder_add_plugin(b, plugin, &err) ||
	    venv_builder_create(b, env_dir, &err))
		printf("%s\n", venv_error_message(&err));
	venv_error_clear(&err);
	venv_builder_free(b);
	return NULL;
}

int main(int argc, char **argv)
{
	static char one[] = "one", two[] = "two";
	pthread_t thread;

	if (argc != 2)
		return 2;
	plugin = argv[1];
	if (pthread_create(&thread, NULL, create, one))
		return 1;
	create(two);
	pthread_join(thread, NULL);
	return 0;
}
