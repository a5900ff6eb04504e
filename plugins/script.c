/* SPDX-License-Identifier: MIT */
/*
 * script - an installer of the site's own: a program of this machine or from a URL
 *
 * It gets the context as environment variables and as JSON on its standard input.  A
 * file of this machine is run where it lies, if nobody else can change it; with a
 * digest, and from a URL, what was verified is a private copy, and that is run.
 */
#include "installer.h"

#include <string.h>
#include <sys/stat.h>

static int complain(struct installer *i, int result, const char *message)
{
	i->host->error(i->s, message);
	return result;
}

static int script_open(const struct venv_host *host, struct venv_session *s,
		       const struct venv_context *ctx, void **data)
{
	struct installer *i = host->alloc(s, sizeof(*i));
	struct venv_download d = {
		.struct_size = sizeof(d),
		.flags = VENV_DOWNLOAD_TRY | VENV_DOWNLOAD_CODE,
	};
	int64_t timeout = host->option_int(s, "timeout");
	const char *scripts = host->option(s, "scripts");

	if (!i)
		return VENV_ERR_NOMEM;
	*i = (struct installer){ .host = host, .s = s, .ctx = ctx, .name = "script" };
	*data = i;
	i->url = host->option(s, "source");
	i->sha256 = host->option_list(s, "sha256");
	if (timeout < 0 || timeout > INT32_MAX / 1000)
		return complain(i, VENV_ERR_CONFIG,
				"the value of 'timeout' is out of range");
	for (const char *const *e = host->option_list(s, "env"); e && *e; e++) {
		if (**e == '=' || !strchr(*e, '='))
			return complain(i, VENV_ERR_CONFIG,
					"'env' needs items NAME=VALUE");
	}
	if (!i->url && !scripts)
		return complain(i, VENV_ERR_CONFIG, "it needs 'source' or 'scripts'");
	if (scripts) {
		int r = host->install_scripts(s, scripts, VENV_TREE_TRY);

		if (r != VENV_OK || !i->url)
			return r;
	}
	d.url = i->url;
	d.sha256 = i->sha256;
	return host->download(s, &d);
}

static int install_scripts(struct installer *i)
{
	const char *dir = i->host->option(i->s, "scripts");
	const char *how = i->host->option(i->s, "placeholders");

	return dir ? i->host->install_scripts(i->s, dir,
					      !strcmp(how, "raw") ? VENV_SCRIPTS_RAW : 0)
		   : VENV_OK;
}

/* Scripts alone are in place before publication; a program has to wait for it. */
static int script_seed(void *data)
{
	struct installer *i = data;

	return i->url ? VENV_LATER : install_scripts(i);
}

/* The context, then the site's own variables, which win. */
static const char *const *make_env(struct installer *i)
{
	const struct venv_context *c = i->ctx;
	const char *const *own = i->host->option_list(i->s, "env");
	unsigned v = installer_python(i);
	size_t n = 0, max = 16;
	const char **env;

	for (size_t j = 0; own && own[j]; j++)
		max++;
	env = i->host->alloc(i->s, max * sizeof(*env));
	if (!env)
		return NULL;
	env[n++] = installer_format(i, "VENV_CONTEXT_ENV_DIR=%s", c->env_dir);
	env[n++] = installer_format(i, "VENV_CONTEXT_ENV_NAME=%s", c->env_name);
	env[n++] = installer_format(i, "VENV_CONTEXT_PROMPT=%s", c->prompt);
	env[n++] = installer_format(i, "VENV_CONTEXT_ENV_EXE=%s", c->env_exe);
	env[n++] = installer_format(i, "VENV_CONTEXT_BIN_PATH=%s", c->bin_path);
	env[n++] = installer_format(i, "VENV_CONTEXT_LIB_PATH=%s", c->lib_path);
	env[n++] = installer_format(i, "VENV_CONTEXT_PLATLIB_PATH=%s", c->platlib_path);
	env[n++] = installer_format(i, "VENV_CONTEXT_INC_PATH=%s", c->inc_path);
	env[n++] = installer_format(i, "VENV_CONTEXT_CFG_PATH=%s", c->cfg_path);
	env[n++] = installer_format(i, "VENV_CONTEXT_EXECUTABLE=%s", c->executable);
	env[n++] = installer_format(i, "VENV_CONTEXT_PYTHON_VERSION=%u.%u", v >> 8,
				    v & 0xff);
	for (size_t j = 0; own && own[j]; j++)
		env[n++] = own[j];
	return i->no_memory ? NULL : env;
}

