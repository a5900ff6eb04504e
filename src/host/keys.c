/* SPDX-License-Identifier: MIT */
/* keys.c - keys of pyvenv.cfg that plugins and programs set */
#include <config.h>

#include <string.h>

#include "session.h"

static bool is_key(const char *key)
{
	return *key &&
	       key[strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] == '\0';
}

/* pyvenv.cfg is written already: write it once more, with KEY. */
static int add_to_cfg(struct host *h, const char *key, const char *value,
		      struct venv_error *err)
{
	struct cfg cfg = { .arena = &h->build.arena };
	int r = cfg_read(&cfg, h->build.tx.root);

	if (r)
		return error_errno(err, -r, "cannot read '%s'", CFG_FILE);
	r = cfg_set(&cfg, key, value, err);
	return r ? r : cfg_write(&cfg, h->build.tx.root, err);
}

/* What no key and no value of pyvenv.cfg can be. */
static int check_key(const char *key, const char *value, bool own, struct venv_error *err)
{
	if (!is_key(key) || own)
		return error_set(err, VENV_ERR_CONFIG,
				 "'%s' cannot be set as a key of pyvenv.cfg", key);
	if (!value || !*value || !cfg_is_value(value))
		return error_set(err, VENV_ERR_CONFIG,
				 "pyvenv.cfg cannot hold the value of '%s'", key);
	return 0;
}

int host_add_key(struct host *h, const char *key, const char *value,
		 struct venv_error *err)
{
	struct build *e = &h->build;
	const char *k = arena_strdup(&e->arena, key);
	const char *v = arena_strdup(&e->arena, value);
	int r = k && v ? cfg_set(&e->extra, k, v, err) : error_nomem(err);

	return !r && file_exists_at(e->tx.root, CFG_FILE) ? add_to_cfg(h, k, v, err) : r;
}

static int refuse_published(struct venv_error *err)
{
	return error_set(err, VENV_ERR_UNSUPPORTED,
			 "pyvenv.cfg cannot be changed after publication");
}

int session_config_set(struct venv_session *s, const char *key, const char *value,
		       struct venv_error *err)
{
	int r;

	if (s->host->build.published || s->closing)
		return refuse_published(err);
	r = check_key(key, value, cfg_is_own_key(key), err);
	if (r)
		return r;
	s->wrote = true;
	return host_add_key(s->host, key, value, err);
}

int host_config_set(struct host *h, const char *key, const char *value,
		    struct venv_error *err)
{
	bool own = cfg_is_own_key(key) && strcmp(key, "command") != 0;
	int r = check_key(key, value, own, err);
	const char *k, *v;

	if (r)
		return r;
	if (atomic_load(&h->work) != WORK_NONE)
		return h->build.published && !h->build.by_hand
			       ? refuse_published(err)
			       : host_add_key(h, key, value, err);
	h->own_cfg.arena = &h->arena;
	k = arena_strdup(&h->arena, key);
	v = arena_strdup(&h->arena, value);
	return k && v ? cfg_set(&h->own_cfg, k, v, err) : error_nomem(err);
}
