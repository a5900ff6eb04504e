/* SPDX-License-Identifier: MIT */
#include <config.h>

#include "load.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#if __SIZEOF_POINTER__ == 8
#define NATIVE_CLASS	  ELFCLASS64
#define NATIVE_ST_TYPE(i) ELF64_ST_TYPE(i)
#define NATIVE_ST_BIND(i) ELF64_ST_BIND(i)
#else
#define NATIVE_CLASS	  ELFCLASS32
#define NATIVE_ST_TYPE(i) ELF32_ST_TYPE(i)
#define NATIVE_ST_BIND(i) ELF32_ST_BIND(i)
#endif
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE_DATA ELFDATA2LSB
#else
#define NATIVE_DATA ELFDATA2MSB
#endif

/* N bytes at OFFSET, or NULL. */
static const void *at(const struct elf *e, uint64_t offset, uint64_t n)
{
	return offset <= e->size && n <= e->size - offset ? e->map + offset : NULL;
}

static bool segment(const struct elf *e, unsigned i, ElfW(Phdr) * ph)
{
	if (i >= e->phdr_count)
		return false;
	memcpy(ph, e->map + e->phdr_offset + i * sizeof(*ph), sizeof(*ph));
	return true;
}

/* The machine that this code was compiled for, as our own file says it. */
static uint16_t native_machine(void)
{
#if defined(__x86_64__)
	return EM_X86_64;
#elif defined(__i386__)
	return EM_386;
#elif defined(__aarch64__)
	return EM_AARCH64;
#elif defined(__arm__)
	return EM_ARM;
#elif defined(__riscv)
	return EM_RISCV;
#elif defined(__powerpc64__)
	return EM_PPC64;
#elif defined(__s390__)
	return EM_S390;
#else
	return EM_NONE;
#endif
}

