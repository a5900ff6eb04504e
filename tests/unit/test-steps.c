/* SPDX-License-Identifier: MIT */
/*
 * test-steps.c - the options of a create, and which plugins run in which order
 *
 * With the configuration, the notes of real plugin files and their options as a create
 * has them; nothing is made.  The plugins are those of the installation and the mocks:
 * mock-seed provides "mock-thing" and pip, mock-post comes after that and mock-hooks.
 */
#include <config.h>

#include "scratch.h"

#include "config/config.h"
#include "layout/layout.h"
#include "plugin/plugin.h"
#include "steps/steps.h"

#define MOCKS TEST_PREFIX "/mocks"

/* As much of a create as is looked at before anything is made. */
struct prepared {
	struct config config;
	struct arena arena;
	struct log log;
	struct settings set;
	struct steps steps;
	struct venv_error err;
	struct str warnings;
};

static struct prepared p;

static void on_log(void *data, int level, const char *message)
{
	(void)data;
	if (level <= VENV_LOG_WARNING)
		str_addf(&p.warnings, "%s\n", message);
}

static void begin(void)
{
	p = (struct prepared){ .arena = ARENA_INIT, .err = VENV_ERROR_INIT };
	p.log = (struct log){ on_log, NULL, VENV_LOG_WARNING };
}

static void end(void)
{
	steps_release(&p.steps);
	venv_error_clear(&p.err);
	arena_release(&p.arena);
	config_release(&p.config);
	str_release(&p.warnings);
}

/* SITE is the site's venvctl.ini; ENV and ARGS ("plugin=mock-seed") end with NULL. */
static int configure(const char *site, const char *const *env, const char *const *args)
{
	char path[256];
	int r;

	snprintf(path, sizeof(path), "%s/venvctl.ini", scratch);
	unlink(path);
	if (site)
		put("venvctl.ini", site);
	assert_int_equal(setenv("TEST_SYSCONFDIR", scratch, 1), 0);
	config_init(&p.config, env, scratch);
	p.config.log = &p.log;
	r = config_load(&p.config, &p.err);
	if (!r)
		r = config_set_arg(&p.config, "venvctl", "plugin-path", MOCKS,
				   "--plugin-path", &p.err);
	for (; !r && *args; args++) {
		size_t n = strcspn(*args, "=");
		char key[64], origin[80];

		assert_true(n < sizeof(key) && (*args)[n]);
		snprintf(key, sizeof(key), "%.*s", (int)n, *args);
		snprintf(origin, sizeof(origin), strlen(key) > 1 ? "--%s" : "-%s", key);
		r = config_set_arg(&p.config, "create", strcmp(key, "o") ? key : "option",
				   *args + n + 1, origin, &p.err);
	}
	return r;
}

static int select_steps(const char *site, const char *const *env, const char *const *args)
{
	int r;

	begin();
	r = configure(site, env, args);
	if (!r)
		r = settings_resolve(&p.set, &p.config, true, &p.err);
	if (!r)
		r = steps_init(&p.steps, &p.config, &p.arena, &p.log, &p.err);
	if (!r)
		r = steps_select(&p.steps, &p.set, &p.err);
	return r;
}

/* "a b c": the steps in running order. */
static const char *chosen(void)
{
	static char text[512];
	size_t n = 0;

	*text = '\0';
	for (const struct step *t = p.steps.first; t; t = t->next)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? " " : "",
				      t->instance);
	return text;
}

static const char *const no_env[] = { NULL };
static const char *const no_args[] = { NULL };

/* A case ends with what is chosen, or with an error that has a text in it. */
struct choice {
	const char *site;
	const char *args[6];
	const char *want; /* the steps, or a part of the message */
	int error;
	const char *warning; /* a part of it; NULL: there is none */
};

static void check(const struct choice *c)
{
	int r = select_steps(c->site, no_env, c->args);
	const char *warnings = str_text(&p.warnings);
	char what[256];

	snprintf(what, sizeof(what), "%s %s %s, with %s", c->args[0] ? c->args[0] : "",
		 c->args[0] && c->args[1] ? c->args[1] : "",
		 c->args[0] && c->args[1] && c->args[2] ? c->args[2] : "",
		 c->site ? c->site : "no configuration");
	if (r != c->error)
		fail_msg("%s: %d (%s), not %d", what, r, venv_error_message(&p.err),
			 c->error);
	if (r && (p.err.code != r || !strstr(venv_error_message(&p.err), c->want)))
		fail_msg("%s: '%s', not '%s'", what, venv_error_message(&p.err), c->want);
	if (!r && strcmp(chosen(), c->want) != 0)
		fail_msg("%s: '%s', not '%s'", what, chosen(), c->want);
	if (c->warning ? !strstr(warnings, c->warning) : *warnings != '\0')
		fail_msg("%s: the warning is '%s'", what, warnings);
	end();
}

