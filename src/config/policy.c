/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fs/fs.h"
#include "ini.h"

struct rule *policy_rule(struct policy *p, const char *key)
{
	const struct {
		const char *key;
		struct rule *rule;
	} rules[] = {
		{ "require-sha256", &p->require_sha256 },
		{ "allowed-plugins", &p->allowed_plugins },
		{ "required-plugins", &p->required_plugins },
		{ "user-options", &p->user_options },
		{ "allowed-hosts", &p->allowed_hosts },
		{ "http-hosts", &p->http_hosts },
		{ "max-download", &p->max_download },
		{ "timeout", &p->timeout },
		{ "trusted-users", &p->trusted_users },
		{ "trusted-groups", &p->trusted_groups },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (!strcmp(rules[i].key, key))
			return rules[i].rule;
	}
	return NULL;
}

const struct value *policy_next(const struct policy *p, const char *key,
				const struct value *after)
{
	for (const struct value *v = after ? after->next : p->first; v; v = v->next) {
		if (!strcmp(v->section, "policy") && !strcmp(v->key, key))
			return v;
	}
	return NULL;
}

/* The first file whose list of KEY has ITEM, or else (not LISTED) has it not. */
static const struct origin *who_says(const struct policy *p, const char *key,
				     const char *item, bool listed)
{
	const struct value *v = NULL;

	while ((v = policy_next(p, key, v))) {
		if ((strlist_find(&v->items, item) >= 0) == listed)
			return &v->origin;
	}
	return NULL;
}

/* Join adds what is new, otherwise only what both have stays. */
static int merge(struct config *c, struct rule *rule, const struct strlist *items,
		 bool join, struct venv_error *err)
{
	struct strlist out = STRLIST_INIT;
	const struct strlist *from = join || !rule->set ? items : &rule->items;

	if (join) {
		for (size_t i = 0; i < rule->items.n; i++) {
			if (!strlist_add(&c->arena, &out, rule->items.v[i]))
				return error_nomem(err);
		}
	}
	for (size_t i = 0; i < from->n; i++) {
		bool keep = join ? strlist_find(&out, from->v[i]) < 0
				 : !rule->set || strlist_find(items, from->v[i]) >= 0;

		if (keep && !strlist_add(&c->arena, &out, from->v[i]))
			return error_nomem(err);
	}
	rule->items = out;
	return 0;
}

/*
 * What could never match anything is a mistake: "a, b" for "a b", a path for a name.
 * A path would moreover be looked up in whatever directory a create is started in.
 */
static int check_names(const struct value *v, bool with_key, struct venv_error *err)
{
	for (size_t i = 0; i < v->items.n; i++) {
		const char *item = v->items.v[i];
		const char *dot = with_key ? strchr(item, '.') : NULL;
		size_t n = dot ? (size_t)(dot - item) : strlen(item);
		char name[40];

		snprintf(name, sizeof(name), "%.*s", (int)(n < 39 ? n : 39), item);
		if (!option_is_name(name) ||
		    (with_key && (!dot || !ini_is_name(dot + 1, strlen(dot + 1)))))
			return error_set(err, VENV_ERR_CONFIG,
					 "'%s' is no value for '%s': expected %s", item,
					 v->key,
					 with_key ? "NAME.KEY" : "the name of a plugin");
	}
	return 0;
}

static bool is_account_name(const char *name)
{
	return *name && !strpbrk(name, ":,/") && *name != '+' && *name != '-';
}

/* Nobody can be called so: "dana,eve" for "dana eve". */
static int check_accounts(const struct value *v, struct venv_error *err)
{
	for (size_t i = 0; i < v->items.n; i++) {
		if (is_account_name(v->items.v[i]))
			continue;
		error_set(err, VENV_ERR_CONFIG,
			  "'%s' is no value for '%s': expected a name or a number",
			  v->items.v[i], v->key);
		return error_hint(err, VENV_ERR_CONFIG,
				  "blanks separate the items of a list");
	}
	return 0;
}

int policy_add(struct config *c, const struct value *v, struct venv_error *err)
{
	struct rule *rule;
	int64_t number = 0;
	int r = 0;

	if (!c->policy) {
		c->policy = arena_alloc(&c->arena, sizeof(*c->policy));
		if (!c->policy)
			return error_nomem(err);
		c->policy->first = v;
	}
	rule = policy_rule(c->policy, v->key);
	if (rule == &c->policy->require_sha256) {
		number = option_bool(v->items.v[0]);
		if (!rule->set || number > rule->number) {
			rule->number = number;
			rule->origin = v->origin;
		}
	} else if (rule == &c->policy->max_download || rule == &c->policy->timeout) {
		number = strtoll(v->items.v[0], NULL, 10);
		if (!rule->set || number < rule->number) {
			rule->number = number;
			rule->origin = v->origin;
		}
	} else {
		bool join = rule == &c->policy->required_plugins;

		if (join || rule == &c->policy->allowed_plugins)
			r = check_names(v, false, err);
		else if (rule == &c->policy->user_options)
			r = check_names(v, true, err);
		else if (rule == &c->policy->trusted_users ||
			 rule == &c->policy->trusted_groups)
			r = check_accounts(v, err);
		if (!r)
			r = merge(c, rule, &v->items, join, err);
		rule->origin = v->origin;
	}
	rule->set = true;
	return r;
}

