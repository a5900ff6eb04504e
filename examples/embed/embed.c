/* SPDX-License-Identifier: MIT */
/*
 * embed.c - EnvBuilder in a C program: a stage of one's own, and progress
 *
 * cc embed.c $(pkg-config --cflags --libs libvenvctl) -o embed
 * ./embed DIRECTORY
 */
#include <venvctl/venvctl.h>

#include <stdio.h>

/* What ExtendedEnvBuilder's progress(text, context) gets. */
static void progress(void *data, int stream, const char *bytes, size_t len)
{
	static const char *const names[] = { "main", "stdout", "stderr" };

	(void)data;
	printf("[%s] %.*s", names[stream], (int)len, bytes);
}

/* A subclass that overrides setup_scripts() and calls super().setup_scripts() first. */
static int setup_scripts(void *data, struct venv_builder *b,
			 const struct venv_context *ctx, struct venv_error *err)
{
	int r = venv_builder_stage(b, VENV_STAGE_SETUP_SCRIPTS, err);

	if (r == VENV_OK)
		printf("%s: scripts of '%s' are in %s\n", (const char *)data,
		       ctx->env_name, ctx->bin_path);
	return r;
}

int main(int argc, char **argv)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_builder *b;
	int r;

	if (argc != 2) {
		fprintf(stderr, "usage: embed DIRECTORY\n");
		return 2;
	}
	b = venv_builder_new(&err);
	r = b ? venv_builder_set(b, "prompt", "embedded", &err) : err.code;
	if (r == VENV_OK)
		r = venv_builder_add_plugin(b, "ensurepip:mode=run", &err);
	if (r == VENV_OK)
		r = venv_builder_override(b, VENV_STAGE_SETUP_SCRIPTS, setup_scripts,
					  "embed", &err);
	if (r == VENV_OK) {
		venv_builder_set_progress(b, progress, NULL);
		r = venv_builder_create(b, argv[1], &err);
	}
	if (r != VENV_OK) {
		fprintf(stderr, "embed: %s\n", venv_error_message(&err));
		if (err.hint)
			fprintf(stderr, "hint: %s\n", err.hint);
	}
	venv_error_clear(&err);
	venv_builder_free(b);
	return r == VENV_OK ? 0 : 1;
}
