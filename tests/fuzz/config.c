/* SPDX-License-Identifier: MIT */
/* config.c - a file of the configuration, through the table of options and the policy */
#include <config.h>

#include "config/config.h"
#include "fuzz.h"

static void on_fault(void *data, const char *file, unsigned line, const char *message,
		     const char *hint)
{
	(void)file;
	(void)hint;
	MUST(line > 0 && *message);
	++*(int *)data;
}

FUZZ(config)
{
	static const char *const env[] = { "HOME=/home/u", NULL };
	struct venv_error err = VENV_ERROR_INIT;
	struct config c;
	char path[32];
	int fd = fuzz_file(data, size, path), faults = 0, r;

	config_init(&c, env, "/work");
	r = config_check_file(&c, path, on_fault, &faults, &err);
	MUST(r == faults || (r < 0 && err.message));
	for (const struct value *v = c.values; v; v = v->next) {
		MUST(v->section && v->key && v->origin.line > 0);
		MUST(strncmp(v->section, "plugin:", 7) == 0 ||
		     config_find(&c, v->section, v->key));
	}
	venv_error_clear(&err);
	config_release(&c);
	close(fd);
	return 0;
}
