#!/bin/sh
# SPDX-License-Identifier: MIT
# threads.sh - four threads that make environments, supervised and plain ones, and `create -j`,
# under ThreadSanitizer: the library, the tool and the plugins are built with it
# shellcheck disable=SC2154
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

command -v clang >/dev/null || skip_all "clang is not installed"
tsan="-O1 -g -fsanitize=thread"
echo 'int main(void) { return 0; }' >"$dir/t.c"
# shellcheck disable=SC2086
{ clang $tsan "$dir/t.c" -o "$dir/t" 2>/dev/null && "$dir/t"; } ||
	skip_all "ThreadSanitizer does not work here"

rounds=${THREADS:-8}
echo 1..3
srcdir=$(cd "$top_srcdir" && pwd)
mkdir "$dir/build" "$dir/work"
if (cd "$dir/build" && "$srcdir/configure" --quiet --prefix="$dir/root" CC=clang CFLAGS="$tsan" \
	LDFLAGS=-fsanitize=thread && make -s && make -s install) >"$dir/log" 2>&1; then
	echo "ok 1 - built with ThreadSanitizer"
else
	tail -n 40 "$dir/log" | sed 's/^/# /'
	echo "not ok 1 - built with ThreadSanitizer"
	exit 1
fi
cd "$dir/work" || exit 99
# shellcheck disable=SC2086
clang $tsan -I"$dir/root/include" "$srcdir/tests/embed/threads.c" -L"$dir/root/lib" \
	-Wl,-rpath,"$dir/root/lib" -lvenvctl -pthread -o threads &&
	clang $tsan -I"$dir/root/include" -shared -fPIC "$srcdir/tests/plugins/mock-hooks.c" \
		-o mock-hooks.so &&
	clang $tsan -I"$dir/root/include" -shared -fPIC -DFLAGS=0 \
		"$srcdir/tests/embed/mock-turns.c" -o mock-turns.so || exit 99
HOME=$dir/work VENVCTL_CACHE_DIR=$dir/work/cache TSAN_OPTIONS=halt_on_error=1:exitcode=66 \
	./threads "$rounds" "$dir/root/bin/venvctl" ./mock-hooks.so ./mock-turns.so >log 2>&1
result=$?
left=$(find . -name '.venvctl-*')
if [ "$result" = 0 ] && [ -z "$left" ] && [ -x "others-$((rounds - 1))/bin/python3" ]; then
	echo "ok 2 - four threads, $rounds rounds"
else
	sed 's/^/# /' log
	echo "# status $result, left: $left"
	echo "not ok 2 - four threads, $rounds rounds"
fi

# many NAME STATUS N ARGS...: that many at a time, the same list from an empty cache and a full one.
many() {
	name=$1 want=$2 n=$3
	shift 3
	for time in first second; do
		seq -f "$name-$time-%g" "$n" >list
		TSAN_OPTIONS=halt_on_error=1:exitcode=66 HOME=$dir/work VENVCTL_CACHE_DIR=$dir/work/cache-$name \
			"$dir/root/bin/venvctl" create -p /usr/bin/python3 -j 4 --from-file list "$@" \
			>said.out 2>said.err
		got=$?
		if [ "$got" != "$want" ]; then
			echo "# $name, $time: status $got"
			sed 's/^/# /' said.err
			return 1
		fi
	done
}

mkdir full && touch full/other
if many bare 0 "$rounds" --without-pip && many json 0 "$rounds" --without-pip --json -v &&
	many pip 0 "$rounds" --json && many shared 0 "$rounds" --link-mode shared &&
	many reuse 0 "$rounds" --existing reuse --json &&
	many failing 4 "$rounds" --without-pip --existing refuse --keep-going --json full &&
	many others 0 "$rounds" --without-pip --add-plugin=./mock-hooks.so &&
	[ -z "$(find . -name '.venvctl-*')" ]; then
	echo "ok 3 - create -j, four at a time"
else
	echo "not ok 3 - create -j, four at a time"
fi
