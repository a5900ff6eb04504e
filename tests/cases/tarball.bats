#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# tarball.bats - `make tarball`: what it makes works where it is unpacked, twice at once

setup() {
	load common
	common_setup
	skip_sanitized "nobody unpacks those elsewhere"
	command -v patchelf >/dev/null || skip "patchelf is not installed"
	command -v xz >/dev/null || skip "xz is not installed"
	user=()
	if [ "$(id -u)" = 0 ]; then
		reachable
		user=(as 4711)
		chmod 777 .
		chmod go+x "$BATS_FILE_TMPDIR"
	fi
}

# tarball DIR: made there; its path is printed.
tarball() {
	mkdir -p "$1"
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$top_builddir" tarball TARBALL_DIR="$1" \
		>"$1/said" 2>&1 || fail "$(cat "$1/said")"
	echo "$1"/venvctl-*.tar.xz
}

# The one that all cases unpack.
the_tarball() {
	made=$BATS_FILE_TMPDIR/$(cd "$BATS_FILE_TMPDIR" && echo venvctl-*.tar.xz)
	[ -f "$made" ] || made=$(tarball "$BATS_FILE_TMPDIR")
	[ -f "$made" ]
}

# at PLACE COMMAND...: as the user who has unpacked it there, with it alone on PATH.
at() {
	local path=$PATH
	PATH=$1/bin:/usr/bin:/bin
	shift
	expect "${status_wanted-0}" "${user[@]}" env -u VENVCTL_CACHE_DIR "$@"
	PATH=$path
}

@test "unpacked into two places, as a user: modules, plugins, templates are its own" {
	the_tarball
	name=$(basename "$made" .tar.xz)
	"${user[@]}" mkdir "$PWD/one" "$PWD/the other 'place'"
	"${user[@]}" sh -c 'mkdir -p ~/.config/venvctl
		printf "[network]\nretries = 0\n" >~/.config/venvctl/venvctl.ini'
	for place in "$PWD/one" "$PWD/the other 'place'"; do
		"${user[@]}" tar -C "$place" -xf "$made"
		here=$place/$name
		# Of the libraries that come along none is the machine's.
		for file in "$here"/bin/venvctl "$here"/lib/venvctl/modules/{digest,json,wheel}.so \
			"$here"/lib/libvenvctl.so; do
			ldd "$file" >needed
			! grep -E 'lib(inih|ltdl|nettle|jansson|zip|bz2|z)\.so' needed |
				grep -vF "=> $here/" || fail "of the machine's: $file"
		done
		at "$here" venvctl --version --json
		stdout_has "\"libdir\":\"$here/lib/venvctl\""
		at "$here" venvctl create -p "$PY" "$place/env"
		"$place/env/bin/python" -m pip --version | grep -F "from $place/env/"
		"$place/env/bin/pip" --version >/dev/null
		at "$here" venvctl info --json "$place/env"
		stdout_has '"state":"ok"'
		at "$here" venvctl plugins list
		for plugin in ensurepip ezsetup files getpip requirements script wheels; do
			grep -q "^$plugin\>" <<<"$output" || fail "$plugin: $output"
		done
		at "$here" venvctl plugins info ensurepip
		stdout_has "$here/lib/venvctl/plugins/ensurepip.so"
		at "$here" sh -c 'cd "$1" && venvctl plugins new acme' sh "$place"
		[ -s "$place/acme/acme.c" ]
		# libcurl is the machine's, and answers.
		status_wanted=7
		at "$here" venvctl create -p "$PY" --plugin=script -o script.source=https://localhost:1/x \
			"$place/none"
		status_wanted=0
		for page in venvctl.1 venvctl-create.1 venvctl-site.7 venvctl.ini.5; do
			[ -s "$here/share/man/man${page##*.}/$page" ]
		done
		at "$here" venvctl completions bash
		[ "$output" = "$(cat "$here/share/bash-completion/completions/venvctl")" ]
		[ -s "$here/share/zsh/site-functions/_venvctl" ]
		[ -s "$here/share/fish/vendor_completions.d/venvctl.fish" ]
	done
	# One is not in need of the other.
	rm -rf one/venvctl-*
	at "$here" venvctl create -p "$PY" "$place/env2"
}

@test "what builds against it finds it, and the library its plugins" {
	the_tarball
	mkdir "a place"
	tar -C "a place" -xf "$made"
	here="$PWD/a place/$(basename "$made" .tar.xz)"
	export PKG_CONFIG_PATH=$here/lib/pkgconfig
	eval "${CC:-cc} '$top_srcdir/examples/embed/embed.c' $(pkg-config --cflags --libs libvenvctl) -o embed"
	export LD_LIBRARY_PATH=$here/lib
	expect 0 ./embed env
	env/bin/python -m pip --version
	ldd ./embed | grep -F "=> $here/lib/libvenvctl.so.0"
	[ "$(pkg-config --variable=plugindir venvctl-plugin | tr -d '\\')" -ef "$here/lib/venvctl/plugins" ]
}

@test "the same build has the same tarball, with nobody's name in it" {
	the_tarball
	second=$(tarball "$PWD")
	cmp "$made" "$second"
	! tar -tvf "$made" | awk '{ print $1, $2 }' | grep -v '^[-dl]...[-r].[-x][-r].[-x] 0/0$' |
		grep -v '^l' | grep . || fail "not root's, or for others to write"
	! tar -xOf "$made" | grep -aF "$BATS_TEST_TMPDIR" || fail "it has the place where it was made"
	[ ! -e tarball.root ]
}
