/* SPDX-License-Identifier: MIT */
/* markers.h - environment markers: `python_version < "3.8" and os_name == "posix"` */
#pragma once

#include <stdint.h>

/* What markers are about; the rest is the machine's. */
struct marker_env {
	uint32_t hexversion;	    /* sys.hexversion */
	const char *implementation; /* sys.implementation.name */
};

/* 1 if TEXT (PEP 508) holds, 0 if not, -1 with *WHY (constant) if that cannot be said. */
int marker_holds(const struct marker_env *env, const char *text, const char **why);
