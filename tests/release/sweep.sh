#!/bin/sh
# SPDX-License-Identifier: MIT
# sweep.sh - a fault at each system call; the suite takes a sample
# shellcheck disable=SC2154
SWEEP=all exec python3 -B "$top_srcdir/tests/fault/sweep.py"
