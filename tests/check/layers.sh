#!/bin/sh
# SPDX-License-Identifier: MIT
# The rooms of src/, top to bottom (HACKING.md).  A file may include the one header of a
# room below its own; upward and sibling includes fail, and so do calls that go there
# without an include.  Plugins and modules see what they may and no more.
cd "${top_srcdir:?}" || exit 99

# Rooms that share a number are siblings.
rank() {
	case $1 in
	cli) echo 9 ;;
	builder) echo 8 ;;
	host) echo 7 ;;
	steps | environment) echo 6 ;;
	transaction) echo 5 ;;
	plugin | layout | python | store | config) echo 4 ;;
	load) echo 3 ;;
	fs) echo 2 ;;
	util) echo 1 ;;
	*) echo 0 ;;
	esac
}
rooms="cli builder host steps environment transaction plugin layout python store config load fs util"

may() { # may ROOM HEADER: is this include allowed?
	case "$1:$2" in
	# The tables of modules, for who calls them.
	store:modules/*.h | host:modules/*.h | cli:modules/*.h) return 0 ;;
	# Versions are compared by plugins, too: this header stands alone.
	*:util/pep440.h) return 0 ;;
	# So is what may be shown, by the module that fetches.
	*:util/shown.h) return 0 ;;
	esac
	other=${2%%/*}
	[ "$2" = "$other/$other.h" ] && [ "$(rank "$other")" -gt 0 ] &&
		[ "$(rank "$other")" -lt "$(rank "$1")" ]
}

echo 1..5
bad=
for room in src/*/; do
	room=${room#src/}
	room=${room%/}
	[ "$(rank "$room")" = 0 ] && bad="$bad
# src/$room is no room"
	for file in src/"$room"/*.[ch]; do
		# Generated, where the build is in the sources.
		[ "$file" != src/layout/templates.c ] || continue
		# "x/y.h" is another room's, "y.h" one's own.
		# shellcheck disable=SC2013 # no name has a blank
		for inc in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file"); do
			case $inc in
			*/*) may "$room" "$inc" || bad="$bad
# $file includes $inc" ;;
			esac
		done
	done
done
if [ -z "$bad" ]; then echo "ok 1 - rooms"; else echo "not ok 1 - rooms$bad"; fi

# Headers that lie beside plugins are held to the same.
bad=$(grep -n '^#include ".*/' plugins/*.[ch] | grep -v '"util/pep440.h"'
	grep -n '#include <venvctl/venvctl.h>' plugins/*.[ch])
if [ -z "$bad" ]; then
	echo "ok 2 - plugins include the plugin header alone"
else
	echo "not ok 2 - plugins include the plugin header alone"
	echo "$bad" | sed 's/^/# /'
fi

bad=$(grep -ln '<ltdl.h>' -r src modules plugins | grep -v '^src/load/dso.c$'
	grep -ln '<ini.h>' -r src modules plugins | grep -v '^src/config/ini.c$'
	grep -lnE '<(curl|openssl|zip|jansson|nettle)' -r src plugins)
if [ -z "$bad" ]; then
	echo "ok 3 - each library behind one file"
else
	echo "not ok 3 - each library behind one file"
	echo "$bad" | sed 's/^/# /'
fi

# A room that is called without an include: by what the objects need and define.
objects() { # objects ROOM: its object files in the build tree
	for o in "${top_builddir:?}"/src/"$1"/*.o; do
		case $o in
		*/src_lib*_la-* | *.libs*) ;;
		*) [ -e "$o" ] && echo "$o" ;;
		esac
	done
	ls "$top_builddir"/src/"$1"/.libs/*.o 2>/dev/null
}
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
for room in $rooms; do
	# shellcheck disable=SC2046 # no name has a blank
	set -- $(objects "$room")
	[ $# -gt 0 ] || continue
	nm --defined-only "$@" 2>/dev/null | awk 'NF == 3 && $2 ~ /[TDBRVW]/ { print $3 }' |
		sort -u >"$tmp/$room.has"
	nm -u "$@" 2>/dev/null | awk '$1 == "U" { print $2 }' | sort -u >"$tmp/$room.needs"
done
bad=
seen=0
for room in $rooms; do
	[ -s "$tmp/$room.needs" ] || continue
	seen=$((seen + 1))
	for other in $rooms; do
		if [ "$other" = "$room" ] || [ "$(rank "$other")" -lt "$(rank "$room")" ] ||
			[ ! -e "$tmp/$other.has" ]; then
			continue
		fi
		calls=$(comm -12 "$tmp/$room.needs" "$tmp/$other.has" | tr '\n' ' ')
		[ -z "$calls" ] || bad="$bad
# $room needs of $other: $calls"
	done
done
if [ "$seen" -lt 14 ]; then
	echo "not ok 4 - calls go down"
	echo "# only $seen rooms of 14 have objects in $top_builddir"
elif [ -z "$bad" ]; then
	echo "ok 4 - calls go down"
else
	echo "not ok 4 - calls go down$bad"
fi

bad=
for room in $rooms; do
	head -n 3 "src/$room/$room.h" 2>/dev/null | grep -q "$room.h - " || bad="$bad
# src/$room/$room.h does not open with what the room is for"
done
if [ -z "$bad" ]; then
	echo "ok 5 - each room has one header that says what it is for"
else
	echo "not ok 5 - each room has one header that says what it is for$bad"
fi
