/* SPDX-License-Identifier: MIT */
/*
 * files - a directory of the site, copied over the environment
 *
 * What /etc/skel is for a home: pip.conf, hooks of activation, a CA bundle.
 */
#include "installer.h"

#include <string.h>

static int files_open(const struct venv_host *host, struct venv_session *s,
		      const struct venv_context *ctx, void **data)
{
	struct installer *i = host->alloc(s, sizeof(*i));

	if (!i)
		return VENV_ERR_NOMEM;
	*i = (struct installer){ .host = host, .s = s, .ctx = ctx };
	*data = i;
	/* Before anything is made: the usual mistake is a path that is not there. */
	return host->install_tree(s, host->option(s, "source"), VENV_TREE_TRY);
}

static int files_seed(void *data)
{
	struct installer *i = data;
	const char *how = i->host->option(i->s, "placeholders");
	uint32_t flags = strcmp(how, "no") != 0 ? VENV_TREE_PLACEHOLDERS : 0;

	if (!strcmp(how, "raw"))
		flags |= VENV_SCRIPTS_RAW;
	return i->host->install_tree(i->s, i->host->option(i->s, "source"), flags);
}

static const char *const placeholders[] = { "no", "quoted", "raw", NULL };

static const struct venv_option options[] = {
	{ "source", VENV_OPTION_PATH, VENV_OPTION_REQUIRED, NULL,
	  "the directory that is copied", "DIR", NULL },
	{ "placeholders", VENV_OPTION_CHOICE, 0, "no",
	  "replace the placeholders of scripts in text files", NULL, placeholders },
	VENV_OPTION_END
};

VENV_PLUGIN_DEFINE(files, "1.0", .flags = VENV_PLUGIN_PARALLEL | VENV_PLUGIN_LOOKS,
		   .summary = "copy a directory over the environment", .options = options,
		   .open = files_open, .seed = files_seed);
