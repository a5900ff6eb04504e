#!/bin/sh
# SPDX-License-Identifier: MIT
# What libvenvctl exports is what its map says; what the tool links stays small.
cd "${top_builddir:?}" || exit 99
lib=.libs/libvenvctl.so

echo 1..5
if [ ! -e "$lib" ]; then
	echo "Bail out! there is no $lib"
	exit 99
fi
nm -D --defined-only "$lib" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >symbols.have
sed -n 's/^\t\(venv_[a-z_]*\);$/\1/p' "${top_srcdir:?}/src/libvenvctl.map" | sort >symbols.want
if diff symbols.want symbols.have >symbols.diff; then
	echo "ok 1 - libvenvctl exports what its map says"
else
	echo "not ok 1 - libvenvctl exports what its map says"
	sed 's/^/# /' symbols.diff
fi
# A function of the header that the map forgot would not link.
sed -n 's/.*\b\(venv_[a-z_]*\)(.*/\1/p' "$top_srcdir/include/venvctl/venvctl.h" |
	grep -v -E '_fn$' | sort -u >symbols.header
missing=$(comm -23 symbols.header symbols.want | grep -vE '^venv_(builder_create_)$')
rm -f symbols.have symbols.want symbols.diff symbols.header
if [ -z "$missing" ]; then
	echo "ok 2 - every function of the header is exported"
else
	echo "not ok 2 - every function of the header is exported"
	echo "# $missing"
fi
n=$(ldd tests/root/bin/venvctl | grep -vc vdso)
if grep -qa __asan_init tests/root/bin/venvctl; then
	echo "ok 3 - shared objects # SKIP sanitizers link their own"
elif [ "$n" -le 5 ]; then
	echo "ok 3 - the tool loads $n shared objects, at most 5"
else
	echo "not ok 3 - the tool loads $n shared objects, at most 5"
fi
heavy=$(ldd tests/root/bin/venvctl "$lib" | grep -E 'libcurl|libzip|libcrypto|libssl|jansson|nettle')
if [ -z "$heavy" ]; then
	echo "ok 4 - no library of a module is linked"
else
	echo "not ok 4 - no library of a module is linked"
	echo "# $heavy"
fi
# A module that brings a library shows nothing of it, and stays: the library may have left
# functions that are called at exit.
wrong=
for module in modules/.libs/*.so; do
	[ -e "$module" ] || continue
	[ "$(nm -D --defined-only "$module" | awk '{ print $3 }' | grep -c .)" = 1 ] &&
		nm -D --defined-only "$module" | grep -q ' venvctl_module_' ||
		wrong="$wrong $module: not one symbol;"
	readelf -d "$module" | grep -q 'FLAGS_1.*NODELETE' || wrong="$wrong $module: no nodelete;"
done
if [ -z "$wrong" ]; then
	echo "ok 5 - a module has one symbol, and is not unloaded"
else
	echo "not ok 5 - a module has one symbol, and is not unloaded"
	echo "# $wrong"
fi
