#!/bin/sh
# SPDX-License-Identifier: MIT
# activation.sh - every name in every shell; the suite gives a slow one a part of them
# shellcheck disable=SC2154
TABLE=all exec python3 -B "$top_srcdir/tests/activate/table.py"
