/* SPDX-License-Identifier: MIT */
/* test-load.c - shared objects that are cut short */
#include <config.h>

#include "scratch.h"

#include "load/load.h"

/* Every cut of a shared object is refused, or whole as far as the loader looks. */
static void test_elf_truncated(void **state)
{
	static const char lib[] = "/proc/self/exe";
	struct str whole = STR_INIT;
	struct elf e;
	int fd;

	(void)state;
	assert_int_equal(file_read_at(AT_FDCWD, lib, 64u << 20, &whole), 0);
	for (size_t n = 0; n < 4096; n += 61) {
		fd = open(in_scratch("cut"), O_RDWR | O_CREAT | O_TRUNC, 0644);
		assert_int_equal(file_write_fd(fd, whole.s, n), 0);
		assert_non_null(elf_open(&e, fd));
		close(fd);
	}
	str_release(&whole);
	fd = open("/proc/self/exe", O_RDONLY);
	assert_null(elf_open(&e, fd));
	assert_non_null(elf_needed(&e, 0));
	elf_close(&e);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = { with_scratch(test_elf_truncated) };

	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
