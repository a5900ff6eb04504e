#!/bin/sh
# SPDX-License-Identifier: MIT
# nushell.sh - every name in a real nushell, which is had for Windows only
# shellcheck disable=SC2154
exec python3 -B "$top_srcdir/tests/activate/nushell.py"
