/* SPDX-License-Identifier: MIT */
/*
 * accounts.c - users and groups, as /etc/passwd and /etc/group have them
 *
 * Not getpwnam(): name services load code and talk to networks, and this runs in every create
 * of a site that trusts somebody.  Whoever is in LDAP alone can be named by number.
 */
#include <config.h>

#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX (16u << 20)

static const char *file_of(enum account_kind kind)
{
	return kind == ACCOUNT_USER ? "/etc/passwd" : "/etc/group";
}

/* The third field of a line, NAME:PASSWORD:NUMBER:..., of which NAME is NAME_LEN long. */
static int64_t number_of(const char *line, size_t name_len)
{
	const char *colon = line[name_len] == ':' ? strchr(line + name_len + 1, ':')
						  : NULL;

	if (!colon || memchr(line, '\n', (size_t)(colon - line)))
		return -1;
	return account_number(colon + 1, strspn(colon + 1, "0123456789"));
}

int64_t account_number(const char *text, size_t len)
{
	char copy[16];
	long long n;

	if (!len || len > 10 || strspn(text, "0123456789") < len)
		return -1;
	snprintf(copy, sizeof(copy), "%.*s", (int)len, text);
	n = strtoll(copy, NULL, 10);
	/* The last one stands for "none" in system calls. */
	return n < UINT32_MAX ? n : -1;
}

int64_t account_find(enum account_kind kind, const char *name)
{
	size_t len = strlen(name);
	struct str text = STR_INIT;
	int64_t id = account_number(name, len);
	int r = id < 0 ? file_read_at(AT_FDCWD, file_of(kind), FILE_MAX, &text) : 0;

	for (const char *p = str_text(&text); id < 0 && !r && *p;) {
		if (!strncmp(p, name, len))
			id = number_of(p, len);
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	str_release(&text);
	return r == -ENOMEM ? r : id;
}

const char *account_name(struct arena *a, enum account_kind kind, uint32_t number)
{
	struct str text = STR_INIT;
	const char *name = NULL;

	if (!file_read_at(AT_FDCWD, file_of(kind), FILE_MAX, &text)) {
		for (const char *p = str_text(&text); !name && *p;) {
			size_t len = strcspn(p, ":\n");

			/* What a configuration would read as something else is not proposed. */
			if (len && number_of(p, len) == (int64_t)number &&
			    account_number(p, len) < 0 && !memchr(p, ' ', len))
				name = arena_strndup(a, p, len);
			p += strcspn(p, "\n");
			p += *p == '\n';
		}
	}
	str_release(&text);
	return name;
}
