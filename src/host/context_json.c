/* SPDX-License-Identifier: MIT */
/* context_json.c - EnvBuilder's context as JSON, for programs that are no plugins */
#include <config.h>

#include <string.h>

#include "util/util.h"
#include "session.h"
#include "modules/json.h"

static int set_text(const struct json_module *m, void *object, const char *key,
		    const char *text)
{
	_cleanup_str_ struct str good = STR_INIT;
	size_t n = text ? strlen(text) : 0, len;
	uint32_t cp;

	if (!text || utf8_valid(text, n))
		return m->set_text(object, key, text);
	for (; n; text += len, n -= len) {
		len = utf8_decode(text, n, &cp);
		utf8_add(&good, len ? cp : 0xfffd);
		len += !len;
	}
	return str_failed(&good) ? -1 : m->set_text(object, key, str_text(&good));
}

static int fill(const struct json_module *m, void *object, const struct venv_context *c)
{
	const struct {
		const char *key, *text;
	} texts[] = {
		{ "env_dir", c->env_dir },
		{ "env_name", c->env_name },
		{ "prompt", c->prompt },
		{ "executable", c->executable },
		{ "python_dir", c->python_dir },
		{ "python_exe", c->python_exe },
		{ "inc_path", c->inc_path },
		{ "lib_path", c->lib_path },
		{ "platlib_path", c->platlib_path },
		{ "bin_path", c->bin_path },
		{ "bin_name", c->bin_name },
		{ "env_exe", c->env_exe },
		{ "env_exec_cmd", c->env_exec_cmd },
		{ "cfg_path", c->cfg_path },
		{ "stage_dir", c->stage_dir },
		{ "base_prefix", c->base_prefix },
		{ "stdlib_dir", c->stdlib_dir },
		{ "implementation", c->implementation },
		{ "cache_tag", c->cache_tag },
		{ "wheel_dir", c->wheel_dir },
	};
	const struct {
		const char *key;
		uint32_t flag;
	} flags[] = {
		{ "system_site_packages", VENV_CONTEXT_SYSTEM_SITE_PACKAGES },
		{ "clear", VENV_CONTEXT_CLEAR },
		{ "symlinks", VENV_CONTEXT_SYMLINKS },
		{ "upgrade", VENV_CONTEXT_UPGRADE },
		{ "with_pip", VENV_CONTEXT_WITH_PIP },
		{ "with_setuptools", VENV_CONTEXT_WITH_SETUPTOOLS },
		{ "upgrade_deps", VENV_CONTEXT_UPGRADE_DEPS },
		{ "verbose", VENV_CONTEXT_VERBOSE },
		{ "offline", VENV_CONTEXT_OFFLINE },
		{ "existing", VENV_CONTEXT_EXISTING },
	};
	int r = m->set_int(object, "schema", 1);

	for (size_t i = 0; !r && i < ARRAY_SIZE(texts); i++)
		r = set_text(m, object, texts[i].key, texts[i].text);
	for (size_t i = 0; !r && i < ARRAY_SIZE(flags); i++)
		r = m->set_bool(object, flags[i].key, (c->flags & flags[i].flag) != 0);
	/* sys.hexversion, which compares as a number. */
	return r ? r : m->set_int(object, "python_version", c->python_version);
}

int context_json(struct venv_session *s, const char **json, struct venv_error *err)
{
	const struct json_module *m = module_get(&s->host->modules, MODULE_JSON, err);
	_cleanup_free_ char *text = NULL;
	void *object;

	*json = NULL;
	if (!m)
		return VENV_ERR_UNSUPPORTED;
	object = m->object();
	if (object && !fill(m, object, &s->host->build.context))
		text = m->dump(object);
	if (object)
		m->release(object);
	*json = text ? arena_strdup(&s->arena, text) : NULL;
	return *json ? 0 : error_nomem(err);
}
