#!/bin/sh
# SPDX-License-Identifier: MIT
# Run the tests: from a fresh checkout to one line that counts them.
#
#   tools/check.sh            the test suite
#   tools/check.sh --all      and what CI checks besides: distcheck, another compiler,
#                             sanitizers, valgrind, static analysis, formatting
#   tools/check.sh --release  only what takes long and changes rarely: tests/release
set -u
cd "$(dirname "$0")/.." || exit 1
top=$PWD
jobs=$(nproc 2>/dev/null || echo 2)
mode=${1-}
case $mode in
'' | --all | --release) ;;
*)
	sed -n 's/^#  \( .*\)/\1/p' "$0" >&2
	exit 2
	;;
esac

passed=0 failed=0 skipped=0

# The tests set an environment of their own; what the build inherits is plain.
unset MAKEFLAGS DESTDIR

# watched LOG COMMAND...: run it into LOG; a line comes out for each test file that ends.
watched() {
	log=$1
	shift
	{
		"$@" 2>&1
		echo $? >"$log.status"
	} | tee "$log" | awk '/^DONE: / { sub(/^DONE: /, "   "); print; fflush() }'
	return "$(cat "$log.status")"
}

# reasons DIR: what the tests below DIR that failed have said; of one that fell over
# without a result, the last that it said.
reasons() {
	find "$1" -name '*.trs' -exec grep -lE '^:test-result: (FAIL|ERROR|XPASS)' {} + |
		sort | while read -r trs; do
		log=${trs%.trs}.log
		echo "-- $log"
		awk -v most=60 '
			/^(PASS|SKIP|XFAIL|FAIL|XPASS): / { next }
			/^(ok|1\.\.)/ { shown = 0; next }
			/^(not ok|Bail out!)/ { shown = any = 1 }
			{ last[n++ % 20] = $0 }
			shown && ++lines <= most
			END {
				if (lines > most)
					print "... and " lines - most " lines more"
				for (i = n > 20 ? n - 20 : 0; !any && i < n; i++)
					print last[i % 20]
			}' "$log"
	done
}

# count KIND DIR: how many results of this kind the tests below DIR have.
count() {
	find "$2" -name '*.trs' -exec grep -hE "^:test-result: ($1)" {} + | wc -l
}

# step NAME COMMAND...: one check that passes or fails as a whole.
step() {
	name=$1
	shift
	began=$(date +%s)
	echo "== $name"
	if watched "$top/build/check.log" "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		tail -n 60 "$top/build/check.log"
		echo "FAILED: $name"
	fi
	echo "   $(($(date +%s) - began)) s"
}

# built_and_tested DIR MAKE-ARGUMENT [CONFIGURE-ARGUMENT...]
built_and_tested() {
	cd "$1" || return 1
	more=$2
	shift 2
	"$top/configure" --quiet "$@" && make -s -j"$jobs" &&
		make -s -O -j"$jobs" check ${more:+"$more"}
}

# suite NAME MAKE-ARGUMENT [CONFIGURE-ARGUMENT...]: build in build/NAME and run its tests;
# the results are added up.
suite() {
	name=$1
	shift
	began=$(date +%s)
	echo "== make check ($name)"
	dir=build/$name
	mkdir -p "$dir/tests"
	# Results of tests that are no more would be counted.
	find "$dir/tests" -name '*.trs' -exec rm -f {} +
	status=0
	watched "$top/$dir/check.log" built_and_tested "$dir" "$@" || status=1
	reasons "$dir/tests"
	bad=$(count 'FAIL|ERROR|XPASS' "$dir/tests")
	# What did not get as far as its tests, or not through them, is a failure, not a zero.
	if [ "$status" != 0 ] && [ "$bad" = 0 ]; then
		tail -n 60 "$dir/check.log"
		bad=1
	fi
	failed=$((failed + bad))
	passed=$((passed + $(count PASS "$dir/tests")))
	skipped=$((skipped + $(count SKIP "$dir/tests")))
	# bats writes "# skip", the others "# SKIP"; a file that is skipped as a whole, "1..0".
	find "$dir/tests" -name '*.trs' | sort | sed 's/trs$/log/' | while read -r log; do
		sed -n "s|^ok [0-9]* *-* *\(.*# [Ss][Kk][Ii][Pp]\)|skipped ($name): \1|p
			s|^1\.\.0 \(# [Ss][Kk][Ii][Pp]\)|skipped ($name): ${log#"$dir/"} \1|p" "$log"
	done >>build/skipped
	echo "   $(($(date +%s) - began)) s"
}

mkdir -p build
: >build/skipped
tools/packages.sh --tests || exit 1
# Always made anew: a stale configure would test yesterday's build.
./autogen.sh >build/autogen.log 2>&1 || {
	cat build/autogen.log
	exit 1
}

case $mode in
--release)
	suite release RELEASE=yes CFLAGS="-O2 -g -Werror"
	;;
*)
	suite gcc '' CFLAGS="-O2 -g -Werror"
	[ "$mode" != --all ] || . tools/analysis.sh
	;;
esac

cat build/skipped
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
