/* SPDX-License-Identifier: MIT */
/* pip.c - what a user has set for pip, without what leads it out of the environment */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
#include "util/util.h"
#include "session.h"

/*
 * Settings with which `pip install` installs somewhere else, with another interpreter, or
 * not at all.
 */
static const char *const elsewhere[] = { "dry-run", "help",   "prefix", "python",
					 "root",    "target", "user",	"version" };

/* pip reads no case, "_" as "-", and takes the dashes of an option for none of its name. */
static bool leads_elsewhere(const char *name, size_t n)
{
	char key[16];

	if (n > 2 && name[0] == '-' && name[1] == '-') {
		name += 2;
		n -= 2;
	}
	if (n >= sizeof(key))
		return false;
	for (size_t i = 0; i < n; i++)
		key[i] = name[i] == '_'			    ? '-'
			 : name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] - 'A' + 'a')
							    : name[i];
	key[n] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++) {
		if (!strcmp(key, elsewhere[i]))
			return true;
	}
	return false;
}

bool pip_is_led_by(const char *entry)
{
	size_t n = strcspn(entry, "=");

	return n > 4 && !strncmp(entry, "PIP_", 4) && leads_elsewhere(entry + 4, n - 4);
}

/* An empty value is none, and hides what other files say. */
static void add_empties(struct str *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		str_addf(out, "%s =\n", elsewhere[i]);
}

/* The sections that `pip install` reads. */
static const char *const sections[] = { "[global]", "[install]" };

/* TEXT, a configuration file of pip, with these settings made empty. */
static void add_led(struct str *out, const char *text)
{
	bool seen[ARRAY_SIZE(sections)] = { false }, skips = false;
	size_t skipped = 0; /* the blanks before the key that is left out */

	while (*text) {
		size_t n = strcspn(text, "\n"), blanks = strspn(text, " \t");
		const char *key = text + blanks, *next = text + n + (text[n] == '\n');
		size_t len = blanks < n ? strcspn(key, "=:\n") : 0;

		while (len && (key[len - 1] == ' ' || key[len - 1] == '\t'))
			len--;
		skips = skips && (blanks > skipped || blanks >= n);
		if (!skips && leads_elsewhere(key, len)) {
			skips = true;
			skipped = blanks;
		}
		if (!skips) {
			str_add_n(out, text, n);
			str_add_char(out, '\n');
		}
		for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
			if (strncmp(text, sections[i], strlen(sections[i])) != 0)
				continue;
			seen[i] = true;
			add_empties(out);
		}
		text = next;
	}
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (seen[i])
			continue;
		str_addf(out, "%s\n", sections[i]);
		add_empties(out);
	}
}

int pip_lead(struct venv_session *s, struct strlist *env, struct venv_error *err)
{
	const char *asked = env_get(env->v, "PIP_CONFIG_FILE"), *dir, *path;
	_cleanup_str_ struct str theirs = STR_INIT, text = STR_INIT;
	_cleanup_close_ int fd = -1;
	int r;

	/* pip's --no-compile: its PIP_NO_COMPILE means the opposite of what it says. */
	if (!s->host->settings.compile && !env_set(&s->arena, env, "PIP_COMPILE", "0"))
		return error_nomem(err);
	/* Then pip reads no file at all. */
	if (asked && !strcmp(asked, "/dev/null"))
		return 0;
	if (asked && !(asked = path_absolute(&s->arena, s->host->cwd, asked)))
		return error_nomem(err);
	/* One that is not there, or not for us, is nothing to pip. */
	r = asked ? file_read_at(AT_FDCWD, asked, 1u << 20, &theirs) : 0;
	if (r && r != -ENOENT && r != -ENOTDIR && r != -EACCES && r != -EISDIR)
		return error_errno(err, -r, "cannot read '%s' (PIP_CONFIG_FILE)", asked);
	add_led(&text, str_text(&theirs));
	dir = session_temp_dir(s);
	if (!dir)
		return error_set(err, VENV_ERR_FAILED,
				 "cannot make a temporary directory");
	path = path_join(&s->arena, dir, "pip.conf");
	if (!path || str_failed(&text))
		return error_nomem(err);
	/* A file is made beside the one that it replaces: not in the current directory. */
	fd = tree_open_dir(AT_FDCWD, dir);
	r = fd < 0 ? -errno : file_replace_at(fd, "pip.conf", text.s, text.len, 0600);
	if (r)
		return error_errno(err, -r, "cannot write '%s'", path);
	return env_set(&s->arena, env, "PIP_CONFIG_FILE", path) ? 0 : error_nomem(err);
}
