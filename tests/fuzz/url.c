/* SPDX-License-Identifier: MIT */
/* url.c - which URLs may be fetched, what is shown of them, and which proxy they get */
#include <config.h>

#include <strings.h>

#include "fuzz.h"
#include "modules/fetch_url.h"

static bool is_below_at(const char *url)
{
	const char *host = strstr(url, "://"), *path;

	host = host ? host + 3 : url;
	path = strchr(host, '/');
	return !memchr(host, '@', path ? (size_t)(path - host) : strlen(host));
}

/* Behind the first "?" of a URL that is shown: no more than the dots that stand for it. */
static const char *dots(const char *shown)
{
	const char *query = strchr(shown, '?');
	size_t n = strspn(query + 1, ".");

	return n <= 3 && !query[1 + n] ? query : "";
}

/* Nothing of a URL that could be secret is shown. */
static void check_shown(const char *shown)
{
	/* What is no address of a server has no user, and is not fetched. */
	bool is_address = !strncasecmp(shown, "http://", 7) ||
			  !strncasecmp(shown, "https://", 8);

	MUST(*shown && (!is_address || is_below_at(shown)));
	MUST(!strchr(shown, '#') && (!strchr(shown, '?') || *dots(shown)));
}

/* The host that is shown, and its port, are what was allowed. */
static void check_host(const char *shown, const char *host, const char *port)
{
	const char *at = strstr(shown, "://");
	size_t n = strlen(host);

	MUST(at && !strncasecmp(at + 3, host, n));
	at += 3 + n;
	at += *at == '.';
	if (port) {
		n = strlen(port);
		MUST(!strncmp(at, port, n));
		at += n;
	}
	MUST(!*at || *at == '/' || *at == '?' || (!port && *at == ':'));
}

FUZZ(url)
{
	static const char *const good[] = { "good.example", "h.example:8080", NULL };
	static const char *const plain[] = { "plain.example", NULL };
	static const char *const env[] = { "https_proxy=http://p:1", "no_proxy=a,b",
					   NULL };
	const struct fetch_rules any = { NULL, NULL }, some = { good, plain };
	struct fetch_url u;
	char message[FETCH_MESSAGE_SIZE], shown[sizeof(u.shown)];
	char *url = fuzz_copy(data, size);
	int r = url_check(url, &any, &u, message);

	MUST(r == FETCH_OK || *message);
	check_shown(u.shown);
	if (r == FETCH_OK) {
		MUST(url_is_https(url) && !strncasecmp(u.shown, "https://", 8));
		MUST(!strchr(u.name, '/') && strlen(u.name) < sizeof(u.name));
		MUST(url_proxy(env, url));
	}
	memset(&u, 0, sizeof(u));
	r = url_check(url, &some, &u, message);
	MUST(r == FETCH_OK || *message);
	if (r == FETCH_OK) {
		/* No host is in both lists. */
		MUST(!strncasecmp(u.shown, "https://", 8));
		if (!strncasecmp(u.shown + 8, "good", 4))
			check_host(u.shown, "good.example", NULL);
		else
			check_host(u.shown, "h.example", ":8080");
	}
	url_show(url, shown, sizeof(shown));
	check_shown(shown);
	free(url);
	return 0;
}
