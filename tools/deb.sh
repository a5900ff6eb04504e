#!/bin/sh
# SPDX-License-Identifier: MIT
# Make the Debian packages, in a chroot where nothing but what they name is installed, have
# lintian look at them, and use them in another one.
#
#   tools/deb.sh [OUTDIR]     the packages come to lie in OUTDIR (build/deb)
#
# Root is needed (chroots), debootstrap, and what tools/packages.sh installs.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
mkdir -p "${1-build/deb}"
out=$(cd "${1-build/deb}" && pwd)

if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
	echo "tools/deb.sh: run me as root, where debootstrap is installed" >&2
	exit 1
fi
# Mounts and processes are gone when this ends, however it ends.
if [ -z "${DEB_INSIDE-}" ]; then
	DEB_INSIDE=yes exec unshare --mount --pid --fork --kill-child sh "$0" "$out"
fi

work=$(mktemp -d /var/tmp/venvctl-deb-XXXXXX)
log=$work/log
end() {
	status=$?
	[ "$status" = 0 ] || tail -n 60 "$log" >&2
	umount -l "$work"/build/proc "$work"/build/dev "$work"/use/proc "$work"/use/dev 2>/dev/null || :
	rm -rf --one-file-system "$work"
	exit "$status"
}
trap end EXIT
say() { echo "== $*"; }

# clean NAME: a chroot with nothing in it but Debian's minimum.
clean() {
	cp -a "$work/base" "$work/$1"
	mount -t proc proc "$work/$1/proc"
	mount --rbind /dev "$work/$1/dev"
}

# in_root NAME COMMAND...
in_root() {
	root=$work/$1
	shift
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@" >>"$log" 2>&1
}

# as_user NAME SCRIPT: as somebody who has nothing but a home.
as_user() {
	chroot --userspec=1234:1234 "$work/$1" env -i PATH=/usr/bin:/bin HOME=/home/builder \
		LC_ALL=C.UTF-8 sh -euc "$2" >>"$log" 2>&1
}

say "the tarball"
[ -x configure ] || ./autogen.sh >"$log" 2>&1
mkdir -p build/dist
(cd build/dist && { [ -e Makefile ] || "$top/configure" --quiet; } && make -s dist) >>"$log" 2>&1
version=$(sed -n 's/^AC_INIT(\[venvctl\], \[\(.*\)\])$/\1/p' configure.ac)

say "a clean chroot"
# The packages come from where this machine has its own from.
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
debootstrap --variant=minbase bookworm "$work/base" "$mirror" >>"$log" 2>&1
apt-config dump Acquire >"$work/base/etc/apt/apt.conf.d/99here"
cp /etc/resolv.conf /etc/hosts "$work/base/etc/"
printf '#!/bin/sh\nexit 101\n' >"$work/base/usr/sbin/policy-rc.d"
chmod 755 "$work/base" "$work/base/usr/sbin/policy-rc.d"
chmod 1777 "$work/base/tmp"
install -d -o 1234 -g 1234 "$work/base/home/builder"
chroot "$work/base" apt-get update -qq >>"$log" 2>&1

say "build"
clean build
in_root build apt-get install -y -qq --no-install-recommends build-essential fakeroot lintian
src=$work/build/home/builder/venvctl-$version
tar -C "$work/build/home/builder" -xf "build/dist/venvctl-$version.tar.xz"
cp "build/dist/venvctl-$version.tar.xz" "$work/build/home/builder/venvctl_$version.orig.tar.xz"
cp -R packaging/debian "$src/debian"
chown -R 1234:1234 "$work/build/home/builder"
in_root build sh -c "cd /home/builder/venvctl-$version && apt-get build-dep -y -qq --no-install-recommends ./"
as_user build "cd ~/venvctl-$version && dpkg-buildpackage -us -uc -j$(nproc)"
rm -f "$out"/*.deb
cp "$work"/build/home/builder/*.deb "$work"/build/home/builder/*.dsc \
	"$work"/build/home/builder/*.tar.xz "$out/"

say "lintian"
chroot --userspec=1234:1234 "$work/build" env -i PATH=/usr/bin:/bin HOME=/home/builder \
	LC_ALL=C.UTF-8 sh -c 'cd && lintian --fail-on error *.changes'

say "install and use"
clean use
mkdir "$work/use/debs"
cp "$out"/*.deb "$work/use/debs/"
rm -f "$work"/use/debs/*-dbgsym_*
in_root use sh -c 'apt-get install -y -qq --no-install-recommends /debs/venvctl_*.deb'
if in_root use venvctl create /srv/none; then
	echo "there is no Python, and create says that it made an environment" >&2
	exit 1
fi
in_root use test ! -e /srv/none
# The wheels come with python3-venv, and with them the trigger.
in_root use apt-get install -y -qq --no-install-recommends python3-venv
in_root use sh -c 'ls /var/cache/venvctl/store/* >/dev/null'
as_user use 'venvctl create -v ~/e 2>~/said; cat ~/said
	~/e/bin/python -m pip --version | grep "from /home/builder/e/"
	! grep -i "compil" ~/said'
say "the first environment of a user took pip from the store"
in_root use rm -rf /var/cache/venvctl/store
in_root use dpkg-trigger --no-await /usr/share/python-wheels
in_root use dpkg --triggers-only --pending
in_root use sh -c 'ls /var/cache/venvctl/store/* >/dev/null'
in_root use venvctl config check
say "a trigger filled it again"
if as_user use 'venvctl create -n --plugin=getpip ~/g'; then
	echo "getpip is not installed, and is found" >&2
	exit 1
fi
in_root use sh -c 'apt-get install -y -qq --no-install-recommends gcc libc6-dev pkg-config \
	/debs/libvenvctl0_*.deb /debs/libvenvctl-dev_*.deb /debs/venvctl-plugins-net_*.deb'
# shellcheck disable=SC2016 # for the shell in the chroot
as_user use 'venvctl plugins list | grep getpip
	venvctl create -n --plugin=getpip ~/g
	printf "%s\n" "#include <venvctl/venvctl.h>" "int main(void) { return !venv_version(); }" >~/x.c
	cc ~/x.c -o ~/x $(pkg-config --cflags --libs libvenvctl) && ~/x'
in_root use dpkg -V venvctl libvenvctl0 libvenvctl-dev venvctl-plugins-net
in_root use apt-get purge -y -qq venvctl
in_root use test ! -e /var/cache/venvctl
say "all four packages are of use, and gone when they are purged"
ls -l "$out"/*.deb
