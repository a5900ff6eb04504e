#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh - every fuzz target with libFuzzer, over its kept corpus
#
#   tests/fuzz/run.sh BUILD [-s SECONDS | -n RUNS] [-k] [TARGET...]
#
# BUILD is a build tree that was made already (for config.h and the templates); what is
# needed of it is compiled once more by clang into BUILD/fuzz, with coverage and sanitizers.
# Each target runs for SECONDS (5), or RUNS inputs, and prints how many it had and what it
# covered.  -k keeps in the corpus what reached something new.  What crashes is in
# BUILD/fuzz/crash.
# shellcheck disable=SC2086 # flags are words
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "${1:?a build tree}" && pwd)
shift
limit=-max_total_time=5 keep=
while getopts s:n:k option; do
	case $option in
	s) limit=-max_total_time=$OPTARG ;;
	n) limit=-runs=$OPTARG ;;
	k) keep=yes ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
out=$build/fuzz
mkdir -p "$out/obj" "$out/new" "$out/crash"

echo '#define TEST_PREFIX "/nowhere"' >"$out/prefix.h"
libraries=$(pkg-config --libs libzip libcurl libcrypto)
flags="-std=gnu17 -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined
	-fno-sanitize-recover=all -D_GNU_SOURCE -DHAVE_CONFIG_H -DFUZZ_ALONE -include $out/prefix.h
	-I$build -I$top/include -I$top/src -I$top $(pkg-config --cflags libzip libcurl libcrypto)"
export out top build flags

# object SOURCE: compile it, unless that was done since it or a header was changed.
# shellcheck disable=SC2016 # for the shell that reads it
echo 'name=${1#"$top"/}
object=$out/obj/$(echo "${name#"$build"/}" | tr / _).o
changed() {
	[ ! -e "$object" ] || [ "$1" -nt "$object" ] || [ -n "$(find "$top/src" "$top/modules" \
		"$top/plugins" "$top/include" "$top/tests" -name "*.h" -newer "$object")" ]
}
! changed "$1" || clang $flags -c "$1" -o "$object" || exit 255' >"$out/object"

{
	for room in util fs load config python plugin layout store transaction; do
		find "$top/src/$room" -name '*.c' ! -name paths.c
	done
	find "$top/tests/fuzz" -name '*.c' ! -name replay.c
	for name in wheels installer requirements requires markers; do
		echo "$top/plugins/$name.c"
	done
	printf '%s\n' "$build/src/layout/templates.c" "$top/modules/wheel.c" \
		"$top/modules/fetch_url.c" "$top/tests/paths.c"
} | xargs -P"$(nproc)" -n1 sh "$out/object"

# The targets, each of which has the entry, stay outside.
rm -f "$out/rooms.a"
find "$out/obj" -name '*.o' ! -name 'tests_fuzz_*' -exec ar rcs "$out/rooms.a" {} +

if [ $# = 0 ]; then
	for source in "$top"/tests/fuzz/*.c; do
		name=${source##*/}
		[ "$name" = replay.c ] || set -- "$@" "${name%.c}"
	done
fi
failed=0
for target; do
	corpus=$top/tests/fuzz/corpus/$target new=$out/new/$target log=$out/$target.log
	mkdir -p "$corpus" "$new"
	clang $flags -fsanitize=fuzzer "$out/obj/tests_fuzz_$target.c.o" "$out/rooms.a" \
		-o "$out/$target" $libraries -linih -lltdl
	if ! "$out/$target" "$limit" -timeout=10 -rss_limit_mb=4096 -max_len=4096 \
		-print_final_stats=1 -artifact_prefix="$out/crash/$target-" \
		"$new" "$corpus" >"$log" 2>&1; then
		failed=1
		echo "FAILED: $target"
		grep -E "not so:|ERROR|SUMMARY|runtime error|written to|/(src|modules|plugins|tests)/" \
			"$log" | head -n 30
	fi
	printf '%s: %s executions, %s edges covered, %s inputs kept\n' "$target" \
		"$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
		"$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)" \
		"$(find "$corpus" -type f | wc -l)"
	[ -z "$keep" ] || "$out/$target" -merge=1 -use_counters=0 -max_len=1024 "$corpus" "$new" \
		>/dev/null 2>&1 || failed=1
done
exit $failed
