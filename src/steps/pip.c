/* SPDX-License-Identifier: MIT */
/*
 * pip.c - which steps install pip, and what --without-pip and --upgrade make of them
 *
 * Most plugins say in their note that they provide pip.  The plugin wheels installs what
 * its options list: if pip is listed, its step provides pip, as if its note said so.
 * This is decided before anything is loaded, because --without-pip, --upgrade,
 * --upgrade-deps and `after = pip` of other steps ask what a step provides.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs/fs.h"
#include "util/pep440.h"
#include "config/config.h"
#include "steps.h"

#define PIP		 "pip"
#define REQUIREMENTS_MAX (1u << 20)

/* ITEM, N bytes, is "pip", "pip==24.0", or the path of a wheel of pip. */
static bool names_pip(const char *item, size_t n)
{
	const char *slash = memrchr(item, '/', n), *name = slash ? slash + 1 : item;
	size_t len = strcspn(name, slash ? "-" : "=<>!~;@[( \t\r\n");

	n -= (size_t)(name - item);
	return pep440_same_project(name, len < n ? len : n, PIP, strlen(PIP));
}

/*
 * The type of `packages` is known once the plugin is loaded.  Until then one line of a
 * file has not been split into its items, and one of the command line is an item.
 */
static bool packages_name_pip(const struct value *v)
{
	const char *text = v && v->text ? v->text : "";

	if (v && v->base && packages_name_pip(v->base))
		return true;

	if (*text && v->origin.layer == LAYER_ARG)
		return names_pip(text, strlen(text));
	while (*(text += strspn(text, " \t"))) {
		size_t n = strcspn(text, " \t");

		if (names_pip(text, n))
			return true;
		text += n;
	}
	for (size_t i = 0; v && i < v->items.n; i++) {
		if (names_pip(v->items.v[i], strlen(v->items.v[i])))
			return true;
	}
	return false;
}

/* Does the file that V names list pip?  The plugin complains if it cannot be read. */
static bool requirements_name_pip(const struct steps *s, const struct value *v)
{
	_cleanup_str_ struct str text = STR_INIT;
	const char *path;
	int r;

	if (!v || !v->text)
		return false;
	path = path_absolute(s->arena, v->origin.dir, v->text);
	r = path ? file_read_at(AT_FDCWD, path, REQUIREMENTS_MAX, &text) : -ENOMEM;
	/* Who asks the arena knows that this is no answer. */
	if (r == -ENOMEM)
		s->arena->failed = true;
	if (r)
		return false;
	for (const char *line = text.s; line && *line;) {
		line += strspn(line, " \t");
		if (names_pip(line, strcspn(line, " \t\r\n")))
			return true;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return false;
}

/* Where pip is listed for a step of the plugin wheels; NULL if it is not. */
static const struct origin *lists_pip(const struct steps *s, const struct step *t)
{
	const char *section = config_plugin_section(s->config, t->instance);
	const struct value *packages, *requirements;

	if (strcmp(t->file.name, "wheels") != 0 || !section)
		return NULL;
	packages = config_find(s->config, section, "packages");
	if (packages_name_pip(packages))
		return &packages->origin;
	requirements = config_find(s->config, section, "requirements");
	return requirements_name_pip(s, requirements) ? &requirements->origin : NULL;
}

/* Let T provide pip, or not, by a list of its own: the old one may be the note's. */
static int set_pip(struct steps *s, struct step *t, bool wanted, struct venv_error *err)
{
	struct strlist list = STRLIST_INIT;

	for (size_t i = 0; i < t->provides.n; i++) {
		if (strcmp(t->provides.v[i], PIP) != 0 &&
		    !strlist_add(s->arena, &list, t->provides.v[i]))
			return error_nomem(err);
	}
	if (wanted && !strlist_add(s->arena, &list, PIP))
		return error_nomem(err);
	t->provides = list;
	return 0;
}

int step_find_pip(struct steps *s, struct step *t, struct venv_error *err)
{
	t->lists_pip = lists_pip(s, t);
	return t->lists_pip ? set_pip(s, t, true, err) : 0;
}

/*
 * --without-pip and a list of wheels with pip in it: the list stays, without pip, unless
 * that is what the command line asks for as well.
 */
static int drop_listed_pip(struct steps *s, struct step *t, const struct value *without,
			   struct venv_error *err)
{
	if (t->lists_pip->layer != LAYER_ARG)
		return set_pip(s, t, false, err);
	if (!without || without->origin.layer != LAYER_ARG)
		return 0;
	return error_set(err, VENV_ERR_USAGE,
			 "you cannot supply %s and a list of packages with pip in it for "
			 "the plugin '%s' (%s) together",
			 origin_text(s->arena, &without->origin), t->instance,
			 origin_text(s->arena, t->lists_pip));
}

/* What --no-pip and --no-setuptools leave out is brought all the same where that is required. */
static void warn_required(struct steps *s, const char *option, const char *name)
{
	const struct value *v = config_find(s->config, "create", option);
	const struct origin *rule = NULL;

	for (const struct step *t = s->first; t; t = t->next) {
		if (!t->required || strlist_find(&t->provides, name) < 0)
			continue;
		policy_requires_plugin(s->config, t->instance, &rule);
		log_warn(s->log,
			 "%s does not hold for the plugin '%s': %s:%u requires it",
			 v ? origin_text(s->arena, &v->origin) : option, t->instance,
			 rule->name, rule->line);
	}
}

int steps_drop_pip(struct steps *s, const struct settings *set, struct venv_error *err)
{
	const struct value *v = config_find(s->config, "create", "without-pip");
	bool asked = v && v->origin.layer == LAYER_ARG;
	const struct origin *rule = NULL;

	if (!set->pip)
		warn_required(s, "no-pip", PIP);
	if (!set->setuptools)
		warn_required(s, "no-setuptools", "setuptools");
	for (struct step **t = &s->first; *t;) {
		if ((!set->without_pip && !set->pip_elsewhere) ||
		    !step_provides(*t, PIP)) {
			t = &(*t)->next;
		} else if ((*t)->required) {
			policy_requires_plugin(s->config, (*t)->instance, &rule);
			log_warn(s->log,
				 "the plugin '%s' runs all the same: %s:%u requires it",
				 (*t)->instance, rule->name, rule->line);
			t = &(*t)->next;
		} else if ((*t)->lists_pip) {
			int r = drop_listed_pip(s, *t, v, err);

			if (r)
				return r;
			t = &(*t)->next;
		} else if ((*t)->on_command_line && asked) {
			return error_set(
				err, VENV_ERR_USAGE,
				"you cannot supply --without-pip and the plugin '%s', "
				"which installs it",
				(*t)->instance);
		} else if ((*t)->on_command_line) {
			/* Asked for by name, it wins over a configured without-pip. */
			t = &(*t)->next;
		} else {
			*t = (*t)->next;
		}
	}
	return 0;
}

void steps_drop_for_upgrade(struct steps *s, const struct settings *set)
{
	for (struct step **t = &s->first; set->upgrade && *t;) {
		if ((*t)->required || (*t)->on_command_line || step_provides(*t, PIP))
			t = &(*t)->next;
		else
			*t = (*t)->next;
	}
}
