/* SPDX-License-Identifier: MIT */
/*
 * threads.c - four threads that make environments side by side, ROUNDS times each
 *
 * threads ROUNDS TOOL PLUGIN TURNS: one thread makes plain ones, one with ensurepip and
 * PLUGIN, one with PLUGIN or TURNS, so that these two take turns; and the last has the program
 * TOOL make them, supervised, and stops plain ones.  For a sanitizer of threads, which says
 * what was wrong.
 */
#include <venvctl/venvctl.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static int rounds;
static char **args;
static atomic_int wrong;
static struct venv_builder *plain;

static void tell(const char *what, const struct venv_error *err)
{
	printf("%s: %s\n", what, venv_error_message(err));
	atomic_fetch_add(&wrong, 1);
}

static struct venv_builder *make(const char *plugin)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_builder *b = venv_builder_new(&err);

	if (!b || venv_builder_set(b, "python", "/usr/bin/python3", &err) ||
	    (plugin && venv_builder_add_plugin(b, plugin, &err)))
		tell("a builder", &err);
	venv_error_clear(&err);
	return b;
}

/* What is cancelled is no fault: the last thread does that. */
static void create(struct venv_builder *b, const char *name, int n)
{
	struct venv_error err = VENV_ERROR_INIT;
	char dir[64];
	int r;

	snprintf(dir, sizeof(dir), "%s-%d", name, n);
	r = venv_builder_create(b, dir, &err);
	if (r && r != VENV_ERR_CANCELLED)
		tell(dir, &err);
	venv_error_clear(&err);
}

static void *make_plain(void *data)
{
	for (int n = 0; n < rounds; n++)
		create(plain, "plain", n);
	return data;
}

static void *make_with_pip(void *data)
{
	struct venv_builder *b = make("ensurepip");

	if (venv_builder_add_plugin(b, args[3], NULL))
		atomic_fetch_add(&wrong, 1);
	for (int n = 0; n < rounds; n++)
		create(b, "pip", n);
	venv_builder_free(b);
	return data;
}

static void *make_with_others(void *data)
{
	for (int n = 0; n < rounds; n++) {
		struct venv_builder *b = make(args[n % 2 ? 3 : 4]);

		create(b, "others", n);
		venv_builder_free(b);
	}
	return data;
}

static void *supervise(void *data)
{
	for (int n = 0; n < rounds; n++) {
		char dir[64], plugin[4096];
		int status;
		pid_t pid;

		snprintf(dir, sizeof(dir), "supervised-%d", n);
		snprintf(plugin, sizeof(plugin), "--add-plugin=%s", args[3]);
		pid = fork();
		if (!pid) {
			execl(args[2], args[2], "create", "--without-pip", "-p",
			      "/usr/bin/python3", plugin, dir, (char *)NULL);
			_exit(127);
		}
		venv_builder_cancel(plain);
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
			printf("%s: %d\n", dir, status);
			atomic_fetch_add(&wrong, 1);
		}
	}
	return data;
}

int main(int argc, char **argv)
{
	static void *(*const work[])(void *) = { make_plain, make_with_pip,
						 make_with_others, supervise };
	pthread_t threads[4];

	if (argc != 5)
		return 2;
	args = argv;
	rounds = atoi(argv[1]);
	plain = make(NULL);
	for (int i = 0; i < 4; i++) {
		if (pthread_create(&threads[i], NULL, work[i], NULL))
			return 1;
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	venv_builder_free(plain);
	return atomic_load(&wrong) != 0;
}
