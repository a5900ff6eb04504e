#!/bin/sh
# SPDX-License-Identifier: MIT
# fuzz.sh - a minute of libFuzzer for each reader of what others wrote
# shellcheck disable=SC2154
if ! command -v clang >/dev/null; then
	echo "1..0 # SKIP clang is not installed"
	exit 0
fi
echo 1..1
if sh "$top_srcdir/tests/fuzz/run.sh" "$top_builddir" -s 60 2>&1; then
	echo "ok 1 - nothing crashes"
else
	echo "not ok 1 - nothing crashes"
fi | sed '/^ok\|^not ok/!s/^/# /'
