/* SPDX-License-Identifier: MIT */
#include <config.h>

#include <string.h>

#include "cli.h"

const char *address_shown(struct arena *a, const char *value)
{
	const char *scheme = strstr(value, "://"), *host = scheme ? scheme + 3 : value,
		   *at;
	size_t end = strcspn(host, "?#");
	const char *text;

	/* A path is not an address: nothing in it is secret. */
	if (*value == '/')
		return value;
	at = memrchr(host, '@', strcspn(host, "/?#"));
	text = arena_printf(a, "%.*s%.*s%s", (int)(host - value), value,
			    (int)(at ? host + end - at - 1 : (ptrdiff_t)end),
			    at ? at + 1 : host, host[end] == '?' ? "?..." : "");
	return text ? text : "";
}
