/* SPDX-License-Identifier: MIT */
/*
 * cancel.c - a create that waits for the turn of another thread's is cancelled
 *
 * ARGV[1] is the file of mock-gate, which keeps its turn until there is a file "go".
 */
#include <venvctl/venvctl.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

struct work {
	struct venv_builder *b;
	const char *dir;
	atomic_int ended;
	int result;
};

static void *create(void *data)
{
	struct work *w = data;

	w->result = venv_builder_create(w->b, w->dir, NULL);
	atomic_store(&w->ended, 1);
	return NULL;
}

static int begin(struct work *w, const char *plugin, pthread_t *thread)
{
	w->b = venv_builder_new(NULL);
	return !w->b || venv_builder_set(w->b, "python", "/usr/bin/python3", NULL) ||
	       venv_builder_add_plugin(w->b, plugin, NULL) ||
	       pthread_create(thread, NULL, create, w);
}

int main(int argc, char **argv)
{
	struct work first = { .dir = "first" }, second = { .dir = "second" };
	pthread_t one, two;

	if (argc != 2 || begin(&first, argv[1], &one))
		return 1;
	while (access("inside", F_OK))
		usleep(1000);
	if (begin(&second, argv[1], &two))
		return 1;
	/* It waits now; and if it does not yet, it is told before it begins to. */
	usleep(300000);
	if (atomic_load(&second.ended))
		printf("it did not wait\n");
	venv_builder_cancel(second.b);
	for (int i = 0; i < 1000 && !atomic_load(&second.ended); i++)
		usleep(10000);
	if (!atomic_load(&second.ended))
		printf("it waits on\n");
	close(open("go", O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
	pthread_join(one, NULL);
	pthread_join(two, NULL);
	if (first.result || second.result != VENV_ERR_CANCELLED)
		printf("%d and %d\n", first.result, second.result);
	venv_builder_free(first.b);
	venv_builder_free(second.b);
	return 0;
}
