# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2034
# bare.sh - a fresh Debian 12 in a chroot, for those that source it: $root, ok and inside
#
# It is gone when they end, however they end.

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

if [ -z "${CHROOT_INSIDE-}" ]; then
	[ "$(id -u)" = 0 ] || skip_all "only root can make a chroot"
	command -v debootstrap >/dev/null || skip_all "debootstrap is not installed"
	unshare -mpf true 2>/dev/null || skip_all "no namespaces can be made"
	# Mounts and processes are gone when it ends, however it ends.
	CHROOT_INSIDE=yes exec unshare --mount --pid --fork --kill-child sh "$0"
fi

root=$(mktemp -d /var/tmp/venvctl-chroot-XXXXXX) || exit 99
trap 'umount -l "$root/proc" "$root/dev/pts" "$root/dev/shm" "$root/dev" "$root"; rm -rf --one-file-system "$root" "$root.log"' EXIT
log=$root.log
# As a root directory is: for everybody, and a mount point.
chmod 755 "$root"
mount --bind "$root" "$root"

n=0
ok() { # ok RESULT NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
		grep -E '^skipped|^[0-9]+ passed' "$log" | sed 's/^/# /'
	else
		echo "not ok $n - $2"
		tail -n 100 "$log" | sed 's/^/# /'
	fi
}

# inside USER COMMAND...: in the chroot, with an environment as after logging in.
inside() {
	as=$1
	shift
	# shellcheck disable=SC2016
	chroot --userspec="$as" "$root" env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin \
		HOME="/home/$as" LANG=C.UTF-8 sh -c 'cd "$HOME/venvctl" && exec "$@"' sh "$@" \
		>"$log" 2>&1
}

# Made with the packages that this machine has its own from.
make_chroot() {
	# shellcheck disable=SC2016
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
	debootstrap --variant=minbase bookworm "$root" "$mirror" >"$log" 2>&1 || return 1
	apt-config dump Acquire >"$root/etc/apt/apt.conf.d/99here"
	cp /etc/resolv.conf /etc/hosts "$root/etc/"
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
	chmod +x "$root/usr/sbin/policy-rc.d"
	mount -t proc proc "$root/proc"
	mount --bind /dev "$root/dev"
	mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
	mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
}

# give_tree USER: the sources, without git, in the home of USER, who is made.
give_tree() {
	[ "$1" = root ] || inside root useradd "$1"
	mkdir -p "$root/home/$1/venvctl"
	if [ -e .git ]; then
		git ls-files -z | tar --null -T - -cf -
	else
		tar --exclude=./build -cf - .
	fi | tar -C "$root/home/$1/venvctl" -xf -
	inside root chown -R "$1" "/home/$1"
}
