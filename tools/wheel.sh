#!/bin/sh
# SPDX-License-Identifier: MIT
# Make the wheel of pyvenvctl for this machine's architecture: the tool, libvenvctl, modules and
# plugins, with all libraries but those of glibc linked in statically.
#
#   tools/wheel.sh [OUTDIR]     the wheel comes to lie in OUTDIR (build/wheel)
#
# The compiler (zig), auditwheel and twine come from the package index, the sources of the
# libraries from Debian.  It needs Debian, and what tools/packages.sh --wheel installs.
set -eu
cd "$(dirname "$0")/.."
top=$PWD
mkdir -p "${1-build/wheel}"
out=$(cd "${1-build/wheel}" && pwd)
jobs=$(nproc)
arch=$(uname -m)
# The oldest glibc with all that the core calls (statx, renameat2), and the tag that says so.
glibc=2.28
platform=manylinux_$(echo $glibc | tr . _)_$arch

say() { echo "== $*"; }
die() {
	echo "tools/wheel.sh: $*" >&2
	exit 1
}

tools/packages.sh --wheel
work=$(mktemp -d /var/tmp/venvctl-wheel-XXXXXX)
log=$work/log
prefix=$work/prefix
end() {
	status=$?
	[ "$status" = 0 ] || tail -n 60 "$log" >&2
	rm -rf "$work"
	exit "$status"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
: >"$log"
: >"$work/warnings"
unset MAKEFLAGS DESTDIR CFLAGS CPPFLAGS LDFLAGS LIBS CC
export LC_ALL=C.UTF-8
# The same sources make the same files: this is the date in them.
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y NEWS)}"
# shellcheck source=tools/wheel/sources.sh
. tools/wheel/sources.sh
# shellcheck source=tools/wheel/libraries.sh
. tools/wheel/libraries.sh
# rows: the lines of tools/wheel/vendored that say something.
rows() { grep -v '^#' "$top/tools/wheel/vendored"; }

say "tools from the package index"
/usr/bin/python3 -m venv "$work/tools" >>"$log" 2>&1
"$work/tools/bin/pip" install -q --disable-pip-version-check -r tools/wheel/requirements.txt >>"$log" 2>&1
zig=$("$work/tools/bin/python" -c \
	'import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), "zig"))')
export ZIG_GLOBAL_CACHE_DIR="$work/zig" ZIG_LOCAL_CACHE_DIR="$work/zig"
# wrapper NAME WORDS: a program of one word, as configure scripts want it.  Some write down
# what they are called, so they have no path.
mkdir "$work/bin"
wrapper() {
	printf '#!/bin/sh\nexec "%s" %s "$@"\n' "$zig" "$2" >"$work/bin/$1"
	chmod 755 "$work/bin/$1"
}
wrapper zig-cc "cc -target $arch-linux-gnu.$glibc"
wrapper zig-ar ar
wrapper zig-ranlib ranlib
export PATH="$work/bin:$PATH" CC=zig-cc AR=zig-ar RANLIB=zig-ranlib
# Nothing of this machine: only what is built here is found.
export PKG_CONFIG="pkg-config --static" PKG_CONFIG_LIBDIR="$prefix/lib/pkgconfig"
unset PKG_CONFIG_PATH

say "sources from Debian"
know_sources >>"$log" 2>&1
rows | while read -r name _; do
	take "$name" >>"$log" 2>&1
done

say "libraries"
build_libraries

say "venvctl"
mkdir "$work/venvctl" "$work/build"
if [ -e .git ] && command -v git >/dev/null; then
	git ls-files -z | tar --null -T - -cf -
else
	tar --exclude=./build -cf - .
fi | tar -C "$work/venvctl" -xf -
# libtool loses static libraries of a convenience library: so they are named once more.
libs="-L$prefix/lib -lltdl -linih -lpthread -ldl"
(
	cd "$work/venvctl"
	rm -f config.status
	./autogen.sh
	cd "$work/build"
	"$work/venvctl/configure" --quiet --host="$arch-linux-gnu" --prefix=/usr --sysconfdir=/etc \
		--without-nettle CFLAGS="-O2 -g0" CPPFLAGS="-I$prefix/include" \
		LDFLAGS="-L$prefix/lib -Wl,--gc-sections -Wl,--strip-all"
	make -s -j"$jobs" LIBS="$libs"
	make -s install DESTDIR="$work/dest" LIBS="$libs"
) >>"$log" 2>&1

say "the wheel"
mkdir "$work/licenses"
rows | while read -r name _ text _; do
	cp "$work/$name/$text" "$work/licenses/$name.txt"
done
cp "${zig%/*}/LICENSE" "$work/licenses/zig.txt"
cp "${zig%/*}/lib/libc/glibc/LICENSES" "$work/licenses/glibc.txt"
/usr/bin/python3 -B tools/wheel/sbom.py "$work/taken" tools/wheel/requirements.txt >"$work/pyvenvctl.cdx.json"
mkdir "$work/wheel"
wheel=$work/wheel/$(/usr/bin/python3 -B python/pyvenvctl_build.py "$work/wheel" tree="$work/dest/usr" \
	licenses="$work/licenses" sbom="$work/pyvenvctl.cdx.json" platform="$platform")

say "checks"
# shellcheck source=tools/wheel/checks.sh
. tools/wheel/checks.sh
rm -f "$out"/pyvenvctl-*.whl
cp "$wheel" "$out/"
cat "$work/warnings"
ls -l "$out"/pyvenvctl-*.whl
