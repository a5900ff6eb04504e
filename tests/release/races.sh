#!/bin/sh
# SPDX-License-Identifier: MIT
# races.sh - several at once on one path, many times
# shellcheck disable=SC2154
RACES=200 exec python3 -B "$top_srcdir/tests/fault/races.py"
