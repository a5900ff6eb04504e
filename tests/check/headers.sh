#!/bin/sh
# SPDX-License-Identifier: MIT
# The public headers compile alone, strictly, in every language that may include them;
# a plugin builds from the plugin header alone.
# shellcheck disable=SC2086,SC2154
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
warn="-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror"

n=0
ok() { # ok RESULT NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

cat >"$dir/hello.c" <<'EOF'
#include <venvctl/plugin.h>
static int hook(void *data) { (void)data; return VENV_OK; }
VENV_PLUGIN_DEFINE_ORDERED(hello_world, "1.0", "greeting", "ensurepip", "",
	.summary = "say hello", .post_setup = hook);
EOF
cp "$dir/hello.c" "$dir/hello.cc"
for header in plugin venvctl; do
	echo "#include <venvctl/$header.h>" >"$dir/$header.c"
	cp "$dir/$header.c" "$dir/$header.cc"
done

# all_as CC CXX: every header and the plugin, as every language.
all_as() {
	for std in c99 c11 c17 gnu17; do
		for header in plugin venvctl; do
			$1 -std=$std $warn -I"$top_srcdir/include" -c "$dir/$header.c" -o "$dir/h.o"
			ok $? "$1: $header.h as $std"
		done
		$1 -std=$std $warn -Wmissing-prototypes -shared -fPIC -Wl,-z,defs \
			-I"$top_srcdir/include" "$dir/hello.c" -o "$dir/hello-world.so"
		ok $? "$1: a plugin as $std"
	done
	if ! command -v "$2" >/dev/null; then
		n=$((n + 1))
		echo "ok $n - $2 # SKIP no C++ compiler (package g++)"
		return
	fi
	for std in c++17 c++20; do
		for header in plugin venvctl; do
			$2 -std=$std $warn -I"$top_srcdir/include" -c "$dir/$header.cc" -o "$dir/h.o"
			ok $? "$2: $header.h as $std"
		done
	done
	$2 -std=c++20 $warn -shared -fPIC -Wl,-z,defs -I"$top_srcdir/include" "$dir/hello.cc" \
		-o "$dir/cc.so"
	ok $? "$2: a plugin as c++20"
}

all_as "${CC:-cc}" c++
# And by both of those that most plugins are built with.
for pair in gcc:g++ clang:clang++; do
	! command -v "${pair%:*}" >/dev/null || all_as "${pair%:*}" "${pair#*:}"
done
cp "$dir/hello-world.so" "$dir/stripped.so" && strip "$dir/stripped.so" 2>/dev/null
readelf -n "$dir/stripped.so" 2>/dev/null | grep -q venvctl
ok $? "its note survives strip"
undefined=$(nm -D --undefined-only "$dir/hello-world.so" | grep -i venv)
[ -z "$undefined" ]
ok $? "it needs no symbol of ours"
echo "1..$n"
