#!/bin/sh
# SPDX-License-Identifier: MIT
# The plugin ABI is that of 1.0 but for what a minor version may add, and so is libvenvctl.
#
# After a release that adds something, the baseline is made anew by the command below and
# looked at: `git diff` of it shows additions only.
#   cc -g -shared -fPIC -Iinclude tests/abi/anchor.c -o anchor.so
#   abidw --no-corpus-path --no-comp-dir-path --no-show-locs anchor.so >tests/abi/plugin-1.abi
#   abidw --no-corpus-path --no-comp-dir-path --no-show-locs --exported-interfaces-only \
#     --headers-dir include --drop-private-types .libs/libvenvctl.so.0 >tests/abi/library-0.abi
# Their second line is the licence, as a comment: abidw does not keep that. What a library
# needs (elf-needed) is no part of the promise.
# shellcheck disable=SC2154
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/include/venvctl"
header=$top_srcdir/include/venvctl/plugin.h

n=0
ok() { # ok RESULT NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

# skip_rest NAME WHY: all tests that were not run yet.
skip_rest() {
	while [ $n -lt 17 ]; do
		n=$((n + 1))
		echo "ok $n - $1 # SKIP $2"
	done
	exit 0
}

# changed SED-SCRIPT: the header with that done to it; fails if nothing was.
changed() {
	sed -E "$1" "$header" >"$dir/include/venvctl/plugin.h"
	! cmp -s "$header" "$dir/include/venvctl/plugin.h"
}

# only_appended: the report on standard input tells of members behind the old end, only.
# (A suppression with has_data_member_inserted_at hides other changes of that structure.)
only_appended() {
	awk '
		/^$|^(Leaf|Changed|Removed\/Changed|Functions|Variables)/ { next }
		/^[0-9]+ Added functions?:$|^  \[A\] / { next }
		/^.struct venv_(plugin|option|context|run|wheel|download|host). changed:$/ { next }
		/^  type size changed from/ { size = $5; next }
		/^  [0-9]+ data member insertions?:$/ { next }
		/^    .*, at offset [0-9]+ \(in bits\)$/ && $(NF - 2) >= size { next }
		{ exit 1 }'
}

# is_compatible: the header in $dir against the baseline.
is_compatible() {
	${CC:-cc} -g -shared -fPIC -I"$dir/include" "$top_srcdir/tests/abi/anchor.c" \
		-o "$dir/anchor.so" || return 99
	abidiff --leaf-changes-only --no-show-locs "$top_srcdir/tests/abi/plugin-1.abi" \
		"$dir/anchor.so" >"$dir/report" 2>&1
	case $? in
	0) return 0 ;;
	4 | 12) only_appended <"$dir/report" ;;
	*) return 98 ;;
	esac
}

echo 1..17

for width in 64 32; do
	what="offsets and numbers, pointers of $width bits"
	# No header of the system is needed, so the other width needs no package.
	if ! echo 'int i;' | ${CC:-cc} -m$width -ffreestanding -xc -c - -o "$dir/o" 2>/dev/null; then
		n=$((n + 1))
		echo "ok $n - $what # SKIP the compiler has no -m$width"
		continue
	fi
	${CC:-cc} -m$width -ffreestanding -std=c11 -I"$top_srcdir/include" \
		-c "$top_srcdir/tests/abi/offsets.c" -o "$dir/o"
	ok $? "$what"
done

# The test of the test: a member that moved is seen.
changed '/void \(\*close\)\(void/d' &&
	! ${CC:-cc} -ffreestanding -std=c11 -I"$dir/include" -c "$top_srcdir/tests/abi/offsets.c" \
		-o "$dir/o" 2>"$dir/log" &&
	grep -q 'before_stage is not where it was' "$dir/log"
ok $? "a member that moved is noticed"

# The baseline is of one kind of machine; with sanitizers the compiler writes other types.
why=
command -v abidiff >/dev/null || why="abidiff is not installed (package abigail-tools)"
case $(${CC:-cc} -dumpmachine) in
x86_64-*) ;;
*) why="the baseline is of x86_64" ;;
esac
[ -z "$why" ] || skip_rest abidiff "$why"

cp "$header" "$dir/include/venvctl/plugin.h"
is_compatible
result=$?
[ $result = 0 ] || sed 's/^/# /' "$dir/report"
ok $result "the header as it is"

while IFS='|' read -r want name script; do
	if ! changed "$script"; then
		ok 1 "$name: nothing was changed"
		continue
	fi
	is_compatible
	result=$?
	if [ "$want" = same ]; then
		ok $result "$name: compatible"
	else
		[ $result = 1 ]
		ok $? "$name: not compatible"
	fi
done <<'END'
same|a hook appended|s/^(\tint \(\*undo\)\(void \*data\);)/\1 int (*finish)(void *);/
same|a service appended|s/(int \(\*remove_file\).*;)/\1 int (*more)(void);/
same|a member of an option appended|s/^(\tconst char \*const \*choices;.*)/\1\n\tconst char *more;/
same|an enumerator appended|s/^(\tVENV_OPTION_CHOICE) .*/\1, VENV_OPTION_MORE/
differs|a hook inserted|s/^(\tint \(\*ensure_directories\)\(void \*data\);)/int (*early)(void *); \1/
differs|a service taken away|/int \(\*cancelled\)/d
differs|a parameter added|s/void \(\*close\)\(void \*data, int result\)/void (*close)(void *data, int result, int why)/
differs|a type changed|s/int32_t timeout_ms/int64_t timeout_ms/
differs|an enumerator inserted|s/^enum venv_stage \{/enum venv_stage { VENV_STAGE_BEGIN,/
END

# library_is_compatible BASELINE: what is exported, as the headers have it.
library_is_compatible() {
	abidiff --leaf-changes-only --no-show-locs --exported-interfaces-only \
		--headers-dir2 "$top_srcdir/include" --drop-private-types "$1" "$library" \
		>"$dir/report" 2>&1
	case $? in
	0) return 0 ;;
	4 | 12) only_appended <"$dir/report" ;;
	*) return 98 ;;
	esac
}

library=$top_builddir/.libs/libvenvctl.so.0
baseline=$top_srcdir/tests/abi/library-0.abi
why=
[ -f "$library" ] || why="no shared library was built"
readelf -S "$library" 2>/dev/null | grep -q '\.debug_info' || why="it was built without -g"
[ -z "$why" ] || skip_rest "the library" "$why"

library_is_compatible "$baseline"
result=$?
[ $result = 0 ] || sed 's/^/# /' "$dir/report"
ok $result "libvenvctl as it is"

# Against baselines that had less, more, and other things.
sed "/<elf-symbol name='venv_version'/d; /<function-decl name='venv_version'/,/<.function-decl>/d" \
	"$baseline" >"$dir/less.abi"
library_is_compatible "$dir/less.abi" && ! cmp -s "$baseline" "$dir/less.abi"
ok $? "libvenvctl, a function added: compatible"
sed 's/venv_version/venv_vision/g' "$baseline" >"$dir/other.abi"
library_is_compatible "$dir/other.abi"
[ $? = 1 ]
ok $? "libvenvctl, a function taken away: not compatible"
sed "/<function-decl name='venv_create'/,/<.function-decl>/{/name='symlinks'/d}" \
	"$baseline" >"$dir/other.abi"
library_is_compatible "$dir/other.abi"
[ $? = 1 ]
ok $? "libvenvctl, a parameter added: not compatible"
