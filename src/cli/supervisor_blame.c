/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "supervisor_blame.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* "crashed (Aborted)", "ended the process with status 0": what became of the child. */
static void describe_end(struct str *out, const char *what, int status)
{
	int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

	if (!sig)
		str_addf(out, "ended%s with status %d", what, WEXITSTATUS(status));
	else if (sig == SIGKILL || sig == SIGTERM || sig == SIGINT || sig == SIGHUP)
		str_addf(out, "was killed (%s)", strsignal(sig));
	else
		str_addf(out, "crashed (%s)", strsignal(sig));
}

int supervisor_blame(const struct venv_builder *b, const struct page *p,
		     const char *target, int status, struct venv_error *err)
{
	_cleanup_str_ struct str end = STR_INIT;
	const char *when = "";
	struct report r;
	int code;

	if (*p->why)
		when = strcmp(p->hook, "close") ? "; while that was undone, "
						: "; when that was undone, ";
	describe_end(&end, p->inside ? " the process" : "", status);
	if (!p->plugin[0])
		code = error_set(err, VENV_ERR_FAILED, "the process that makes it %s",
				 str_text(&end));
	else if (p->inside && !strcmp(p->hook, "load"))
		return error_set(err, VENV_ERR_PLUGIN,
				 "the plugin '%s' %s while it was being loaded",
				 p->plugin, str_text(&end));
	else if (p->inside)
		code = error_set(
			err, VENV_ERR_STEP, "%s%splugin '%s': its hook '%s' %s%s", p->why,
			when, p->plugin, p->hook, str_text(&end),
			p->finished ? " after the environment was finished" : "");
	else
		code = error_set(err, VENV_ERR_STEP,
				 "plugin '%s': the process %s, after its '%s'", p->plugin,
				 str_text(&end), p->hook);
	builder_report(b, &r);
	return error_prefix(err, code, "cannot %s '%s'",
			    r.settings->upgrade ? "upgrade" : "create", target);
}

int supervisor_blame_deaf(const struct page *p, struct venv_error *err)
{
	_cleanup_str_ struct str text = STR_INIT;

	if (p->inside) {
		str_addf(&text, "plugin '%s': %s%s%s did not stop when it was asked to",
			 p->plugin, strcmp(p->hook, "load") ? "its hook '" : "loading it",
			 strcmp(p->hook, "load") ? p->hook : "",
			 strcmp(p->hook, "load") ? "'" : "");
		if (ui_log_level() >= VENV_LOG_WARNING)
			ui_log(NULL, VENV_LOG_WARNING, str_text(&text));
	}
	return error_set(err, VENV_ERR_CANCELLED, "cancelled");
}
