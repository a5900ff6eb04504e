/* SPDX-License-Identifier: MIT */
/*
 * paths.c - the paths of the copy of the tool that the tests run
 *
 * Each case has a site's configuration of its own, so that cases can run at the
 * same time: only this object, which is in no installed program, asks for it,
 * for a LIBDIR in which a case can put what packages would, and for a place of
 * root's logs.
 */
#include <config.h>

#include <stdlib.h>

#include "load/load.h"

const char *paths_sysconfdir(void)
{
	const char *dir = getenv("TEST_SYSCONFDIR");

	return dir ? dir : TEST_PREFIX "/etc/venvctl";
}

const char *paths_bindir(void)
{
	return TEST_PREFIX "/bin";
}

const char *paths_pkglibdir(void)
{
	const char *dir = getenv("TEST_PKGLIBDIR");

	return dir ? dir : TEST_PREFIX "/lib/venvctl";
}

const char *paths_pkgdatadir(void)
{
	return TEST_PREFIX "/share/venvctl";
}

const char *paths_logdir(void)
{
	const char *dir = getenv("TEST_LOGDIR");

	return dir ? dir : TEST_PREFIX "/log";
}
