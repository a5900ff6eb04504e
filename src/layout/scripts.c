/* SPDX-License-Identifier: MIT */
/* scripts.c - EnvBuilder.setup_scripts(): our own activation scripts */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "fs/fs.h"
#include "expand.h"
#include "templates.h"

#define SCRIPT_MODE 0644

/* Which templates an activator is made of. */
static const struct script {
	unsigned activator;
	const char *name;
	const char *template; /* NULL: of the same name */
} scripts[] = {
	{ ACTIVATE_SH, "activate", NULL },
	{ ACTIVATE_CSH, "activate.csh", NULL },
	{ ACTIVATE_FISH, "activate.fish", NULL },
	{ ACTIVATE_POWERSHELL, "Activate.ps1", NULL },
	/* Other tools write this name. */
	{ ACTIVATE_POWERSHELL, "activate.ps1", "Activate.ps1" },
	{ ACTIVATE_NUSHELL, "activate.nu", NULL },
	{ ACTIVATE_XONSH, "activate.xsh", NULL },
	{ ACTIVATE_PYTHON, "activate_this.py", NULL },
	{ ACTIVATE_CMD, "activate.bat", NULL },
	{ ACTIVATE_CMD, "deactivate.bat", NULL },
	{ ACTIVATE_CMD, "Deactivate.ps1", NULL },
};

static const struct template *find_template(const char *name)
{
	const struct template *t = templates;

	while (t->name && strcmp(t->name, name) != 0)
		t++;
	return t->name ? t : NULL;
}

/*
 * A line of a template that begins with one of these is there for some values only; with
 * several, in this order, where all of them hold.
 */
#define CONDITION EXPAND_BEGIN "IF_"

static const char *const conditions[] = { CONDITION "VIRTUALENV__", CONDITION "TCL__",
					  CONDITION "TK__", CONDITION "RELOCATABLE__",
					  CONDITION "FIXED__" };

/* The first line of TEXT, up to END, that begins with a condition; END if none does. */
static const char *next_conditional(const char *text, const char *end)
{
	const size_t n = strlen(CONDITION);
	const char *p = text;

	while ((p = expand_find(p, end))) {
		if ((p == text || p[-1] == '\n') && (size_t)(end - p) >= n &&
		    !memcmp(p, CONDITION, n))
			return p;
		p++;
	}
	return end;
}

static void select_lines(struct str *out, const struct template *t,
			 const struct script_values *v)
{
	const bool holds[ARRAY_SIZE(conditions)] = { v->like_virtualenv, v->tcl_library,
						     v->tk_library, v->relocatable,
						     !v->relocatable };
	const char *end = t->text + t->len;

	for (const char *text = t->text, *line; text < end;) {
		bool wanted = true;

		line = next_conditional(text, end);
		str_add_n(out, text, (size_t)(line - text));
		if (line == end)
			break;
		text = memchr(line, '\n', (size_t)(end - line));
		text = text ? text + 1 : end;
		for (size_t i = 0; i < ARRAY_SIZE(conditions); i++) {
			size_t n = strlen(conditions[i]);

			if (n <= (size_t)(text - line) &&
			    !memcmp(line, conditions[i], n)) {
				wanted &= holds[i];
				line += n;
			}
		}
		if (wanted)
			str_add_n(out, line, (size_t)(text - line));
	}
}

/* 0, LAYOUT_LEAVE_OUT, or an error. */
static int fill(struct str *text, const struct script *s, const struct script_values *v,
		struct venv_error *err)
{
	const struct template *t = find_template(s->template ? s->template : s->name);
	_cleanup_str_ struct str lines = STR_INIT;
	int r = LAYOUT_BUILT_IN;

	if (!t)
		return error_set(err, VENV_ERR_FAILED, "there is no template of '%s'",
				 s->name);
	str_clear(text);
	select_lines(&lines, t, v);
	if (str_failed(&lines))
		return error_nomem(err);
	if (v->replace)
		r = v->replace(v->replace_data, s->name, lines.s, lines.len, text, err);
	if (r != LAYOUT_BUILT_IN)
		return r == LAYOUT_DONE && str_failed(text) ? error_nomem(err) : r;
	expand_own(text, lines.s, lines.len, language_of(t->name, lines.s, lines.len),
		   s->name, v);
	return str_failed(text) ? error_nomem(err) : 0;
}

