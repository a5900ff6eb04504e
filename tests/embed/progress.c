/* SPDX-License-Identifier: MIT */
/* progress.c - what venv_progress_stderr shows, with its data NULL and with a true int */
#include <venvctl/venvctl.h>

#include <string.h>

static void say(void *data, int stream, const char *text)
{
	venv_progress_stderr(data, stream, text, strlen(text));
}

int main(void)
{
	int verbose = 1;

	say(NULL, VENV_STREAM_MAIN, "Installing pip ...");
	say(NULL, VENV_STREAM_STDOUT, "one\n");
	say(NULL, VENV_STREAM_STDERR, "two\n");
	say(NULL, VENV_STREAM_MAIN, "done.\n");
	say(&verbose, VENV_STREAM_STDOUT, "three\n");
	return 0;
}
