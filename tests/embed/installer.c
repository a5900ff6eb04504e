/* SPDX-License-Identifier: MIT */
/* installer.c - a create with the plugins of the command line, and what its callback gets */
#include <venvctl/venvctl.h>

#include <stdio.h>

static void say(void *data, int stream, const char *bytes, size_t len)
{
	static const char *const names[] = { "main", "stdout", "stderr" };

	printf("%s: %s: %.*s%s", (const char *)data, names[stream], (int)len, bytes,
	       len && bytes[len - 1] == '\n' ? "" : "|\n");
}

int main(int argc, char **argv)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_builder *b = venv_builder_new(&err);
	static char data[] = "data";
	/* Root's logs are the system's, and this is a test. */
	int r = b ? venv_builder_set(b, "log-file", "log", &err) : VENV_ERR_NOMEM;

	for (int i = 2; !r && i < argc; i++)
		r = venv_builder_add_plugin(b, argv[i], &err);
	if (b)
		venv_builder_set_progress(b, say, data);
	if (!r)
		r = venv_builder_create(b, argv[1], &err);
	if (r)
		fprintf(stderr, "%d: %s\n", err.code, venv_error_message(&err));
	venv_error_clear(&err);
	venv_builder_free(b);
	return r != 0;
}
