/* SPDX-License-Identifier: MIT */
/* config_values.c - config check: what the values of venvctl's own options name */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config_cmd.h"
#include "fs/fs.h"
#include "store/store.h"

/* Where a shell would expand something in TEXT, what that is called; NULL: nowhere. */
static const char *unexpanded(const char *text)
{
	if (*text == '~')
		return "'~' is not expanded";
	for (const char *p = text; (p = strchr(p, '$')); p++) {
		char next = (char)(p[1] | 0x20);

		if (p[1] == '{' || p[1] == '(' || p[1] == '_' ||
		    (next >= 'a' && next <= 'z'))
			return "variables are not expanded: '$' stands for itself";
	}
	return NULL;
}

void check_text(struct checking *x, const struct value *v, const char *text)
{
	const char *why = unexpanded(text);

	/* Not what it is: it may be half of a secret. */
	if (why)
		check_warn(x, &v->origin, NULL, "'%s': %s", v->key, why);
}

bool check_is_there(struct checking *x, const struct value *v, const char *path)
{
	struct venv_error err = VENV_ERROR_INIT;
	const char *why;

	if (!access(path, R_OK))
		return true;
	error_errno(&err, errno, "'%s' names '%s'", v->key, path);
	why = unexpanded(path);
	if (why)
		error_hint(&err, err.code, "%s", why);
	else if (strchr(path, ':') || strchr(path, ','))
		error_hint(&err, err.code,
			   "in a file blanks separate the items of a list");
	check_fault(x, v, &err);
	return false;
}

static void check_path(struct checking *x, const struct value *v, const char *path)
{
	if (check_is_there(x, v, path))
		check_access(x, &v->origin, true, v->key, path);
}

/* It is made, in a directory that has to be there. */
static void check_log_file(struct checking *x, const struct value *v, const char *path)
{
	const char *dir = path_dir(&x->arena, path);

	if (dir && check_is_there(x, v, dir))
		check_log_access(x, &v->origin, path, dir);
}

static void check_site_dir(struct checking *x, const struct value *v, const char *path)
{
	struct venv_error err = VENV_ERROR_INIT;

	if (store_check_site(path, &err))
		check_fault(x, v, &err);
	else
		/* Creates go on without it. */
		check_access(x, &v->origin, false, v->key, path);
}

/* A directory in which no plugin is looked for, or none that is there would run. */
static void check_plugin_dir(struct checking *x, const struct value *v, const char *path)
{
	struct venv_error err = VENV_ERROR_INIT;
	_cleanup_close_ int fd = -1;

	if (!check_is_there(x, v, path))
		return;
	fd = trust_open(&x->c->trust, path, TRUST_DIRECTORY, VENV_ERR_CONFIG, NULL, &err);
	if (fd < 0)
		check_fault(x, v, &err);
	else if (check_access(x, &v->origin, false, v->key, path))
		check_plugin_files(x, &v->origin, path);
}

/* Creates pass it over: what is theirs is not trusted. */
static void check_account(struct checking *x, const struct value *v, const char *name)
{
	bool group = !strcmp(v->key, "trusted-groups");
	int64_t id = account_find(group ? ACCOUNT_GROUP : ACCOUNT_USER, name);
	struct venv_error err = VENV_ERROR_INIT;

	if (id == -ENOMEM) {
		error_nomem(&err);
		check_fault(x, v, &err);
	} else if (id < 0) {
		check_warn(x, &v->origin, "accounts of a network are given by number",
			   "'%s' names '%s': there is no such %s in %s", v->key, name,
			   group ? "group" : "user",
			   group ? "/etc/group" : "/etc/passwd");
	}
}

/* Interpreters, of which the first that is there is taken. */
static void check_pythons(struct checking *x, const struct value *v)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct python_env pe;
	struct python found;

	builder_python_env(x->b, &pe);
	if (v->items.n && python_find_first(&pe, &v->items, &found, &err))
		check_fault(x, v, &err);
	else if (v->items.n)
		check_program_access(x, &v->origin, v->key, found.executable);
}