const char *elf_open(struct elf *e, int fd)
{
	ElfW(Ehdr) eh;
	ElfW(Phdr) ph;
	struct stat st;
	const char *why = NULL;
	void *map;

	*e = (struct elf){ 0 };
	if (fstat(fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(eh))
		return "not an ELF file";
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return strerror(errno);
	e->map = map;
	e->size = (size_t)st.st_size;
	memcpy(&eh, e->map, sizeof(eh));
	if (memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0)
		why = "not an ELF file";
	else if (eh.e_ident[EI_CLASS] != NATIVE_CLASS ||
		 eh.e_ident[EI_DATA] != NATIVE_DATA ||
		 (native_machine() != EM_NONE && eh.e_machine != native_machine()))
		why = "for another kind of machine";
	else if (eh.e_phentsize != sizeof(ph) || eh.e_phoff > SIZE_MAX ||
		 !at(e, eh.e_phoff, (uint64_t)eh.e_phnum * sizeof(ph)))
		why = "truncated";
	if (!why) {
		e->phdr_offset = (size_t)eh.e_phoff;
		e->phdr_count = eh.e_phnum;
		e->shared = eh.e_type == ET_DYN;
		for (unsigned i = 0; segment(e, i, &ph); i++) {
			if (ph.p_type != PT_NULL && !at(e, ph.p_offset, ph.p_filesz))
				why = "truncated";
		}
	}
	if (why)
		elf_close(e);
	return why;
}

void elf_close(struct elf *e)
{
	if (e->map)
		munmap((void *)(uintptr_t)e->map, e->size);
	*e = (struct elf){ 0 };
}

const unsigned char *elf_note(const struct elf *e, const char *owner, uint32_t type,
			      size_t *len)
{
	size_t owner_size = strlen(owner) + 1;
	size_t padding = (4 - owner_size % 4) % 4;
	ElfW(Phdr) ph;

	for (unsigned i = 0; segment(e, i, &ph); i++) {
		uint64_t pos = 0;

		if (ph.p_type != PT_NOTE)
			continue;
		while (ph.p_filesz - pos >= 12) {
			const unsigned char *n = e->map + ph.p_offset + pos;
			uint32_t head[3]; /* namesz, descsz, type */
			uint64_t name, total;

			memcpy(head, n, sizeof(head));
			name = ((uint64_t)head[0] + 3) & ~UINT64_C(3);
			total = 12 + name + (((uint64_t)head[1] + 3) & ~UINT64_C(3));
			/* The last note of a segment may end without its padding. */
			if (12 + name + head[1] > ph.p_filesz - pos)
				break;
			/* Go counts the NULs that pad its name. */
			if (head[2] == type && name == owner_size + padding &&
			    head[0] >= owner_size && !memcmp(n + 12, owner, owner_size)) {
				*len = head[1];
				return n + 12 + name;
			}
			if (total > ph.p_filesz - pos)
				break;
			pos += total;
		}
	}
	return NULL;
}

/* File contents at a virtual address: the bytes up to the segment's end in *ROOM. */
static const unsigned char *at_address(const struct elf *e, uint64_t address,
				       uint64_t *room)
{
	ElfW(Phdr) ph;

	for (unsigned i = 0; segment(e, i, &ph); i++) {
		if (ph.p_type == PT_LOAD && address >= ph.p_vaddr &&
		    address - ph.p_vaddr < ph.p_filesz) {
			*room = ph.p_filesz - (address - ph.p_vaddr);
			return e->map + ph.p_offset + (address - ph.p_vaddr);
		}
	}
	return NULL;
}

/* The N-th entry with TAG in the dynamic section. */
static bool dynamic(const struct elf *e, int64_t tag, unsigned n, uint64_t *value)
{
	ElfW(Phdr) ph;

	for (unsigned i = 0; segment(e, i, &ph); i++) {
		if (ph.p_type != PT_DYNAMIC)
			continue;
		for (uint64_t pos = 0; pos + sizeof(ElfW(Dyn)) <= ph.p_filesz;
		     pos += sizeof(ElfW(Dyn))) {
			ElfW(Dyn) d;

			memcpy(&d, e->map + ph.p_offset + pos, sizeof(d));
			if (d.d_tag == DT_NULL)
				return false;
			if (d.d_tag == tag && !n--) {
				*value = d.d_un.d_val;
				return true;
			}
		}
	}
	return false;
}

/* String at OFFSET of the dynamic string table, NULL if that has no end. */
static const char *string(const struct elf *e, uint64_t offset)
{
	const unsigned char *table;
	uint64_t address, room;

	if (!dynamic(e, DT_STRTAB, 0, &address))
		return NULL;
	table = at_address(e, address, &room);
	if (!table || offset >= room ||
	    !memchr(table + offset, 0, (size_t)(room - offset)))
		return NULL;
	return (const char *)table + offset;
}

/* Number of dynamic symbols, from whichever hash table there is. */
static uint64_t symbol_count(const struct elf *e)
{
	const unsigned char *p;
	uint64_t address, room;
	uint32_t head[4]; /* DT_GNU_HASH: buckets, first symbol, bloom words, shift */
	uint64_t last = 0, chain;

	if (dynamic(e, DT_HASH, 0, &address) && (p = at_address(e, address, &room)) &&
	    room >= 8) {
		memcpy(head, p, 8);
		return head[1];
	}
	if (!dynamic(e, DT_GNU_HASH, 0, &address) ||
	    !(p = at_address(e, address, &room)) || room < sizeof(head))
		return 0;
	memcpy(head, p, sizeof(head));
	chain = sizeof(head) + (uint64_t)head[2] * sizeof(ElfW(Addr)) +
		(uint64_t)head[0] * 4;
	if (chain > room)
		return 0;
	for (uint32_t i = 0; i < head[0]; i++) {
		uint32_t bucket;

		memcpy(&bucket, p + chain - (uint64_t)(head[0] - i) * 4, 4);
		if (bucket > last)
			last = bucket;
	}
	if (last < head[1])
		return head[1];
	/* The chain of the last bucket ends with a value whose lowest bit is set. */
	for (;; last++) {
		uint64_t pos = chain + (last - head[1]) * 4;
		uint32_t value;

		if (pos + 4 > room)
			return last;
		memcpy(&value, p + pos, 4);
		if (value & 1)
			return last + 1;
	}
}

/* Dynamic symbol number I; false beyond the last. */
static bool symbol(const struct elf *e, uint64_t i, ElfW(Sym) * sym)
{
	uint64_t address, room;
	const unsigned char *table;

	if (i >= symbol_count(e) || !dynamic(e, DT_SYMTAB, 0, &address))
		return false;
	table = at_address(e, address, &room);
	if (!table || (i + 1) * sizeof(*sym) > room)
		return false;
	memcpy(sym, table + i * sizeof(*sym), sizeof(*sym));
	return true;
}

bool elf_symbol(const struct elf *e, const char *name, void *value, size_t n)
{
	uint64_t address, room, count = symbol_count(e);
	const unsigned char *table;

	if (!count || !dynamic(e, DT_SYMTAB, 0, &address))
		return false;
	table = at_address(e, address, &room);
	if (!table)
		return false;
	for (uint64_t i = 0; i < count && (i + 1) * sizeof(ElfW(Sym)) <= room; i++) {
		const unsigned char *data;
		const char *symbol;
		ElfW(Sym) sym;
		uint64_t left;

		memcpy(&sym, table + i * sizeof(sym), sizeof(sym));
		if (sym.st_shndx == SHN_UNDEF ||
		    NATIVE_ST_TYPE(sym.st_info) != STT_OBJECT || sym.st_size < n)
			continue;
		symbol = string(e, sym.st_name);
		if (!symbol || strcmp(symbol, name) != 0)
			continue;
		data = at_address(e, sym.st_value, &left);
		if (!data || left < n)
			return false;
		memcpy(value, data, n);
		return true;
	}
	return false;
}

const char *elf_exported(const struct elf *e, size_t *i)
{
	ElfW(Sym) sym;

	while (symbol(e, (*i)++, &sym)) {
		unsigned bind = NATIVE_ST_BIND(sym.st_info);

		if (sym.st_shndx != SHN_UNDEF && (bind == STB_GLOBAL || bind == STB_WEAK))
			return string(e, sym.st_name);
	}
	return NULL;
}

const char *elf_needed(const struct elf *e, unsigned n)
{
	uint64_t offset;

	return dynamic(e, DT_NEEDED, n, &offset) ? string(e, offset) : NULL;
}

const char *elf_runpath(const struct elf *e)
{
	uint64_t offset;

	if (dynamic(e, DT_RUNPATH, 0, &offset) || dynamic(e, DT_RPATH, 0, &offset))
		return string(e, offset);
	return NULL;
}
