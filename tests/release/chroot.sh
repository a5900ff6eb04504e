#!/bin/sh
# SPDX-License-Identifier: MIT
# chroot.sh - both commands of the README on a fresh Debian 12, from a tree without git
#
# First as root, who installs what is missing; then as somebody who may not.
# shellcheck disable=SC2154
cd "$top_srcdir" || exit 99
# shellcheck source=tests/release/bare.sh
. tests/release/bare.sh

echo 1..5
make_chroot
ok $? "a chroot"

for user in root somebody; do
	give_tree "$user"
	inside "$user" tools/demo.sh &&
		tail -n 1 "$log" | grep -q "^pip .* from /home/$user/venvctl/build/demo/env/"
	ok $? "$user: tools/demo.sh"
	inside "$user" tools/check.sh && tail -n 1 "$log" | grep -q ' 0 failed'
	ok $? "$user: tools/check.sh"
done
