/* SPDX-License-Identifier: MIT */
/* hosts.c - names of hosts in lists: one that can never be met is a mistake */
#include <config.h>

#include "config.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NAME_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

/* A number from 1 to MAX without anything before or behind it, as it is compared. */
static bool is_number(const char *text, long max)
{
	size_t n = strspn(text, "0123456789");

	return n && n < 6 && !text[n] && *text != '0' && strtol(text, NULL, 10) <= max;
}

/* 4 or 6; 0 if it is no address. */
static int family(const char *text)
{
	unsigned char to[16];

	return inet_pton(AF_INET, text, to) == 1    ? 4
	       : inet_pton(AF_INET6, text, to) == 1 ? 6
						    : 0;
}

/* "ADDRESS/BITS" */
static bool is_range(const char *item)
{
	const char *slash = strchr(item, '/');
	char address[64];
	int f;

	if (!slash || slash - item >= (ptrdiff_t)sizeof(address))
		return false;
	snprintf(address, sizeof(address), "%.*s", (int)(slash - item), item);
	f = family(address);
	return f && (!strcmp(slash, "/0") || is_number(slash + 1, f == 4 ? 32 : 128));
}

static bool is_host(const char *item)
{
	size_t n = strspn(item, NAME_CHARS);
	char address[64];

	if (*item == '[') {
		n = strcspn(item, "]");
		snprintf(address, sizeof(address), "%.*s", (int)(n - 1), item + 1);
		if (!item[n++] || family(address) != 6)
			return false;
	} else if (!n || *item == '.') {
		return false;
	}
	return !item[n] || (item[n] == ':' && is_number(item + n + 1, 65535));
}

static const char *advice(const char *item, bool patterns)
{
	for (const char *p = item; *p; p++) {
		if (*p & 0x80)
			return "hosts are written in ASCII: xn--...";
	}
	if (strstr(item, "://"))
		return "without the scheme";
	if (strchr(item, ','))
		return "items are separated by blanks";
	if (strchr(item, '*') && !patterns)
		return "no host is called so, and '*' stands for no others: list each";
	if (family(item) == 6)
		return "an address of IPv6 stands in brackets";
	return NULL;
}

int option_check_host(const char *item, bool patterns, struct venv_error *err)
{
	const char *name = item, *hint;

	if (patterns && (!strcmp(item, "*") || family(item) || is_range(item)))
		return 0;
	if (patterns)
		name += *name == '*' && name[1] == '.' ? 2 : *name == '.';
	if (is_host(name))
		return 0;
	error_set(err, VENV_ERR_CONFIG,
		  patterns ? "expected HOST, HOST:PORT, *.HOST, ADDRESS/BITS or *"
			   : "expected HOST or HOST:PORT");
	hint = advice(item, patterns);
	return hint ? error_hint(err, VENV_ERR_CONFIG, "%s", hint) : VENV_ERR_CONFIG;
}

/* The schemes of proxies that libcurl has, and pip, of which some need a library more. */
static bool is_proxy_scheme(const char *text, size_t n)
{
	static const char *const schemes[] = { "http",	  "https",  "socks4",
					       "socks4a", "socks5", "socks5h" };

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		if (n == strlen(schemes[i]) && !strncasecmp(text, schemes[i], n))
			return true;
	}
	return false;
}

const char *proxy_host(const char *proxy, size_t *n)
{
	const char *host = strstr(proxy, "://"), *at;

	host = host ? host + 3 : proxy;
	*n = strcspn(host, "/?#");
	at = memrchr(host, '@', *n);
	if (at) {
		*n -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	return host;
}

int option_check_proxy(const char *text, struct venv_error *err)
{
	const char *host = strstr(text, "://");
	char name[300];
	size_t n;

	if (host && !is_proxy_scheme(text, (size_t)(host - text)))
		return error_set(err, VENV_ERR_CONFIG,
				 "expected http:, https:, socks4:, socks4a:, socks5: or "
				 "socks5h: as its scheme");
	host = proxy_host(text, &n);
	if (n >= sizeof(name))
		return error_set(err, VENV_ERR_CONFIG, "its host is too long");
	snprintf(name, sizeof(name), "%.*s", (int)n, host);
	if (is_host(name))
		return 0;
	error_set(err, VENV_ERR_CONFIG, "expected [SCHEME://][USER:PASSWORD@]HOST:PORT");
	return error_hint(err, VENV_ERR_CONFIG, "%s",
			  !*name || *name == ':' ? "it has no host"
			  : strchr(name, ':')
				  ? "a port is a number from 1 to 65535; an address of "
				    "IPv6 stands in brackets"
				  : "hosts are written in ASCII, without blanks");
}
