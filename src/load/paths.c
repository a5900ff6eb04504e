/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "load.h"

const char *paths_sysconfdir(void)
{
	return VENVCTL_SYSCONFDIR;
}

const char *paths_bindir(void)
{
	return VENVCTL_BINDIR;
}

const char *paths_pkglibdir(void)
{
	return VENVCTL_PKGLIBDIR;
}

const char *paths_pkgdatadir(void)
{
	return VENVCTL_PKGDATADIR;
}

const char *paths_logdir(void)
{
	/* Where a system's logs are looked for, wherever this was installed. */
	return "/var/log/venvctl";
}
