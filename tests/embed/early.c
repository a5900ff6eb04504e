/* SPDX-License-Identifier: MIT */
/*
 * early.c - a create that ends early, with or without an error, leaves nothing open and, once
 * its builder is freed, no memory
 *
 * ENV is there already, made by `--existing reuse` with the same options.
 */
#include <venvctl/venvctl.h>

#include <dirent.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LONG 2000

static int descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

static struct venv_builder *builder(const char *option, const char *value)
{
	struct venv_builder *b = venv_builder_new(NULL);

	if (!b || venv_builder_set(b, "existing", "reuse", NULL) ||
	    (strcmp(option, "python") != 0 &&
	     venv_builder_set(b, "python", "/usr/bin/python3", NULL)) ||
	    venv_builder_set(b, option, value, NULL)) {
		printf("no builder\n");
		_exit(1);
	}
	return b;
}

/* Can another one lock ENV? */
static int is_locked(void)
{
	int fd = open("env", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int locked = fd < 0 || flock(fd, LOCK_EX | LOCK_NB);

	if (fd >= 0)
		close(fd);
	return locked;
}

/* Nobody wants the error: the library's own one has to go. */
static void check(const char *what, const char *option, const char *value, int want)
{
	size_t before = 0;

	for (int i = 0; i < 12; i++) {
		struct venv_builder *b = builder(option, value);
		int open_before = descriptors();
		int r = venv_builder_create(b, "env", NULL);

		if (r != want)
			printf("%s: %d, not %d\n", what, r, want);
		if (descriptors() != open_before)
			printf("%s: %d descriptors, %d before\n", what, descriptors(),
			       open_before);
		if (is_locked())
			printf("%s: the environment is locked\n", what);
		venv_builder_free(b);
		/* What libraries keep from their first calls is kept by now. */
		if (i == 1)
			before = mallinfo2().uordblks;
	}
	/* The allocator keeps some of what was freed; an error has a name of LONG bytes. */
	if (mallinfo2().uordblks > before + LONG)
		printf("%s: %zu bytes more after ten times\n", what,
		       mallinfo2().uordblks - before);
}

int main(void)
{
	struct venv_builder *b = builder("prompt", "it");
	char name[LONG] = "/nowhere/";

	memset(name + strlen(name), 'x', LONG - 1 - strlen(name));
	if (venv_builder_create(b, "env", NULL))
		printf("not made\n");
	venv_builder_free(b);
	check("nothing to do", "prompt", "it", 0);
	check("not prepared", "add-plugin", name, VENV_ERR_PLUGIN);
	check("not examined", "python", name, VENV_ERR_NO_PYTHON);
	return 0;
}
