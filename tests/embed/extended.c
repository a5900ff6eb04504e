/* SPDX-License-Identifier: MIT */
/*
 * extended.c - ExtendedEnvBuilder, the example of the documentation of Python's module venv
 *
 * extended [--no-setuptools] [--no-pip] [--verbose] EZ_SETUP GET_PIP ENV_DIR, where the two
 * files stand for what the example fetches.  Its functions have the example's names.
 */
#include <venvctl/venvctl.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct extended {
	int nodist, nopip, verbose;
	void (*progress)(const char *text, size_t len, const char *context);
	const char *setuptools_url, *pip_url;
};

static void print(const char *text, size_t len, const char *context)
{
	printf("%s: %.*s%s", context, (int)len, text,
	       len && text[len - 1] == '\n' ? "" : "|\n");
}

/* reader(): a line of the child's, or a dot. */
static void reader(void *data, int stream, const char *line, size_t len)
{
	struct extended *self = data;

	if (self->progress)
		self->progress(line, len,
			       stream == VENV_STREAM_STDERR ? "stderr" : "stdout");
	else if (self->verbose)
		fwrite(line, 1, len, stderr);
	else
		fputc('.', stderr);
}

static void say(struct extended *self, const char *text)
{
	if (self->progress)
		self->progress(text, strlen(text), "main");
	else
		fputs(text, stderr);
}

/* urlretrieve() */
static int retrieve(const char *from, const char *to)
{
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	int c;

	while (in && out && (c = getc(in)) != EOF)
		putc(c, out);
	if (in)
		fclose(in);
	return !in || !out || fclose(out) ? VENV_ERR_FAILED : VENV_OK;
}

static int install_script(struct extended *self, struct venv_builder *b,
			  const struct venv_context *context, const char *name,
			  const char *url, struct venv_error *err)
{
	const char *slash = strrchr(url, '/'), *fn = slash ? slash + 1 : url;
	const char *argv[] = { context->env_exe, fn, NULL };
	struct venv_run run;
	char distpath[4096], text[256];
	int r;

	snprintf(distpath, sizeof(distpath), "%s/%s", context->bin_path, fn);
	r = retrieve(url, distpath);
	if (r)
		return r;
	snprintf(text, sizeof(text), "Installing %s ...%s", name,
		 self->verbose ? "\n" : "");
	say(self, text);
	memset(&run, 0, sizeof(run));
	run.struct_size = sizeof(run);
	run.argv = argv;
	run.cwd = context->bin_path;
	run.on_line = reader;
	run.data = self;
	r = venv_builder_run(b, &run, err);
	say(self, r ? "failed.\n" : "done.\n");
	unlink(distpath);
	return r;
}

static int install_setuptools(struct extended *self, struct venv_builder *b,
			      const struct venv_context *context, struct venv_error *err)
{
	int r = install_script(self, b, context, "setuptools", self->setuptools_url, err);
	DIR *d = opendir(context->bin_path);
	struct dirent *e;

	/* Clear up the setuptools archive which gets downloaded. */
	while (d && (e = readdir(d))) {
		const char *dot = strstr(e->d_name, ".tar.gz");

		if (!strncmp(e->d_name, "setuptools-", 11) && dot && !dot[7])
			unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d)
		closedir(d);
	return r;
}

static int install_pip(struct extended *self, struct venv_builder *b,
		       const struct venv_context *context, struct venv_error *err)
{
	return install_script(self, b, context, "pip", self->pip_url, err);
}

/* Set up any packages which need to be pre-installed into the environment. */
static int post_setup(void *data, struct venv_builder *b,
		      const struct venv_context *context, struct venv_error *err)
{
	struct extended *self = data;
	int r = VENV_OK;

	setenv("VIRTUAL_ENV", context->env_dir, 1);
	if (!self->nodist)
		r = install_setuptools(self, b, context, err);
	/* Can't install pip without setuptools. */
	if (!r && !self->nopip && !self->nodist)
		r = install_pip(self, b, context, err);
	return r;
}

int main(int argc, char **argv)
{
	struct extended self = { .progress = NULL };
	struct venv_error err = VENV_ERROR_INIT;
	struct venv_builder *b;
	int r, i;

	for (i = 1; i < argc && !strncmp(argv[i], "--", 2); i++) {
		self.nodist |= !strcmp(argv[i], "--no-setuptools");
		self.nopip |= !strcmp(argv[i], "--no-pip");
		self.verbose |= !strcmp(argv[i], "--verbose");
		if (!strcmp(argv[i], "--progress"))
			self.progress = print;
	}
	if (argc - i != 3)
		return 2;
	self.setuptools_url = argv[i];
	self.pip_url = argv[i + 1];
	b = venv_builder_new(&err);
	r = venv_builder_set(b, "python", "/usr/bin/python3", &err);
	if (!r)
		r = venv_builder_override(b, VENV_STAGE_POST_SETUP, post_setup, &self,
					  &err);
	if (!r)
		r = venv_builder_create(b, argv[i + 2], &err);
	if (r) {
		const struct venv_child *child = venv_builder_failed_child(b);

		printf("Error: %d: %s\n", r, venv_error_message(&err));
		for (int n = 0; child && child->argv[n]; n++)
			printf("argv: %s\n", child->argv[n]);
		if (child)
			printf("status %d, output: %.*s\n", child->exit_status,
			       (int)child->output_len, child->output);
	}
	venv_error_clear(&err);
	venv_builder_free(b);
	return r != 0;
}
