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

echo 1..18
for header in plugin venvctl; do
	for std in c99 c11 c17 gnu17; do
		echo "#include <venvctl/$header.h>" >"$dir/h.c"
		${CC:-cc} -std=$std $warn -I"$top_srcdir/include" -c "$dir/h.c" -o "$dir/h.o"
		ok $? "$header.h as $std"
	done
	for std in c++17 c++20; do
		echo "#include <venvctl/$header.h>" >"$dir/h.cc"
		if ! command -v c++ >/dev/null; then
			n=$((n + 1))
			echo "ok $n - $header.h as $std # SKIP no C++ compiler (package g++)"
			continue
		fi
		c++ -std=$std $warn -I"$top_srcdir/include" -c "$dir/h.cc" -o "$dir/h.o"
		ok $? "$header.h as $std"
	done
done

cat >"$dir/hello.c" <<'EOF'
#include <venvctl/plugin.h>
static int hook(void *data) { (void)data; return VENV_OK; }
VENV_PLUGIN_DEFINE_ORDERED(hello_world, "1.0", "greeting", "ensurepip",
	.summary = "say hello", .post_setup = hook);
EOF
cp "$dir/hello.c" "$dir/hello.cc"
for std in c99 c11 c17; do
	${CC:-cc} -std=$std $warn -Wmissing-prototypes -shared -fPIC -Wl,-z,defs \
		-I"$top_srcdir/include" "$dir/hello.c" -o "$dir/hello-world.so"
	ok $? "a plugin as $std"
done
if command -v c++ >/dev/null; then
	c++ -std=c++20 $warn -shared -fPIC -Wl,-z,defs -I"$top_srcdir/include" "$dir/hello.cc" \
		-o "$dir/cc.so"
	ok $? "a plugin as c++20"
else
	n=$((n + 1))
	echo "ok $n - a plugin as c++20 # SKIP no C++ compiler (package g++)"
fi
cp "$dir/hello-world.so" "$dir/stripped.so" && strip "$dir/stripped.so" 2>/dev/null
readelf -n "$dir/stripped.so" 2>/dev/null | grep -q venvctl
ok $? "its note survives strip"
undefined=$(nm -D --undefined-only "$dir/hello-world.so" | grep -i venv)
[ -z "$undefined" ]
ok $? "it needs no symbol of ours"
