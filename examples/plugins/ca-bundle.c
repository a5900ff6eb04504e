/* SPDX-License-Identifier: MIT */
/*
 * ca-bundle - the site's certificates in each environment, and pip told to trust them
 *
 * The bundle is fetched over https, and is what its digest says, or nothing is made.
 */
#include <venvctl/plugin.h>

#include <stdio.h>
#include <string.h>

struct bundle {
	const struct venv_host *host;
	struct venv_session *session;
	const struct venv_context *ctx;
	struct venv_download download;
};

/* What the site's policy refuses ends the create here, before anything is made. */
static int begin(const struct venv_host *host, struct venv_session *session,
		 const struct venv_context *ctx, void **data)
{
	struct bundle *b = host->alloc(session, sizeof(*b));

	if (!b)
		return VENV_ERR_NOMEM;
	b->host = host;
	b->session = session;
	b->ctx = ctx;
	*data = b;
	b->download.struct_size = sizeof(b->download);
	b->download.flags = VENV_DOWNLOAD_TRY;
	b->download.url = host->option(session, "url");
	b->download.sha256 = host->option_list(session, "sha256");
	b->download.filename = "ca-bundle.pem";
	b->download.max_size = 1024 * 1024;
	return host->download(session, &b->download);
}

static int seed(void *data)
{
	static char text[1024 * 1024]; /* one environment at a time: not PARALLEL */
	struct bundle *b = data;
	const struct venv_host *h = b->host;
	char conf[4200];
	FILE *f;
	size_t n;
	int r;

	b->download.flags = 0;
	r = h->download(b->session, &b->download); /* into temp_dir */
	if (r)
		return r;
	f = fopen(b->download.path, "rb");
	n = f ? fread(text, 1, sizeof(text), f) : 0;
	if (!f || ferror(f)) {
		h->error(b->session, "cannot read what was fetched");
		r = VENV_ERR_FAILED;
	}
	if (f)
		fclose(f);
	if (!r)
		r = h->write_file(b->session, "etc/ca-bundle.pem", text, n, 0666);
	snprintf(conf, sizeof(conf), "[global]\ncert = %s/etc/ca-bundle.pem\n",
		 b->ctx->env_dir);
	return r ? r : h->write_file(b->session, "pip.conf", conf, strlen(conf), 0666);
}

static const struct venv_option options[] = {
	{ "url", VENV_OPTION_LOCATION, VENV_OPTION_REQUIRED, NULL, "where the bundle is",
	  NULL, NULL },
	{ "sha256", VENV_OPTION_SHA256, VENV_OPTION_LIST | VENV_OPTION_REQUIRED, NULL,
	  "its digest", NULL, NULL },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE(ca_bundle, "1.0", .flags = VENV_PLUGIN_NETWORK | VENV_PLUGIN_LOOKS,
		   .summary = "let pip trust the certificates of the site",
		   .options = options, .open = begin, .seed = seed);