static void check_value(struct checking *x, const struct option_def *o,
			const struct value *v)
{
	static const struct {
		const char *key;
		void (*check)(struct checking *x, const struct value *v,
			      const char *path);
	} special[] = { { "log-file", check_log_file },
			{ "site-dir", check_site_dir },
			{ "plugin-path", check_plugin_dir },
			{ "ca-file", check_ca_file },
			{ "proxy", check_proxy },
			{ "trusted-users", check_account },
			{ "trusted-groups", check_account } };
	void (*check)(struct checking *, const struct value *, const char *) = NULL;

	if (o->def.type == VENV_OPTION_PATH)
		check = check_path;
	else if (o->def.type == VENV_OPTION_STRING)
		check = check_text;
	for (size_t i = 0; i < ARRAY_SIZE(special); i++) {
		if (!strcmp(special[i].key, o->def.name))
			check = special[i].check;
	}
	for (size_t i = 0; check && i < v->items.n; i++) {
		/* What `+=` has from elsewhere is looked at there. */
		if (value_origin(v, i)->name == v->origin.name)
			check(x, v, v->items.v[i]);
	}
	if (!strcmp(o->def.name, "python"))
		check_pythons(x, v);
	for (size_t i = 0; !strcmp(o->def.name, "pass-env") && i < v->items.n; i++) {
		if (strchr(v->items.v[i], ','))
			check_warn(x, &v->origin, NULL,
				   "'%s' is one name for '%s': in a file blanks separate "
				   "the items of a list",
				   v->items.v[i], v->key);
	}
}

/* A rule without items refuses all that there is. */
static void check_empty_rule(struct checking *x, const struct value *v)
{
	static const char *const nothing[][2] = {
		{ "allowed-plugins", "no plugin may run" },
		{ "allowed-hosts", "nothing may be downloaded" },
	};

	if (v->items.n || !v->origin.line || strcmp(v->section, "policy") != 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++) {
		if (!strcmp(nothing[i][0], v->key)) {
			check_warn(x, &v->origin, NULL, "'%s' is empty: %s", v->key,
				   nothing[i][1]);
			return;
		}
	}
	check_warn(x, &v->origin, NULL, "'%s' is empty and changes nothing", v->key);
}

/* Is ITEM, HOST or HOST:PORT, met where the rule RULE allows hosts? */
static bool is_met(const struct rule *rule, const char *item)
{
	const char *port = *item == '[' ? strstr(item, "]:") : strchr(item, ':');
	size_t n = port ? (size_t)(port - item) + (*port == ']') : strlen(item);

	for (size_t i = 0; i < rule->items.n; i++) {
		const char *allowed = rule->items.v[i];

		if (!strncasecmp(allowed, item, n) &&
		    (!allowed[n] ||
		     (allowed[n] == ':' && (!port || !strcmp(allowed + n, item + n)))))
			return true;
	}
	return false;
}

/* Hosts for which plain http is allowed, and from which nothing may come. */
static void check_http_hosts(struct checking *x)
{
	const struct policy *p = x->c->policy;

	for (size_t i = 0; p && p->allowed_hosts.set && i < p->http_hosts.items.n; i++) {
		const char *item = p->http_hosts.items.v[i];

		if (!is_met(&p->allowed_hosts, item))
			check_warn(x, &p->http_hosts.origin, NULL,
				   "http-hosts has '%s', which allowed-hosts in %s does "
				   "not allow",
				   item,
				   origin_text(&x->arena, &p->allowed_hosts.origin));
	}
}

void check_values(struct checking *x)
{
	size_t n;
	const struct option_def *t = options_table(&n);

	check_config_access(x);
	for (size_t i = 0; i < n; i++) {
		if (!(t[i].use & OPTION_CONF))
			continue;
		for (const struct value *v = config_section(x->c, t[i].section); v;
		     v = v->after) {
			if (strcmp(v->key, t[i].def.name) != 0)
				continue;
			check_value(x, &t[i], v);
			check_empty_rule(x, v);
		}
	}
	check_http_hosts(x);
}
