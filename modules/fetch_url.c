/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "fetch_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/shown.h"

/* One part of a URL; *returns new* for curl_free(), NULL if it has none. */
static char *part(CURLU *u, CURLUPart what)
{
	char *text = NULL;

	return curl_url_get(u, what, &text, 0) ? NULL : text;
}

static int equal(const char *host, size_t n, const char *item, size_t m)
{
	/* "host." is the same host. */
	if (n && host[n - 1] == '.')
		n--;
	if (m && item[m - 1] == '.')
		m--;
	return n == m && !strncasecmp(host, item, n);
}

/* HOST, or HOST:PORT for that port alone. */
static int is_listed(const char *const *list, const char *host, const char *port)
{
	for (; list && *list; list++) {
		const char *colon = strrchr(*list, ':');

		/* The colons of a bare [v6::address] are none before a port. */
		if (colon && strchr(colon, ']'))
			colon = NULL;
		if (colon ? equal(host, strlen(host), *list, (size_t)(colon - *list)) &&
				    !strcmp(colon + 1, port)
			  : equal(host, strlen(host), *list, strlen(*list)))
			return 1;
	}
	return 0;
}

/* Also of what only was meant to be an address no query is shown. */
static void cut_query(char *text)
{
	char *at = text + strcspn(text, "?#");

	if (*at == '#' || (*at && strcmp(at, "?...") != 0))
		at[*at == '?'] = '\0';
}

void url_show(const char *url, char *out, size_t size)
{
	CURLU *u = curl_url();
	char *full = NULL, *text;

	/* As libcurl reads it, where it can: it is for shown_cut() to say what is secret. */
	if (u && !curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME))
		full = part(u, CURLUPART_URL);
	text = strdup(full ? full : url);
	if (text) {
		shown_cut(text);
		cut_query(text);
	}
	snprintf(out, size, "%s", text && *text ? text : "(not a URL)");
	free(text);
	curl_free(full);
	curl_url_cleanup(u);
}

int url_host(const char *url, char *out, size_t size)
{
	CURLU *u = curl_url();
	char *host = NULL;

	if (u && !curl_url_set(u, CURLUPART_URL, url,
			       CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME))
		host = part(u, CURLUPART_HOST);
	snprintf(out, size, "%s", host ? host : "");
	curl_free(host);
	curl_url_cleanup(u);
	return *out != '\0';
}

static void take_name(CURLU *u, struct fetch_url *out)
{
	char *path = part(u, CURLUPART_PATH);
	const char *slash = path ? strrchr(path, '/') : NULL;

	if (slash && strlen(slash + 1) < sizeof(out->name))
		snprintf(out->name, sizeof(out->name), "%s", slash + 1);
	curl_free(path);
}

/* Which letters a name of others means depends on the locale, in libcurl. */
static int is_ascii(const char *host)
{
	while (*host && !(*host & 0x80))
		host++;
	return !*host;
}

static int judge(CURLU *u, const struct fetch_rules *rules, const char **why)
{
	char *scheme = part(u, CURLUPART_SCHEME), *host = part(u, CURLUPART_HOST);
	char *user = part(u, CURLUPART_USER), *password = part(u, CURLUPART_PASSWORD);
	char *port = NULL;
	int http = scheme && !strcasecmp(scheme, "http"), status = FETCH_OK;

	*why = NULL;
	curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	if (!scheme || !host || !*host || !port ||
	    (!http && strcasecmp(scheme, "https") != 0)) {
		*why = "only https is fetched";
		status = FETCH_BAD_URL;
	} else if (!is_ascii(host)) {
		*why = "its host has to be written in ASCII (xn--...)";
		status = FETCH_BAD_URL;
	} else if (user || password) {
		*why = "a user name or password in a URL is refused";
		status = FETCH_BAD_URL;
	} else if (http && !is_listed(rules->http_hosts, host, port)) {
		*why = "plain http is not allowed for this host";
		status = FETCH_HTTP;
	} else if (rules->allowed_hosts && !is_listed(rules->allowed_hosts, host, port)) {
		*why = "this host is not allowed";
		status = FETCH_HOST;
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(password);
	curl_free(port);
	return status;
}

int url_check(const char *url, const struct fetch_rules *rules, struct fetch_url *out,
	      char *message)
{
	CURLU *u = curl_url();
	const char *why = "out of memory";
	int status = u ? FETCH_BAD_URL : FETCH_NOMEM;

	memset(out, 0, sizeof(*out));
	url_show(url, out->shown, sizeof(out->shown));
	if (u && curl_url_set(u, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME)) {
		why = "it is not a URL";
	} else if (u) {
		status = judge(u, rules, &why);
		take_name(u, out);
	}
	curl_url_cleanup(u);
	if (status == FETCH_OK)
		return status;
	out->why = why;
	snprintf(message, FETCH_MESSAGE_SIZE, "cannot fetch '%s': %s", out->shown, why);
	return status;
}

int url_is_https(const char *url)
{
	return !strncasecmp(url, "https:", 6);
}

static const char *lookup(const char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++) {
		if (!strncmp(*env, name, n) && (*env)[n] == '=')
			return (*env)[n + 1] ? *env + n + 1 : NULL;
	}
	return NULL;
}

