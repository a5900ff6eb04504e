#!/bin/sh
# SPDX-License-Identifier: MIT
# shared.sh - all that a shared pip can do, for each interpreter and each version that is listed
# shellcheck disable=SC2154
SHARED=all exec python3 -B "$top_srcdir/tests/store/shared.py"
