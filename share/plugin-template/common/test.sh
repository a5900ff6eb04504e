#!/bin/sh
# Make an environment with the plugin and look at what it did.
# test.sh PLUGIN; $VENVCTL is the venvctl to use.
set -eu
plugin=$(realpath "$1")
venvctl=${VENVCTL:-venvctl}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# An option that has to be set is given to both as -o @NAME@.KEY=VALUE.
"$venvctl" plugins check "$plugin"
"$venvctl" create --plugin="$plugin" "$dir/env"
grep -q '^hello from env$' "$dir/env/etc/@NAME@.txt" || fail "the default greeting"
"$venvctl" create --plugin="$plugin" -o '@NAME@.greeting=good day' "$dir/env"
grep -q '^good day from env$' "$dir/env/etc/@NAME@.txt" || fail "another greeting"
if "$venvctl" create --plugin="$plugin" -o '@NAME@.greting=x' "$dir/none" 2>/dev/null; then
	fail "a wrong option was taken"
fi
[ ! -e "$dir/none" ] || fail "a failure left something behind"
echo "ok"