/*
 * Whom the site names and nobody is (any more) is trusted for nothing; that one person left is
 * no reason to end the creates of all others.
 */
static int find_ids(struct config *c, const struct rule *rule, enum account_kind kind,
		    const uint32_t **ids, size_t *n, struct venv_error *err)
{
	uint32_t *out = arena_alloc(&c->arena, (rule->items.n + 1) * sizeof(*out));

	if (!out)
		return error_nomem(err);
	*n = 0;
	for (size_t i = 0; i < rule->items.n; i++) {
		const char *name = rule->items.v[i];
		int64_t id = account_find(kind, name);

		if (id == -ENOMEM)
			return error_nomem(err);
		if (id >= 0)
			out[(*n)++] = (uint32_t)id;
		else
			log_info(c->log, "%s: there is no %s '%s': passing it over",
				 origin_text(&c->arena, &rule->origin),
				 kind == ACCOUNT_USER ? "user" : "group", name);
	}
	*ids = out;
	return 0;
}

int policy_finish(struct config *c, struct venv_error *err)
{
	int r;

	_Static_assert(sizeof(uid_t) == sizeof(uint32_t) &&
			       sizeof(gid_t) == sizeof(uint32_t),
		       "ids have 32 bits");
	if (!c->policy)
		return 0;
	r = find_ids(c, &c->policy->trusted_users, ACCOUNT_USER, &c->trust.users,
		     &c->trust.n_users, err);
	if (r)
		return r;
	return find_ids(c, &c->policy->trusted_groups, ACCOUNT_GROUP, &c->trust.groups,
			&c->trust.n_groups, err);
}

const struct origin *policy_refuses_plugin(const struct config *c, const char *name)
{
	const struct rule *rule = c->policy ? &c->policy->allowed_plugins : NULL;

	if (!rule || !rule->set || strlist_find(&rule->items, name) >= 0 ||
	    policy_requires_plugin(c, name, NULL))
		return NULL;
	return who_says(c->policy, "allowed-plugins", name, false);
}

int policy_allows_plugin(const struct config *c, const char *name, struct venv_error *err)
{
	const struct origin *who = policy_refuses_plugin(c, name);

	return who ? error_set(
			     err, VENV_ERR_CONFIG,
			     "plugin '%s' is not allowed: allowed-plugins in %s:%u does "
			     "not list it",
			     name, who->name, who->line)
		   : 0;
}

bool policy_requires_plugin(const struct config *c, const char *name,
			    const struct origin **origin)
{
	const struct policy *p = c->policy;
	const struct origin *who = p ? who_says(p, "required-plugins", name, true) : NULL;

	if (who && origin)
		*origin = who;
	return who;
}

/* True if user-options lists NAME.KEY. */
static bool is_user_option(const struct policy *p, const char *name, const char *key)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < p->user_options.items.n; i++) {
		const char *item = p->user_options.items.v[i];

		if (!strncmp(item, name, n) && item[n] == '.' &&
		    !strcmp(item + n + 1, key))
			return true;
	}
	return false;
}

static bool is_of_instance(const struct value *v, const char *name)
{
	return !strncmp(v->section, "plugin:", 7) && !strcmp(v->section + 7, name);
}

bool policy_fixes_instance(const struct config *c, const char *name,
			   const struct origin **origin, const char **key)
{
	const struct policy *p = c->policy;

	if (policy_requires_plugin(c, name, origin)) {
		*key = "required-plugins";
		return true;
	}
	if (!p || (!p->allowed_plugins.set && !p->required_plugins.set))
		return false;
	*key = p->allowed_plugins.set ? "allowed-plugins" : "required-plugins";
	*origin = p->allowed_plugins.set ? &p->allowed_plugins.origin
					 : &p->required_plugins.origin;
	for (const struct value *v = c->values; v; v = v->next) {
		if (v->origin.layer == LAYER_SITE && is_of_instance(v, name))
			return true;
	}
	return false;
}

/*
 * An allowed name must not be a cover for another plugin: what a user makes it an
 * instance of has to be allowed itself.
 */
static int check_use(const struct config *c, const char *name, struct venv_error *err)
{
	char section[64];
	const struct value *use;
	int r;

	snprintf(section, sizeof(section), "plugin:%s", name);
	use = config_find(c, section, "use");
	if (!use || use->origin.layer <= LAYER_SITE || !use->items.n)
		return 0;
	r = policy_allows_plugin(c, use->items.v[0], err);
	return r ? error_prefix(err, r, "'%s' uses the plugin '%s'", name,
				use->items.v[0])
		 : 0;
}

int policy_check_instance(const struct config *c, const char *name,
			  struct venv_error *err)
{
	const struct policy *p = c->policy;
	const struct origin *who;
	const char *key;

	if (!policy_fixes_instance(c, name, &who, &key))
		return check_use(c, name, err);
	for (const struct value *v = c->values; v; v = v->next) {
		struct arena a = ARENA_INIT;

		if (v->origin.layer <= LAYER_SITE || !is_of_instance(v, name) ||
		    is_user_option(p, name, v->key))
			continue;
		error_set(err, VENV_ERR_CONFIG,
			  "%s: '%s.%s' is the site's: it is fixed by %s in %s:%u",
			  origin_text(&a, &v->origin), name, v->key, key, who->name,
			  who->line);
		arena_release(&a);
		return VENV_ERR_CONFIG;
	}
	return 0;
}
