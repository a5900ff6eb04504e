#!/bin/sh
# SPDX-License-Identifier: MIT
# locales.sh - every name in every legacy charset; the suite takes a sample
# shellcheck disable=SC2154
SWEEP=all exec python3 -B "$top_srcdir/tests/activate/locales.py"
