#!/bin/sh
# SPDX-License-Identifier: MIT
# virtualenv.sh - the creator and the seeder in virtualenvs from 20.13 to that of today
#
# shellcheck disable=SC2154
VIRTUALENV_VERSIONS="20.13.4 20.16.7 20.20.0 20.24.7 20.26.6 20.29.3 20.36.1 21.0.0 21.9.1" \
	exec python3 -B "$top_srcdir/tests/python/virtualenv_plugin.py"
