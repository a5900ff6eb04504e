/* SPDX-License-Identifier: MIT */
/*
 * newer-host.c - the loader of a later minor version, and a plugin of ABI 1.0
 *
 * Built by the test alone, with a copy of the header in which each structure has one
 * member more.  Prints what the loader has made of the plugin.
 */
#include <config.h>

#include <stdio.h>

#include "fs/fs.h"
#include "plugin/plugin.h"

int main(int argc, char **argv)
{
	struct arena a = { 0 };
	struct trust trust = { .arena = &a };
	struct registry registry = { .arena = &a, .trust = &trust };
	struct venv_error err = VENV_ERROR_INIT;
	struct candidate file;
	struct plugin *p;

	if (argc != 2 || registry_open_path(&registry, argv[1], &file, &err) ||
	    plugin_open(&a, &file, &p, &err)) {
		fprintf(stderr, "%s\n", venv_error_message(&err));
		return 1;
	}
	printf("%s of 1.%u in a host of 1.%u\n", p->name, p->note.abi_version & 0xffff,
	       VENV_PLUGIN_ABI_MINOR);
	printf("open %d, post_setup %d, more %d\n", !!p->table.open,
	       !!p->table.post_setup, !!p->table.more);
	for (size_t i = 0; i < p->n_options; i++)
		printf("option %s, more %d\n", p->table.options[i].name,
		       !!p->table.options[i].more);
	plugin_close(p);
	arena_release(&a);
	return 0;
}
