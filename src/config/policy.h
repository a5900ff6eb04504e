/* SPDX-License-Identifier: MIT */
/*
 * policy.h - [policy]: what the site decides for everybody
 *
 * Honoured in SYSCONFDIR only.  Several files: required-plugins are joined in file
 * order, other lists intersect, numbers take the smallest, yes wins.  Every rule
 * knows its file and line, which a refusal names.
 */
#pragma once

#include "config.h"

struct rule {
	bool set;
	struct strlist items; /* of a list */
	int64_t number;	      /* of a number, or 1 for yes */
	struct origin origin; /* of a number, who decided; of a list, its last file */
};

struct policy {
	const struct value *first; /* as the files have it; others follow, not all ours */
	struct rule require_sha256;
	struct rule allowed_plugins;
	struct rule required_plugins;
	struct rule user_options;
	struct rule allowed_hosts;
	struct rule http_hosts;
	struct rule max_download;
	struct rule timeout;
	struct rule trusted_users;
	struct rule trusted_groups;
};

/* Take one key of [policy] in (its values were checked against the table). */
int policy_add(struct config *c, const struct value *v, struct venv_error *err);

/* After all files: resolve names of users and groups into C->trust. */
int policy_finish(struct config *c, struct venv_error *err);

/* 0 if a plugin or instance may run, else CONFIG naming the rule. */
int policy_allows_plugin(const struct config *c, const char *name,
			 struct venv_error *err);

/* The rule of a key of [policy]; NULL if it is none. */
struct rule *policy_rule(struct policy *p, const char *key);

/* What the next file says of a key, in file order; AFTER is NULL for the first. */
const struct value *policy_next(const struct policy *p, const char *key,
				const struct value *after);

/* True if the site requires it; with the origin of the first line that does. */
bool policy_requires_plugin(const struct config *c, const char *name,
			    const struct origin **origin);

/*
 * True if only the site says what NAME is: it defines or requires it, while
 * allowed-plugins or required-plugins is set; with the line and key of that rule.
 */
bool policy_fixes_instance(const struct config *c, const char *name,
			   const struct origin **origin, const char **key);

/*
 * 0 if nothing outside SYSCONFDIR changes an instance of the site against its
 * policy; else CONFIG naming the value's origin and the rule.
 */
int policy_check_instance(const struct config *c, const char *name,
			  struct venv_error *err);
