#!/bin/sh
# SPDX-License-Identifier: MIT
# many.sh - 1,000 environments in one call, killed in the middle and run again
# shellcheck disable=SC2154
MANY=1000 exec python3 -B "$top_srcdir/tests/fault/many.py"