static void check_all(const struct choice *cases, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check(&cases[i]);
}

#define CHECK_ALL(cases) check_all(cases, ARRAY_SIZE(cases))

static void test_defaults(void **state)
{
	(void)state;
	for (int tool = 0; tool < 2; tool++) {
		begin();
		assert_ok(configure(NULL, no_env, no_args), &p.err);
		assert_ok(settings_resolve(&p.set, &p.config, tool, &p.err), &p.err);
		/* EnvBuilder's with_pip is False, python -m venv installs it. */
		assert_int_equal(p.set.without_pip, !tool);
		assert_true(p.set.symlinks && p.set.pip && p.set.setuptools);
		assert_true(p.set.scm_ignore_files && p.set.cachedir_tag);
		assert_false(p.set.clear || p.set.upgrade || p.set.upgrade_deps);
		assert_false(p.set.system_site_packages || p.set.keep_on_failure);
		assert_int_equal(p.set.existing, EXISTING_KEEP);
		assert_int_equal(p.set.link_mode, LINK_AUTO);
		assert_int_equal(p.set.activators, ACTIVATE_DEFAULT);
		assert_null(p.set.prompt);
		end();
	}
}

static void test_values(void **state)
{
	static const struct {
		const char *word;
		enum link_mode mode;
	} modes[] = { { "auto", LINK_AUTO },
		      { "reflink", LINK_REFLINK },
		      { "hardlink", LINK_HARDLINK },
		      { "copy", LINK_COPY },
		      { "shared", LINK_SHARED } };
	static const struct {
		const char *list;
		unsigned bits;
	} activators[] = {
		{ "activators=none", 0 },
		{ "activators=sh,fish", ACTIVATE_SH | ACTIVATE_FISH },
		{ "activators=csh powershell", ACTIVATE_CSH | ACTIVATE_POWERSHELL },
		{ "activators=nushell,xonsh,python,cmd",
		  ACTIVATE_NUSHELL | ACTIVATE_XONSH | ACTIVATE_PYTHON | ACTIVATE_CMD },
	};
	const char *const words[] = { "prompt=.",    "on-failure=keep", "copies=yes",
				      "python=3.12", "python=3.11",	NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		char site[64];

		snprintf(site, sizeof(site), "[create]\nlink-mode = %s\n", modes[i].word);
		begin();
		assert_ok(configure(site, no_env, no_args), &p.err);
		assert_ok(settings_resolve(&p.set, &p.config, true, &p.err), &p.err);
		assert_int_equal(p.set.link_mode, modes[i].mode);
		/* As a default: what cannot be shared is then linked or copied. */
		assert_false(p.set.link_asked);
		end();
	}
	for (size_t i = 0; i < ARRAY_SIZE(activators); i++) {
		const char *const args[] = { activators[i].list, NULL };

		begin();
		assert_ok(configure(NULL, no_env, args), &p.err);
		assert_ok(settings_resolve(&p.set, &p.config, true, &p.err), &p.err);
		assert_int_equal(p.set.activators, activators[i].bits);
		end();
	}
	begin();
	assert_ok(configure("[create]\nprompt = acme\npython = 3.8\n", no_env, words),
		  &p.err);
	assert_ok(settings_resolve(&p.set, &p.config, true, &p.err), &p.err);
	assert_true(p.set.keep_on_failure);
	assert_false(p.set.symlinks);
	assert_string_equal(settings_prompt(&p.set, "/home/me/project", "env"),
			    "project");
	/* A repeated option is one list, and takes the place of a configured one. */
	assert_int_equal(p.set.pythons.n, 2);
	assert_string_equal(p.set.pythons.v[0], "3.12");
	p.set.prompt = "acme";
	assert_string_equal(settings_prompt(&p.set, "/home/me/project", "env"), "acme");
	p.set.prompt = NULL;
	assert_string_equal(settings_prompt(&p.set, "/home/me/project", "env"), "env");
	end();
}