/* What is run: the file itself, or a verified copy; an error is set where it fails. */
static int get_program(struct installer *i, int is_program, const char **path)
{
	struct venv_download d = {
		.struct_size = sizeof(d),
		.flags = VENV_DOWNLOAD_CODE,
		.url = i->url,
		.sha256 = i->sha256,
	};
	int r;

	*path = i->url;
	if (*i->url == '/' && (!i->sha256 || !i->sha256[0])) {
		/* Its trust is judged once more: time has passed since open. */
		d.flags |= VENV_DOWNLOAD_TRY;
		return i->host->download(i->s, &d);
	}
	r = i->host->download(i->s, &d);
	if (r == VENV_OK && is_program && chmod(d.path, 0700))
		return complain(i, VENV_ERR_FAILED, "its file cannot be made executable");
	*path = d.path;
	return r;
}

static int run(struct installer *i)
{
	const struct venv_host *host = i->host;
	const char *const *args = host->option_list(i->s, "args");
	int is_program = !strcmp(host->option(i->s, "interpreter"), "none");
	size_t max = 3, n = 0;
	const char **argv, *path, *json;
	struct venv_run run = { .struct_size = sizeof(run), .flags = VENV_RUN_INDEX };
	int r = get_program(i, is_program, &path);

	for (size_t j = 0; args && args[j]; j++)
		max++;
	argv = host->alloc(i->s, max * sizeof(*argv));
	if (r == VENV_OK)
		r = host->context_json(i->s, &json);
	if (r != VENV_OK)
		return r;
	run.env = make_env(i);
	if (!argv || !run.env)
		return VENV_ERR_NOMEM;
	if (!is_program)
		argv[n++] = i->ctx->env_exe;
	argv[n++] = path;
	for (size_t j = 0; args && args[j]; j++)
		argv[n++] = args[j];
	run.argv = argv;
	run.stdin_data = json;
	run.stdin_len = strlen(json);
	run.timeout_ms = (int32_t)(host->option_int(i->s, "timeout") * 1000);
	return host->run(i->s, &run);
}

static int script_post_setup(void *data)
{
	struct installer *i = data;
	/* A query may be secret, and have a "/"; a path has none. */
	size_t end = *i->url == '/' ? strlen(i->url) : strcspn(i->url, "?#");
	const char *slash = memrchr(i->url, '/', end), *text;
	int r = install_scripts(i);

	if (r != VENV_OK)
		return r;
	slash = slash ? slash + 1 : i->url;
	text = installer_format(i, "Running %.*s ...", (int)(i->url + end - slash),
				slash);
	if (!text)
		return VENV_ERR_NOMEM;
	i->host->progress(i->s, VENV_STREAM_MAIN, text);
	r = run(i);
	i->host->progress(i->s, VENV_STREAM_MAIN, r == VENV_OK ? "done.\n" : "failed.\n");
	return r;
}

static const char *const interpreters[] = { "python", "none", NULL };
static const char *const placeholders[] = { "quoted", "raw", NULL };

static const struct venv_option options[] = {
	{ "source", VENV_OPTION_LOCATION, 0, NULL, "the program to run", NULL, NULL },
	{ "sha256", VENV_OPTION_SHA256, VENV_OPTION_LIST, NULL,
	  "digests, one of which it must have", NULL, NULL },
	{ "args", VENV_OPTION_STRING, VENV_OPTION_LIST | VENV_OPTION_SECRET, NULL,
	  "its arguments", "ARG", NULL },
	{ "interpreter", VENV_OPTION_CHOICE, 0, "python",
	  "run by the environment's python, or itself", NULL, interpreters },
	{ "env", VENV_OPTION_STRING, VENV_OPTION_LIST | VENV_OPTION_SECRET, NULL,
	  "variables of its environment", "NAME=VALUE", NULL },
	{ "timeout", VENV_OPTION_INT, 0, "600", "time limit", "SECONDS", NULL },
	{ "scripts", VENV_OPTION_PATH, 0, NULL,
	  "directory with common and posix, for the bin directory", "DIR", NULL },
	{ "placeholders", VENV_OPTION_CHOICE, 0, "quoted",
	  "how values are put into those scripts", NULL, placeholders },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE(script, "1.0",
		   .flags = VENV_PLUGIN_NETWORK | VENV_PLUGIN_RUNS_CODE |
			    VENV_PLUGIN_PARALLEL | VENV_PLUGIN_LOOKS,
		   .summary = "run an installer of your own", .options = options,
		   .open = script_open, .seed = script_seed,
		   .post_setup = script_post_setup);
