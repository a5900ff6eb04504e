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
mkdir -p "$out/obj" "$out/new"

export out top build
export flags="-std=gnu17 -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined
	-fno-sanitize-recover=all -D_GNU_SOURCE -DHAVE_CONFIG_H -DFUZZ_ALONE -DTEST_PREFIX=\"/nowhere\" -I$build -I$top/include
	-I$top/src -I$top $(pkg-config --cflags libzip libcurl libcrypto INIReader 2>/dev/null ||
	pkg-config --cflags libzip libcurl libcrypto)"

# object SOURCE: compile it, unless that was done since it or a header was changed.
cat >"$out/object" <<'END'
object=$out/obj/$(echo "${1#"$top"/}" | sed "s,^$build/,," | tr / _).o
if [ ! -e "$object" ] || [ -n "$(find "$1" "$top"/src "$top"/modules "$top"/plugins \
	"$top"/tests/fuzz "$top"/include \( -name '*.h' -o -path "$1" \) -newer "$object" | head -n 1)" ]; then
	clang $flags -c "$1" -o "$object" || exit 255
fi
END

rooms="util fs load config python plugin layout store"
{
	for room in $rooms; do
		ls "$top/src/$room"/*.c | grep -v /load/paths.c
	done
	echo "$build/src/layout/templates.c"
	ls "$top"/modules/wheel.c "$top"/modules/fetch_url.c "$top"/tests/paths.c
	ls "$top"/plugins/*.c | grep -E '/(markers|requirements|requires|installer|wheels)\.c$'
	ls "$top"/tests/fuzz/*.c | grep -v /replay.c
} | xargs -P"$(nproc)" -n1 sh "$out/object"

rm -f "$out/rooms.a"
# The targets, each of which has the entry, stay outside.
find "$out/obj" -name '*.o' ! -name 'tests_fuzz_*' -print0 | xargs -0 ar rcs "$out/rooms.a"

[ $# -gt 0 ] || set -- $(cd "$top/tests/fuzz" && ls *.c | sed 's/\.c$//' | grep -v '^replay$')
failed=0
for target; do
	corpus=$top/tests/fuzz/corpus/$target
	new=$out/new/$target
	mkdir -p "$corpus" "$new" "$out/crash"
	clang $flags -fsanitize=fuzzer "$out/obj/tests_fuzz_$target.c.o" "$out/rooms.a" \
		-o "$out/$target" $(pkg-config --libs libzip libcurl libcrypto) -linih -lltdl
	if ! "$out/$target" "$limit" -timeout=10 -rss_limit_mb=4096 -max_len=8192 -print_final_stats=1 \
		-artifact_prefix="$out/crash/$target-" "$new" "$corpus" >"$out/$target.log" 2>&1; then
		failed=1
		echo "FAILED: $target"
		grep -E "not so|ERROR|SUMMARY|runtime error|TEST_|written to|^    #[0-9]* .* in .*/(src|modules|plugins|tests)/" "$out/$target.log" | head -n 30
	fi
	printf '%s: %s executions, %s edges covered, %s inputs kept\n' "$target" \
		"$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/$target.log")" \
		"$(sed -n 's/^#.* cov: \([0-9]*\) .*/\1/p' "$out/$target.log" | tail -n 1)" \
		"$(ls "$corpus" | wc -l)"
	if [ "$keep" ]; then
		"$out/$target" -merge=1 -max_len=8192 "$corpus" "$new" >/dev/null 2>&1 || failed=1
	fi
done
exit $failed