/*
 * The mode is exact.  Most umasks leave it as it is: a new directory has told, or the
 * first file does, and then the others need not be asked.
 */
enum umask_effect { UMASK_UNKNOWN, UMASK_HARMLESS, UMASK_IN_THE_WAY };

static int learn(int bin, const char *name, enum umask_effect *effect)
{
	struct stat st;

	if (fstatat(bin, name, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	*effect = (st.st_mode & 07777) == SCRIPT_MODE ? UMASK_HARMLESS : UMASK_IN_THE_WAY;
	if (*effect == UMASK_IN_THE_WAY && fchmodat(bin, name, SCRIPT_MODE, 0))
		return -errno;
	return 0;
}

static int write_script(int bin, const struct script *s, const struct str *text,
			enum umask_effect *effect)
{
	int r = file_create_at(bin, s->name, text->s, text->len, SCRIPT_MODE,
			       *effect == UMASK_IN_THE_WAY);

	return !r && *effect == UMASK_UNKNOWN ? learn(bin, s->name, effect) : r;
}

int scripts_install_builtin(int bin, const struct script_values *v, unsigned activators,
			    unsigned mode_left, struct venv_error *err)
{
	struct str text = STR_INIT;
	enum umask_effect effect = (mode_left & SCRIPT_MODE) == SCRIPT_MODE
					   ? UMASK_HARMLESS
					   : UMASK_UNKNOWN;
	bool left_out = false;
	int r = 0;

	for (size_t i = 0; !r && i < ARRAY_SIZE(scripts); i++) {
		const struct script *s = &scripts[i];

		if (!(s->activator & activators))
			continue;
		/* Another name of the script before has the same text, in a file of its own. */
		if (!s->template) {
			r = fill(&text, s, v, err);
			left_out = r == LAYOUT_LEAVE_OUT;
		}
		if (left_out) {
			r = 0;
			continue;
		}
		if (r)
			break;
		r = write_script(bin, s, &text, &effect);
		/* Where case is folded that script has both names. */
		if (r == -EEXIST && s->template)
			r = 0;
		if (r)
			r = error_errno(err, -r, "cannot write '%s/%s'", v->bin_name,
					s->name);
	}
	str_release(&text);
	return r;
}

bool scripts_is_builtin(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		if (!strcasecmp(scripts[i].name, name))
			return true;
	}
	return false;
}

int scripts_replace_nushell(int bin, const struct script_values *v,
			    struct venv_error *err)
{
	static const struct script nushell = { ACTIVATE_NUSHELL, "activate.nu", NULL };
	struct str text = STR_INIT;
	int r = fill(&text, &nushell, v, err);

	if (r == LAYOUT_LEAVE_OUT)
		r = 0;
	else if (!r) {
		r = file_replace_at(bin, nushell.name, text.s, text.len, SCRIPT_MODE);
		if (!r && fchmodat(bin, nushell.name, SCRIPT_MODE, 0))
			r = -errno;
		if (r)
			r = error_errno(err, -r, "cannot write '%s/%s'", v->bin_name,
					nushell.name);
	}
	str_release(&text);
	return r;
}

void scripts_add_command(struct str *out, enum language language, const char *file,
			 const struct script_values *v)
{
	struct str path = STR_INIT;

	/* Without a place: as it is typed in the environment's directory. */
	if (!v->relocatable)
		str_addf(&path, "%s/", v->dir);
	str_addf(&path, "%s/%s", v->bin_name, file);
	switch (language) {
	case LANGUAGE_SH:
	case LANGUAGE_POWERSHELL:
		str_add(out, ". ");
		break;
	case LANGUAGE_CSH:
	case LANGUAGE_FISH:
		str_add(out, "source ");
		break;
	case LANGUAGE_NUSHELL:
		str_add(out, "overlay use ");
		break;
	case LANGUAGE_XONSH:
		/* Between plain quotes xonsh would expand variables. */
		str_add(out, "source @(");
		break;
	default:
		break;
	}
	quote(out, language, READER_TERMINAL, str_text(&path));
	if (language == LANGUAGE_XONSH)
		str_add_char(out, ')');
	out->failed |= path.failed;
	str_release(&path);
}