/* What cannot be had together, and whose mistake a wrong value is. */
static void test_exclusions(void **state)
{
	static const struct {
		const char *site;
		const char *args[4];
		const char *message;
		int error;
		enum existing existing;
	} cases[] = {
		{ NULL,
		  { "clear=yes", "upgrade=yes" },
		  "--upgrade and --clear together",
		  VENV_ERR_USAGE,
		  0 },
		{ NULL,
		  { "clear=yes", "existing=keep" },
		  "--clear and --existing keep together",
		  VENV_ERR_USAGE,
		  0 },
		{ NULL,
		  { "clear=yes", "existing=refuse" },
		  "--clear and --existing refuse together",
		  VENV_ERR_USAGE,
		  0 },
		{ NULL,
		  { "upgrade=yes", "existing=replace" },
		  "--upgrade and --existing replace together",
		  VENV_ERR_USAGE,
		  0 },
		{ NULL,
		  { "upgrade=yes", "existing=keep" },
		  "--upgrade and --existing keep together",
		  VENV_ERR_USAGE,
		  0 },
		{ NULL, { "existing=sometimes" }, "'sometimes'", VENV_ERR_USAGE, 0 },
		{ "[create]\nexisting = sometimes\n",
		  { NULL },
		  "venvctl.ini:2: ",
		  VENV_ERR_CONFIG,
		  0 },
		/* Both of these are for the command line alone. */
		{ "[create]\nclear = yes\n",
		  { NULL },
		  "venvctl.ini:2: ",
		  VENV_ERR_CONFIG,
		  0 },
		{ "[create]\nupgrade = yes\n",
		  { NULL },
		  "venvctl.ini:2: ",
		  VENV_ERR_CONFIG,
		  0 },
		{ NULL, { "existing=reuse" }, NULL, 0, EXISTING_REUSE },
		{ NULL, { "clear=yes" }, NULL, 0, EXISTING_REPLACE },
		{ NULL, { "clear=yes", "existing=replace" }, NULL, 0, EXISTING_REPLACE },
		{ "[create]\nexisting = refuse\n", { NULL }, NULL, 0, EXISTING_REFUSE },
		/* What is configured gives way to what is asked for. */
		{ "[create]\nexisting = refuse\n",
		  { "clear=yes" },
		  NULL,
		  0,
		  EXISTING_REPLACE },
		{ "[create]\nexisting = replace\n",
		  { "upgrade=yes" },
		  NULL,
		  0,
		  EXISTING_KEEP },
		{ "[create]\nexisting = replace\n",
		  { "existing=keep" },
		  NULL,
		  0,
		  EXISTING_KEEP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r;

		begin();
		r = configure(cases[i].site, no_env, cases[i].args);
		if (!r)
			r = settings_resolve(&p.set, &p.config, true, &p.err);
		if (r != cases[i].error)
			fail_msg("%zu: %d: %s", i, r, venv_error_message(&p.err));
		if (r) {
			assert_int_equal(p.err.code, r);
			assert_message(&p.err, cases[i].message);
		} else if (p.set.existing != cases[i].existing) {
			fail_msg("%zu: %d", i, (int)p.set.existing);
		}
		end();
	}
}

static void test_which(void **state)
{
	static const char list[] = "[create]\npost-setup = mock-hooks ensurepip\n";
	static const struct choice cases[] = {
		{ NULL, { NULL }, "ensurepip", 0, NULL },
		{ list, { NULL }, "mock-hooks ensurepip", 0, NULL },
		{ "[create]\npost-setup =\n", { NULL }, "", 0, NULL },
		{ list, { "plugin=mock-needs" }, "mock-needs", 0, NULL },
		{ list,
		  { "plugin=mock-needs", "plugin=mock-faults" },
		  "mock-needs mock-faults",
		  0,
		  NULL },
		{ list,
		  { "add-plugin=mock-faults" },
		  "mock-hooks ensurepip mock-faults",
		  0,
		  NULL },
		{ list,
		  { "add-plugin=mock-faults", "plugin=mock-needs" },
		  "mock-needs mock-faults",
		  0,
		  NULL },
		{ list, { "no-plugins=yes" }, "", 0, NULL },
		{ NULL,
		  { "no-plugins=yes", "plugin=mock-faults" },
		  "--no-plugins and the plugin 'mock-faults' together",
		  VENV_ERR_USAGE,
		  NULL },
		{ NULL,
		  { "no-plugins=yes", "add-plugin=mock-faults" },
		  "--no-plugins and the plugin 'mock-faults' together",
		  VENV_ERR_USAGE,
		  NULL },
		/* Of the same plugin two instances, but each instance once. */
		{ "[plugin:one]\nuse = mock-hooks\n[plugin:two]\nuse = mock-hooks\n",
		  { "plugin=two", "plugin=one", "plugin=mock-hooks" },
		  "two one mock-hooks",
		  0,
		  NULL },
		{ NULL,
		  { "plugin=mock-hooks", "add-plugin=mock-hooks" },
		  "'mock-hooks' is selected twice",
		  VENV_ERR_USAGE,
		  NULL },
		{ list,
		  { "add-plugin=ensurepip" },
		  "'ensurepip' is selected twice",
		  VENV_ERR_USAGE,
		  NULL },
		{ "[create]\npost-setup = ensurepip ensurepip\n",
		  { NULL },
		  "'ensurepip' is selected twice",
		  VENV_ERR_CONFIG,
		  NULL },
		{ NULL,
		  { "plugin=mock-hooks", "plugin=" MOCKS "/mock-hooks.so" },
		  "'mock-hooks' is selected twice",
		  VENV_ERR_USAGE,
		  NULL },
		/* Names and paths. */
		{ NULL, { "plugin=" MOCKS "/mock-hooks.so" }, "mock-hooks", 0, NULL },
		{ "[create]\npost-setup = " MOCKS "/mock-hooks.so\n",
		  { NULL },
		  "mock-hooks",
		  0,
		  NULL },
		{ NULL,
		  { "plugin=./none.so" },
		  "none.so': No such file",
		  VENV_ERR_PLUGIN,
		  NULL },
		{ NULL,
		  { "plugin=mock-hoks" },
		  "there is no plugin 'mock-hoks'",
		  VENV_ERR_PLUGIN,
		  NULL },
		{ NULL,
		  { "plugin=Mock" },
		  "--plugin: 'Mock' cannot name a plugin",
		  VENV_ERR_USAGE,
		  NULL },
		{ "[create]\npost-setup = Mock\n",
		  { NULL },
		  "venvctl.ini:2: 'Mock' cannot name a plugin",
		  VENV_ERR_CONFIG,
		  NULL },
		{ "[plugin:one]\nuse = none-such\n",
		  { "plugin=one" },
		  "'one' uses the plugin 'none-such'",
		  VENV_ERR_PLUGIN,
		  NULL },
		{ "[plugin:one]\nuse = ../one\n",
		  { "plugin=one" },
		  "'one' uses '../one', which cannot name a plugin",
		  VENV_ERR_USAGE,
		  NULL },
		/* One that is switched off cannot be asked for. */
		{ "[plugin:mock-hooks]\nenabled = no\n",
		  { "plugin=mock-hooks" },
		  "'mock-hooks' is not enabled",
		  VENV_ERR_USAGE,
		  NULL },
		{ "[create]\npost-setup = mock-hooks\n"
		  "[plugin:mock-hooks]\nenabled = no\n",
		  { NULL },
		  "'mock-hooks' is not enabled",
		  VENV_ERR_CONFIG,
		  NULL },
	};

	(void)state;
	CHECK_ALL(cases);
}

static const char *option(const char *section, const char *key)
{
	const struct value *v = config_find(&p.config, section, key);

	return v ? v->text : NULL;
}

/* NAME:KEY=VALUE,... and -o NAME.KEY=VALUE. */
static void test_pairs(void **state)
{
	static const char *const args[] = {
		"plugin=mock-hooks:text=a,b=,c,number=3,url=https://x/y?a=b,flag=no",
		"add-plugin=mock-seed:text=,tag=t", "o=mock-hooks.tag=x=y.z",
		"o=network.retries=7", NULL
	};
	static const struct choice cases[] = {
		{ NULL,
		  { "plugin=mock-hooks:text" },
		  "--plugin: expected KEY=VALUE behind 'mock-hooks:', not 'text'",
		  VENV_ERR_USAGE,
		  NULL },
		{ NULL,
		  { "add-plugin=mock-hooks:=x" },
		  "--add-plugin: expected KEY=VALUE",
		  VENV_ERR_USAGE,
		  NULL },
		{ NULL, { "plugin=mock-hooks:" }, "mock-hooks", 0, NULL },
		{ NULL,
		  { "o=mock-hooks.text=x" },
		  "-o: the plugin 'mock-hooks' is not selected",
		  VENV_ERR_USAGE,
		  NULL },
		{ NULL,
		  { "o=text=x" },
		  "-o: expected NAME.KEY=VALUE, not 'text...'",
		  VENV_ERR_USAGE,
		  NULL },
		{ NULL,
		  { "o=.text=x" },
		  "-o: expected NAME.KEY=VALUE",
		  VENV_ERR_USAGE,
		  NULL },
		{ NULL,
		  { "o=mock-hooks.=x" },
		  "-o: expected NAME.KEY=VALUE",
		  VENV_ERR_USAGE,
		  NULL },
		{ NULL,
		  { "o=Mock.text=x" },
		  "-o: 'Mock' cannot name a plugin",
		  VENV_ERR_USAGE,
		  NULL },
		{ NULL,
		  { "o=network.none=x" },
		  "there is no option 'none'",
		  VENV_ERR_USAGE,
		  NULL },
		/* Files have sections for that. */
		{ "[create]\npost-setup = mock-hooks:text=x\n",
		  { NULL },
		  "venvctl.ini:2: 'mock-hooks:text=x' cannot name a plugin",
		  VENV_ERR_CONFIG,
		  NULL },
		/* What is configured for a plugin that does not run is no mistake. */
		{ "[plugin:mock-hooks]\ntext = x\n", { NULL }, "ensurepip", 0, NULL },
	};

	(void)state;
	CHECK_ALL(cases);
	assert_ok(select_steps(NULL, no_env, args), &p.err);
	/* A comma ends a value only where a key follows it. */
	assert_string_equal(option("plugin:mock-hooks", "text"), "a");
	assert_string_equal(option("plugin:mock-hooks", "b"), ",c");
	assert_string_equal(option("plugin:mock-hooks", "number"), "3");
	assert_string_equal(option("plugin:mock-hooks", "url"), "https://x/y?a=b");
	assert_string_equal(option("plugin:mock-hooks", "flag"), "no");
	assert_string_equal(option("plugin:mock-hooks", "tag"), "x=y.z");
	assert_string_equal(option("plugin:mock-seed", "text"), "");
	assert_string_equal(option("network", "retries"), "7");
	end();
}

static void test_required(void **state)
{
	/* They are looked for where the site says, whatever --plugin-path says. */
#define SITE_MOCKS "[venvctl]\nplugin-path = " MOCKS "\n"
	static const char needs[] =
		"[policy]\nrequired-plugins = mock-faults mock-needs\n" SITE_MOCKS;
	static const char off[] = "[policy]\nrequired-plugins = mock-faults\n"
				  "[plugin:mock-faults]\nenabled = no\n" SITE_MOCKS;
	static const char only[] =
		"[policy]\nallowed-plugins = ensurepip mock-faults\n" SITE_MOCKS;
	static const struct choice cases[] = {
		/* They come last, unless they are named already. */
		{ needs, { NULL }, "ensurepip mock-faults mock-needs", 0, NULL },
		{ needs,
		  { "plugin=mock-needs", "plugin=mock-hooks" },
		  "mock-needs mock-hooks mock-faults",
		  0,
		  NULL },
		{ needs,
		  { "no-plugins=yes" },
		  "mock-faults mock-needs",
		  0,
		  "'mock-faults' runs all the same: " },
		{ off, { NULL }, "ensurepip mock-faults", 0, NULL },
		{ needs,
		  { "plugin=" MOCKS "/mock-faults.so" },
		  "is named by a path: required-plugins in ",
		  VENV_ERR_CONFIG,
		  NULL },
		{ "[policy]\nrequired-plugins = mock-faults\n",
		  { NULL },
		  "there is no plugin 'mock-faults'",
		  VENV_ERR_PLUGIN,
		  NULL },
		{ "[policy]\nrequired-plugins = none-such\n",
		  { NULL },
		  "there is no plugin 'none-such'",
		  VENV_ERR_PLUGIN,
		  NULL },
		/* What may run is the site's to say, also by what name. */
		{ only, { "plugin=mock-faults" }, "mock-faults", 0, NULL },
		{ only,
		  { "plugin=mock-hooks" },
		  "plugin 'mock-hooks' is not allowed: allowed-plugins in ",
		  VENV_ERR_CONFIG,
		  NULL },
		{ only,
		  { "plugin=mock-faults:use=mock-hooks" },
		  "plugin 'mock-hooks' is not allowed",
		  VENV_ERR_CONFIG,
		  NULL },
		{ only,
		  { "plugin=" MOCKS "/mock-faults.so" },
		  "is named by a path: allowed-plugins in ",
		  VENV_ERR_CONFIG,
		  NULL },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void test_order(void **state)
{
#define INSTANCE(name, keys) "[plugin:" name "]\nuse = mock-hooks\n" keys "\n"
#define THREE(a, b, c)	     INSTANCE("a", a) INSTANCE("b", b) INSTANCE("c", c)
	static const struct choice cases[] = {
		/* The list's order, but for what has to wait. */
		{ THREE("", "", ""),
		  { "plugin=c", "plugin=a", "plugin=b" },
		  "c a b",
		  0,
		  NULL },
		{ THREE("after = c", "", ""),
		  { "plugin=a", "plugin=b", "plugin=c" },
		  "b c a",
		  0,
		  NULL },
		{ THREE("after = b", "after = c", ""),
		  { "plugin=a", "plugin=b", "plugin=c" },
		  "c b a",
		  0,
		  NULL },
		{ THREE("after = b c", "", ""),
		  { "plugin=a", "plugin=c", "plugin=b" },
		  "c b a",
		  0,
		  NULL },
		/* What nobody provides is not waited for, nor is one's own. */
		{ THREE("after = none", "after = b", ""),
		  { "plugin=a", "plugin=b", "plugin=c" },
		  "a b c",
		  0,
		  NULL },
		{ THREE("after = thing\nprovides = thing", "provides = thing", ""),
		  { "plugin=a", "plugin=b" },
		  "b a",
		  0,
		  NULL },
		/* All who provide it come first. */
		{ THREE("after = thing", "provides = thing", "provides = more thing"),
		  { "plugin=a", "plugin=b", "plugin=c" },
		  "b c a",
		  0,
		  NULL },
		/* What the notes say, and what takes their place. */
		{ NULL,
		  { "plugin=mock-post", "plugin=mock-seed", "plugin=mock-hooks" },
		  "mock-seed mock-hooks mock-post",
		  0,
		  NULL },
		{ "[plugin:mock-post]\nafter = mock-hooks\n",
		  { "plugin=mock-post", "plugin=mock-hooks", "plugin=mock-seed" },
		  "mock-hooks mock-post mock-seed",
		  0,
		  NULL },
		{ "[plugin:mock-seed]\nprovides = other\n",
		  { "plugin=mock-post", "plugin=mock-seed" },
		  "mock-post mock-seed",
		  0,
		  NULL },
		/* Circles: whoever is in one is named, whoever only waits for it is not. */
		{ THREE("after = b", "after = a", ""),
		  { "plugin=a", "plugin=b", "plugin=c" },
		  "'a' comes after 'b', which comes after 'a'",
		  VENV_ERR_USAGE,
		  NULL },
		{ "[create]\npost-setup = a b\n" THREE("after = b", "after = a", ""),
		  { NULL },
		  "'a' comes after 'b', which comes after 'a'",
		  VENV_ERR_CONFIG,
		  NULL },
		{ THREE("after = b", "after = c", "after = b"),
		  { "plugin=a", "plugin=b", "plugin=c" },
		  "the plugin 'b' comes after 'c', which comes after 'b'",
		  VENV_ERR_USAGE,
		  NULL },
		{ THREE("after = b", "after = c", "after = a"),
		  { "plugin=a", "plugin=b", "plugin=c" },
		  "'a' comes after 'b', which comes after 'c', which comes after 'a'",
		  VENV_ERR_USAGE,
		  NULL },
	};

	(void)state;
	CHECK_ALL(cases);
}

/* --without-pip drops what brings pip, --upgrade what does not. */
static void test_pip(void **state)
{
	static const char list[] =
		"[create]\npost-setup = mock-hooks ensurepip mock-seed\n";
	static const char without[] = "[create]\nwithout-pip = yes\n";
	static const char wheels[] = "[create]\npost-setup = wheels\n"
				     "[plugin:wheels]\npackages = acme pip==24.0\n"
				     "find-links = /nowhere\n";
	static const struct choice cases[] = {
		{ NULL, { "without-pip=yes" }, "", 0, NULL },
		{ without, { NULL }, "", 0, NULL },
		{ without, { "with-pip=yes" }, "ensurepip", 0, NULL },
		/* mock-seed provides pip, too. */
		{ list, { "without-pip=yes" }, "mock-hooks", 0, NULL },
		{ list, { "no-pip=yes" }, "mock-hooks ensurepip mock-seed", 0, NULL },
		{ NULL,
		  { "without-pip=yes", "plugin=ensurepip" },
		  "--without-pip and the plugin 'ensurepip', which installs it",
		  VENV_ERR_USAGE,
		  NULL },
		{ NULL,
		  { "without-pip=yes", "add-plugin=mock-seed" },
		  "--without-pip and the plugin 'mock-seed', which installs it",
		  VENV_ERR_USAGE,
		  NULL },
		/* A configured one gives way to what is asked for. */
		{ without, { "plugin=ensurepip" }, "ensurepip", 0, NULL },
		{ "[policy]\nrequired-plugins = ensurepip\n",
		  { "without-pip=yes" },
		  "ensurepip",
		  0,
		  "'ensurepip' runs all the same: " },
		/* Who says that it brings none is kept. */
		{ "[create]\npost-setup = mock-seed\n[plugin:mock-seed]\nprovides = x\n",
		  { "without-pip=yes" },
		  "mock-seed",
		  0,
		  NULL },
		/* A list of wheels stays, without pip. */
		{ wheels, { "without-pip=yes" }, "wheels", 0, NULL },
		{ wheels,
		  { "without-pip=yes", "plugin=wheels:packages=pip" },
		  "--without-pip and a list of packages with pip in it for the plugin "
		  "'wheels' (--plugin) together",
		  VENV_ERR_USAGE,
		  NULL },
		{ NULL,
		  { "without-pip=yes", "plugin=wheels:packages=pip-tools" },
		  "wheels",
		  0,
		  NULL },
		/* An upgrade runs what brings pip, and what is asked for. */
		{ list, { "upgrade=yes" }, "ensurepip mock-seed", 0, NULL },
		{ list,
		  { "upgrade=yes", "add-plugin=mock-faults" },
		  "ensurepip mock-seed mock-faults",
		  0,
		  NULL },
		{ list, { "upgrade=yes", "without-pip=yes" }, "", 0, NULL },
		{ wheels, { "upgrade=yes" }, "wheels", 0, NULL },
		{ "[create]\npost-setup = wheels\n[plugin:wheels]\npackages = acme\n",
		  { "upgrade=yes" },
		  "",
		  0,
		  NULL },
		{ "[create]\npost-setup =\n[policy]\nrequired-plugins = "
		  "mock-faults\n" SITE_MOCKS,
		  { "upgrade=yes" },
		  "mock-faults",
		  0,
		  NULL },
	};

	(void)state;
	CHECK_ALL(cases);
}

/* Which words name pip: as it stands, pinned, a wheel, in a file, and no other project. */
static void test_lists_pip(void **state)
{
	static const struct {
		const char *packages;
		bool pip;
	} cases[] = {
		{ "pip", true },
		{ "PIP", true },
		{ "pip==24.0", true },
		{ "acme pip == 24.0", true },
		{ "/wheels/pip-24.0-py3-none-any.whl", true },
		{ "acme /some/pip-24.0-py3-none-any.whl", true },
		{ "pip-tools", false },
		{ "acme-pip pipx pip_audit", false },
		{ "/pip-24.0/acme-1.0-py3-none-any.whl", false },
		{ "/wheels/pip_tools-7.0-py3-none-any.whl", false },
		{ "acme", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char site[256];

		snprintf(
			site, sizeof(site),
			"[create]\npost-setup = wheels\n[plugin:wheels]\npackages = %s\n",
			cases[i].packages);
		assert_ok(select_steps(site, no_env, no_args), &p.err);
		if (step_provides(p.steps.first, "pip") != cases[i].pip)
			fail_msg("packages = %s", cases[i].packages);
		end();
		snprintf(site, sizeof(site), "# pip\n%s --hash=sha256:00\n",
			 cases[i].packages);
		unlink(in_scratch("pins"));
		put("pins", site);
		/* Its lines have one project each, and no paths. */
		if (strpbrk(cases[i].packages, " /"))
			continue;
		assert_ok(select_steps("[create]\npost-setup = wheels\n"
				       "[plugin:wheels]\nrequirements = pins\n",
				       no_env, no_args),
			  &p.err);
		if (step_provides(p.steps.first, "pip") != cases[i].pip)
			fail_msg("requirements: %s", cases[i].packages);
		end();
	}
}

/* What is wrong with options is found while the plugins are loaded. */
static void test_load(void **state)
{
	static const struct {
		const char *site;
		const char *args[3];
		const char *message;
		int error;
	} cases[] = {
		{ NULL,
		  { "plugin=mock-needs" },
		  "the plugin 'mock-needs' needs the option 'needed'",
		  VENV_ERR_USAGE },
		{ "[create]\npost-setup = mock-needs\n",
		  { NULL },
		  "the plugin 'mock-needs' needs the option 'needed'",
		  VENV_ERR_CONFIG },
		{ NULL, { "plugin=mock-needs:needed=x" }, NULL, 0 },
		{ NULL, { "plugin=mock-hooks:number=x" }, "number", VENV_ERR_USAGE },
		{ "[plugin:mock-hooks]\nnumber = x\n",
		  { "plugin=mock-hooks" },
		  "venvctl.ini:2: ",
		  VENV_ERR_CONFIG },
		{ NULL, { "plugin=mock-hooks:txt=x" }, "txt", VENV_ERR_USAGE },
		{ NULL,
		  { "plugin=mock-hooks:site=x" },
		  "'mock-hooks.site' can be set in the site's configuration only",
		  VENV_ERR_USAGE },
		{ "[plugin:mock-hooks]\nsite = x\n", { "plugin=mock-hooks" }, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = select_steps(cases[i].site, no_env, cases[i].args);

		if (!r)
			r = steps_load(&p.steps, &p.err);
		if (r != cases[i].error)
			fail_msg("%zu: %d: %s", i, r, venv_error_message(&p.err));
		if (r)
			assert_message(&p.err, cases[i].message);
		end();
	}
	/* Two instances share the shared object, and each has its own options. */
	assert_ok(select_steps("[plugin:one]\nuse = mock-hooks\ntext = 1\n"
			       "[plugin:two]\nuse = mock-hooks\ntext = 2\n",
			       no_env,
			       (const char *const[]){ "plugin=one", "plugin=two", NULL }),
		  &p.err);
	assert_ok(steps_load(&p.steps, &p.err), &p.err);
	assert_ptr_equal(p.steps.first->plugin, p.steps.first->next->plugin);
	assert_null(p.steps.loaded->next);
	end();
}

/* Directories of the search path, and what a variable of another user's names. */
static void test_search_path(void **state)
{
	char with[300];
	const char *const env[] = { with, NULL };
	const struct plugin_dir *d;

	(void)state;
	snprintf(with, sizeof(with), "VENVCTL_PLUGIN_PATH=%s/dir", scratch);
	assert_int_equal(mkdir(in_scratch("dir"), 0755), 0);
	assert_ok(select_steps("[venvctl]\nplugin-path = /site\n", env, no_args), &p.err);
	assert_int_equal(p.steps.registry.n_dirs, 4);
	d = p.steps.registry.dirs;
	assert_string_equal(d[0].path, MOCKS);
	assert_string_equal(d[0].origin, "--plugin-path");
	assert_string_equal(d[1].path, with + strlen("VENVCTL_PLUGIN_PATH="));
	assert_string_equal(d[1].origin, "VENVCTL_PLUGIN_PATH");
	assert_string_equal(d[2].path, "/site");
	assert_true(d[2].sites && !d[1].sites && !d[0].sites);
	assert_string_equal(d[3].path, TEST_PREFIX "/lib/venvctl/plugins");
	assert_true(d[3].built_in && !d[2].built_in);
	end();
	/* Root passes over one that others can write; for others its plugins are refused. */
	assert_int_equal(chmod(in_scratch("dir"), 0777), 0);
	assert_ok(select_steps(NULL, env, no_args), &p.err);
	assert_int_equal(p.steps.registry.n_dirs, geteuid() == 0 ? 2 : 3);
	if (geteuid() == 0)
		assert_non_null(strstr(str_text(&p.warnings),
				       "passing over what VENVCTL_PLUGIN_PATH names: "));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_scratch(test_defaults),	with_scratch(test_values),
		with_scratch(test_exclusions),	with_scratch(test_which),
		with_scratch(test_pairs),	with_scratch(test_required),
		with_scratch(test_order),	with_scratch(test_pip),
		with_scratch(test_lists_pip),	with_scratch(test_load),
		with_scratch(test_search_path),
	};

	return cmocka_run_group_tests_name("steps", tests, NULL, NULL);
}
