#!/bin/sh
# SPDX-License-Identifier: MIT
# Install what venvctl needs: to be built, and with --tests to be tested; with --wheel what
# tools/wheel.sh needs instead (Debian).  Root is needed only where a package is missing.
# Debian and Ubuntu are what our CI runs; the lists for the others are kept by hand.
set -e

tests='' wheel=''
[ "${1-}" = --tests ] && tests=yes
[ "${1-}" = --wheel ] && wheel=yes

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	elif command -v doas >/dev/null; then
		doas "$@"
	else
		echo "tools/packages.sh: run me as root, or install sudo; these are missing:" >&2
		echo "$missing" >&2
		exit 1
	fi
}

# shellcheck disable=SC1091
[ -r /etc/os-release ] && . /etc/os-release
if [ "$(uname)" = Darwin ]; then
	ID=macos
fi

case "$wheel $ID ${ID_LIKE-}" in
yes*debian* | ' '*) ;;
*)
	echo "tools/packages.sh: wheels are made on Debian" >&2
	exit 1
	;;
esac

# Each case sets `wanted`, the function `lacking`, which prints those of them that are not
# here, and the function `get`, which installs.
case "$ID ${ID_LIKE-}" in
*debian*)
	wanted="gcc make autoconf automake libtool pkg-config scdoc libc6-dev
		libltdl-dev libinih-dev libssl-dev libcurl4-openssl-dev libzip-dev
		libjansson-dev nettle-dev ca-certificates
		python3 python3-venv"
	check="libcmocka-dev bats acl patchelf strace openssl meson sudo xz-utils g++ binutils procps git
		clang clang-format clang-tidy cppcheck shellcheck valgrind abigail-tools
		libclang-rt-14-dev musl-tools pypy3 pypy3-venv nginx-light python3-dbg fuse3 libfuse3-dev
		dash busybox zsh fish tcsh csh ksh mksh yash xonsh locales"
	# The compiler and the libraries do not come from here.
	[ -z "$wheel" ] || wanted="make autoconf automake libtool pkg-config cmake perl dpkg-dev
		scdoc binutils debian-archive-keyring ca-certificates python3 python3-venv"
	lacking() {
		for name; do
			dpkg-query -W -f='${db:Status-Status}\n' "$name" 2>/dev/null |
				grep -qx installed || echo "$name"
		done
	}
	get() {
		export DEBIAN_FRONTEND=noninteractive
		as_root apt-get update -qq
		as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
	}
	;;
*fedora* | *rhel*)
	wanted="gcc make autoconf automake libtool pkgconf scdoc libtool-ltdl-devel inih-devel
		openssl-devel libcurl-devel libzip-devel jansson-devel nettle-devel
		python3"
	check="libcmocka-devel bats strace openssl meson gcc-c++ clang clang-tools-extra cppcheck
		ShellCheck valgrind libabigail zsh fish tcsh ksh mksh yash xonsh"
	lacking() {
		for name; do
			rpm -q --quiet --whatprovides "$name" || echo "$name"
		done
	}
	get() { as_root dnf install -y "$@"; }
	;;
*alpine*)
	wanted="build-base autoconf automake libtool pkgconf scdoc bash linux-headers libltdl-dev
		inih-dev openssl-dev curl-dev libzip-dev jansson-dev nettle-dev
		python3 py3-pip"
	check="cmocka-dev bats strace openssl meson clang clang-extra-tools cppcheck shellcheck
		valgrind zsh fish tcsh mksh yash xonsh coreutils findutils"
	lacking() {
		for name; do
			apk info -e "$name" >/dev/null || echo "$name"
		done
	}
	get() { as_root apk add "$@"; }
	;;
*arch*)
	wanted="base-devel scdoc libtool libinih openssl curl libzip jansson nettle python"
	check="cmocka bats strace meson clang cppcheck shellcheck valgrind libabigail zsh fish tcsh
		ksh mksh xonsh"
	# Also what another package provides.
	lacking() { pacman -T "$@" || true; }
	get() { as_root pacman -S --needed --noconfirm "$@"; }
	;;
macos*)
	# Not tested: see "Portability" in HACKING.md.
	wanted="autoconf automake libtool pkgconf scdoc inih openssl curl libzip jansson nettle"
	check="cmocka bats-core"
	lacking() {
		for name; do
			brew list --versions "$name" >/dev/null || echo "$name"
		done
	}
	get() { brew install "$@"; }
	;;
*)
	echo "tools/packages.sh: I do not know the packages of this system:" >&2
	echo "README.md lists what is needed" >&2
	exit 1
	;;
esac

# shellcheck disable=SC2086 # lists of words
missing=$(lacking $wanted ${tests:+$check})
# shellcheck disable=SC2086
[ -z "$missing" ] || get $missing
