/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "plugin.h"

#include <string.h>

#include "load/load.h"

/* Sizes of ABI 1.0 on this machine: nothing smaller was ever built. */
#define PLUGIN_SIZE_MIN (offsetof(struct venv_plugin, undo) + sizeof(void *))
#define OPTION_SIZE_MIN (offsetof(struct venv_option, choices) + sizeof(void *))
/* More than any real plugin has; a missing end of the list is found before memory is. */
#define OPTIONS_MAX 256

static bool is_name(const char *name)
{
	size_t n = strlen(name);

	return n && n <= 31 && name[0] >= 'a' && name[0] <= 'z' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == n;
}

static int bad(const struct plugin *p, struct venv_error *err, const char *why)
{
	return error_set(err, VENV_ERR_PLUGIN,
			 "the plugin '%s' is not made as it should be: %s", p->path, why);
}

/* "BEFORE 'NAME' BEHIND" */
static int bad_option(const struct plugin *p, struct venv_error *err, const char *before,
		      const char *name, const char *behind)
{
	_cleanup_str_ struct str why = STR_INIT;

	str_addf(&why, "%s '%s'%s", before, name, behind);
	return bad(p, err, str_text(&why));
}

/* "acme_setup" of the structure is "acme-setup" of the note. */
static bool same_name(const char *c_name, const char *name)
{
	for (; *c_name && *name; c_name++, name++) {
		if (*c_name != *name && !(*c_name == '_' && *name == '-'))
			return false;
	}
	return *c_name == *name;
}

/* Of every instance of a plugin: config/options.c. */
static const char *const taken[] = { "use", "provides", "after", "enabled" };

/* What no value could put right; OPTIONS up to and with number AT. */
static int check_option(const struct plugin *p, const struct venv_option *options,
			size_t at, struct venv_error *err)
{
	const struct venv_option *o = &options[at];

	if (!is_name(o->name))
		return bad(p, err, "an option has a name that no user could write");
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		if (!strcmp(o->name, taken[i]))
			return bad_option(p, err, "every plugin has an option", o->name,
					  " already");
	}
	for (size_t i = 0; i < at; i++) {
		if (!strcmp(o->name, options[i].name))
			return bad_option(p, err, "the option", o->name,
					  " is declared twice");
	}
	if (o->type > VENV_OPTION_CHOICE)
		return bad(p, err,
			   "an option has a type that this venvctl does not know");
	if (o->type == VENV_OPTION_CHOICE && !o->choices)
		return bad(p, err, "an option with choices has none");
	if (o->default_value && (o->flags & VENV_OPTION_REQUIRED))
		return bad_option(p, err, "the option", o->name,
				  " has to be set, and has a default");
	return 0;
}

static int take_options(struct arena *a, struct plugin *p,
			const struct venv_plugin *theirs, struct venv_error *err)
{
	size_t stride = theirs->option_size, n = 0;
	const char *at = (const char *)p->table.options;
	struct venv_option *ours;
	size_t copy = stride < sizeof(*ours) ? stride : sizeof(*ours);

	if (!at)
		return 0;
	if (stride < OPTION_SIZE_MIN || stride % sizeof(void *) || stride > 4096)
		return bad(p, err, "its options have an impossible size");
	while (n < OPTIONS_MAX && *(const char *const *)(const void *)(at + n * stride))
		n++;
	if (n == OPTIONS_MAX)
		return bad(p, err, "its list of options has no end");
	ours = arena_alloc(a, (n + 1) * sizeof(*ours));
	if (!ours)
		return error_nomem(err);
	for (size_t i = 0; i < n; i++) {
		int r;

		memcpy(&ours[i], at + i * stride, copy);
		r = check_option(p, ours, i, err);
		if (r)
			return r;
	}
	p->table.options = ours;
	p->n_options = n;
	return 0;
}

static int take_table(struct arena *a, struct plugin *p, const struct venv_plugin *theirs,
		      struct venv_error *err)
{
	size_t n = theirs->struct_size;

	if (n < PLUGIN_SIZE_MIN)
		return bad(p, err, "its structure is smaller than that of ABI 1.0");
	if (theirs->abi_version >> 16 != VENV_PLUGIN_ABI_MAJOR)
		return bad(p, err, "its structure is of another ABI than its note");
	memcpy(&p->table, theirs, n < sizeof(p->table) ? n : sizeof(p->table));
	if (!p->table.name || !p->table.version || !same_name(p->table.name, p->name))
		return bad(p, err, "its name is not that of its note");
	return take_options(a, p, theirs, err);
}

int plugin_open(struct arena *a, const struct candidate *c, struct plugin **out,
		struct venv_error *err)
{
	struct plugin *p = arena_alloc(a, sizeof(*p));
	const struct venv_plugin *theirs;
	venv_plugin_entry_fn *entry;
	int r;

	if (!p)
		return error_nomem(err);
	p->name = c->name;
	p->path = c->path;
	p->note = c->note;
	p->dso = dso_open(c->path, err);
	if (!p->dso)
		return VENV_ERR_PLUGIN;
	*(void **)&entry = dso_symbol(p->dso, "venv_plugin_v1");
	theirs = entry ? entry(VENV_PLUGIN_ABI_VERSION) : NULL;
	if (!entry)
		r = bad(p, err, "it has no entry function of its name");
	else if (!theirs)
		r = bad(p, err, "its entry function returns nothing");
	else
		r = take_table(a, p, theirs, err);
	if (r) {
		plugin_close(p);
		return r;
	}
	*out = p;
	return 0;
}

void plugin_close(struct plugin *p)
{
	if (p && p->dso) {
		dso_close(p->dso);
		p->dso = NULL;
	}
}
