/* SPDX-License-Identifier: MIT */
/* stub.c - install_scripts() of third parties is not there yet */
#include <config.h>

#include "scripts.h"

int scripts_install_dir(int bin, const char *path, const struct script_values *v,
			bool raw, const struct log *log, struct venv_error *err)
{
	(void)bin;
	(void)path;
	(void)v;
	(void)raw;
	(void)log;
	(void)err;
	return 0;
}
