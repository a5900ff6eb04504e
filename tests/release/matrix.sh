#!/bin/sh
# SPDX-License-Identifier: MIT
# matrix.sh - venv makes its tree of copies from nothing, too
# shellcheck disable=SC2154
MATRIX=all exec python3 -B "$top_srcdir/tests/matrix/matrix.py"
