/* SPDX-License-Identifier: MIT */
/*
 * again.c - a builder whose preparation failed is used again when that was mended, leaves
 * nothing loaded, and tells no error with a success
 *
 * ARGV[1] is the file of mock-hooks.
 */
#include <venvctl/venvctl.h>

#include <stdio.h>
#include <string.h>

static int is_mapped(const char *name)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[4096];
	int found = 0;

	while (f && fgets(line, sizeof(line), f))
		found |= strstr(line, name) != NULL;
	if (f)
		fclose(f);
	return found;
}

static int set(struct venv_builder *b, const char *option, const char *value)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r = venv_builder_set(b, option, value, &err);

	if (r)
		printf("%s: %s\n", option, venv_error_message(&err));
	venv_error_clear(&err);
	return r;
}

/* Print how it ends. */
static int create(struct venv_builder *b, const char *dir)
{
	struct venv_error err = VENV_ERROR_INIT;
	int r = venv_builder_create(b, dir, &err);

	if (r)
		printf("%s\n", venv_error_message(&err));
	else if (err.code || err.message || err.hint)
		printf("success, and the error %d: %s\n", err.code,
		       venv_error_message(&err));
	venv_error_clear(&err);
	return r;
}

int main(int argc, char **argv)
{
	struct venv_builder *b = venv_builder_new(NULL);

	if (argc != 2 || !b || set(b, "python", "no-such-python") ||
	    set(b, "python", "/usr/bin/python3") || set(b, "add-plugin", argv[1]) ||
	    set(b, "option", "mock-hooks.text=one") ||
	    set(b, "option", "mock-hooks.items=a") || set(b, "add-plugin", "files"))
		return 1;
	/* What `files` needs is missing, when mock-hooks is loaded already; three times. */
	for (int i = 0; i < 3; i++) {
		if (!create(b, "env"))
			return 1;
		if (is_mapped("mock-hooks.so"))
			printf("what failed is still loaded\n");
	}
	if (set(b, "option", "files.source=files") || create(b, "env"))
		return 1;
	venv_builder_free(b);
	if (is_mapped("mock-hooks.so"))
		printf("the plugin is still loaded\n");
	return 0;
}
