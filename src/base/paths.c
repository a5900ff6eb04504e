/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "paths.h"

const char paths_sysconfdir[] = VENVCTL_SYSCONFDIR;
const char paths_bindir[] = VENVCTL_BINDIR;
const char paths_pkglibdir[] = VENVCTL_PKGLIBDIR;
