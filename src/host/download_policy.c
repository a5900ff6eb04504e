/* SPDX-License-Identifier: MIT */
/* download_policy.c - what may be downloaded, and how a refusal is told */
#include <config.h>

#include <errno.h>
#include <string.h>

#include "config/config.h"
#include "download.h"

static int refuse(struct download *l, const struct rule *rule, const char *key,
		  struct venv_error *err)
{
	l->s->refused = true;
	return error_set(err, VENV_ERR_CONFIG, "'%s' is refused by %s in %s:%u",
			 l->url.shown, key, rule->origin.name, rule->origin.line);
}

bool download_has_digest(const struct venv_download *d)
{
	return d->sha256 && d->sha256[0];
}

bool download_is_wanted(const struct venv_download *d, const char *digest)
{
	if (!download_has_digest(d))
		return true;
	for (const char *const *s = d->sha256; *s; s++) {
		if (!strcmp(*s, digest))
			return true;
	}
	return false;
}

static int check_digest_rule(struct download *l, struct venv_error *err)
{
	const struct policy *p = l->policy;

	if (!p || !p->require_sha256.number || download_has_digest(l->d))
		return 0;
	refuse(l, &p->require_sha256, "require-sha256", err);
	return error_hint(err, VENV_ERR_CONFIG,
			  "add its digest: sha256 = ... in [plugin:%s]",
			  l->s->step->instance);
}

int download_open_trusted(struct venv_session *s, const char *path,
			  struct venv_error *err)
{
	const struct policy *p = s->host->config.policy;
	int fd = trust_open(&s->host->config.trust, path, 0, VENV_ERR_CONFIG, NULL, err);

	/* A file that is not there is refused by no policy. */
	if (fd >= 0 || err->os_errno == ENOENT)
		return fd;
	s->refused = true;
	return p && p->require_sha256.number
		       ? error_prefix(err, fd,
				      "refused without a digest by require-sha256 in "
				      "%s:%u",
				      p->require_sha256.origin.name,
				      p->require_sha256.origin.line)
		       : fd;
}

struct fetch_rules download_rules(const struct policy *p)
{
	static const char *const none[] = { NULL };
	struct fetch_rules r = { NULL, NULL };

	if (p && p->allowed_hosts.set)
		r.allowed_hosts = p->allowed_hosts.items.v ? p->allowed_hosts.items.v
							   : none;
	if (p && p->http_hosts.set)
		r.http_hosts = p->http_hosts.items.v ? p->http_hosts.items.v : none;
	return r;
}

/*
 * Which file to name in a refusal: the first whose rule alone refuses the address.  LAST,
 * if only the rules of several files together do.
 */
static const struct origin *who_refuses(const struct download *l, const char *key,
					int status, const char *refused,
					const struct origin *last)
{
	const struct value *v = NULL;

	while ((v = policy_next(l->policy, key, v))) {
		struct fetch_rules rules = download_rules(l->policy);
		static const char *const none[] = { NULL };
		const char *const *items = v->items.n ? v->items.v : none;
		char message[FETCH_MESSAGE_SIZE];
		struct fetch_url url;

		if (status == FETCH_HOST)
			rules.allowed_hosts = items;
		else
			rules.http_hosts = items;
		if (l->m->check(refused, &rules, &url, message) == status)
			return &v->origin;
	}
	return last;
}

/* Which option has the address, and who set it: that is what has to be changed. */
static int name_option(struct download *l, const char *url, struct venv_error *err)
{
	const char *instance = l->s->step->instance;
	struct config *c = &l->host->config;
	const char *section = config_plugin_section(c, instance);
	const struct value *v = section ? config_section(c, section) : NULL;
	const struct value *found = NULL;

	for (; v; v = v->after) {
		for (size_t i = 0; i < v->items.n; i++) {
			/* What a placeholder became is not what is written there. */
			if (!strcmp(v->items.v[i], url) || strchr(v->items.v[i], '{'))
				found = v;
		}
	}
	return found ? error_prefix(err, VENV_ERR_CONFIG, "'%s.%s' in %s", instance,
				    found->key, origin_text(&l->s->arena, &found->origin))
		     : VENV_ERR_CONFIG;
}

/* What the module says, as an error with the rule that it is about. */
int download_error(struct download *l, int status, const char *url, const char *message,
		   struct venv_error *err)
{
	const struct policy *p = l->policy;
	const struct origin *who;

	switch (status) {
	case FETCH_CANCELLED:
		return error_set(err, VENV_ERR_CANCELLED, "%s", message);
	case FETCH_NETWORK:
		return error_set(err, VENV_ERR_NETWORK, "%s", message);
	case FETCH_INTEGRITY:
		return error_set(err, VENV_ERR_INTEGRITY, "%s", message);
	case FETCH_CERTIFICATE:
		error_set(err, VENV_ERR_INTEGRITY, "%s; trusted certificates: %s",
			  message, download_ca_text(l));
		if (!l->unknown_issuer)
			return VENV_ERR_INTEGRITY;
		return error_hint(
			err, VENV_ERR_INTEGRITY,
			"a site's own certificates are named by ca-file in [network]");
	case FETCH_BAD_URL:
		error_set(err, VENV_ERR_CONFIG, "%s", message);
		return name_option(l, url, err);
	case FETCH_HTTP:
		l->s->refused = true;
		if (p && p->http_hosts.set) {
			who = who_refuses(l, "http-hosts", status, url,
					  &p->http_hosts.origin);
			return error_set(err, VENV_ERR_CONFIG,
					 "%s by http-hosts in %s:%u", message, who->name,
					 who->line);
		}
		error_set(err, VENV_ERR_CONFIG, "%s", message);
		return error_hint(err, VENV_ERR_CONFIG,
				  "the site can allow it with http-hosts in [policy]");
	case FETCH_HOST:
		l->s->refused = true;
		who = who_refuses(l, "allowed-hosts", status, url,
				  &p->allowed_hosts.origin);
		return error_set(err, VENV_ERR_CONFIG, "%s by allowed-hosts in %s:%u",
				 message, who->name, who->line);
	case FETCH_NOMEM:
		return error_nomem(err);
	default:
		return error_set(err, VENV_ERR_FAILED, "%s", message);
	}
}

