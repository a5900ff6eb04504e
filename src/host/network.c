/* SPDX-License-Identifier: MIT */
/*
 * network.c - the network that child processes get: what venvctl itself has
 *
 * What holds for a download holds for pip that runs after it: the same proxy, the same hosts
 * without one, the same certificates.
 */
#include <config.h>

#include <string.h>

#include "config/config.h"
#include "util/util.h"
#include "download.h"

bool download_no_proxy(struct host *h, struct arena *a, const char **text)
{
	const struct value *v = config_find(&h->config, "network", "no-proxy");
	struct str out = STR_INIT;

	*text = env_get(h->env, "no_proxy");
	if (!*text)
		*text = env_get(h->env, "NO_PROXY");
	if (!v)
		return true;
	for (size_t i = 0; i < v->items.n; i++)
		str_addf(&out, "%s%s", i ? "," : "", v->items.v[i]);
	*text = str_to_arena(&out, a);
	return *text;
}

const char *download_ca_file(const struct host *h)
{
	const char *ca = config_text(&h->config, "network", "ca-file");

	return ca ? ca : env_get(h->env, "SSL_CERT_FILE");
}

const char *download_ca_text(struct download *l)
{
	const struct value *v = config_find(&l->host->config, "network", "ca-file");
	const char *file = download_ca_file(l->host), *text;

	if (!file)
		return "the system's";
	text = v ? arena_printf(&l->s->arena, "'%s' (ca-file in %s)", file,
				origin_text(&l->s->arena, &v->origin))
		 : arena_printf(&l->s->arena, "'%s' (SSL_CERT_FILE)", file);
	return text ? text : "";
}

/* As Python and curl both read it: commas only, and no "*" before a domain. */
static const char *for_children(struct arena *a, const char *no_proxy)
{
	struct str out = STR_INIT;

	while (*no_proxy) {
		size_t n = strcspn(no_proxy, ", \t");
		bool wild = n > 2 && no_proxy[0] == '*' && no_proxy[1] == '.';

		if (n) {
			if (out.len)
				str_add_char(&out, ',');
			str_add_n(&out, no_proxy + wild, n - wild);
		}
		no_proxy += n;
		no_proxy += *no_proxy != '\0';
	}
	return str_to_arena(&out, a);
}

static bool set_each(struct arena *a, struct strlist *env, const char *const *names,
		     const char *value)
{
	bool ok = true;

	for (; ok && *names; names++)
		ok = env_set(a, env, *names, value);
	return ok;
}

static bool add_proxy(struct venv_session *s, struct strlist *env)
{
	/* pip's own setting would hold for the hosts of no_proxy as well. */
	static const char *const old[] = { "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
					   "PIP_PROXY", NULL };
	static const char *const set[] = { "http_proxy", "https_proxy", "all_proxy",
					   NULL };
	const char *proxy = config_text(&s->host->config, "network", "proxy");
	const char *direct;

	if (!download_no_proxy(s->host, &s->arena, &direct))
		return false;
	if (proxy && (!set_each(&s->arena, env, old, NULL) ||
		      !set_each(&s->arena, env, set, *proxy ? proxy : NULL)))
		return false;
	if (!direct)
		return true;
	direct = for_children(&s->arena, direct);
	return direct && env_set(&s->arena, env, "NO_PROXY", NULL) &&
	       env_set(&s->arena, env, "no_proxy", *direct ? direct : NULL);
}

static bool add_certificates(struct venv_session *s, struct strlist *env)
{
	static const char *const names[] = { "PIP_CERT", "SSL_CERT_FILE",
					     "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
					     NULL };
	const char *ca = config_text(&s->host->config, "network", "ca-file");
	const char *file = env_get(s->host->env, "SSL_CERT_FILE");

	if (ca)
		return set_each(&s->arena, env, names, ca);
	/* Which venvctl reads, and pip does not. What pip was told by name stays. */
	return !file || env_get(s->host->env, "PIP_CERT") ||
	       env_get(s->host->env, "REQUESTS_CA_BUNDLE") ||
	       env_get(s->host->env, "CURL_CA_BUNDLE") ||
	       env_set(&s->arena, env, "PIP_CERT", file);
}

bool network_of_children(struct venv_session *s, struct strlist *env)
{
	if (s->host->settings.offline && !env_set(&s->arena, env, "PIP_NO_INDEX", "1"))
		return false;
	return add_proxy(s, env) && add_certificates(s, env);
}
