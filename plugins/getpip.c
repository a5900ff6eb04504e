/* SPDX-License-Identifier: MIT */
/*
 * getpip - pip by the script get-pip.py, fetched over HTTPS
 *
 * The newest pip does not run on every Python: for the older ones the address has a
 * script of its own.
 */
#include "installer.h"

#include <string.h>

#define ADDRESS "https://bootstrap.pypa.io"
#define DEFAULT ADDRESS "/get-pip.py"
/* From this version on the script of DEFAULT works; the older ones have theirs. */
#define NEWEST_SINCE 0x030a

struct getpip {
	struct installer i;
	int left_out;
};

static const char *choose_url(struct installer *i)
{
	const char *url = i->host->option(i->s, "url");
	unsigned v = installer_python(i);

	if (strcmp(url, DEFAULT) != 0)
		return installer_expand(i, url);
	return v >= NEWEST_SINCE
		       ? url
		       : installer_expand(i, ADDRESS "/pip/{python-version}/get-pip.py");
}

static int getpip_open(const struct venv_host *host, struct venv_session *s,
		       const struct venv_context *ctx, void **data)
{
	struct getpip *g;

	if (!VENV_HAS(host, download)) {
		host->error(s, "this venvctl cannot download");
		return VENV_ERR_UNSUPPORTED;
	}
	g = host->alloc(s, sizeof(*g));
	if (!g)
		return VENV_ERR_NOMEM;
	*data = g;
	g->i = (struct installer){
		.host = host, .s = s, .ctx = ctx, .name = "getpip", .what = "pip"
	};
	g->left_out = !(ctx->flags & VENV_CONTEXT_WITH_PIP);
	if (g->left_out) {
		host->log(s, VENV_LOG_WARNING, "pip is not wanted: nothing is installed");
		return VENV_OK;
	}
	g->i.url = choose_url(&g->i);
	g->i.sha256 = host->option_list(s, "sha256");
	return installer_check(&g->i);
}

static int is_path(const char *link)
{
	return *link == '/';
}

/*
 * "PIP_FIND_LINKS=URL URL": addresses may have a password, and everybody can read the
 * arguments of a process.  Paths may have blanks, which separate them here.
 */
static const char *links_variable(struct getpip *g)
{
	const char *const *links = g->i.host->option_list(g->i.s, "find-links");
	const char *text = NULL;

	for (; links && *links; links++) {
		if (!is_path(*links))
			text = installer_format(
				&g->i, "%s%s", text ? text : "PIP_FIND_LINKS=",
				text ? installer_format(&g->i, " %s", *links) : *links);
	}
	return text;
}

/* What get-pip passes on to `pip install`; each item is one word of the command line. */
static const char *const *make_args(struct getpip *g)
{
	const struct venv_host *host = g->i.host;
	const char *const *own = host->option_list(g->i.s, "args");
	const char *const *links = host->option_list(g->i.s, "find-links");
	const char *version = host->option(g->i.s, "version");
	size_t max = 5, n = 0;
	const char **args;

	for (size_t j = 0; own && own[j]; j++)
		max++;
	for (size_t j = 0; links && links[j]; j++)
		max += 2;
	args = host->alloc(g->i.s, max * sizeof(*args));
	if (!args)
		return NULL;
	if (version)
		args[n++] = installer_format(
			&g->i, "pip%s%s", strpbrk(version, "<>=!~") ? "" : "==", version);
	if (!(g->i.ctx->flags & VENV_CONTEXT_WITH_SETUPTOOLS))
		args[n++] = "--no-setuptools";
	if (host->option_bool(g->i.s, "no-index"))
		args[n++] = "--no-index";
	for (size_t j = 0; links && links[j]; j++) {
		if (!is_path(links[j]))
			continue;
		args[n++] = "--find-links";
		args[n++] = links[j];
	}
	for (size_t j = 0; own && own[j]; j++)
		args[n++] = own[j];
	return args;
}

static int getpip_post_setup(void *data)
{
	struct getpip *g = data;
	const char *index = g->i.host->option(g->i.s, "index-url");
	const char *env[3] = { NULL, NULL, NULL };
	const char *const *args;
	size_t n = 0;

	if (g->left_out)
		return VENV_OK;
	args = make_args(g);
	/* Not as an argument, for its password. */
	if (index)
		env[n++] = installer_format(&g->i, "PIP_INDEX_URL=%s", index);
	env[n] = links_variable(g);
	if (!args || g->i.no_memory)
		return VENV_ERR_NOMEM;
	return installer_run(&g->i, args, env);
}

static const struct venv_option options[] = {
	{ "url", VENV_OPTION_LOCATION, 0, DEFAULT,
	  "the script; the default stands for that of the Python version", NULL, NULL },
	{ "sha256", VENV_OPTION_SHA256, VENV_OPTION_LIST, NULL,
	  "digests, one of which the script must have", NULL, NULL },
	{ "version", VENV_OPTION_STRING, 0, NULL,
	  "version of pip, or a requirement like <24", "VERSION", NULL },
	{ "args", VENV_OPTION_STRING, VENV_OPTION_LIST | VENV_OPTION_SECRET, NULL,
	  "further arguments of the script", "ARG", NULL },
	{ "index-url", VENV_OPTION_STRING, VENV_OPTION_SECRET, NULL,
	  "package index to use", "URL", NULL },
	{ "no-index", VENV_OPTION_BOOL, 0, "no", "use find-links only", NULL, NULL },
	{ "find-links", VENV_OPTION_LOCATION, VENV_OPTION_LIST, NULL,
	  "directories or pages with wheels", NULL, NULL },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE_ORDERED(getpip, "1.0", "pip", "ezsetup setuptools", "",
			   .flags = VENV_PLUGIN_NETWORK | VENV_PLUGIN_RUNS_CODE |
				    VENV_PLUGIN_PARALLEL | VENV_PLUGIN_LOOKS,
			   .summary = "install pip with get-pip.py, over the network",
			   .options = options, .open = getpip_open,
			   .post_setup = getpip_post_setup);
