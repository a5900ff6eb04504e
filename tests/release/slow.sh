#!/bin/sh
# SPDX-License-Identifier: MIT
# slow.sh - how often a create asks a file system on which each operation is a round trip
# shellcheck disable=SC2154
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

if [ -z "${SLOW_INSIDE-}" ]; then
	[ "$(id -u)" = 0 ] || skip_all "only root can mount"
	[ -c /dev/fuse ] || skip_all "there is no /dev/fuse"
	pkg-config --exists fuse3 || skip_all "libfuse3-dev is not installed"
	/usr/bin/python3 -c 'import ensurepip' 2>/dev/null || skip_all "/usr/bin/python3 has no ensurepip"
	unshare -m true 2>/dev/null || skip_all "no namespaces can be made"
	# Nothing is left mounted or running, however it ends.
	SLOW_INSIDE=yes exec unshare --mount --pid --fork --kill-child --mount-proc sh "$0"
fi

top=$(mktemp -d /var/tmp/venvctl-slow-XXXXXX) || exit 99
trap 'umount -l "$top/fs" 2>/dev/null; rm -rf --one-file-system "$top"' EXIT
# shellcheck disable=SC2046 # flags are words
if ! cc -O2 -o "$top/slowfs" "$top_srcdir/tests/release/slowfs.c" $(pkg-config --cflags --libs fuse3) \
	2>"$top/log"; then
	sed 's/^/# /' "$top/log"
	skip_all "the file system cannot be built"
fi
mkdir "$top/fs" "$top/home" "$top/fs/cache"
venvctl=$TEST_PREFIX/bin/venvctl
export HOME="$top/home" VENVCTL_CACHE_DIR="$top/fs/cache" TEST_SYSCONFDIR="$top/etc"
unset VENVCTL_CONFIG XDG_CONFIG_HOME

# trips NAME CALLS FILE DIRECTORY ARGS...: a warm create may make so many round trips, and so many for each
# file and directory of the environment.  Cache and environment lie on the file system.
n=0
trips() {
	name=$1 calls=$2 file=$3 directory=$4
	shift 4
	n=$((n + 1))
	"$venvctl" create -q -p /usr/bin/python3 --no-setuptools "$@" "$top/fs/warm-$name" || return
	# The kernel keeps nothing of it: each look is a round trip, on a machine of any speed.
	"$top/slowfs" "$top/fs" 200 "$top/counts" "$top/fs" || return
	before=$(date +%s%N)
	"$venvctl" create -q -p /usr/bin/python3 --no-setuptools "$@" "$top/fs/env-$name" || return
	after=$(date +%s%N)
	umount "$top/fs"
	# It writes them when it is told of that.
	while [ ! -s "$top/counts" ]; do sleep 0.1; done
	files=$(find "$top/fs/env-$name" ! -type d | wc -l)
	directories=$(find "$top/fs/env-$name" -type d | wc -l)
	sum=$(awk '{ n += $2 } END { print n }' "$top/counts")
	most=$((calls + file * files + directory * directories))
	[ "$sum" -le "$most" ] || printf 'not '
	echo "ok $n - $name: at most $most round trips"
	echo "# $sum for $files files and $directories directories, $(((after - before) / 1000000)) ms with 0.2 ms each"
	sort -k2nr "$top/counts" | head -n 8 | sed 's/^/#   /'
	rm "$top/counts"
}

echo 1..3
trips bare 120 0 0 --without-pip
trips linked 700 5 8 --link-mode hardlink
trips copied 650 5 9 --link-mode copy
