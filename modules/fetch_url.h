/* SPDX-License-Identifier: MIT */
/* fetch_url.h - URLs: what may be fetched, how one is shown, which proxy it takes */
#pragma once

#include "fetch.h"

/* fetch_module.check */
int url_check(const char *url, const struct fetch_rules *rules, struct fetch_url *out,
	      char *message);

/* The URL, or what is none, without what could be secret in it. */
void url_show(const char *url, char *out, size_t size);

/* True for a URL that passed url_check and is not plain http. */
int url_is_https(const char *url);

/* The proxy for URL, as curl's tool reads the environment; NULL for none.  *Borrows*. */
const char *url_proxy(const char *const *env, const char *url);
const char *url_no_proxy(const char *const *env);