/* Whether policy lets it be fetched at all. */
int download_judge(struct download *l, struct venv_error *err)
{
	struct fetch_rules allowed = download_rules(l->policy);
	char message[FETCH_MESSAGE_SIZE];
	int r;

	l->m = module_get(&l->host->modules, MODULE_FETCH, err);
	if (!l->m)
		return VENV_ERR_UNSUPPORTED;
	r = l->m->check(l->d->url, &allowed, &l->url, message);
	return r ? download_error(l, r, l->d->url, message, err)
		 : check_digest_rule(l, err);
}

/* The value of an option as a plugin would see it; NULL if it has none. */
static const char *const *option_items(struct venv_session *s,
				       const struct venv_option *o)
{
	return s->host->services->option_list(s, o->name);
}

static int judge_url(struct venv_session *s, const char *url, const char *const *digests,
		     bool is_code, struct venv_error *err)
{
	struct venv_download d = { .struct_size = sizeof(d),
				   .flags = VENV_DOWNLOAD_TRY |
					    (is_code ? VENV_DOWNLOAD_CODE : 0),
				   .url = url,
				   .sha256 = digests };
	struct download l = {
		.s = s, .host = s->host, .d = &d, .policy = s->host->config.policy
	};
	int r = 0;

	if (!download_is_local(url))
		r = download_judge(&l, err);
	else if (is_code && !strchr(url, '{')) /* a placeholder is the plugin's to fill */
		r = download_get(s, &d, err);
	if (!r)
		return 0;
	/* As if a hook had asked for it. */
	r = session_error(s, r);
	if (err)
		err->code = r;
	return error_prefix(err, r, "plugin '%s'", s->step->instance);
}

/* With --no-pip or --no-setuptools such a plugin fetches nothing. */
static bool has_nothing_to_do(const struct host *h, const struct step *t)
{
	const struct strlist *provides = &t->file.note.provides;

	return (strlist_find(provides, "pip") >= 0 && !host_wants_pip(h)) ||
	       (strlist_find(provides, "setuptools") >= 0 &&
		strlist_find(provides, "pip") < 0 && !h->settings.setuptools);
}

const struct venv_option *host_address_option(const struct venv_option *options, size_t n,
					      const struct venv_option **digest)
{
	const struct venv_option *one = NULL, *list = NULL;

	*digest = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct venv_option *o = &options[i];

		if (o->type == VENV_OPTION_SHA256)
			*digest = o;
		else if (o->type == VENV_OPTION_URL || o->type == VENV_OPTION_LOCATION)
			*(o->flags & VENV_OPTION_LIST ? &list : &one) = o;
	}
	return !*digest ? NULL : one ? one : list;
}

/* The digests of addresses may be in the file of pins that `requirements` names. */
static int judge_step(struct host *h, struct step *t, struct venv_error *err)
{
	static const char *const in_file[] = { "", NULL }; /* some digest */
	struct venv_session s = { .host = h, .step = t };
	const struct venv_option *digest;
	const struct venv_option *o = host_address_option(t->plugin->table.options,
							  t->plugin->n_options, &digest);
	const char *const *urls = NULL, *const * digests;
	int r = 0;

	if (o && !has_nothing_to_do(h, t)) {
		bool list = o->flags & VENV_OPTION_LIST;

		urls = option_items(&s, o);
		digests = option_items(&s, digest);
		if (list && !(digests && *digests) &&
		    s.host->services->option(&s, "requirements"))
			digests = in_file;
		for (; !r && urls && *urls; urls++)
			r = judge_url(
				&s, *urls, digests,
				!list && (t->plugin->table.flags & VENV_PLUGIN_RUNS_CODE),
				err);
	}
	arena_release(&s.arena);
	return r;
}

int host_judge_downloads(struct host *h, struct venv_error *err)
{
	int r = 0;

	for (struct step *t = h->steps.first; !r && t; t = t->next) {
		if (t->plugin->table.flags & VENV_PLUGIN_NETWORK)
			r = judge_step(h, t, err);
	}
	return r;
}

int host_judge_address(struct host *h, const char *instance, const char *url,
		       const char *const *digests, struct venv_error *err)
{
	struct step t = { .instance = instance };
	struct venv_session s = { .host = h, .step = &t };
	struct venv_download d = { .struct_size = sizeof(d),
				   .flags = VENV_DOWNLOAD_TRY,
				   .url = url,
				   .sha256 = digests };
	struct download l = { .s = &s, .host = h, .d = &d, .policy = h->config.policy };
	int r = download_is_local(url) ? 0 : download_judge(&l, err);

	arena_release(&s.arena);
	return r;
}