const char *url_proxy(const char *const *env, const char *url)
{
	/* HTTP_PROXY in capitals is what a CGI client can set: never read. */
	static const char *const https[] = { "https_proxy", "HTTPS_PROXY", "all_proxy",
					     "ALL_PROXY", NULL };
	static const char *const http[] = { "http_proxy", "all_proxy", "ALL_PROXY",
					    NULL };

	for (const char *const *name = url_is_https(url) ? https : http; *name; name++) {
		const char *proxy = lookup(env, *name);

		if (proxy)
			return proxy;
	}
	return NULL;
}

/* One host of a URL or of an item of no_proxy. */
struct place {
	char name[256];		   /* without brackets, "*", and dots at both ends */
	char port[8];		   /* "" for any */
	unsigned char address[16]; /* if it is one, of 4 or 16 bytes */
	size_t size;		   /* of the address; 0 for a name */
};

static void take_host(struct place *p, const char *text, size_t n)
{
	if (n && *text == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (n && *text == '*')
		text++, n--;
	while (n && *text == '.')
		text++, n--;
	while (n && text[n - 1] == '.')
		n--;
	snprintf(p->name, sizeof(p->name), "%.*s", (int)n, text);
	if (inet_pton(AF_INET, p->name, p->address) == 1)
		p->size = 4;
	else if (inet_pton(AF_INET6, p->name, p->address) == 1)
		p->size = 16;
}

/* "host", "host:port", "[v6]:port", or a bare v6 address. */
static void take_place(struct place *p, const char *text, size_t n)
{
	const char *colon = memrchr(text, ':', n);

	*p = (struct place){ .size = 0 };
	if (colon &&
	    (memchr(text, ':', n) == colon || (colon > text && colon[-1] == ']'))) {
		snprintf(p->port, sizeof(p->port), "%.*s", (int)(text + n - colon - 1),
			 colon + 1);
		n = (size_t)(colon - text);
	}
	take_host(p, text, n);
}

/* Are the first BITS of both addresses the same? */
static int in_range(const struct place *p, const struct place *net, const char *bits)
{
	char *end;
	unsigned long n = strtoul(bits, &end, 10), whole = n / 8;
	unsigned rest = 8 - (unsigned)(n % 8);

	if (end == bits || n > net->size * 8 || !net->size || p->size != net->size ||
	    memcmp(p->address, net->address, whole) != 0)
		return 0;
	return rest == 8 || p->address[whole] >> rest == net->address[whole] >> rest;
}

static int is_below(const char *name, const char *domain)
{
	size_t n = strlen(name), m = strlen(domain);

	return m && n >= m && !strcasecmp(name + n - m, domain) &&
	       (n == m || name[n - m - 1] == '.');
}

static int matches(const struct place *p, const char *item, size_t n)
{
	const char *slash = memchr(item, '/', n);
	struct place other;
	char bits[8];

	if (n == 1 && *item == '*')
		return 1;
	if (slash) {
		other = (struct place){ .size = 0 };
		take_host(&other, item, (size_t)(slash - item));
		snprintf(bits, sizeof(bits), "%.*s", (int)(item + n - slash - 1),
			 slash + 1);
		return in_range(p, &other, bits);
	}
	take_place(&other, item, n);
	if (*other.port && strcmp(other.port, p->port) != 0)
		return 0;
	if (p->size || other.size)
		return p->size == other.size &&
		       !memcmp(p->address, other.address, p->size);
	return is_below(p->name, other.name);
}

int url_goes_direct(const char *url, const char *no_proxy)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL;
	struct place p = { .size = 0 };
	int direct = 0;

	if (u && !curl_url_set(u, CURLUPART_URL, url, 0)) {
		host = part(u, CURLUPART_HOST);
		curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	}
	if (host)
		take_host(&p, host, strlen(host));
	snprintf(p.port, sizeof(p.port), "%s", port ? port : "");
	while (host && !direct && *no_proxy) {
		size_t n = strcspn(no_proxy, ", \t");

		direct = n && matches(&p, no_proxy, n);
		no_proxy += n + (no_proxy[n] != '\0');
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return direct;
}
