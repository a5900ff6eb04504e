/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "load.h"

#include "fs/fs.h"

static const char *const names[MODULE_COUNT] = {
	[MODULE_DIGEST] = "digest",
	[MODULE_WHEEL] = "wheel",
	[MODULE_JSON] = "json",
	[MODULE_FETCH] = "fetch",
};

#define STRING_(x) #x
#define STRING(x)  STRING_(x)

const void *module_get(struct modules *m, enum module which, struct venv_error *err)
{
	const char *dir, *file, *symbol;
	const void *(*entry)(void);

	if (m->table[which])
		return m->table[which];
	dir = paths_libdir(m->arena, NULL);
	file = dir ? arena_printf(m->arena, "%s/modules/%s.so", dir, names[which]) : NULL;
	symbol = arena_printf(m->arena,
			      "venvctl_module_%s_" STRING(VENVCTL_MODULE_VERSION),
			      names[which]);
	if (!file || !symbol) {
		error_nomem(err);
		return NULL;
	}
	m->open[which] = dso_open(file, err);
	if (!m->open[which]) {
		error_prefix(err, VENV_ERR_UNSUPPORTED, "the module '%s' is needed",
			     names[which]);
		if (err)
			err->code = VENV_ERR_UNSUPPORTED;
		return NULL;
	}
	*(void **)&entry = dso_symbol(m->open[which], symbol);
	if (!entry) {
		error_set(err, VENV_ERR_UNSUPPORTED,
			  "'%s' is not the module '%s' of venvctl " PACKAGE_VERSION, file,
			  names[which]);
		return NULL;
	}
	m->table[which] = entry();
	return m->table[which];
}

void modules_release(struct modules *m)
{
	for (int i = 0; i < MODULE_COUNT; i++) {
		dso_close(m->open[i]);
		m->open[i] = NULL;
		m->table[i] = NULL;
	}
}
