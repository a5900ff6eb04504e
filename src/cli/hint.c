/* SPDX-License-Identifier: MIT */
/* hint.c - after a create: how to activate in the shell that the user types into */
#include <config.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/fs.h"
#include "util/util.h"
#include "cli.h"
#include "steps/steps.h"

static const struct shell {
	const char *name; /* of the program */
	enum language language;
	unsigned activator;
	const char *script;
} shells[] = {
	{ "sh", LANGUAGE_SH, ACTIVATE_SH, "activate" },
	{ "ash", LANGUAGE_SH, ACTIVATE_SH, "activate" },
	{ "bash", LANGUAGE_SH, ACTIVATE_SH, "activate" },
	{ "busybox", LANGUAGE_SH, ACTIVATE_SH, "activate" },
	{ "dash", LANGUAGE_SH, ACTIVATE_SH, "activate" },
	{ "ksh", LANGUAGE_SH, ACTIVATE_SH, "activate" },
	{ "ksh93", LANGUAGE_SH, ACTIVATE_SH, "activate" },
	{ "mksh", LANGUAGE_SH, ACTIVATE_SH, "activate" },
	{ "yash", LANGUAGE_SH, ACTIVATE_SH, "activate" },
	{ "zsh", LANGUAGE_SH, ACTIVATE_SH, "activate" },
	{ "csh", LANGUAGE_CSH, ACTIVATE_CSH, "activate.csh" },
	{ "bsd-csh", LANGUAGE_CSH, ACTIVATE_CSH, "activate.csh" },
	{ "tcsh", LANGUAGE_CSH, ACTIVATE_CSH, "activate.csh" },
	{ "fish", LANGUAGE_FISH, ACTIVATE_FISH, "activate.fish" },
	{ "pwsh", LANGUAGE_POWERSHELL, ACTIVATE_POWERSHELL, "Activate.ps1" },
	{ "nu", LANGUAGE_NUSHELL, ACTIVATE_NUSHELL, "activate.nu" },
	{ "xonsh", LANGUAGE_XONSH, ACTIVATE_XONSH, "activate.xsh" },
};

static const struct shell *find_shell(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (!strcmp(shells[i].name, name))
			return &shells[i];
	}
	return NULL;
}

/*
 * The parent, if it is a shell: SHELL is what one logs in with, and stays when another
 * is started from there.  Where the parent is none (sudo, make, no /proc) SHELL has to do.
 */
static const struct shell *users_shell(void)
{
	_cleanup_str_ struct str name = STR_INIT, path = STR_INIT;
	const struct shell *found = NULL;
	const char *login = getenv("SHELL"), *slash;

	str_addf(&path, "/proc/%ld/comm", (long)(ui.parent ? ui.parent : getppid()));
	if (!str_failed(&path) && !file_read_at(AT_FDCWD, str_text(&path), 256, &name) &&
	    !str_failed(&name)) {
		/* It ends with a line end, and names what was started, not its path. */
		name.s[strcspn(name.s, "\n")] = '\0';
		found = find_shell(name.s);
	}
	if (found || !login)
		return found;
	slash = strrchr(login, '/');
	return find_shell(slash ? slash + 1 : login);
}

/* The version of pip that lies in the environment; "" if there is none. */
static void add_pip(struct str *out, const char *site)
{
	_cleanup_dir_ DIR *d = opendir(site);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (!strncmp(e->d_name, "pip-", 4) && n > 14 &&
		    !strcmp(e->d_name + n - 10, ".dist-info"))
			str_addf(out, ", pip %.*s", (int)n - 14, e->d_name + 4);
	}
}

void hint_made(const struct report *r, const char *dir)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (ui.level != UI_NORMAL || !r->changed || !r->context || !ui_is_terminal())
		return;
	str_addf(&text, "%s '%s': %s %s", r->settings->upgrade ? "upgraded" : "created",
		 dir, python_implementation(r->python), r->python_version);
	add_pip(&text, r->context->lib_path);
	if (!str_failed(&text))
		ui_line(str_text(&text));
}

void hint_activate(const struct report *r)
{
	_cleanup_str_ struct str command = STR_INIT, shown = STR_INIT;
	const struct shell *s;
	struct script_values v;

	if (ui.level <= UI_QUIET || !r->changed || !r->context || !ui_is_terminal())
		return;
	s = users_shell();
	if (!s || !(r->settings->activators & s->activator))
		return;
	v = (struct script_values){ .dir = r->context->env_dir,
				    .bin_name = r->context->bin_name };
	scripts_add_command(&command, s->language, s->script, &v);
	/* A line that a terminal cannot show as it is would be wrong when typed. */
	utf8_add_shown(&shown, str_text(&command));
	if (str_failed(&command) || str_failed(&shown) ||
	    strcmp(str_text(&command), str_text(&shown)) != 0)
		return;
	ui_hint("activate it with", str_text(&command));
}
