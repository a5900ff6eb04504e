/* SPDX-License-Identifier: MIT */
/* mock-broken.c - a plugin whose structure is not what it should be, as -DFAULT says */
#include <venvctl/plugin.h>

#ifndef ABI
#define ABI VENV_PLUGIN_ABI_VERSION
#endif
#ifndef SIZE
#define SIZE sizeof(struct venv_plugin)
#endif
#ifndef STRIDE
#define STRIDE sizeof(struct venv_option)
#endif
#ifndef NAME
#define NAME "mock_broken"
#endif
#ifndef OPTION
#define OPTION { "one", VENV_OPTION_STRING, 0, NULL, "one", NULL, NULL }, VENV_OPTION_END
#endif
#ifndef RETURN
#define RETURN &plugin
#endif
#ifndef NOTE
#define NOTE VENV_PLUGIN_NOTE_
#endif
#ifndef ENTRY
#define ENTRY mock_broken_LTX_venv_plugin_v1
#endif

NOTE("mock_broken", mock_broken, "1.0", "", "", "")

static const struct venv_option options[300] = { OPTION };
#define STRUCTURE                                                                  \
	{                                                                          \
		.struct_size = (uint32_t)(SIZE), .abi_version = ABI,               \
		.option_size = (uint32_t)(STRIDE), .name = NAME, .version = "1.0", \
		.options = options                                                 \
	}
static const struct venv_plugin plugin = STRUCTURE;
/* What lies behind a structure belongs to somebody else. */
static const struct {
	struct venv_plugin plugin;
	const void *behind[8];
} poisoned = { STRUCTURE, { &plugin, &plugin, &plugin, &plugin } };

VENV_EXPORT venv_plugin_entry_fn ENTRY;
const struct venv_plugin *ENTRY(uint32_t host_abi)
{
	(void)host_abi;
	return RETURN;
}
