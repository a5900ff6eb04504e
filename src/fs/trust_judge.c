/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "trust_private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool good_owner(const struct trust *t, uid_t uid)
{
	if (uid == 0 || uid == geteuid())
		return true;
	for (size_t i = 0; i < t->n_users; i++) {
		if (t->users[i] == uid)
			return true;
	}
	return false;
}

static bool good_group(const struct trust *t, const struct stat *st)
{
	if (st->st_gid == 0 || st->st_gid == st->st_uid)
		return true;
	for (size_t i = 0; i < t->n_groups; i++) {
		if (t->groups[i] == st->st_gid)
			return true;
	}
	return false;
}

/* The number in FILE; -1 if there is none. */
static int64_t number_in(const char *file)
{
	struct str text = STR_INIT;
	int64_t n = -1;

	if (!file_read_at(AT_FDCWD, file, 4096, &text) && text.len)
		n = strtoll(text.s, NULL, 10);
	str_release(&text);
	return n;
}

/* Is there a root in this user namespace?  Its map has lines of INSIDE OUTSIDE COUNT. */
static bool has_root(void)
{
	struct str text = STR_INIT;
	bool found = file_read_at(AT_FDCWD, "/proc/self/uid_map", 65536, &text) != 0;

	for (const char *p = text.s; p && *p && !found; p = strchr(p, '\n')) {
		p += strspn(p, "\n");
		found = *p && !strtoull(p, NULL, 10);
	}
	str_release(&text);
	return found;
}

/*
 * In a user namespace without a root of its own (bubblewrap, firejail) whatever belongs to
 * root or to anybody else belongs to the overflow user.
 */
static bool is_unknown(const struct trust *t, uid_t uid)
{
	return !good_owner(t, uid) &&
	       number_in("/proc/sys/kernel/overflowuid") == (int64_t)uid && !has_root();
}

static int unknown_owner(struct walk *w, const char *name)
{
	error_set(w->err, w->code,
		  "'%s' is not trusted: nobody can tell here whether '%s' is root's",
		  w->asked, name);
	return error_hint(
		w->err, w->code,
		"map root (user 0) into this user namespace, or name no file that "
		"is not your own");
}

/*
 * What an administrator would do.  A file of the site is not given to whom it is refused, and a
 * directory, which may be somebody's home, is given to nobody.
 */
static int not_yours(struct walk *w, const char *name, uid_t uid, bool is_dir)
{
	char number[24];
	const char *who;

	/* The names of all are read for a message alone. */
	if (w->quick)
		return w->code;
	snprintf(number, sizeof(number), "%lu", (unsigned long)uid);
	who = account_name(w->t->arena, ACCOUNT_USER, uid);
	error_set(w->err, w->code,
		  "'%s' is not trusted: '%s' belongs to user %s%s%s%s, who is neither "
		  "root nor you",
		  w->asked, name, number, who ? " (" : "", who ? who : "",
		  who ? ")" : "");
	if (is_dir)
		return error_hint(w->err, w->code,
				  "move '%s' to a directory of root's, or let the site's "
				  "[policy] say trusted-users = %s",
				  w->asked, who ? who : number);
	return error_hint(w->err, w->code,
			  "as root, `chown -h root '%s'` if it is to be trusted, or let "
			  "the site's [policy] say trusted-users = %s",
			  name, who ? who : number);
}

/*
 * With an access control list the group bits of a mode are the list's mask: what it may
 * grant to anybody whom it names.
 */
static bool has_acl(const struct walk *w, const char *name)
{
#ifdef __linux__
	return w->quick || lgetxattr(name, "system.posix_acl_access", NULL, 0) > 0;
#else
	(void)name;
	return w->quick;
#endif
}

static bool is_sticky(const struct stat *st)
{
	return S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) && st->st_uid == 0;
}

int trust_judge(struct walk *w, const struct stat *st)
{
	const char *name = w->real.len ? str_text(&w->real) : "/";

	if (is_unknown(w->t, st->st_uid)) {
		/* The installation is as good as the program, which runs already. */
		if (!w->shallow || w->quick || (st->st_mode & (S_IWGRP | S_IWOTH)) ||
		    !faccessat(AT_FDCWD, name, W_OK, AT_EACCESS))
			return unknown_owner(w, name);
		return 0;
	}
	if (!good_owner(w->t, st->st_uid))
		return not_yours(w, name, st->st_uid, S_ISDIR(st->st_mode));
	if (is_sticky(st))
		return 0;
	if ((st->st_mode & S_IWOTH) ||
	    ((st->st_mode & S_IWGRP) && !good_group(w->t, st))) {
		const char *who = st->st_mode & S_IWOTH ? "others" : "its group";
		const char *group;

		if (w->quick)
			return w->code;
		group = account_name(w->t->arena, ACCOUNT_GROUP, st->st_gid);
		error_set(w->err, w->code,
			  "'%s' is not trusted: '%s' is writable by %s (mode %04o, owner "
			  "%lu)",
			  w->asked, name, who, (unsigned)(st->st_mode & 07777),
			  (unsigned long)st->st_uid);
		if (st->st_mode & S_IWOTH)
			return error_hint(w->err, w->code, "chmod go-w '%s'", name);
		if (group)
			return error_hint(w->err, w->code,
					  "chmod g-w '%s', or let the site's [policy] "
					  "say trusted-groups = %s",
					  name, group);
		return error_hint(w->err, w->code,
				  "chmod g-w '%s', or let the site's [policy] say "
				  "trusted-groups = %lu",
				  name, (unsigned long)st->st_gid);
	}
	if ((st->st_mode & S_IWGRP) && has_acl(w, name)) {
		error_set(w->err, w->code,
			  "'%s' is not trusted: '%s' may be written by whom its access "
			  "control list names",
			  w->asked, name);
		return error_hint(w->err, w->code, "setfacl -b '%s'", name);
	}
	return 0;
}

int trust_judge_link(struct walk *w, int dir, const char *name, uid_t uid)
{
	struct stat st;

	if (good_owner(w->t, uid) || (!fstat(dir, &st) && !is_sticky(&st)))
		return 0;
	str_add_char(&w->real, '/');
	str_add(&w->real, name);
	return str_failed(&w->real) ? error_nomem(w->err)
				    : not_yours(w, str_text(&w->real), uid, false);
}

bool trust_others_may_add(const struct trust *t, const char *dir)
{
	const struct walk w = { .quick = false };
	struct stat st;

	if (stat(dir, &st) || !S_ISDIR(st.st_mode))
		return false;
	return !good_owner(t, st.st_uid) || (st.st_mode & S_IWOTH) ||
	       ((st.st_mode & S_IWGRP) && (!good_group(t, &st) || has_acl(&w, dir)));
}
