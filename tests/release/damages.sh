#!/bin/sh
# SPDX-License-Identifier: MIT
# damages.sh - damaged environments of virtualenv and uv as well, which are fetched
# shellcheck disable=SC2154
DAMAGES=all exec python3 -B "$top_srcdir/tests/life/damages.py"
