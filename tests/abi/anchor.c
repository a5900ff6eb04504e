/* SPDX-License-Identifier: MIT */
/*
 * anchor.c - every type of the plugin ABI in one object, for abidw and abidiff
 *
 * A function whose argument leads to each of them: a type of a variable would make the
 * variable's size part of what is compared.
 */
#include <venvctl/plugin.h>

struct venv_abi_anchor {
	const struct venv_plugin *plugin;
	const struct venv_option *option;
	const struct venv_context *context;
	const struct venv_host *host;
	struct venv_run *run;
	const struct venv_wheel *wheel;
	struct venv_download *download;
	const struct venv_note *note;
	venv_plugin_entry_fn *entry;
	enum venv_stage stage;
	enum venv_stream stream;
	enum venv_log_level level;
	enum venv_option_type type;
};

VENV_EXPORT void venv_abi(const struct venv_abi_anchor *types);
void venv_abi(const struct venv_abi_anchor *types)
{
	(void)types;
}
