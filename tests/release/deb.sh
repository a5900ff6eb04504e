#!/bin/sh
# SPDX-License-Identifier: MIT
# deb.sh - Debian's packages: built, checked, installed and used in clean chroots
# shellcheck disable=SC2154
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
[ "$(id -u)" = 0 ] || skip_all "only root can make a chroot"
command -v debootstrap >/dev/null || skip_all "debootstrap is not installed"
unshare -mpf true 2>/dev/null || skip_all "no namespaces can be made"
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
echo 1..1
if "$top_srcdir/tools/deb.sh" "$dir" >"$dir/said" 2>&1; then
	echo "ok 1 - packages"
else
	echo "not ok 1 - packages"
fi
sed 's/^/# /' "$dir/said"
