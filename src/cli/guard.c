/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "guard.h"

#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

/* How the directory is called now. */
static void name_cwd(char *buf, size_t size)
{
	if (!getcwd(buf, size))
		*buf = '\0';
}

void guard_take(struct guard *g)
{
	const char *locale = setlocale(LC_ALL, NULL);

	g->mask = umask(0);
	umask(g->mask);
	name_cwd(g->cwd, sizeof(g->cwd));
	g->cwd_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	g->locale = strdup(locale ? locale : "C");
	sigprocmask(SIG_SETMASK, NULL, &g->blocked);
}

static bool mask_is_back(const struct guard *g)
{
	return umask(g->mask) == g->mask;
}

static bool cwd_is_back(const struct guard *g)
{
	char now[sizeof(g->cwd)];

	name_cwd(now, sizeof(now));
	if (!strcmp(now, g->cwd))
		return true;
	/* A plugin may have closed every descriptor there was. */
	if (g->cwd_fd < 0 || fchdir(g->cwd_fd))
		(void)!chdir(g->cwd);
	return false;
}

static bool locale_is_back(const struct guard *g)
{
	const char *now = setlocale(LC_ALL, NULL);

	if (!g->locale || (now && !strcmp(now, g->locale)))
		return true;
	setlocale(LC_ALL, g->locale);
	return false;
}

static bool signals_are_back(const struct guard *g)
{
	sigset_t now;

	sigprocmask(SIG_SETMASK, &g->blocked, &now);
	for (int n = 1; n < NSIG; n++) {
		if (sigismember(&now, n) != sigismember(&g->blocked, n))
			return false;
	}
	return true;
}

void guard_put_back(const struct guard *g, const char *who)
{
	const struct {
		bool (*is_back)(const struct guard *g);
		const char *name;
	} things[] = {
		{ mask_is_back, "the umask" },
		{ cwd_is_back, "the working directory" },
		{ locale_is_back, "the locale" },
		{ signals_are_back, "which signals are blocked" },
	};
	_cleanup_str_ struct str text = STR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(things); i++) {
		if (!things[i].is_back(g))
			str_addf(&text, "%s%s", text.len ? " and " : "", things[i].name);
	}
	if (text.len && ui_log_level() >= VENV_LOG_WARNING) {
		_cleanup_str_ struct str line = STR_INIT;

		str_addf(&line, "%s changed %s: put back", who, str_text(&text));
		ui_log(NULL, VENV_LOG_WARNING, str_text(&line));
	}
}
