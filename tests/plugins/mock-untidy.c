/* SPDX-License-Identifier: MIT */
/* mock-untidy.c - a plugin whose option table is not as it should be */
#include <venvctl/plugin.h>

static const struct venv_option options[] = {
	{ "use", VENV_OPTION_STRING, 0, NULL, "what every plugin has", NULL, NULL },
	{ "count", VENV_OPTION_INT, 0, "three", "how many", NULL, NULL },
	{ "help", VENV_OPTION_STRING, 0, NULL, "", NULL, NULL },
	{ "capital", VENV_OPTION_STRING, 0, NULL, "Begins with one", NULL, NULL },
	{ "stop", VENV_OPTION_STRING, 0, NULL, "ends with one.", NULL, NULL },
	{ "twice", VENV_OPTION_STRING, 0, NULL, "once", NULL, NULL },
	{ "twice", VENV_OPTION_STRING, 0, NULL, "twice", NULL, NULL },
	{ "needed", VENV_OPTION_STRING, VENV_OPTION_REQUIRED, NULL, "has to be set", NULL,
	  NULL },
	VENV_OPTION_END
};

/* Exported beside the entry. */
VENV_EXPORT int mock_untidy_helper(void);
int mock_untidy_helper(void)
{
	return 0;
}

VENV_PLUGIN_DEFINE(mock_untidy, "1.0", .options = options);
