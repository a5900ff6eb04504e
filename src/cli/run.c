/* SPDX-License-Identifier: MIT */
/*
 * run.c - venvctl run: a command in an environment, without a shell
 *
 * This process becomes the command, as env(1) does: its status is the command's own.
 */
#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "environment/environment.h"
#include "fs/fs.h"

/* As of env(1), nohup(1) and others; the first is for what is wrong before. */
enum { RUN_FAILED = 125, RUN_CANNOT = 126, RUN_NOT_FOUND = 127 };

#define NO_INTERPRETER (-1)

static int failed(struct venv_error *err)
{
	ui_error(err);
	venv_error_clear(err);
	return RUN_FAILED;
}

/* Options end at the first word that is none: the rest is the command's. */
static int parse(char **argv, const char **env_dir, char ***command)
{
	for (argv++; *argv && **argv == '-'; argv++) {
		if (!strcmp(*argv, "--")) {
			argv++;
			break;
		}
		if (!strcmp(*argv, "--help") || !strcmp(*argv, "-h")) {
			usage_command(commands_find("run"));
			exit(ui_finish(EXIT_OK) ? RUN_FAILED : EXIT_OK);
		}
		if (!strncmp(*argv, "--env=", 6)) {
			*env_dir = *argv + 6;
		} else if (!strcmp(*argv, "--env") && argv[1]) {
			*env_dir = *++argv;
		} else if (!strcmp(*argv, "--env")) {
			ui_usage(NULL, "the option '--env' needs a value");
			return RUN_FAILED;
		} else {
			ui_usage("options of the command stand behind it",
				 "'run' has no option '%.*s'", (int)strcspn(*argv, "="),
				 *argv);
			return RUN_FAILED;
		}
	}
	if (!*argv) {
		ui_usage("venvctl run python", "COMMAND is missing");
		return RUN_FAILED;
	}
	*command = argv;
	return EXIT_OK;
}

/* One in which nothing would run as it is meant to: another Python may be found instead. */
static int check(const struct environment *e, struct venv_error *err)
{
	if (e->half_built) {
		error_set(err, VENV_ERR_CONFLICT,
			  "'%s' is half-built: a create was killed, or is at work",
			  e->given);
		return error_hint(err, VENV_ERR_CONFLICT,
				  "the next `venvctl create` puts it right");
	}
	if (strchr(e->dir, ':'))
		return error_set(err, VENV_ERR_CONFLICT,
				 "PATH cannot hold '%s', which has a ':'", e->dir);
	if (!e->executable || access(e->executable, X_OK)) {
		error_set(err, VENV_ERR_CONFLICT, "the interpreter of '%s' is gone",
			  e->given);
		return error_hint(err, VENV_ERR_CONFLICT,
				  "`venvctl upgrade -p SPEC` gives it another one");
	}
	return 0;
}

/* What activation sets, but for the prompt of a shell. */
static int set_variables(const struct environment *e, struct arena *a)
{
	const char *bin = path_join(a, e->dir, "bin"), *path = getenv("PATH");
	size_t n = bin ? strlen(bin) : 0;

	if (!bin)
		return -1;
	/* Activated already: once is enough. */
	if (path && *path && strncmp(path, bin, n) != 0)
		path = arena_printf(a, "%s:%s", bin, path);
	else if (!path || !*path)
		path = bin;
	else if (path[n] && path[n] != ':')
		path = arena_printf(a, "%s:%s", bin, path);
	if (!path || setenv("PATH", path, 1) || setenv("VIRTUAL_ENV", e->dir, 1) ||
	    setenv("VIRTUAL_ENV_PROMPT", e->prompt ? e->prompt : "", 1) ||
	    unsetenv("PYTHONHOME"))
		return -1;
	return 0;
}

/* Become PATH; why that failed: an errno, or NO_INTERPRETER. */
static int become(const char *path, char **argv)
{
	struct stat st;
	int errnum;

	execv(path, argv);
	errnum = errno;
	/* It is there: what is not is the program of its #! line. */
	if (errnum == ENOENT && !stat(path, &st))
		return NO_INTERPRETER;
	return errnum;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* As execvp() looks for it, but that what is no program is not given to a shell. */
static int look_on_path(char **argv, struct arena *a)
{
	int found = ENOENT;

	for (const char *dir = getenv("PATH"); dir;) {
		size_t n = strcspn(dir, ":");
		const char *path = n ? arena_printf(a, "%.*s/%s", (int)n, dir, argv[0])
				     : arena_printf(a, "./%s", argv[0]);
		int errnum = path ? become(path, argv) : ENOMEM;

		/* execve() says that of a directory, too. */
		if (errnum == EACCES && !is_directory(path))
			found = EACCES;
		else if (errnum != EACCES && errnum != ENOENT && errnum != ENOTDIR)
			return errnum;
		dir = dir[n] ? dir + n + 1 : NULL;
	}
	return found;
}

static int run(char **argv, struct arena *a)
{
	struct venv_error err = VENV_ERROR_INIT;
	int errnum = !*argv[0]		    ? ENOENT
		     : strchr(argv[0], '/') ? become(argv[0], argv)
					    : look_on_path(argv, a);

	if (errnum == ENOMEM) {
		error_nomem(&err);
		return failed(&err);
	}
	if (errnum == NO_INTERPRETER) {
		error_set(&err, VENV_ERR_FAILED,
			  "cannot run '%s': the program that its '#!' line names is gone",
			  argv[0]);
		error_hint(&err, VENV_ERR_FAILED,
			   "if the environment was moved, `venvctl upgrade` has its "
			   "scripts follow");
	} else {
		error_errno(&err, errnum, "cannot run '%s'", argv[0]);
	}
	ui_error(&err);
	venv_error_clear(&err);
	return errnum == ENOENT || errnum == ENOTDIR ? RUN_NOT_FOUND : RUN_CANNOT;
}

int cmd_run(int argc, char **argv)
{
	struct venv_error err = VENV_ERROR_INIT;
	struct arena a = ARENA_INIT;
	struct environment e;
	const char *given = NULL;
	char **command, *cwd = getcwd(NULL, 0);
	const struct python_env pe = { .arena = &a,
				       .env = (const char *const *)environ,
				       .cwd = cwd ? cwd : PATH_NO_CWD };
	int r;

	(void)argc;
	ui_init(NULL);
	r = parse(argv, &given, &command);
	if (!r) {
		r = environment_find(&e, &pe, given, &err);
		if (!r)
			r = environment_trust(&e, &pe, &err);
		if (!r)
			r = environment_open(&e, &pe, &err);
		if (!r)
			r = check(&e, &err);
		if (!r && set_variables(&e, &a))
			r = error_nomem(&err);
		r = r ? failed(&err) : run(command, &a);
	}
	arena_release(&a);
	free(cwd);
	return r;
}
