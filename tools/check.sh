#!/bin/sh
# SPDX-License-Identifier: MIT
# Run the tests: from a fresh checkout to one line that counts them.
#
#   tools/check.sh          the test suite
#   tools/check.sh --all    and what CI checks besides: distcheck, another compiler,
#                           sanitizers, valgrind, static analysis, formatting
set -u
cd "$(dirname "$0")/.." || exit 1
top=$PWD
jobs=$(nproc 2>/dev/null || echo 2)
all=
[ "${1-}" = --all ] && all=yes

passed=0 failed=0 skipped=0

# The tests set an environment of their own; what the build inherits is plain.
unset MAKEFLAGS DESTDIR

step() { # step NAME COMMAND...: one check that passes or fails as a whole
	name=$1
	shift
	echo "== $name"
	if "$@" >"$top/build/check.log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		tail -n 60 "$top/build/check.log"
		echo "FAILED: $name"
	fi
}

# Build in build/NAME and run the suite; its results are added up.
suite() { # suite NAME [CONFIGURE-ARGUMENT...]
	name=$1
	shift
	echo "== make check ($name)"
	dir=$top/build/$name
	mkdir -p "$dir"
	log=$dir/check.log
	if ! (cd "$dir" && "$top/configure" --quiet "$@" && make -s -j"$jobs" &&
		make -s -j"$jobs" check) >"$log" 2>&1; then
		grep -E '^(FAIL|ERROR|XPASS):' "$log" | sort -u
		grep -q '^# TOTAL:' "$log" || tail -n 60 "$log"
	fi
	# bats writes "# skip", the others "# SKIP".
	sed -n 's/^ok [0-9]* *-* *\(.*# [Ss][Kk][Ii][Pp]\)/skipped: \1/p' "$dir"/tests/*/*.log \
		2>/dev/null
	for kind in PASS SKIP FAIL XPASS ERROR; do
		n=$(sed -n "s/^# $kind: *\([0-9]*\)$/\1/p" "$log" | tail -n 1)
		case $kind in
		PASS) passed=$((passed + ${n:-0})) ;;
		SKIP) skipped=$((skipped + ${n:-0})) ;;
		*) failed=$((failed + ${n:-0})) ;;
		esac
	done
	# A build that did not get as far as its tests is a failure, not a zero.
	grep -q '^# TOTAL:' "$log" || failed=$((failed + 1))
}

mkdir -p build
tools/packages.sh --tests || exit 1
# Always made anew: a stale configure would test yesterday's build.
./autogen.sh >build/autogen.log 2>&1 || {
	cat build/autogen.log
	exit 1
}

suite gcc CFLAGS="-O2 -g -Werror"
if [ "$all" ]; then
	. tools/analysis.sh
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
