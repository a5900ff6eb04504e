#!/bin/sh
# SPDX-License-Identifier: MIT
# Run the tests: from a fresh checkout to one line that counts them.
#
#   tools/check.sh            the test suite
#   tools/check.sh --all      and what CI checks besides: distcheck, another compiler,
#                             sanitizers, valgrind, static analysis, formatting
#   tools/check.sh --release  only what takes long and changes rarely: tests/release
set -u
# What a job in the background ignores, its children cannot be interrupted by: the tests do that.
if [ -z "${CHECK_SIGNALS-}" ] && env --default-signal=INT true 2>/dev/null; then
	CHECK_SIGNALS=default exec env --default-signal=INT --default-signal=QUIT "$0" "$@"
fi
cd "$(dirname "$0")/.." || exit 1
top=$PWD
# One more than there are cores: many a test waits for something.
jobs=$(($(nproc 2>/dev/null || echo 2) + 1))
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

# at_work DIR: every few minutes, the test files that have begun and not ended.
at_work() {
	while sleep 240 >/dev/null 2>&1; do
		find "$1" -path '*/tests/*.log' | sort | while read -r log; do
			[ -e "${log%.log}.trs" ] || basename "$log" .log
		done | tr '\n' ' ' | sed 's/^/   ... /; s/ *$/\n/'
	done
}

# watched DIR LOG COMMAND...: run it into LOG; a line comes out for each test file that ends.
watched() {
	dir=$1 log=$2
	shift 2
	at_work "$dir" &
	{
		"$@" 2>&1
		echo $? >"$log.status"
	} | tee "$log" | awk '/^DONE: / { sub(/^DONE: /, "   "); print; fflush() }'
	kill $!
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

# count KIND LOG: how many results of this kind are in LOG.
count() {
	awk -v kind="$1" '/^DONE: / {
		for (i = 2; i <= NF; i++)
			if ($i ~ "^" kind) n += $(i - 1)
	}
	END { print n + 0 }' "$2"
}

# step NAME COMMAND...: one check that passes or fails as a whole.
step() {
	name=$1
	shift
	began=$(date +%s)
	echo "== $name"
	if watched build "$top/build/check.log" "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		tail -n 60 "$top/build/check.log"
		echo "FAILED: $name"
	fi
	echo "   $(($(date +%s) - began)) s"
}

# tested DIR TARGET [CONFIGURE-ARGUMENT...]: built there, and tested by that target.
tested() {
	cd "$1" || return 1
	target=$2
	shift 2
	"$top/configure" --quiet "$@" && make -s -j"$jobs" &&
		make -s -O -j"$jobs" "$target" AM_COLOR_TESTS=no \
			DISTCHECK_CONFIGURE_FLAGS="$(printf "'%s' " "$@")"
}

# suite NAME TARGET [CONFIGURE-ARGUMENT...]: build in build/NAME and run tests; the results
# are added up.
suite() {
	name=$1
	began=$(date +%s)
	echo "== make $2 ($name)"
	shift
	dir=build/$name
	mkdir -p "$dir/tests"
	# Of tests that are no more.
	find "$dir/tests" \( -name '*.trs' -o -name '*.log' \) -exec rm -f {} +
	status=0
	watched "$dir" "$top/$dir.log" tested "$dir" "$@" || status=1
	reasons "$dir"
	bad=$(count FAILED "$dir.log")
	# What did not get as far as its tests, or not through them, is a failure, not a zero.
	if [ "$status" != 0 ] && [ "$bad" = 0 ]; then
		tail -n 60 "$dir.log"
		bad=1
	fi
	failed=$((failed + bad))
	passed=$((passed + $(count passed "$dir.log")))
	skipped=$((skipped + $(count skipped "$dir.log")))
	sed -n "s/^SKIP: /skipped ($name): /p" "$dir.log" >>build/skipped
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
'')
	suite gcc check CFLAGS="-O2 -g -Werror"
	;;
--all)
	# The same suite, from what a release would be.
	suite gcc distcheck CFLAGS="-O2 -g -Werror"
	. tools/analysis.sh
	;;
--release)
	suite gcc check-release CFLAGS="-O2 -g -Werror"
	;;
esac

cat build/skipped
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
