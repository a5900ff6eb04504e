# SPDX-License-Identifier: MIT
# analysis.sh - what CI checks besides the suite; sourced by check.sh
# shellcheck shell=sh
# shellcheck disable=SC2154

# What differs in the compiler alone need not be seen with every interpreter and name.
VENVCTL_QUICK=1 SWEEP=3
export VENVCTL_QUICK SWEEP
# Digests by the other library, too.
suite clang-sanitized check CC=clang CFLAGS="-O1 -g -Werror" --enable-sanitizers --without-nettle

c_files() {
	if [ -e .git ]; then
		git ls-files '*.c' '*.h' ':!share'
	else
		find src include modules plugins tests examples -name '*.[ch]'
	fi
}

format() { c_files | xargs clang-format --dry-run -Werror; }
step "clang-format" format

tidy() {
	# What is compiled with flags of its own is tidied with those of the whole;
	# paths.c has nothing but definitions from its own.
	c_files | grep -E '^(src|modules|plugins)/.*\.c$' | grep -v '^src/load/paths\.c$' |
		xargs -P"$jobs" -n 6 sh -c 'exec clang-tidy --quiet --warnings-as-errors="*" \
			"$@" -- -std=gnu17 -Ibuild/gcc -Iinclude -Isrc -I. \
			-DHAVE_CONFIG_H -D_GNU_SOURCE' sh
}
step "clang-tidy" tidy

step "cppcheck" cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 \
	--enable=warning,portability -j"$jobs" -Iinclude -Isrc -I. -DHAVE_CONFIG_H \
	--suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
	src modules plugins

scripts() {
	shellcheck -x autogen.sh tools/*.sh .ci/run tests/driver.sh tests/check/*.sh \
		tests/fuzz/run.sh tests/release/*.sh packaging/debian/venvctl.post* &&
		shellcheck -s bash -e SC1091,SC2030,SC2031,SC2154,SC2034 tests/cases/common.bash
}
step "shellcheck" scripts

memory() {
	make -s -C build/gcc check TESTS= || return 1
	dir=$(mktemp -d) || return 1
	for what in "create --without-pip $dir/a" "create --without-pip --clear $dir/a" \
		"create $dir/b" "create --json --without-pip $dir/c" "config show" \
		"plugins list" "python list"; do
		# shellcheck disable=SC2086
		VENVCTL_CACHE_DIR=$dir/cache valgrind -q --error-exitcode=9 --leak-check=full \
			--errors-for-leak-kinds=definite --track-fds=yes --trace-children=no \
			build/gcc/tests/root/bin/venvctl $what || return 1
	done
	rm -rf "$dir"
}
step "valgrind" memory

# A few seconds for each reader of what others wrote; by hand with -n 1000000.
fuzzed() { tests/fuzz/run.sh build/gcc -s "${FUZZ_SECONDS:-4}" >build/fuzz.log 2>&1; }
step "fuzzing" fuzzed
cat build/fuzz.log
