#!/bin/sh
# SPDX-License-Identifier: MIT
# The house in one line: cli -> engine -> {plugin, layout, python, store, config} -> base.
# An #include that goes upward or to a sibling fails, as does a plugin or module that
# sees more than it may.
cd "${top_srcdir:?}" || exit 99

may() { # may LAYER INCLUDED: is this include allowed?
	case "$1:$2" in
	*:venvctl/*) return 0 ;;
	base:base) return 0 ;;
	config:config | config:base) return 0 ;;
	python:python | python:base) return 0 ;;
	layout:layout | layout:base) return 0 ;;
	store:store | store:base | store:modules) return 0 ;;
	plugin:plugin | plugin:base) return 0 ;;
	engine:engine | engine:plugin | engine:layout | engine:python | engine:store | \
		engine:config | engine:modules | engine:base) return 0 ;;
	cli:*) return 0 ;;
	modules:modules | modules:base) return 0 ;;
	esac
	return 1
}

echo 1..3
bad=
for dir in base config python layout store plugin engine cli; do
	for file in src/"$dir"/*.[ch]; do
		# "x/y.h" is another folder's, "y.h" one's own.
		# shellcheck disable=SC2013 # no name has a blank
		for inc in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file"); do
			case $inc in
			*/*) other=${inc%%/*} ;;
			*) other=$dir ;;
			esac
			may "$dir" "$other" || bad="$bad
# $file includes $inc"
		done
	done
done
if [ -z "$bad" ]; then echo "ok 1 - layers"; else echo "not ok 1 - layers$bad"; fi

# Headers that lie beside them are held to the same.
bad=$(grep -n '^#include ".*/' plugins/*.[ch]
	grep -n '#include <venvctl/venvctl.h>' plugins/*.[ch])
if [ -z "$bad" ]; then
	echo "ok 2 - plugins include the plugin header alone"
else
	echo "not ok 2 - plugins include the plugin header alone"
	echo "$bad" | sed 's/^/# /'
fi

bad=$(grep -ln '<ltdl.h>' -r src modules plugins | grep -v '^src/base/dso.c$'
	grep -ln '<ini.h>' -r src modules plugins | grep -v '^src/config/ini.c$'
	grep -lnE '<(curl|openssl|zip|jansson|nettle)' -r src plugins)
if [ -z "$bad" ]; then
	echo "ok 3 - each library behind one file"
else
	echo "not ok 3 - each library behind one file"
	echo "$bad" | sed 's/^/# /'
fi
