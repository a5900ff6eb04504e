/* SPDX-License-Identifier: MIT */
/* mock-gate.c - a plugin that takes turns and keeps its own until the file "go" is there */
#include <venvctl/plugin.h>

#include <fcntl.h>
#include <unistd.h>

static int seed(void *data)
{
	(void)data;
	close(open("inside", O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
	for (int i = 0; i < 3000 && access("go", F_OK); i++)
		usleep(10000);
	return access("go", F_OK) ? VENV_ERR_FAILED : VENV_OK;
}

VENV_PLUGIN_DEFINE(mock_gate, "1.0", .seed = seed);
