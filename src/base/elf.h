/* SPDX-License-Identifier: MIT */
/*
 * elf.h - what an ELF file says about itself, without any of its code being run
 *
 * Every number in the file is checked against its size before it is used: a
 * truncated file that dlopen() would die of (SIGBUS) is refused here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "macro.h"

struct elf {
	const unsigned char *map;
	size_t size;
	size_t phdr_offset;
	unsigned phdr_count;
	bool shared; /* ET_DYN */
};

/*
 * Map the file behind FD.  NULL, or why it is not whole ELF for this machine: "not
 * an ELF file", "for another kind of machine", "truncated".
 */
const char *elf_open(struct elf *e, int fd) _must_check_;
void elf_close(struct elf *e);

/* The first note of OWNER and TYPE: its description, *borrows*; NULL if none. */
const unsigned char *elf_note(const struct elf *e, const char *owner, uint32_t type,
			      size_t *len);

/*
 * Copy the first N bytes of the exported data symbol NAME; false if it is not
 * defined here or smaller.
 */
bool elf_symbol(const struct elf *e, const char *name, void *value, size_t n);

/*
 * The first exported symbol (of global or weak binding, defined here) from number *I on,
 * which is moved behind it; begin with 0.  NULL if there is no more; *borrows*.
 */
const char *elf_exported(const struct elf *e, size_t *i);

/* The N-th needed library, NULL beyond the last; *borrows*. */
const char *elf_needed(const struct elf *e, unsigned n);

/* RUNPATH, else RPATH, else NULL; *borrows*. */
const char *elf_runpath(const struct elf *e);
