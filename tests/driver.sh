#!/bin/sh
# SPDX-License-Identifier: MIT
# Run one test under automake's TAP driver; then one line says how it ended and how long
# it took.
name='' trs='' next=''
for word; do
	case $next in
	--test-name) name=$word ;;
	--trs-file) trs=$word ;;
	esac
	next=$word
done
# A caller in the background may have them ignored, which every process inherits.
default='env --default-signal=HUP,INT,QUIT'
$default true 2>/dev/null || default=
start=$(date +%s)
$default sh "$(dirname "$0")/../build-aux/tap-driver.sh" "$@"
status=$?
seconds=$(($(date +%s) - start))
awk -v name="$name" -v seconds="$seconds" '
	/^:test-result: PASS/ { passed++ }
	/^:test-result: SKIP/ { skipped++ }
	/^:test-result: (FAIL|ERROR|XPASS)/ { failed++ }
	END {
		printf "DONE: %s: %d s, %d passed", name, seconds, passed
		if (failed) printf ", %d FAILED", failed
		if (skipped) printf ", %d skipped", skipped
		print ""
	}' "$trs"
exit $status
