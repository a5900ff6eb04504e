/* SPDX-License-Identifier: MIT */
/*
 * jupyter-kernel - offer each environment to Jupyter as a kernel, and take that back if the
 * environment does not stay
 *
 * What post_setup does outside the environment nobody else can undo: the hook undo is called
 * when the environment is rolled back.
 */
#include <venvctl/plugin.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct kernel {
	const struct venv_host *host;
	struct venv_session *session;
	const struct venv_context *ctx;
	char path[3072]; /* of the kernel's directory */
	size_t base;	 /* length of what was there before, in PATH */
	int made;	 /* PATH is ours */
};

/* DIR/share/jupyter/kernels/ENV_NAME; what has to be escaped for JSON is refused. */
static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	const char *dir = host->option(session, "prefix"), *home = getenv("HOME");
	struct kernel *k = host->alloc(session, sizeof(*k));
	int n;

	if (!k)
		return VENV_ERR_NOMEM;
	*data = k;
	k->host = host;
	k->session = session;
	k->ctx = ctx;
	if (!dir && !home) {
		host->error(session, "there is no HOME: set the option 'prefix'");
		return VENV_ERR_CONFIG;
	}
	for (const char *p = ctx->env_exe; *p; p++) {
		if (*p == '"' || *p == '\\' || (unsigned char)*p < ' ') {
			host->error(session,
				    "the path of the environment cannot stand in JSON");
			return VENV_ERR_UNSUPPORTED;
		}
	}
	n = snprintf(k->path, sizeof(k->path), "%s%s/share/jupyter/kernels/%s",
		     dir ? dir : home, dir ? "" : "/.local", ctx->env_name);
	if (n < 0 || (size_t)n >= sizeof(k->path)) {
		host->error(session, "the path of the kernel is too long");
		return VENV_ERR_UNSUPPORTED;
	}
	return VENV_OK;
}

static int fail(struct kernel *k, const char *what)
{
	char text[4096];

	snprintf(text, sizeof(text), "cannot make '%s': %s", what, strerror(errno));
	k->host->error(k->session, text);
	return VENV_ERR_FAILED;
}

/* Each directory on the way; the first that was missing is where undo stops. */
static int make_directories(struct kernel *k)
{
	for (char *p = k->path + 1; p; *p = '/', p++) {
		p = strchr(p, '/');
		if (!p)
			break;
		*p = '\0';
		if (!mkdir(k->path, 0777)) {
			if (!k->base)
				k->base = strlen(k->path);
		} else if (errno != EEXIST) {
			return fail(k, k->path);
		}
	}
	k->made = !mkdir(k->path, 0777);
	return k->made || errno == EEXIST ? VENV_OK : fail(k, k->path);
}

static int post_setup(void *data)
{
	struct kernel *k = data;
	char name[3200];
	FILE *f;
	int r = make_directories(k);

	/* One of this name, of an environment that is made anew, stays as it is. */
	if (r || !k->made)
		return r;
	snprintf(name, sizeof(name), "%s/kernel.json", k->path);
	f = fopen(name, "wx");
	if (!f)
		return fail(k, name);
	fprintf(f,
		"{\"argv\": [\"%s\", \"-m\", \"ipykernel_launcher\", \"-f\", "
		"\"{connection_file}\"],\n \"display_name\": \"%s\", \"language\": "
		"\"python\"}\n",
		k->ctx->env_exe, k->ctx->env_name);
	return fclose(f) ? fail(k, name) : VENV_OK;
}

/* Only what was made: others may have put kernels beside this one. */
static int undo(void *data)
{
	struct kernel *k = data;
	char name[3200];

	snprintf(name, sizeof(name), "%s/kernel.json", k->path);
	if (k->made) {
		unlink(name);
		rmdir(k->path);
	}
	for (size_t n = strlen(k->path); k->base && n >= k->base; n--) {
		if (k->path[n] && k->path[n] != '/')
			continue;
		k->path[n] = '\0';
		if (rmdir(k->path) && errno != ENOENT)
			break;
	}
	return VENV_OK;
}

static const struct venv_option options[] = { { "prefix", VENV_OPTION_PATH, 0, NULL,
						"where share/jupyter is, else ~/.local",
						NULL, NULL },
					      VENV_OPTION_END };

VENV_PLUGIN_DEFINE(jupyter_kernel, "1.0", .summary = "offer the environment to Jupyter",
		   .options = options, .open = begin, .post_setup = post_setup,
		   .undo = undo);
