/* SPDX-License-Identifier: MIT */
/* fetch_url.h - URLs: what may be fetched, how one is shown, which proxy it takes */
#pragma once

#include "fetch.h"

/* fetch_module.check */
int url_check(const char *url, const struct fetch_rules *rules, struct fetch_url *out,
	      char *message);

/* The URL, or what is none, without what could be secret in it. */
void url_show(const char *url, char *out, size_t size);

/* The host of a URL, or of a proxy without a scheme; false if it has none. */
int url_host(const char *url, char *out, size_t size);

/* True for a URL that passed url_check and is not plain http. */
int url_is_https(const char *url);

/* The proxy for URL, as curl's tool reads the environment; NULL for none.  *Borrows*. */
const char *url_proxy(const char *const *env, const char *url);

/*
 * Is the host of URL in the list NO_PROXY?  Items are separated by commas or blanks: "*";
 * HOST, .HOST or *.HOST for it and all below it, :PORT behind it for that port alone; an
 * address, or a range of them, ADDRESS/BITS, of IPv4 and IPv6.
 */
int url_goes_direct(const char *url, const char *no_proxy);
