#!/bin/sh
# SPDX-License-Identifier: MIT
# The core and the plugins build with musl, and make an environment under its loader.
#
# Debian has musl and no library that was built with it: libltdl is built from the source that
# comes with libtool; libinih needs nothing that musl has not got.
# shellcheck disable=SC2154
name="the core, built with musl, makes an environment"
skip() {
	echo "1..1"
	echo "ok 1 - $name # SKIP $1"
	exit 0
}

command -v musl-gcc >/dev/null || skip "musl-gcc is not installed (package musl-tools)"
triplet=$(${CC:-cc} -dumpmachine)
ltdl=/usr/share/libtool
[ -x "$ltdl/configure" ] || skip "there is no source of libltdl (package libtool)"
inih=/usr/lib/$triplet/libinih.a
[ -e "$inih" ] || skip "there is no $inih"
[ ! -e "$top_srcdir/config.status" ] ||
	skip "the sources are configured themselves, which keeps another build out"
[ -x /usr/bin/python3 ] || skip "there is no /usr/bin/python3"

dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
echo 1..3
# ok NUMBER NAME COMMAND...
ok() {
	if (
		shift 2
		"$@" >"$dir/log" 2>&1
	); then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		tail -n 40 "$dir/log" | sed 's/^/# /'
	fi
}

# What does not come with musl: the kernel's headers, and those of the two libraries.
mkdir "$dir/include" "$dir/ltdl" "$dir/build"
ln -s /usr/include/linux /usr/include/asm-generic "/usr/include/$triplet/asm" /usr/include/ini.h \
	"$dir/include"
set -- CC=musl-gcc CFLAGS=-O0 CPPFLAGS="-isystem $dir/include" --build="$triplet" --host="$triplet"

build_ltdl() {
	cp -RL "$ltdl/." "$dir/ltdl" && mv "$dir/ltdl/build-aux" "$dir" && cd "$dir/ltdl" &&
		./configure -q "$@" --prefix="$dir" --enable-ltdl-install --disable-shared \
			--with-pic && make -s install
}
ok 1 "libltdl" build_ltdl "$@"

# The modules are for libraries that Debian has for glibc alone.
build() {
	cd "$dir/build" && "$top_srcdir/configure" -q "$@" --prefix="$dir/usr" LDFLAGS="-L$dir/lib" \
		INIH_CFLAGS=" " INIH_LIBS="$inih" --disable-json-module --disable-fetch-module \
		--disable-wheel-module --disable-digest-module &&
		# libtool forgets archives that a convenience library needs.
		make -s install-exec LIBS="$dir/lib/libltdl.a $inih"
}
ok 2 "the tool, the library and the plugins" build "$@"

create() {
	cd "$dir" && env -i HOME="$dir" PATH=/usr/bin:/bin usr/bin/venvctl create --without-pip \
		-p /usr/bin/python3 env &&
		readelf -l usr/bin/venvctl | grep -q 'ld-musl' &&
		env/bin/python -c "import sys; assert sys.prefix == '$dir/env', sys.prefix"
}
ok 3 "$name" create
